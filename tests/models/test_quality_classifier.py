"""The quality classifier by example, and against the same computation with scikit-learn's own pipeline and scipy."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer

from curator.errors import InputError
from curator.models import quality_classifier
from curator.models.quality_classifier import BUCKETS, QualityClassifier, fit_classifier
from curator.text.hashed_terms import mean_values
from tests.text import reference_words as reference

SEA = "harbour anchor sail tide gull mast reef current deck lantern".split()
BAKERY = "flour yeast oven crust dough butter sugar whisk glaze recipe".split()
COMMON = "the of and a in to is that it was".split()


def sentences(words, *, count, seed, shortest=6, longest=30, common=COMMON):
    chooser = random.Random(seed)
    return [" ".join(chooser.choices(words + common, k=chooser.randint(shortest, longest))) for _ in range(count)]


@pytest.fixture(scope="module")
def sea():
    return pa.array(sentences(SEA, count=600, seed=1))


@pytest.fixture(scope="module")
def mixture():
    """A sample in which every third text is like the positives."""
    return pa.array(sentences(SEA, count=300, seed=2) + sentences(BAKERY, count=600, seed=3))


@pytest.fixture(scope="module")
def fitted(sea, mixture):
    return fit_classifier(sea, mixture, seed=1)


@pytest.fixture(scope="module")
def classifier(fitted):
    return fitted[0]


def test_texts_like_the_positives_score_above_the_others(classifier):
    like = classifier.score(pa.array(sentences(SEA, count=50, seed=4)))
    unlike = classifier.score(pa.array(sentences(BAKERY, count=50, seed=5)))
    assert (like.dtype, like.shape) == (np.float32, (50,))
    assert like.min() > unlike.max()


def test_the_odds_are_those_of_the_pipeline_of_scikit_learn():
    """Of so few words that no two terms share a bucket."""
    positives, negatives = (sentences(words, count=400, seed=6, common=["the"]) for words in (SEA[:7], SEA[4:]))
    pipeline = make_pipeline(
        CountVectorizer(tokenizer=reference.words, token_pattern=None, lowercase=False, ngram_range=(1, 2)),
        Normalizer("l1"),
        FunctionTransformer(lambda rows: rows * 10),
        LogisticRegression(C=10, class_weight="balanced", max_iter=300),
    )
    pipeline.fit(positives + negatives, np.repeat([1, 0], 400))
    raw = quality_classifier._fit(pa.array(positives), pa.array(negatives))
    odds = mean_values(pa.array(positives + negatives), raw.weights) + raw.intercept
    assert np.allclose(odds, pipeline.decision_function(positives + negatives), atol=0.02)


def test_the_calibration_is_the_likeliest_line_for_platts_targets():
    chance = np.random.default_rng(6)
    labels = np.repeat([1, 0], [40, 160])
    odds = chance.normal(labels * 1.5, 1)
    raw = QualityClassifier(weights=np.ones(4, np.float32), intercept=0.0)
    calibrated = quality_classifier._calibrated(raw, odds, labels)
    target = np.where(labels == 1, 41 / 42, 1 / 162)
    weight = np.where(labels == 1, 1 / 40, 1 / 160)

    def loss(line):
        logits = line[0] * odds + line[1]
        return (weight * (np.logaddexp(0, logits) - target * logits)).sum()

    assert [calibrated.weights[0], calibrated.intercept] == pytest.approx(minimize(loss, [1, 0]).x, abs=1e-3)


def test_a_score_is_the_share_of_positives_among_texts_of_such_scores():
    words = SEA + BAKERY[:5], SEA[:5] + BAKERY
    positives, negatives, more, others = (
        sentences(words[seed % 2], count=5_000, seed=seed, shortest=4, longest=8) for seed in (6, 7, 8, 9)
    )
    classifier, _ = fit_classifier(pa.array(positives), pa.array(negatives), seed=1)
    scores = classifier.score(pa.array(more + others))
    for quarter in np.array_split(np.argsort(scores), 4):
        assert (quarter < len(more)).mean() == pytest.approx(scores[quarter].mean(), abs=0.06)


def test_with_labels_shuffled_the_validation_is_chance(sea, mixture):
    texts = [*sea.to_pylist(), *mixture.to_pylist(), *sentences(SEA + BAKERY, count=1_500, seed=11)]
    random.Random(12).shuffle(texts)
    _, validation = fit_classifier(pa.array(texts[:1_500]), pa.array(texts[1_500:]), seed=1)
    assert validation.auc == pytest.approx(0.5, abs=0.1)
    assert validation.log_loss == pytest.approx(np.log(2), abs=0.02)


def test_the_validation_is_on_a_tenth_that_the_fit_has_not_seen(fitted):
    validation = fitted[1]
    assert (validation.positives, validation.negatives) == (60, 90)
    assert 0.75 < validation.auc < 0.95  # a third of the negatives are like the positives: 5/6 at most by the words
    assert 0.3 < validation.log_loss < 0.69


def test_equal_texts_on_both_sides_are_ties_and_half(sea):
    same = pa.array(["tide gull reef"] * 60)
    classifier, validation = fit_classifier(same, same, seed=1)
    assert validation.auc == 0.5
    assert classifier.score(same[:1])[0] == pytest.approx(0.5, abs=1e-3)


def test_samples_that_nothing_confuses_leave_room_for_doubt():
    positives, negatives = (pa.array(sentences(words, count=60, seed=1, common=[])) for words in (SEA, BAKERY))
    classifier, validation = fit_classifier(positives, negatives, seed=1)
    assert validation.auc == 1
    assert np.isfinite(classifier.weights).all()
    assert classifier.score(positives).mean() == pytest.approx(7 / 8, abs=0.05)  # Platt's target for six texts
    assert classifier.score(negatives).mean() == pytest.approx(1 / 8, abs=0.05)


def test_copies_of_a_text_are_all_held_out_or_none():
    texts = pa.array([text for text in sentences(SEA, count=100, seed=1) for _ in range(7)], pa.large_string())
    held, rest = quality_classifier._held_out(texts, np.random.default_rng(1))
    assert (len(held), len(rest)) == (70, 630)
    assert len(set(held.to_pylist()) & set(rest.to_pylist())) <= 1  # the text at which the tenth is full


def test_another_seed_holds_out_other_texts():
    texts = pa.array(sentences(SEA, count=100, seed=1), pa.large_string())
    first, second = (quality_classifier._held_out(texts, np.random.default_rng(seed))[0] for seed in (1, 2))
    assert set(first.to_pylist()) != set(second.to_pylist())


def test_length_alone_tells_nothing():
    """Positives ten times as long, of the same words, which are as frequent as in a language."""
    words, frequencies = [f"word{rank}" for rank in range(3_000)], [1 / (rank + 1) for rank in range(3_000)]
    chooser = random.Random(13)
    longer, shorter = (
        pa.array([" ".join(chooser.choices(words, frequencies, k=k)) for _ in range(2_000)]) for k in (300, 30)
    )
    assert fit_classifier(longer, shorter, seed=1)[1].auc == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("words", [SEA, BAKERY])
def test_a_text_ten_times_over_scores_as_once(classifier, words):
    text = " ".join([*words, *COMMON])
    once, often = classifier.score(pa.array([text, " ".join([text] * 10)]))
    assert often == pytest.approx(once, abs=0.05)


def test_the_same_samples_and_seed_give_the_same_bytes(sea, mixture, fitted):
    again = fit_classifier(sea.cast(pa.large_string()), mixture, seed=1)
    assert again[0].to_bytes() == fitted[0].to_bytes()
    assert again[1] == fitted[1]
    assert fit_classifier(sea, mixture, seed=2)[0].to_bytes() != fitted[0].to_bytes()


def test_a_model_read_back_gives_equal_scores(mixture, classifier):
    read_back = QualityClassifier.from_bytes(classifier.to_bytes())
    assert read_back.weights.shape == (BUCKETS,)
    assert np.array_equal(read_back.score(mixture), classifier.score(mixture))


TEXTS = st.lists(st.lists(st.sampled_from([*SEA, *BAKERY, "unknown", "中", "?"]), max_size=9).map(" ".join), max_size=6)


@settings(deadline=None)
@given(TEXTS)
def test_a_score_does_not_depend_on_what_stands_beside_it(classifier, some):
    together = classifier.score(pa.array(some, pa.string()))
    assert [float(classifier.score(pa.array([text]))[0]) for text in some] == together.tolist()


@pytest.mark.parametrize("text", [None, "", "   ", "\u200f\u200d", "?!"])
def test_a_text_without_a_word_scores_one_half(classifier, text):
    scores = classifier.score(pa.array([text, "oven"]))
    assert scores[0] == 0.5 > scores[1]


@pytest.mark.parametrize("text", ["a", "a" * 1_000_000, "a " * 300_000, "\u202bשלם\u200d", "中" * 10_000])
def test_odd_texts_have_a_score_between_0_and_1(classifier, text):
    assert 0 <= classifier.score(pa.array([text]))[0] <= 1


def test_a_million_nulls_and_no_texts_are_no_trouble(classifier):
    assert (classifier.score(pa.nulls(1_000_000, pa.string())) == 0.5).all()
    assert classifier.score(pa.array([], pa.string())).shape == (0,)


def test_odd_texts_in_the_samples_are_no_trouble(sea, mixture):
    odd = pa.array([None, "", "?!", "a", "a" * 100_000, "\n" * 100_000, "中" * 10_000, "\u200d"])
    _, validation = fit_classifier(pa.concat_arrays([sea, odd]), pa.concat_arrays([odd, mixture]), seed=1)
    assert (validation.positives, validation.negatives) == (60, 90)
    assert np.isfinite([validation.auc, validation.log_loss]).all()


@pytest.mark.parametrize("few", [[], ["tide gull"] * 49, ["tide gull"] * 49 + [None, "", "?!"] * 20])
def test_too_few_texts_with_words_are_an_error_that_names_the_side(mixture, few):
    texts = pa.array(few, pa.string())
    with pytest.raises(InputError, match=f"the positives of the quality classifier have {min(len(few), 49)} texts"):
        fit_classifier(texts, mixture, seed=1)
    with pytest.raises(InputError, match="the negatives"):
        fit_classifier(mixture, texts, seed=1)


def test_the_validation_is_that_of_the_scores_of_the_held_out_texts(sea, mixture, fitted):
    classifier, validation = fitted
    chance = np.random.default_rng(1)
    held = [quality_classifier._held_out(side.cast(pa.large_string()), chance)[0] for side in (sea, mixture)]
    scores = np.concatenate([classifier.score(side) for side in held])
    assert validation.auc == roc_auc_score(np.repeat([1, 0], [len(side) for side in held]), scores)
