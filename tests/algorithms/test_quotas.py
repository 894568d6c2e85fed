from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.quotas import quotas, shares


@given(
    st.lists(st.floats(0, 2), min_size=2, max_size=30).filter(lambda values: max(values) - min(values) > 1e-6),
    st.floats(1.0, 1e4),
)
def test_the_largest_share_is_the_ratio_times_the_smallest(values, ratio):
    found = shares(np.array(values), ratio=ratio)
    assert found.sum() == pytest.approx(1)
    assert found.max() / found.min() == pytest.approx(ratio, rel=1e-9)
    assert (np.diff(found[np.argsort(values)]) >= 0).all()


def test_shares_are_a_softmax_of_the_complexity():
    complexity = np.array([0.02, 0.1, 0.25])
    tau = (0.25 - 0.02) / np.log(8)
    expected = np.exp(complexity / tau) / np.exp(complexity / tau).sum()
    assert shares(complexity, ratio=8) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "ratio"), [([0.3, 0.3, 0.3], 10.0), ([0.1, 0.2, 0.3], 1.0), ([0.5], 10.0)])
def test_equal_complexities_or_a_ratio_of_one_give_equal_shares(values, ratio):
    assert shares(np.array(values), ratio=ratio) == pytest.approx(1 / len(values))


def test_no_concepts_have_no_shares_and_no_quotas():
    none = np.empty(0, np.int64)
    assert shares(np.empty(0), ratio=2).size == 0
    assert quotas(np.empty(0), 0, none, none).size == 0


def projection(target, total, floors, caps):
    """The real-valued optimum by brute force: the best feasible point of all choices of which bounds are active."""
    best, optimum = np.inf, None
    for active in itertools.product((0, 1, 2), repeat=len(target)):
        point = np.choose(active, [floors.astype(float), caps.astype(float), target])
        free = np.array(active) == 2
        if free.any():
            point[free] += (total - point.sum()) / free.sum()
        inside = (point >= floors - 1e-9).all() and (point <= caps + 1e-9).all()
        if inside and abs(point.sum() - total) < 1e-9 and ((point - target) ** 2).sum() < best:
            best, optimum = ((point - target) ** 2).sum(), point
    return optimum


def largest_remainder(optimum, total, caps):
    rounded = np.floor(optimum + 1e-9).astype(np.int64)
    remainder = np.where(rounded < caps, optimum - rounded, -1)
    rounded[np.argsort(-np.round(remainder, 9), kind="stable")[: total - rounded.sum()]] += 1
    return rounded


@pytest.mark.parametrize("seed", range(60))
def test_quotas_are_the_rounded_projection_by_brute_force(seed):
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 6))
    floors = generator.integers(0, 20, count)
    caps = floors + generator.integers(0, 60, count)
    total = int(generator.integers(floors.sum(), caps.sum() + 1))
    share = generator.dirichlet(np.ones(count))
    optimum = projection(total * share, total, floors, caps)
    found = quotas(share, total, floors, caps)
    assert np.abs(found - optimum).max() < 1
    assert found.tolist() == largest_remainder(optimum, total, caps).tolist()


def test_quotas_are_the_nearest_whole_numbers_of_all():
    share, total, floors, caps = np.array([0.62, 0.23, 0.15]), 10, np.array([0, 3, 1]), np.array([5, 9, 9])
    feasible = [(a, b, total - a - b) for a in range(0, 6) for b in range(3, 10) if 1 <= total - a - b <= 9]
    best = min(feasible, key=lambda x: ((np.array(x) - total * share) ** 2).sum())
    assert quotas(share, total, floors, caps).tolist() == list(best)


def test_ties_of_the_remainder_go_to_the_first():
    assert quotas(np.full(4, 0.25), 6, np.zeros(4, np.int64), np.full(4, 9)).tolist() == [2, 2, 1, 1]


@st.composite
def cases(draw):
    bounds = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10**12)), min_size=1, max_size=20))
    floors = np.array([floor for floor, _ in bounds], np.int64)
    caps = floors + np.array([width for _, width in bounds], np.int64)
    total = draw(st.integers(int(floors.sum()), int(caps.sum())))
    weights = np.array(draw(st.lists(st.floats(1e-3, 1), min_size=len(bounds), max_size=len(bounds))))
    return weights / weights.sum(), total, floors, caps


@settings(deadline=None)
@given(cases())
def test_quotas_meet_the_total_and_the_bounds_exactly(case):
    share, total, floors, caps = case
    found = quotas(share, total, floors, caps)
    assert found.dtype == np.int64
    assert found.sum() == total
    assert (floors <= found).all()
    assert (found <= caps).all()


@settings(deadline=None)
@given(cases())
def test_a_larger_share_under_the_same_bounds_never_gets_less(case):
    share, total, floors, caps = case
    same = floors.min(), caps.max()
    found = quotas(share, total, np.full(len(share), same[0]), np.full(len(share), same[1]))
    order = np.argsort(share)
    clearly = np.diff(total * share[order]) > 1e-3  # closer than that, float64 may see a tie
    assert (np.diff(found[order])[clearly] >= 0).all()


@pytest.mark.parametrize(
    ("total", "floors", "caps", "message"),
    [
        (5, [3, 3], [9, 9], "the floors need 6 documents, more than the total of 5"),
        (19, [3, 3], [9, 9], "the caps allow 18 documents, fewer than the total of 19"),
        (9, [3, 8], [9, 7], "concept 1 has a floor of 8 documents, above its cap of 7"),
    ],
)
def test_bounds_that_cannot_be_met_are_named_with_their_numbers(total, floors, caps, message):
    with pytest.raises(ValueError, match=message):
        quotas(np.array([0.5, 0.5]), total, np.array(floors), np.array(caps))
