from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.selection import farthest_first


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.5, 2.0]), st.integers(0, 2**64 - 1)),
        unique_by=lambda row: row[1],
        max_size=30,
    ),
    st.integers(0, 40),
)
def test_the_farthest_stay_and_ties_go_to_the_lowest_id(rows, quota):
    distance = np.array([row[0] for row in rows], np.float32)
    document = np.array([row[1] for row in rows], np.uint64)
    chosen = farthest_first(distance, document, quota)
    expected = sorted(rows, key=lambda row: (-row[0], row[1]))[:quota]
    assert sorted(document[chosen].tolist()) == sorted(row[1] for row in expected)


def test_a_distance_that_is_not_a_number_comes_last():
    chosen = farthest_first(np.array([np.nan, 0.0, 0.3], np.float32), np.arange(3, dtype=np.uint64), 2)
    assert chosen.tolist() == [False, True, True]


def test_a_negative_quota_is_a_mistake():
    with pytest.raises(AssertionError, match="-1"):
        farthest_first(np.zeros(2, np.float32), np.arange(2, dtype=np.uint64), -1)
