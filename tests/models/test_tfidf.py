"""The TF-IDF embedder by example, and against the same computation with scikit-learn and numpy."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from curator.models import tfidf
from curator.models.tfidf import TfidfEmbedder, fit, right_singular_directions
from tests.text import reference_words as reference

SEA = "harbour anchor sail tide gull mast reef current deck lantern".split()
BAKERY = "flour yeast oven crust dough butter sugar whisk glaze recipe".split()
CHINESE = "港口 船锚 风帆 潮汐 海鸥".split(), "面粉 酵母 烤箱 鸡蛋 黄油".split()
THAI = "ท่าเรือ สมอ ใบเรือ กระแสน้ำ นกนางนวล".split(), "แป้ง ยีสต์ เตาอบ เปลือกขนมปัง เนย".split()


def sentences(words, *, count, seed):
    chooser = random.Random(seed)
    return [" ".join(chooser.choices(words, k=12)) for _ in range(count)]


def zeros(vectors):
    return not vectors.any()


@pytest.fixture(scope="module")
def texts():
    return pa.array(sentences(SEA, count=30, seed=1) + sentences(BAKERY, count=30, seed=2))


@pytest.fixture(scope="module")
def embedder(texts):
    return fit(texts, dimensions=8, seed=1)


def test_the_same_sample_gives_the_same_bytes(texts, embedder):
    assert fit(texts.cast(pa.large_string()), dimensions=8, seed=1).to_bytes() == embedder.to_bytes()


def test_a_model_read_back_gives_equal_vectors(texts, embedder):
    read_back = TfidfEmbedder.from_bytes(embedder.to_bytes())
    assert np.array_equal(read_back.terms, embedder.terms)
    assert np.array_equal(read_back.encode(texts), embedder.encode(texts))


def test_vectors_are_float32_of_unit_length(texts, embedder):
    vectors = embedder.encode(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (60, 8))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


TEXTS = st.lists(
    st.lists(st.sampled_from([*SEA, *BAKERY, "unknown", "中"]), max_size=15).map(" ".join), min_size=1, max_size=8
)


@settings(deadline=None)
@given(TEXTS)
def test_a_vector_is_the_same_bytes_whatever_stands_beside_it(embedder, some):
    together = embedder.encode(pa.array(some, pa.string()))
    assert [embedder.encode(pa.array([text]))[0].tolist() for text in some] == together.tolist()


def test_more_texts_than_are_encoded_at_once(texts, embedder):
    many = pa.concat_arrays([texts] * (tfidf.TEXTS_AT_ONCE // len(texts) + 1))
    assert np.array_equal(embedder.encode(many), np.tile(embedder.encode(texts), (len(many) // len(texts), 1)))


@pytest.mark.parametrize("some", [SEA[:4] + BAKERY[:4], list("中文港口船锚面粉"), ["don't", "Straße", "naïve", "42"]])
def test_with_all_dimensions_cosines_are_those_of_the_weighted_counts(some):
    """Of so few documents all others are neighbours; words, not pairs, lose what is to be expected of them."""
    documents = [*sentences(some, count=18, seed=3), f"{some[0]} {some[1]}", some[2]]
    counter = CountVectorizer(
        tokenizer=reference.words, token_pattern=None, lowercase=False, ngram_range=(1, 2), min_df=2
    )
    counts = counter.fit_transform(documents).toarray()
    rarity = (1 + np.log((1 + len(documents)) / (1 + (counts > 0).sum(axis=0)))) ** 1.25
    frequency = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)) / 2, 0)
    first = normalize(frequency * rarity)
    nearness = np.maximum(first @ first.T, 0) ** 2 * (1 - np.eye(len(documents)))
    shared = ((counts > 0) * (nearness @ (counts > 0))).sum(axis=0) / ((counts > 0).T @ nearness.sum(axis=1))
    words = [" " not in term for term in counter.get_feature_names_out()]
    expected = normalize(frequency * rarity * np.where(words, np.maximum(1 - shared, 0.02), 1))
    embedder = fit(pa.array(documents), dimensions=128, seed=1)
    assert len(embedder.terms) == expected.shape[1]
    vectors = embedder.encode(pa.array(documents))
    assert np.allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-4)


def test_directions_are_those_of_a_full_decomposition():
    choice = np.random.default_rng(5)
    scale = 0.8 ** np.arange(40)
    dense = ((choice.standard_normal((200, 40)) * scale) @ choice.standard_normal((40, 300))).astype(np.float32)
    found = right_singular_directions(scipy.sparse.csr_matrix(dense), 6, 1)
    expected = np.linalg.svd(dense, full_matrices=False)[2][:6].T
    assert np.allclose(np.abs((found * expected).sum(axis=0)), 1, atol=1e-3)
    assert np.allclose(found.T @ found, np.eye(6), atol=1e-4)


def test_directions_stop_at_the_rank():
    dense = np.outer(np.arange(1, 6), np.arange(1, 9)).astype(np.float32)
    found = right_singular_directions(scipy.sparse.csr_matrix(dense), 4, 1)
    assert found.shape == (8, 1)
    assert np.allclose(np.abs(found[:, 0]), dense[0] / np.linalg.norm(dense[0]), atol=1e-5)


@pytest.mark.parametrize("text", [None, "", "   ", "\u200f\u200d", "?!"])
def test_a_text_without_a_word_has_a_row_of_zeros(embedder, text):
    vectors = embedder.encode(pa.array([text, SEA[0] + " " + SEA[1]]))
    assert zeros(vectors[0])
    assert vectors[1].any()


def test_texts_of_words_that_the_model_does_not_know_are_as_alike_as_their_words():
    model = fit(pa.array(sentences(SEA, count=30, seed=1)), dimensions=512, seed=1)
    first, reordered, half, other = model.encode(
        pa.array(["xa xb xc xd", "XD xc, xb xa", "xa xb xe xf", "xg xh xi xj"])
    )
    assert first @ reordered == pytest.approx(1, abs=1e-5)
    assert first @ half == pytest.approx(0.5, abs=0.2)
    assert first @ other == pytest.approx(0, abs=0.2)


def test_case_and_punctuation_make_no_difference(embedder):
    vectors = embedder.encode(pa.array(["harbour anchor, sail", "(HARBOUR) Anchor: Sail!"]))
    assert np.array_equal(vectors[0], vectors[1])


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode(pa.array([], pa.string())).shape == (0, 8)


@pytest.mark.parametrize(
    "sample", [[], ["only one document here"], ["each word", "stands alone"], ["", None], ["a a a", "b b"]]
)
def test_a_sample_that_leaves_no_term_knows_texts_by_their_words_alone(sample):
    embedder = TfidfEmbedder.from_bytes(fit(pa.array(sample, pa.string()), dimensions=8, seed=1).to_bytes())
    vectors = embedder.encode(pa.array(["only one document here", "", "document: one only, HERE"]))
    assert zeros(vectors[:, :6])
    assert zeros(vectors[1])
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)


def test_the_nearest_neighbour_of_a_document_is_of_its_own_topic(texts, embedder):
    vectors = embedder.encode(texts)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    topic = np.arange(60) // 30
    assert (topic[cosine.argmax(axis=1)] == topic).all()


@pytest.mark.parametrize("topics", [CHINESE, THAI])
def test_topics_are_found_in_scripts_without_spaces(topics):
    chooser = random.Random(7)
    texts = ["".join(chooser.choices(words, k=12)) for words in topics for _ in range(20)]
    vectors = fit(pa.array(texts), dimensions=2, seed=1).encode(pa.array(texts))
    cosine = vectors @ vectors.T
    assert cosine[:20, :20].min() > cosine[:20, 20:].max()


def test_fewer_documents_than_dimensions_leave_zeros_in_the_rest(texts):
    few = pa.concat_arrays([texts[:3], texts[-3:]])
    vectors = fit(few, dimensions=32, seed=1).encode(few)
    assert vectors.shape == (6, 32)
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert zeros(vectors[:, 6:24])


def test_fewer_terms_than_dimensions_leave_zeros_in_the_rest():
    sample = pa.array(["tide", "tide", "gull tide", "gull"])
    vectors = fit(sample, dimensions=5, seed=1).encode(sample)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[:, 2:], 0, atol=1e-6)


def test_equal_documents_have_equal_vectors():
    sample = pa.array(["tide gull reef"] * 5)
    vectors = fit(sample, dimensions=4, seed=1).encode(sample)
    assert np.allclose(vectors @ vectors.T, 1, atol=1e-5)


def test_no_more_terms_than_the_most_frequent(monkeypatch):
    sample = pa.array(
        ["reef tide reef", "reef gull", "reef gull gull", "tide mast", "mast mast mast mast", "deck deck deck deck"]
    )
    monkeypatch.setattr(tfidf, "MAX_TERMS", 2)
    embedder = fit(sample, dimensions=6, seed=1)
    topical = [vector[:5].any() for vector in embedder.encode(pa.array(["mast", "reef", "gull", "tide", "deck"]))]
    assert topical == [True, True, False, False, False]


def like(vectors):
    return np.median((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)])


def test_texts_of_a_topic_that_is_rare_in_the_sample_are_not_alike(texts):
    """With the strongest directions alone they nearly coincide."""
    rare = pa.array(sentences([f"kelu{number}" for number in range(60)], count=20, seed=3))
    assert like(fit(pa.concat_arrays([texts, rare]), dimensions=8, seed=1).encode(rare)) < 0.9


def test_texts_of_a_language_that_is_rare_in_the_corpus_are_not_alike_by_its_function_words(texts):
    """Their words are rare in the corpus: rarity alone makes the few that all these texts have the weightiest of all."""
    chooser = random.Random(4)
    functional = "ka li ma ni so tu wa zi".split()
    rare = [
        " ".join(f"{chooser.choice(functional)} kelu{chooser.randrange(400)}" for _ in range(40)) for _ in range(15)
    ]
    many = pa.array(sentences([f"sea{number}" for number in range(300)], count=500, seed=5))
    sample = pa.concat_arrays([many, pa.array(rare[:10])])
    assert like(fit(sample, dimensions=32, seed=1).encode(pa.array(rare))) < 0.5
