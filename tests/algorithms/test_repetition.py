"""Repeats lose their value slowly, and rates become whole copies without bias."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.repetition import effective_tokens, whole_copies
from curator.steps.samples import mixed


def test_the_value_of_a_token_is_that_of_the_paper() -> None:
    passes = np.array([2.0, 4.0, 8.0, 16.0, 40.0])
    value = effective_tokens(np.full(5, 1000), passes) / (1000 * passes)
    assert value == pytest.approx([0.984, 0.931, 0.828, 0.661, 0.379], abs=5e-4)


@given(passes=st.floats(0, 1))
def test_up_to_one_pass_tokens_are_worth_what_they_are(passes: float) -> None:
    assert effective_tokens(np.array([100]), np.array([passes]))[0] == pytest.approx(100 * passes)


@given(passes=st.floats(0, 1000), more=st.floats(0, 10))
def test_more_passes_are_never_worth_less_nor_more_than_new_text(passes: float, more: float) -> None:
    few, many = effective_tokens(np.array([1.0, 1.0]), np.array([passes, passes + more]))
    assert few - 1e-12 <= many <= few + more + 1e-9


@given(rate=st.floats(0, 100), hashes=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50))
def test_copies_are_the_rate_rounded_down_or_up(rate: float, hashes: list[int]) -> None:
    copies = whole_copies(np.full(len(hashes), rate), np.array(hashes, dtype=np.uint64))
    assert set(copies.tolist()) <= {int(np.floor(rate)), int(np.floor(rate)) + 1}
    if rate == np.floor(rate):
        assert (copies == rate).all()


@pytest.mark.parametrize("rate", [0.07, 0.5, 1.8, 3.999])
def test_the_mean_of_many_copies_is_the_rate(rate: float) -> None:
    count = 200_000
    copies = whole_copies(np.full(count, rate), mixed(np.arange(count, dtype=np.uint64), 3))
    deviation = np.sqrt((rate % 1) * (1 - rate % 1) / count)
    assert copies.mean() == pytest.approx(rate, abs=4 * deviation)


def test_no_rate_is_no_copy() -> None:
    assert whole_copies(np.zeros(3), np.array([0, 1, 2**64 - 1], np.uint64)).tolist() == [0, 0, 0]
