from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from curator.algorithms.quality_ranks import (
    CLASSES,
    RANKS,
    combined,
    cut_points,
    keep_probabilities,
    quality_classes,
    ranked,
)

FEW_VALUES = st.lists(st.sampled_from([-3.5, -1.0, 0.0, 0.25, 7.0]), min_size=1, max_size=60)
ANY_VALUES = st.lists(st.floats(-(2.0**90), 2.0**90, width=32), min_size=1, max_size=60)
SIZES = st.lists(st.integers(0, 10**12), min_size=RANKS, max_size=RANKS).filter(any)
SHARES = st.floats(1e-3, 0.999)
TEMPERATURES = st.none() | st.floats(1e-6, 1e6)


def ranks_of(values, groups=None, count=1, least=1):
    scores = np.array(values, np.float32)
    groups = np.zeros(len(scores), np.int32) if groups is None else np.array(groups, np.int32)
    return ranked(scores, groups, cut_points(scores, groups, count, least))


@given(st.integers(20, 300), st.integers(0, 2**32 - 1))
def test_ranks_of_different_scores_are_equal_in_size_within_one(size, seed):
    scores = np.random.default_rng(seed).permutation(size).astype(np.float32)
    ranks = ranks_of(scores)
    sizes = np.bincount(ranks, minlength=RANKS)
    assert (len(sizes), sizes.max() - sizes.min() <= 1, ranks.dtype) == (RANKS, True, np.uint8)


@given(FEW_VALUES | ANY_VALUES)
def test_a_higher_score_never_has_a_lower_rank_and_an_equal_one_has_the_same(values):
    ranks = ranks_of(sorted(values)).astype(int)
    assert (np.diff(ranks) >= 0).all()
    assert not np.diff(ranks)[np.diff(np.array(sorted(values), np.float32)) == 0].any()
    assert 0 <= ranks[0] <= ranks[-1] < RANKS


@given(FEW_VALUES)
def test_a_frequent_score_has_the_middle_of_the_ranks_that_it_fills(values):
    ranks, unit = ranks_of(values), RANKS / len(values)
    for value in set(values):
        below, equal = sum(other < value for other in values), values.count(value)
        middle = (below + equal / 2) * unit - 0.5  # rank r reaches from r to r + 1
        assert abs(ranks[values.index(value)] - middle) <= 1


@pytest.mark.parametrize("size", [1, 19, 20, 1_000])
def test_where_all_scores_are_equal_the_rank_is_10(size):
    assert set(ranks_of([0.3] * size).tolist()) == {10}


def test_a_score_of_two_values_has_the_middles_of_both_halves():
    assert ranks_of([0] * 50 + [1] * 50).tolist() == [5] * 50 + [14] * 50


def test_scores_outside_the_sample_take_the_first_and_the_last_rank():
    cuts = cut_points(np.arange(100, dtype=np.float32), np.zeros(100, np.int32), 1, 1)
    assert ranked(np.array([-9, 4.9, 5, 94.9, 95, 999], np.float32), np.zeros(6, np.int32), cuts).tolist() == [
        *(0, 0, 1),
        *(18, 19, 19),
    ]


def test_each_group_has_its_own_ranks():
    scores, groups = np.arange(200, dtype=np.float32), np.arange(200) % 2
    scores[groups == 1] += 1_000
    assert np.array_equal(ranks_of(scores, groups, count=2)[::2], ranks_of(np.arange(100)))
    assert np.array_equal(ranks_of(scores, groups, count=2)[1::2], ranks_of(np.arange(100)))


def test_a_small_group_an_empty_one_and_one_without_a_number_take_the_cut_points_of_all():
    scores = np.arange(100, dtype=np.float32)
    groups = np.array([0] * 60 + [1] * 9 + [-1] * 31, np.int32)
    cuts = cut_points(scores, groups, 3, 10)
    assert np.array_equal(cuts[0], np.arange(3, 60, 3))
    assert np.array_equal(cuts[1:], np.broadcast_to(np.arange(5, 100, 5), (3, 19)))
    assert ranked(scores, groups, cuts)[[59, 60, 69, 99]].tolist() == [19, 12, 13, 19]


@given(ANY_VALUES, st.data())
def test_cut_points_do_not_depend_on_the_order_of_the_sample(values, data):
    groups = data.draw(st.lists(st.integers(-1, 3), min_size=len(values), max_size=len(values)))
    order = data.draw(st.permutations(range(len(values))))
    scores, numbers = np.array(values, np.float32), np.array(groups, np.int32)
    assert np.array_equal(cut_points(scores, numbers, 4, 3), cut_points(scores[order], numbers[order], 4, 3))


