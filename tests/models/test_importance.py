"""Importance weights by example, and against the paper's formula over words that share no bucket."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.models.importance import BUCKETS, ImportanceModel, fit_importance
from curator.text.hashed_terms import TEXTS_AT_ONCE, hashed_counts

SEA = "harbour anchor sail tide gull mast reef current deck lantern".split()
BAKERY = "flour yeast oven crust dough butter sugar whisk glaze recipe".split()


def sentences(words, *, count, seed):
    chooser = random.Random(seed)
    return [" ".join(chooser.choices(words, k=12)) for _ in range(count)]


def terms(text):
    words = (text or "").split()
    return words + [" ".join(pair) for pair in pairwise(words)]


@pytest.fixture(scope="module")
def target():
    return pa.array(sentences(SEA, count=30, seed=1))


@pytest.fixture(scope="module")
def raw():
    return pa.array(sentences(SEA[:3] + BAKERY, count=TEXTS_AT_ONCE + 100, seed=2))


@pytest.fixture(scope="module")
def model(target, raw):
    return fit_importance(target, raw)


def test_a_score_is_the_mean_log_ratio_of_the_smoothed_shares(target, raw, model):
    everything = sorted({term for texts in (target, raw) for text in texts.to_pylist() for term in terms(text)})
    bucket = {term: hashed_counts(pa.array([term]), BUCKETS).terms[-1] for term in everything}
    counts = [Counter(bucket[term] for text in texts.to_pylist() for term in terms(text)) for texts in (target, raw)]
    smoothed = [{b: (c[b] + 1) / (c.total() + BUCKETS) for b in bucket.values()} for c in counts]
    for text in target.to_pylist()[:5] + raw.to_pylist()[:5]:
        ratios = [np.log(smoothed[0][bucket[term]] / smoothed[1][bucket[term]]) for term in terms(text)]
        assert model.score(pa.array([text]))[0] == pytest.approx(np.mean(ratios), abs=1e-5)


def test_log_ratios_are_those_of_two_distributions(model):
    assert (model.log_ratios.dtype, model.log_ratios.shape) == (np.float32, (BUCKETS,))
    assert model.log_ratios.min() < 0 < model.log_ratios.max()


def test_texts_like_the_target_score_above_texts_like_the_rest(model):
    like = model.score(pa.array(sentences(SEA, count=20, seed=3)))
    unlike = model.score(pa.array(sentences(BAKERY, count=20, seed=4)))
    assert like.min() > 0 > unlike.max()


def test_equal_samples_leave_nothing_to_prefer(raw):
    assert not fit_importance(raw, raw).score(raw).any()


def test_a_text_ten_times_over_scores_as_once(model):
    text = " ".join(SEA)
    once, often = model.score(pa.array([text, " ".join([text] * 10)]))
    assert often == pytest.approx(once, rel=0.15)


def test_the_same_samples_give_the_same_bytes_as_either_kind_of_string(target, raw, model):
    assert fit_importance(target.cast(pa.large_string()), raw.cast(pa.large_string())).to_bytes() == model.to_bytes()


def test_a_model_read_back_gives_equal_scores(raw, model):
    read_back = ImportanceModel.from_bytes(model.to_bytes())
    assert np.array_equal(read_back.score(raw), model.score(raw))


TEXTS = st.lists(st.lists(st.sampled_from([*SEA, *BAKERY, "unknown", "中", "?"]), max_size=9).map(" ".join), max_size=6)


@settings(deadline=None)
@given(TEXTS)
def test_a_score_does_not_depend_on_what_stands_beside_it(model, some):
    together = model.score(pa.array(some, pa.string()))
    assert [float(model.score(pa.array([text]))[0]) for text in some] == together.tolist()


@pytest.mark.parametrize("text", [None, "", "   ", "\u200f\u200d", "?!"])
def test_a_text_without_a_word_scores_zero(model, text):
    scores = model.score(pa.array([text, "tide"]))
    assert scores[0] == 0 < scores[1]


@pytest.mark.parametrize("text", ["a", "a" * 1_000_000, "a " * 300_000, "\u202bשלם\u200d", "中" * 10_000])
def test_odd_texts_have_a_finite_score(model, text):
    assert np.isfinite(model.score(pa.array([text]))).all()


def test_a_million_nulls_and_no_texts_are_no_trouble(model):
    assert not model.score(pa.nulls(1_000_000, pa.string())).any()
    assert model.score(pa.array([], pa.string())).shape == (0,)


@pytest.mark.parametrize("empty", [[], [None, "", "?!"]])
def test_a_sample_without_a_word_is_an_error_that_names_it(raw, empty):
    nothing = pa.array(empty, pa.string())
    with pytest.raises(InputError, match="target sample"):
        fit_importance(nothing, raw)
    with pytest.raises(InputError, match="raw sample"):
        fit_importance(raw, nothing)
