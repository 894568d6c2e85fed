"""Tokens for groups: parts of a total, each up to its cap, and inside a group by quality; held against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.rebalance import (
    RANKS,
    fill_parts,
    mixture_parts,
    quality_ranks,
    rank_means,
    temperature_parts,
)

SIZES = st.lists(st.integers(0, 10**12), min_size=1, max_size=30)


def tokens(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def by_rounds(sizes: np.ndarray, parts: np.ndarray, total: float, max_passes: float) -> np.ndarray:
    """The definition: share what is left among the groups that are not full; those that would be over their cap are full."""
    caps, given_tokens = sizes * max_passes, np.zeros(len(sizes))
    free = (parts > 0) & (sizes > 0)
    left = float(total)
    while free.any():
        shares = np.where(free, parts, 0) / parts[free].sum() * left
        over = free & (shares >= caps)
        if not over.any():
            return np.where(free, shares, given_tokens)
        given_tokens[over] = caps[over]
        left -= caps[over].sum()
        free &= ~over
    return given_tokens


@given(
    sizes=SIZES,
    total=st.floats(0, 1e14),
    max_passes=st.floats(0.5, 10),
    weights=st.lists(st.sampled_from([0.0, 0.01, 0.5, 1.0, 3.0]), min_size=30, max_size=30),
)
def test_filling_is_the_definition_in_rounds(
    sizes: list[int], total: float, max_passes: float, weights: list[float]
) -> None:
    groups, parts = tokens(*sizes), np.array(weights[: len(sizes)])
    found = fill_parts(groups, parts, total, max_passes=max_passes)
    np.testing.assert_allclose(found, by_rounds(groups, parts, total, max_passes), rtol=1e-9, atol=1e-3)


@given(sizes=SIZES, share=st.floats(0, 2), max_passes=st.floats(1, 10), temperature=st.floats(1, 100))
def test_the_total_is_met_unless_all_groups_are_full(
    sizes: list[int], share: float, max_passes: float, temperature: float
) -> None:
    groups = tokens(*sizes)
    total = share * max_passes * sum(sizes)
    found = fill_parts(groups, temperature_parts(groups, temperature=temperature), total, max_passes=max_passes)
    assert found.sum() == pytest.approx(min(total, max_passes * sum(sizes)), rel=1e-9)
    assert (found <= max_passes * groups).all()


def test_what_is_over_at_a_full_group_goes_to_the_others_in_proportion() -> None:
    found = fill_parts(tokens(10, 1000, 1000), np.array([0.5, 0.3, 0.2]), 1000, max_passes=4)
    assert found == pytest.approx([40, 960 * 0.6, 960 * 0.4])


def test_equal_parts_are_unimax() -> None:
    assert fill_parts(tokens(10, 100, 1000), np.full(3, 1 / 3), 600, max_passes=4) == pytest.approx([40, 280, 280])


def test_temperature_one_leaves_sizes_and_a_high_one_makes_them_equal() -> None:
    sizes = tokens(1, 10, 89)
    assert temperature_parts(sizes, temperature=1.0) == pytest.approx([0.01, 0.1, 0.89])
    assert temperature_parts(sizes, temperature=2.0) == pytest.approx(np.sqrt(sizes) / np.sqrt(sizes).sum())
    assert temperature_parts(sizes, temperature=1e9) == pytest.approx([1 / 3] * 3)
    assert temperature_parts(tokens(0, 0), temperature=2.0).tolist() == [0, 0]


def test_groups_without_a_name_in_the_mixture_share_the_rest_by_size() -> None:
    parts = mixture_parts(["web", "books", "code"], tokens(300, 5, 100), {"books": 0.2, "absent": 0.4})
    assert parts == pytest.approx([0.6, 0.2, 0.2])


def test_a_group_of_part_nought_gives_nothing_and_is_no_division_by_it() -> None:
    parts = mixture_parts(["web", "books"], tokens(300, 5), {"web": 0.0, "books": 1.0})
    assert fill_parts(tokens(300, 5), parts, 305, max_passes=4).tolist() == [0, 20]
    assert fill_parts(tokens(300, 5), np.zeros(2), 305, max_passes=4).tolist() == [0, 0]


@given(
    passes=st.floats(0, 1), drop_share=st.floats(0, 0.95), exponent=st.floats(0.05, 8), max_passes=st.integers(1, 100)
)
def test_the_ranks_of_quality_have_the_mean_of_the_group_and_rise(
    passes: float, drop_share: float, exponent: float, max_passes: int
) -> None:
    asked = passes * max_passes * (1 - drop_share)
    ranks = quality_ranks(asked, drop_share=drop_share, exponent=exponent, max_passes=max_passes)
    assert len(ranks) == RANKS
    assert ranks.mean() == pytest.approx(asked, rel=1e-9, abs=1e-9)
    assert (np.diff(ranks) >= -1e-9).all()
    assert ranks.max() <= max_passes * (1 + 1e-9)
    assert ranks[: int(drop_share * RANKS)].max(initial=0) < 1e-9


@pytest.mark.parametrize(("passes", "exponent"), [(0.5, 1.0), (2.0, 2.0), (2.3, 0.5), (2.4, 1.0)])
def test_the_curve_is_the_capped_power_with_its_factor_found_by_bisection(passes: float, exponent: float) -> None:
    x = (np.arange(400_000) + 0.5) / 400_000
    low, high = 0.0, 1e12
    for _ in range(200):
        factor = (low + high) / 2
        curve = np.minimum(4, factor * np.maximum(x - 0.4, 0) ** exponent)
        low, high = (factor, high) if curve.mean() < passes else (low, factor)
    expected = curve.reshape(RANKS, -1).mean(axis=1)
    found = quality_ranks(passes, drop_share=0.4, exponent=exponent, max_passes=4)
    np.testing.assert_allclose(found, expected, atol=2e-4)


@given(sizes=SIZES, passes=st.floats(0, 2.4))
def test_bins_pass_as_many_tokens_as_their_ranks(sizes: list[int], passes: float) -> None:
    bins = tokens(*sizes)
    ranks = quality_ranks(passes, drop_share=0.4, exponent=1.0, max_passes=4)
    means = rank_means(bins, ranks)
    assert (means * bins).sum() == pytest.approx(passes * bins.sum(), rel=1e-6)
    assert (means[bins == 0] <= 4).all()


def test_bins_that_are_ranks_get_their_passes_and_equal_quality_gets_the_mean() -> None:
    ranks = quality_ranks(1.0, drop_share=0.4, exponent=1.0, max_passes=7)
    assert rank_means(np.full(RANKS, 10), ranks) == pytest.approx(ranks)
    assert rank_means(tokens(0, 500, 0), ranks)[1] == pytest.approx(1.0)
    assert rank_means(tokens(), ranks).tolist() == []
