from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.coverage import coverage_order


def traversal(embeddings: np.ndarray, start: int, count: int) -> list[int]:
    """Farthest-point traversal by the definition, on the same whole numbers."""
    wide = embeddings.astype(np.float64)
    lengths = np.sqrt((wide**2).sum(axis=1))
    whole = np.rint(wide * np.where(lengths > 0, 32767 / np.maximum(lengths, 1e-300), 0)[:, None]).astype(np.int64)
    nearest = np.where(lengths > 0, -(2**40), 2**40)
    nearest[start] -= lengths[start] > 0
    order: list[int] = []
    for _ in range(count):
        row = min((row for row in range(len(whole)) if row not in order), key=lambda row: (nearest[row], row))
        order.append(row)
        nearest = np.maximum(nearest, whole @ whole[row])
    return order


def ordered(embeddings: np.ndarray, start: int = 0, budget: int | None = None) -> list[int]:
    ones = np.ones(len(embeddings), np.int64)
    return coverage_order(embeddings, start=start, cost=ones, budget=len(ones) if budget is None else budget).tolist()


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 2**32 - 1), st.data())
def test_the_order_is_that_of_the_definition(count, dimensions, seed, data):
    generator = np.random.default_rng(seed)
    embeddings = generator.integers(-3, 4, (count, dimensions)).astype(np.float16)  # with zero vectors, copies and ties
    start, budget = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count))
    found = ordered(embeddings, start, budget)
    assert found[:budget] == traversal(embeddings, start, budget)
    assert sorted(found) == list(range(count))


def test_the_order_is_that_of_the_definition_for_many_documents():
    generator = np.random.default_rng(5)
    embeddings = (generator.normal(size=64) + generator.normal(size=(700, 64))).astype(np.float16)
    assert ordered(embeddings, 3)[:400] == traversal(embeddings, 3, 400)


def test_one_of_each_kind_comes_before_a_second_of_any():
    kinds = np.random.default_rng(1).normal(size=(20, 32))
    near = np.random.default_rng(2).normal(size=(400, 32)) * 0.05
    found = ordered((kinds[np.arange(400) % 20] + near).astype(np.float16), budget=20)
    assert sorted(row % 20 for row in found[:20]) == list(range(20))


def test_it_goes_on_until_its_costs_reach_the_budget():
    angles = np.array([0.0, 3.0, 1.5, 0.1, 0.2])
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    costs = np.array([10, 0, 5, 7, 7])
    assert coverage_order(circle, start=0, cost=costs, budget=11)[:3].tolist() == [0, 1, 2]
    assert ordered(circle) == [0, 1, 2, 4, 3]


def test_vectors_without_a_direction_come_last():
    embeddings = np.array([[0, 0], [np.nan, 1], [1, 0], [np.inf, 0], [1, 1]], np.float16)
    assert ordered(embeddings, start=2) == [2, 4, 0, 1, 3]
    assert ordered(np.zeros((4, 8), np.float16), start=2) == [0, 1, 2, 3]


@pytest.mark.parametrize("budget", [0, 5])
def test_few_or_no_documents_are_ordered(budget):
    assert ordered(np.empty((0, 4), np.float16), budget=budget) == []
    assert ordered(np.ones((1, 4), np.float16), budget=budget) == [0]


def test_long_vectors_do_not_overflow():
    same = np.full((3, 4096), 60_000, np.float16)
    assert ordered(np.vstack([same, -same])) == [0, 3, 1, 2, 4, 5]
