from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from curator.algorithms.quotas import quotas, shares, split, tempered_shares


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


def test_tempered_shares_are_a_softmax_of_standard_deviations():
    complexity = np.array([0.02, 0.1, 0.25])
    z = (complexity - complexity.mean()) / complexity.std()
    expected = np.exp(z / 0.7) / np.exp(z / 0.7).sum()
    assert tempered_shares(complexity, temperature=0.7) == pytest.approx(expected)


@given(
    st.lists(st.floats(0, 2), min_size=2, max_size=30).filter(lambda values: max(values) - min(values) > 1e-3),
    st.floats(0.1, 10),
    st.floats(0.01, 100),
    st.floats(-5, 5),
)
def test_tempered_shares_do_not_depend_on_the_scale_of_the_complexity(values, temperature, scale, offset):
    found = tempered_shares(np.array(values), temperature=temperature)
    assert found.sum() == pytest.approx(1)
    assert found == pytest.approx(tempered_shares(np.array(values) * scale + offset, temperature=temperature), rel=1e-6)


def test_a_temperature_near_zero_gives_all_to_the_most_complex_and_a_high_one_the_same_to_each():
    complexity = np.array([0.1, 0.2, 0.9])
    assert tempered_shares(complexity, temperature=1e-9).tolist() == [0, 0, 1]
    assert tempered_shares(complexity, temperature=1e9) == pytest.approx(1 / 3)


@pytest.mark.parametrize("count", [1, 4])
def test_equal_complexities_have_equal_tempered_shares(count):
    assert tempered_shares(np.full(count, 0.3), temperature=1.0) == pytest.approx(1 / count)


def test_no_concepts_have_no_shares_and_no_quotas():
    none = np.empty(0, np.int64)
    assert shares(np.empty(0), ratio=2).size == 0
    assert tempered_shares(np.empty(0), temperature=2).size == 0
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
        (5, [3, 3], [9, 9], "the floors need 6, more than the total of 5"),
        (19, [3, 3], [9, 9], "the caps allow 18, less than the total of 19"),
        (9, [3, 8], [9, 7], "concept 1 has a floor of 8, above its cap of 7"),
    ],
)
def test_bounds_that_cannot_be_met_are_named_with_their_numbers(total, floors, caps, message):
    with pytest.raises(ValueError, match=message):
        quotas(np.array([0.5, 0.5]), total, np.array(floors), np.array(caps))


def test_the_real_valued_optimum_of_a_solver_is_rounded():
    generator = np.random.default_rng(1)
    share, total = generator.dirichlet(np.ones(8)), 1000
    floors, caps = generator.integers(0, 60, 8), generator.integers(100, 400, 8)
    solved = minimize(
        lambda x: 0.5 * ((x - total * share) ** 2).sum(),
        x0=floors + (total - floors.sum()) * (caps - floors) / (caps - floors).sum(),
        jac=lambda x: x - total * share,
        bounds=list(zip(floors, caps, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - total},
        options={"ftol": 1e-12},
    )
    assert solved.success
    assert np.abs(quotas(share, total, floors, caps) - solved.x).max() < 1.001


@pytest.mark.parametrize("total", [10**13 - 7, 4 * 10**12, 10**15 + 1])
def test_ten_trillion_tokens_are_met_to_the_last_one(total):
    generator = np.random.default_rng(2)
    share = generator.dirichlet(np.full(2000, 0.3))
    caps = np.maximum((total * generator.dirichlet(np.full(2000, 0.5)) * 2).astype(np.int64), 1)
    floors = np.minimum(caps, int(0.5 * total / 2000))
    found = quotas(share, total, floors, caps)
    assert int(found.sum()) == total
    assert (floors <= found).all()
    assert (found <= caps).all()
    free = (found > floors) & (found < caps)
    shift = (found - total * share)[free]
    assert free.sum() > 10
    assert np.ptp(shift) <= 1.5  # one lambda for all that touch no bound, up to rounding


def test_a_total_of_all_caps_is_all_of_everything():
    caps = np.array([10**13, 3, 0, 7 * 10**12])
    assert quotas(np.full(4, 0.25), int(caps.sum()), np.zeros(4, np.int64), caps).tolist() == caps.tolist()


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=20), st.floats(0, 1))
def test_a_split_quota_adds_up_and_is_in_proportion(amounts, share):
    quota = int(sum(amounts) * share)
    found = split(quota, amounts)
    assert sum(found) == quota
    assert all(0 <= part <= amount for part, amount in zip(found, amounts, strict=True))
    assert all(
        abs(part * sum(amounts) - quota * amount) <= sum(amounts) for part, amount in zip(found, amounts, strict=True)
    )


def test_more_than_there_is_cannot_be_split():
    with pytest.raises(AssertionError, match="a quota of 4 is more than the 3 there are"):
        split(4, [1, 2])
