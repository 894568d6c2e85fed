"""Copies and weights follow from the size of a group, and stay inside their bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.group_policy import copies_of, weights_of

sizes = st.lists(st.integers(1, 2**40), min_size=1, max_size=30)
steps = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 50)), max_size=6, unique_by=lambda step: step[0])
exponents = st.floats(0.01, 1.0)


def int64(*values: int) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def test_copies_rise_in_steps() -> None:
    copies = copies_of(int64(1, 2, 9, 10, 11, 10**9), [(2, 2), (10, 3)])
    assert copies.tolist() == [1, 2, 2, 3, 3, 3]
    assert copies.dtype == np.int32


def test_a_step_at_one_document_holds_for_documents_that_are_alone() -> None:
    assert copies_of(int64(1, 5), [(1, 4)]).tolist() == [4, 4]


def test_without_steps_every_document_is_there_once() -> None:
    assert copies_of(int64(1, 1000), []).tolist() == [1, 1]


@given(sizes, steps)
def test_copies_are_those_of_the_last_step_reached(documents: list[int], rehydrate: list[tuple[int, int]]) -> None:
    rehydrate = sorted(rehydrate)
    expected = [[1, *(copies for first, copies in rehydrate if first <= size)][-1] for size in documents]
    assert copies_of(int64(*documents), rehydrate).tolist() == expected


@given(sizes, steps)
def test_rising_steps_never_give_a_larger_group_fewer_copies(
    documents: list[int], rehydrate: list[tuple[int, int]]
) -> None:
    rising = list(zip(sorted(first for first, _ in rehydrate), sorted(copies for _, copies in rehydrate), strict=True))
    copies = copies_of(int64(*sorted(documents)), rising)
    assert bool((np.diff(copies) >= 0).all())
    assert int(copies.min()) >= 1
    assert int(copies.max()) <= max([1, *(copies for _, copies in rising)])


@given(sizes, exponents)
def test_weights_fall_with_the_size_and_stay_above_zero_and_at_most_one(documents: list[int], exponent: float) -> None:
    weights = weights_of(int64(*sorted(documents)), np.ones(len(documents), np.int64), exponent)
    assert weights.dtype == np.float32
    assert bool((np.diff(weights) <= 0).all())
    assert float(weights.min()) > 0.0
    assert float(weights.max()) <= 1.0


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), exponents)
def test_a_group_weighs_the_same_however_it_divides_into_exact_and_near(exact: list[int], exponent: float) -> None:
    size = sum(exact)
    weights = weights_of(np.full(len(exact), size), int64(*exact), exponent)
    assert float(weights.sum()) == pytest.approx(size ** (1 - exponent), rel=1e-4)


def test_a_document_that_is_alone_weighs_one_whatever_the_exponent() -> None:
    assert weights_of(int64(1), int64(1), 0.3).tolist() == [1.0]


def test_without_an_exponent_every_document_weighs_one() -> None:
    assert weights_of(int64(1, 50), int64(1, 20), None).tolist() == [1.0, 1.0]


def test_no_documents_have_no_copies_and_no_weights() -> None:
    assert len(copies_of(int64(), [(2, 2)])) == len(weights_of(int64(), int64(), 0.5)) == 0
