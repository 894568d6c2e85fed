"""What a corpus is worth: planted ratios are found, and intervals cover them as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from curator.algorithms.comparison import (
    Curve,
    _band,
    a_a_is_indistinguishable,
    better,
    faster,
    macro,
    negative_control_fails,
    smaller,
)

TOKENS = np.array([1.0, 2.0, 4.0, 8.0]) * 1e5


def curve(values, *, seeds=3, sets=2, noise=0.0, amounts=TOKENS, generator=None):
    """A curve of these macro averages (b,), alike for all seeds and sets but for noise."""
    scores = np.broadcast_to(np.asarray(values, float)[None, :, None], (seeds, len(values), sets)).copy()
    if noise:
        scores += (generator or np.random.default_rng(0)).normal(0, noise, scores.shape)
    return Curve(np.asarray(amounts, float), scores)


def test_the_macro_average_is_the_mean_over_sets():
    assert macro(np.array([[[1.0, 2.0], [3.0, 5.0]]])).tolist() == [[1.5, 4.0]]


def test_a_candidate_that_is_there_at_half_of_the_tokens_is_twice_as_fast():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([3, 2.5, 2.0, 1.8]), seed=1)
    assert (found.value, found.low, found.high, found.bound) == pytest.approx((2, 2, 2, "exact"))
    assert found.distinguishable


def test_between_two_budgets_scores_are_interpolated_in_log_tokens():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([3, 2.5, 2.1, 1.9]), seed=1)
    assert found.value == pytest.approx(2**0.5)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_straight_line_in_log_tokens_gives_its_planted_ratio(share):
    line = 5 - 0.3 * np.log(TOKENS)
    found = faster(curve(line), curve(5 - 0.3 * np.log(TOKENS / share)), seed=1)
    assert found.value == pytest.approx(1 / share)


def test_a_candidate_that_is_there_at_its_smallest_budget_is_at_least_that_fast():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([1.9, 1.8, 1.7, 1.6]), seed=1)
    assert (found.value, found.low, found.high, found.bound) == (8, 8, None, "at least")
    assert found.distinguishable


def test_a_candidate_that_never_gets_there_is_at_most_as_fast():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([5, 4, 3.5, 3.0]), seed=1)
    assert (found.value, found.low, found.high, found.bound) == (1, 0, 1, "at most")
    assert found.distinguishable


def test_a_candidate_with_a_smaller_largest_budget_that_never_gets_there_may_be_faster_or_slower():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([5, 4], amounts=TOKENS[:2]), seed=1)
    assert (found.value, found.high, found.bound, found.distinguishable) == (4, 4, "at most", False)


def test_the_first_time_counts_where_a_curve_rises_again():
    found = faster(curve([4, 3, 2.5, 2.0]), curve([3, 2.0, 2.2, 1.9]), seed=1)
    assert found.value == pytest.approx(4)


def test_a_corpus_compared_with_itself_is_once_as_fast_and_not_distinguishable():
    same = curve([4, 3, 2.5, 2.0])
    assert faster(same, same, seed=1).value == 1
    assert not faster(same, same, seed=1).distinguishable
    assert not better(same, same, seed=1).distinguishable


def test_better_is_the_difference_at_the_largest_budget_in_bits_and_percent():
    found = better(curve([4, 3, 2.5, 2.0]), curve([4, 3, 2.5, 1.9]), seed=1)
    assert (found.value, found.percent) == pytest.approx((0.1, 5.0))
    assert found.distinguishable


def test_better_takes_equal_tokens():
    with pytest.raises(AssertionError, match="equal tokens"):
        better(curve([2.0], amounts=[1]), curve([2.0], amounts=[2]), seed=1)


def test_smaller_is_the_ratio_of_parameters_at_the_largest_ones_score():
    sizes = [1e6, 4e6, 16e6]
    found = smaller(curve([3, 2.5, 2.0], amounts=sizes), curve([2.5, 2.0, 1.8], amounts=sizes), seed=1)
    assert found.value == pytest.approx(4)
    assert smaller(curve([2.0], amounts=[1e6]), curve([1.9], amounts=[1e6]), seed=1) is None


@pytest.mark.parametrize("seeds", [1, 2])
def test_with_fewer_than_three_seeds_nothing_is_distinguishable(seeds):
    first, second = curve([4, 3, 2.5, 2.0], seeds=seeds), curve([2, 1, 0.5, 0.2], seeds=seeds)
    difference, ratio = better(first, second, seed=1), faster(first, second, seed=1)
    assert (difference.low, difference.high, difference.distinguishable) == (None, None, False)
    assert (ratio.low, ratio.high, ratio.distinguishable) == (0, None, False)
    assert negative_control_fails(second, first, seed=1) is None
    assert a_a_is_indistinguishable(first, first, seed=1) is None


def test_the_interval_of_one_set_is_students_where_that_is_wider():
    generator = np.random.default_rng(3)
    first, second = curve([3, 2.0], sets=1, amounts=[1, 2]), curve([3, 1.9], sets=1, amounts=[1, 2])
    second.scores[:, -1, 0] += generator.normal(0, 0.05, 3)
    differences = (first.scores - second.scores)[:, -1, 0]
    expected = t.interval(0.95, 2, differences.mean(), differences.std(ddof=1) / 3**0.5)
    found = better(first, second, seed=1)
    assert (found.low, found.high) == pytest.approx(expected)


def test_one_set_that_improves_alone_is_not_enough_however_alike_the_seeds_are():
    first, second = curve([2.0], sets=4, amounts=[1]), curve([2.0], sets=4, amounts=[1])
    second.scores[:, :, 0] -= 0.4
    assert better(first, second, seed=1).low == 0
    assert not better(first, second, seed=1).distinguishable


def test_paired_seeds_cancel_what_they_share():
    generator = np.random.default_rng(2)
    first, second = curve([4, 3, 2.5, 2.0]), curve([4, 3, 2.5, 1.99])
    shared = generator.normal(0, 0.5, (3, 1, 1))
    alike = better(Curve(TOKENS, first.scores + shared), Curve(TOKENS, second.scores + shared), seed=1)
    crossed = better(Curve(TOKENS, first.scores + shared), Curve(TOKENS, second.scores + shared[::-1]), seed=1)
    assert alike.distinguishable
    assert not crossed.distinguishable


def test_more_noise_makes_wider_intervals_around_the_same_ratio():
    first, second = 5 - 0.3 * np.log(TOKENS), 5 - 0.3 * np.log(TOKENS * 2)
    narrow, wide = (
        faster(curve(first, noise=noise), curve(second, noise=noise, generator=np.random.default_rng(1)), seed=1)
        for noise in (0.002, 0.01)
    )
    assert narrow.low <= narrow.value <= narrow.high
    assert wide.low < narrow.low < 2 < narrow.high < wide.high


def test_half_a_corpus_of_copies_must_be_distinguishably_worse():
    first, worse = curve([4, 3, 2.5, 2.0], noise=0.005), curve([4, 3, 2.6, 2.1], noise=0.005)
    assert negative_control_fails(first, worse, seed=1) is True
    assert negative_control_fails(worse, first, seed=1) is False
    assert negative_control_fails(first, first, seed=1) is False


def test_a_second_time_the_same_must_not_be_distinguishable():
    first = curve([4, 3, 2.5, 2.0], noise=0.005)
    again = curve([4, 3, 2.5, 2.0], noise=0.005, generator=np.random.default_rng(9))
    assert a_a_is_indistinguishable(first, again, seed=1) is True
    assert a_a_is_indistinguishable(first, curve([4, 3, 2.5, 1.8], noise=0.005), seed=1) is False


def test_the_same_seed_gives_the_same_interval():
    first, second = curve([4, 3, 2.5, 2.0], sets=5, noise=0.1), curve([4, 3, 2.5, 1.9], sets=5)
    assert better(first, second, seed=4) == better(first, second, seed=4)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(("of_seeds", "of_sets", "rest"), [(1, 0, 0), (1, 0, 1), (1, 1, 0.5)])
def test_intervals_cover_the_planted_difference_19_times_in_20(seeds, of_seeds, of_sets, rest):
    generator = np.random.default_rng(6)
    covered = []
    for trial in range(20):
        planted = generator.normal(0.3, of_sets, (100, 4))
        noise = generator.normal(0, of_seeds, (seeds, 100, 1)) + generator.normal(0, rest, (seeds, 100, 4))
        band = _band(planted + noise, trial)  # every budget is a trial of its own
        covered.append((band.low <= planted.mean(axis=1)) & (planted.mean(axis=1) <= band.high))
    assert np.mean(covered) >= 0.94


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(3, 6), st.integers(1, 5), st.integers(1, 4), st.floats(0, 1))
def test_intervals_hold_their_value_and_ratios_agree_with_their_bounds(seed, seeds, sets, budgets, noise):
    generator = np.random.default_rng(seed)
    first, second = (
        curve(np.sort(generator.uniform(1, 3, budgets))[::-1], seeds=seeds, sets=sets, noise=noise,
              amounts=TOKENS[:budgets], generator=generator)
        for _ in range(2)
    )  # fmt: skip
    difference, ratio = better(first, second, seed=seed), faster(first, second, seed=seed)
    assert difference.low <= difference.value <= difference.high
    assert ratio.low <= ratio.value * (1 + 1e-12)
    assert ratio.high is None or ratio.value <= ratio.high * (1 + 1e-12)
    assert ratio.bound != "at least" or ratio.high is None
    assert ratio.bound != "at most" or ratio.low == 0
    assert 0 < ratio.value <= TOKENS[budgets - 1] / TOKENS[0]
