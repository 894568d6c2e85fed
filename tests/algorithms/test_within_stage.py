"""Ranks rise with the measure and fill [0, 1) evenly; members of a concept stand evenly spaced."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.curriculum import LAST, as_fraction
from curator.algorithms.within_stage import descending, interleaved, quantile_edges, ranks_of

SEEDS = st.integers(0, 10**6)
ANY = st.floats(width=32) | st.sampled_from([-1.0, -0.0, 0.0, 1.0, 2.0])
NUMBERS = st.lists(ANY.filter(lambda value: value == value), min_size=1, max_size=60)


def hashes(count, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, st.integers(2, 20), SEEDS)
def test_ranks_rise_with_the_value_also_outside_the_sample_and_equal_ones_stand_by_hash(values, sample, count, seed):
    values, sample, hashed = np.array(values, np.float32), np.array(sample, np.float32), hashes(len(values), seed)
    ranks = ranks_of(values, hashed, quantile_edges(sample, np.ones(len(sample), np.int64), count))
    assert ranks.min() >= 0
    assert ranks.max() <= LAST
    order = np.lexsort((hashed, values + np.float32(0)))
    assert (np.diff(ranks[order]) >= 0).all()


@settings(deadline=None)
@given(SEEDS, st.sampled_from([1, 3, 40]))
def test_ranks_fill_the_stage_evenly_by_tokens_however_frequent_a_value_is(seed, values):
    generator = np.random.default_rng(seed)
    found = generator.integers(0, values, 4_000).astype(np.float32) ** 3
    tokens = generator.integers(1, 9, 4_000)
    ranks = ranks_of(found, hashes(4_000, seed), quantile_edges(found, tokens, 64))
    assert np.histogram(ranks, 8, (0, 1), weights=tokens)[0] / tokens.sum() == pytest.approx(
        np.full(8, 1 / 8), abs=0.05
    )


def test_a_value_that_fills_several_quantiles_is_spread_over_all_of_them_by_hash():
    values, hashed = np.array([0] * 500 + [1] * 500, np.float32), hashes(1_000)
    ranks = ranks_of(values, hashed, quantile_edges(values, np.ones(1_000, np.int64), 10))
    assert ranks[500:] == pytest.approx(0.6 + 0.4 * as_fraction(hashed[500:]), abs=0.11)
    assert ranks[:500].max() <= ranks[500:].min()
    assert (np.argsort(ranks[500:]) == np.argsort(hashed[500:])).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 9)), min_size=1, max_size=40), st.integers(2, 9))
def test_edges_are_where_their_share_of_the_tokens_is_reached(rows, count):
    values, tokens = np.array([row[0] for row in rows], np.float32), np.array([row[1] for row in rows])
    stream = np.sort(np.repeat(values, tokens * count))
    if len(stream):
        wanted = np.arange(1, count) * (len(stream) // count) - 1
        assert quantile_edges(values, tokens, count).tolist() == stream[wanted].tolist()


def test_what_has_no_value_stands_anywhere_and_does_not_move_the_others():
    values, hashed = np.array([np.nan, 3, np.nan, 1], np.float32), hashes(4)
    edges = quantile_edges(values, np.array([1000, 1, 1, 1]), 4)
    assert edges.tolist() == quantile_edges(values[[1, 3]], np.ones(2, np.int64), 4).tolist()
    assert ranks_of(values, hashed, edges)[[0, 2]].tolist() == as_fraction(hashed)[[0, 2]].tolist()


def test_without_any_value_edges_are_zero_and_without_rows_there_are_no_ranks():
    assert quantile_edges(np.full(3, np.nan, np.float32), np.ones(3, np.int64), 4).tolist() == [0, 0, 0]
    assert len(ranks_of(np.zeros(0, np.float32), hashes(0), np.zeros(3, np.float32))) == 0


@settings(deadline=None)
@given(st.lists(st.floats(0, LAST), min_size=1, max_size=30))
def test_the_opposite_order_is_one_in_the_same_range(found):
    ranks = np.sort(np.array(found))
    turned = descending(ranks)
    assert (np.diff(turned) <= 0).all()
    assert turned.min() >= 0
    assert turned.max() <= LAST


def concepts_of(sizes, seed):
    return np.random.default_rng(seed).permutation(np.repeat(hashes(len(sizes), seed + 1), sizes))


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), SEEDS)
def test_members_of_a_concept_are_one_nth_apart_in_the_order_of_their_hashes(sizes, seed):
    concept, hashed = concepts_of(sizes, seed), hashes(sum(sizes), seed)
    ranks = interleaved(concept, hashed)
    assert ranks.min() >= 0
    assert ranks.max() <= LAST
    for one in np.unique(concept):
        members = np.flatnonzero(concept == one)
        along = ranks[members[np.argsort(hashed[members])]]
        assert along[0] * len(members) == pytest.approx(as_fraction(one))
        assert np.diff(along) == pytest.approx(np.full(len(members) - 1, 1 / len(members)))


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=12), SEEDS)
def test_neighbours_of_one_concept_are_of_the_largest_and_as_few_as_the_second_largest_allows(sizes, seed):
    concept = concepts_of(sizes, seed)
    order = np.argsort(interleaved(concept, hashes(len(concept), seed)), kind="stable")
    same = concept[order][1:][concept[order][1:] == concept[order][:-1]]
    second, largest = sorted(sizes)[-2:]
    assert len(same) <= largest - second
    assert all((concept == one).sum() == largest for one in same)


def test_interleaving_leaves_few_neighbours_alike_where_a_shuffle_leaves_many():
    concept = concepts_of([400, 250, *[50] * 7], 3)
    alike = [
        np.count_nonzero(np.diff(concept[np.argsort(key)].astype(np.float64)) == 0)
        for key in (interleaved(concept, hashes(1_000)), hashes(1_000))
    ]
    assert alike[0] < 60 < 200 < alike[1]
