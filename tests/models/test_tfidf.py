from __future__ import annotations

import random

import numpy as np
import pytest

from curator.models.tfidf import TfidfEmbedder, fit

SEA = "harbour anchor sail tide gull mast reef current deck lantern".split()
BAKERY = "flour yeast oven crust dough butter sugar whisk glaze recipe".split()


def sentences(words, *, count, seed):
    chooser = random.Random(seed)
    return [" ".join(chooser.choices(words, k=12)) for _ in range(count)]


@pytest.fixture(scope="module")
def texts():
    return sentences(SEA, count=30, seed=1) + sentences(BAKERY, count=30, seed=2)


@pytest.fixture(scope="module")
def embedder(texts):
    return fit(texts, dimensions=8, seed=1)


def test_the_same_sample_gives_the_same_bytes(texts, embedder):
    assert fit(texts, dimensions=8, seed=1).to_bytes() == embedder.to_bytes()


def test_a_model_read_back_gives_equal_vectors(texts, embedder):
    read_back = TfidfEmbedder.from_bytes(embedder.to_bytes())
    assert read_back.terms == embedder.terms
    assert np.array_equal(read_back.encode(texts), embedder.encode(texts))


def test_vectors_are_float32_of_unit_length(texts, embedder):
    vectors = embedder.encode(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (60, 8))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(texts, embedder):
    alone = np.concatenate([embedder.encode([text]) for text in texts])
    assert np.allclose(alone, embedder.encode(texts), atol=1e-6)


@pytest.mark.parametrize("text", ["", "   ", "xylophone quartz", "1"])
def test_a_text_of_unknown_words_has_a_row_of_zeros(embedder, text):
    vectors = embedder.encode([text, SEA[0] + " " + SEA[1]])
    assert not vectors[0].any()
    assert vectors[1].any()


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode([]).shape == (0, 8)


@pytest.mark.parametrize("sample", [[], ["only one document here"], ["each word", "stands alone"], ["", ""]])
def test_a_sample_that_leaves_no_term_gives_rows_of_zeros(sample):
    embedder = TfidfEmbedder.from_bytes(fit(sample, dimensions=4, seed=1).to_bytes())
    vectors = embedder.encode(["only one document here", ""])
    assert (vectors.dtype, vectors.shape) == (np.float32, (2, 4))
    assert not vectors.any()


def test_the_nearest_neighbour_of_a_document_is_of_its_own_topic(texts, embedder):
    vectors = embedder.encode(texts)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    topic = np.arange(60) // 30
    assert (topic[cosine.argmax(axis=1)] == topic).all()


def test_fewer_documents_than_dimensions_leave_zeros_in_the_rest(texts):
    few = texts[:3] + texts[-3:]
    vectors = fit(few, dimensions=32, seed=1).encode(few)
    assert vectors.shape == (6, 32)
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not vectors[:, 6:].any()


def test_fewer_terms_than_dimensions_leave_zeros_in_the_rest():
    sample = ["tide", "tide", "gull tide", "gull"]
    vectors = fit(sample, dimensions=5, seed=1).encode(sample)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not vectors[:, 2:].any()


def test_equal_documents_have_equal_vectors():
    sample = ["tide gull reef"] * 5
    vectors = fit(sample, dimensions=4, seed=1).encode(sample)
    assert np.allclose(vectors @ vectors.T, 1, atol=1e-5)
