"""The effective number of documents: repeats add nothing, unlike ones add up, and it hardly matters how a topic is cut."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.effective import effective_documents

Rows = npt.NDArray[np.float64]


def unit(rows: Rows) -> Rows:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def directions(count: int, dimensions: int = 64, seed: int = 1) -> Rows:
    return unit(np.random.default_rng(seed).normal(size=(count, dimensions)))


def number(rows: Rows, similarity: float = 0.98) -> float:
    return effective_documents(rows, documents=len(rows), similarity=similarity)


def test_equal_documents_are_one_and_unlike_ones_as_many_as_they_are() -> None:
    assert number(np.repeat(directions(1), 50, axis=0)) == pytest.approx(1)
    assert number(np.eye(20)) == pytest.approx(20)
    assert number(np.repeat(np.eye(20), 7, axis=0)) == pytest.approx(20)


def test_two_documents_at_the_similarity_are_one_and_a_third() -> None:
    pair = np.array([[1.0, 0.0], [0.98, math.sqrt(1 - 0.98**2)]])
    assert number(pair) == pytest.approx(2 / 1.5)


def test_by_the_definition() -> None:
    rows = unit(directions(30, dimensions=4) + 2 * directions(1, dimensions=4))
    power = math.log(2) / -math.log(0.98)
    assert number(rows) == pytest.approx(sum(1 / sum(max(0.0, float(a @ b)) ** power for b in rows) for a in rows))


def test_what_does_not_resemble_adds_up_however_it_is_cut() -> None:
    topics = [unit(directions(1, seed=seed) + directions(40, seed=seed + 100)) for seed in range(6)]
    whole = number(np.concatenate(topics))
    assert sum(number(topic) for topic in topics) == pytest.approx(whole, rel=0.02)
    assert sum(number(half) for topic in topics for half in (topic[:20], topic[20:])) == pytest.approx(whole, rel=0.02)


def test_a_sample_of_a_concept_tells_about_its_number() -> None:
    whole = np.repeat(directions(12), 500, axis=0)[np.random.default_rng(3).permutation(6_000)]
    assert effective_documents(whole[:256], documents=6_000, similarity=0.98) == pytest.approx(12, rel=0.1)


def test_no_documents_are_none_and_unknown_ones_are_one() -> None:
    assert effective_documents(np.empty((0, 4)), documents=0, similarity=0.9) == 0
    assert number(np.zeros((9, 4))) == 1
    assert effective_documents(directions(1), documents=1, similarity=0.9) == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.floats(0.5, 1), st.integers(0, 99))
def test_it_lies_between_one_and_the_number_of_documents(count: int, width: int, similarity: float, seed: int) -> None:
    found = number(directions(count, dimensions=width, seed=seed), similarity)
    assert 1 - 1e-9 <= found <= count * (1 + 1e-9)
