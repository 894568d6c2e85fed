from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.stars import (
    MAX_ROUNDS,
    converged,
    forest,
    large_star,
    large_star_rows,
    small_star,
    small_star_rows,
)
from tests.algorithms.components_by_scipy import roots_by_scipy

FACTOR = np.uint64(0x9E3779B97F4A7C15)


def exchange(edges, rows, reduce):
    """One exchange: every partition emits the rows of its forest, rows of a key meet in the partition of the key."""
    emitted = [rows(*forest(*part)) for part in edges]
    keys, neighbours = (np.concatenate(side) for side in zip(*emitted, strict=True))
    partition = (keys * FACTOR >> np.uint64(40)) % np.uint64(len(edges))
    met = [partition == number for number in range(len(edges))]
    return [reduce(keys[part], neighbours[part]) for part in met]


def rounds_of(left, right, partitions):
    """Rounds until the edges have converged, and the edges then."""
    edges = list(zip(np.array_split(left, partitions), np.array_split(right, partitions), strict=True))
    for number in range(MAX_ROUNDS):
        edges = exchange(edges, large_star_rows, large_star)
        if all(converged(*part) for part in edges):
            return number, *(np.concatenate(side) for side in zip(*edges, strict=True))
        edges = exchange(edges, small_star_rows, small_star)
    raise AssertionError("not converged")


def check(left, right, partitions):
    rounds, leaves, roots = rounds_of(left, right, partitions)
    nodes, expected = roots_by_scipy(left, right)
    inner = nodes != expected
    order = np.argsort(leaves)
    assert leaves.dtype == roots.dtype == np.uint64
    assert (leaves[order] == nodes[inner]).all()
    assert (roots[order] == expected[inner]).all()
    return rounds


def scattered(nodes):
    """Distinct numbers of 64 bits in random order, one for each node."""
    return np.random.default_rng(7).permutation(nodes.astype(np.uint64) * FACTOR)


@settings(deadline=None, max_examples=200)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=40),
    shift=st.integers(0, 2**64 - 26),
    partitions=st.integers(1, 5),
)
def test_any_graph_has_the_components_of_scipy(pairs, shift, partitions):
    pairs = np.array(pairs, np.uint64).reshape(-1, 2) + np.uint64(shift)
    check(pairs[:, 0], pairs[:, 1], partitions)


@pytest.mark.parametrize(("edges", "most"), [(1_000, 2), (50_000, 8), (200_000, 5)])
def test_random_graphs_below_at_and_above_the_giant_component(edges, most):
    left, right = scattered(np.arange(100_000))[np.random.default_rng(edges).integers(0, 100_000, (2, edges))]
    assert check(left, right, 16) <= most


@pytest.mark.parametrize("partitions", [4, 16])
def test_a_chain_of_a_million_in_order_of_its_ids_takes_few_rounds(partitions):
    chain = np.arange(1_000_000, dtype=np.uint64)
    assert check(chain[:-1], chain[1:], partitions) <= 8


def test_a_chain_of_a_million_whose_edges_lie_anywhere_takes_a_round_for_each_halving():
    chain = scattered(np.arange(1_000_000))
    mixed = np.random.default_rng(1).permutation(len(chain) - 1)
    assert check(chain[:-1][mixed], chain[1:][mixed], 4) <= 20


def test_stars_and_cliques():
    leaves = scattered(np.arange(50_000))
    assert check(np.full_like(leaves, leaves[5]), leaves, 8) <= 2
    left, right = np.triu_indices(300, 1)
    ids = scattered(np.arange(600))
    assert check(ids[np.append(left, left + 300)], ids[np.append(right, right + 300)], 8) <= 2


def test_edges_of_a_star_forest_need_no_round():
    leaves = np.arange(3, 100, dtype=np.uint64)
    assert check(leaves, leaves % np.uint64(3), 4) == 0


@pytest.mark.parametrize("edges", [[(5, 3), (3, 1)], [(5, 1), (5, 3)]])
def test_a_chain_and_a_node_between_two_centres_are_no_star_yet(edges):
    left, right = np.array(edges, np.uint64).T
    assert not converged(*large_star(*large_star_rows(left, right)))
    assert converged(*large_star(*large_star_rows(*forest(left, right))))


def test_no_edges_have_converged():
    empty = np.empty(0, np.uint64)
    assert check(empty, empty, 3) == 0
