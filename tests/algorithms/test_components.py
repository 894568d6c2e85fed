from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.components import components
from tests.algorithms.components_by_scipy import roots_by_scipy


def check(left, right):
    nodes, root = components(left, right)
    expected_nodes, expected_root = roots_by_scipy(left, right)
    assert nodes.dtype == root.dtype == np.uint64
    assert (nodes == expected_nodes).all()
    assert (root == expected_root).all()
    return root


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=40), st.integers(0, 2**64 - 26))
def test_any_graph_has_the_components_of_scipy(pairs, shift):
    pairs = np.array(pairs, np.uint64).reshape(-1, 2) + np.uint64(shift)
    check(pairs[:, 0], pairs[:, 1])


@pytest.mark.parametrize("edges", [1_000, 50_000, 200_000])
def test_large_random_graphs_below_at_and_above_the_giant_component(edges):
    left, right = np.random.default_rng(edges).integers(0, 2**63, 100_000, np.uint64)[
        np.random.default_rng(edges + 1).integers(0, 100_000, (2, edges))
    ]
    check(left, right)


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_a_chain_of_a_million_is_one_component(order):
    chain = np.arange(1_000_000, dtype=np.uint64)
    left, right = chain[:-1], chain[1:]
    place = {
        "ascending": np.arange(len(left)),
        "descending": np.arange(len(left))[::-1],
        "shuffled": np.random.default_rng(0).permutation(len(left)),
    }[order]
    nodes, root = components(left[place], right[place])
    assert (nodes == chain).all()
    assert not root.any()


def test_stars_and_cliques():
    leaves = np.arange(1, 10_001, dtype=np.uint64)
    assert (check(np.full_like(leaves, 20_000), leaves) == 1).all()
    left, right = np.triu_indices(200, 1)
    root = check(np.r_[left, left + 500].astype(np.uint64), np.r_[right, right + 500].astype(np.uint64))
    assert set(root.tolist()) == {0, 500}


def test_an_edge_from_a_node_to_itself_is_a_component_of_one():
    nodes, root = components(np.array([7], np.uint64), np.array([7], np.uint64))
    assert (nodes.tolist(), root.tolist()) == ([7], [7])