def test_a_sample_of_nothing_has_cut_points_of_zero():
    nothing = np.zeros(0, np.float32), np.zeros(0, np.int32)
    assert not cut_points(*nothing, 2, 5).any()
    assert ranked(*nothing, cut_points(*nothing, 2, 5)).shape == (0,)


@given(st.lists(st.lists(st.integers(0, 19), min_size=3, max_size=3), min_size=1, max_size=30))
def test_the_ensemble_is_the_mean_or_the_largest_with_the_mean_telling_equals_apart(rows):
    ranks = np.array(rows, np.uint8)
    assert combined(ranks, "mean") == pytest.approx(np.array(rows).mean(axis=1))
    largest = combined(ranks, "max")
    assert largest.dtype == np.float32
    assert np.floor(largest).tolist() == [max(row) for row in rows]
    order = sorted(range(len(rows)), key=lambda place: (max(rows[place]), sum(rows[place])))
    assert (np.diff(largest[order]) >= 0).all()


@pytest.mark.parametrize("how", ["mean", "max"])
def test_the_values_of_an_ensemble_ranked_again_are_of_nearly_equal_size(how):
    ranks = np.random.default_rng(3).integers(0, RANKS, (20_000, 3)).astype(np.uint8)
    sizes = np.bincount(ranks_of(combined(ranks, how)), minlength=RANKS)
    assert 500 < sizes.min() <= sizes.max() < 1_500
    assert np.bincount(ranks.max(axis=1)).max() > 2_500


@given(FEW_VALUES | ANY_VALUES, st.sampled_from(["mean", "max"]))
def test_the_ensemble_of_one_model_is_that_model(values, how):
    ranks = ranks_of(values)
    assert np.array_equal(ranks_of(combined(ranks[:, None], how)), ranks)


def test_the_classes_are_those_of_nemotron_cc():
    names = [CLASSES[number] for number in quality_classes(np.arange(RANKS, dtype=np.uint8))]
    assert names == ["low"] * 7 + ["medium_low"] * 5 + ["medium"] * 6 + ["medium_high", "high"]


@given(SIZES, SHARES, TEMPERATURES)
def test_the_share_that_is_expected_to_stay_is_the_one_asked_for(sizes, share, temperature):
    found = keep_probabilities(np.array(sizes), share, temperature)
    assert (found * sizes).sum() / sum(sizes) == pytest.approx(share, abs=1e-9)
    assert found.min() >= 0
    assert found.max() <= 1


@given(SIZES, SHARES, TEMPERATURES)
def test_a_higher_rank_is_never_less_likely_to_stay(sizes, share, temperature):
    assert (np.diff(keep_probabilities(np.array(sizes), share, temperature)) >= -1e-12).all()


def test_without_a_temperature_the_top_stays_and_a_part_of_the_rank_on_the_border():
    assert keep_probabilities(np.full(RANKS, 100), 0.13, None).tolist() == pytest.approx([0] * 17 + [0.6, 1, 1])


@given(SIZES, SHARES)
def test_a_temperature_near_zero_is_the_hard_cut_and_a_high_one_treats_all_alike(sizes, share):
    sizes = np.array(sizes)
    some = sizes > 0
    hard = keep_probabilities(sizes, share, None)
    assert keep_probabilities(sizes, share, 1e-6)[some] == pytest.approx(hard[some], abs=1e-9)
    assert keep_probabilities(sizes, share, 1e9) == pytest.approx(share, abs=1e-6)


def test_a_temperature_of_two_samples_by_half_a_standard_deviation_as_qurating_does():
    z = ndtri((np.arange(RANKS) + 0.5) / RANKS)
    found = keep_probabilities(np.full(RANKS, 50.0), 0.2, 2.0)
    assert found.max() < 1
    assert np.diff(np.log(found)) == pytest.approx(np.diff(z) / 2)


def test_no_probability_passes_one_and_the_rest_keeps_its_proportions():
    found = keep_probabilities(np.full(RANKS, 50.0), 0.7, 0.5)
    below = found < 1
    assert 0 < below.sum() < RANKS
    z = ndtri((np.arange(RANKS) + 0.5) / RANKS)
    assert np.diff(np.log(found[below])) == pytest.approx(np.diff(z[below]) / 0.5)


@pytest.mark.parametrize("temperature", [None, 0.1, 2.0])
def test_a_share_of_one_keeps_all_and_so_does_any_share_of_nothing(temperature):
    assert keep_probabilities(np.full(RANKS, 7), 1.0, temperature).tolist() == [1] * RANKS
    assert keep_probabilities(np.zeros(RANKS, np.int64), 0.5, temperature).tolist() == [1] * RANKS
