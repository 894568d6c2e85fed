from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.keepers import best_first, keepers, runs


def columns(rows):
    group, quality, length, document = zip(*rows, strict=True) if rows else ((), (), (), ())
    return (
        np.array(group, np.uint64),
        np.array(quality, np.float32),
        np.array(length, np.uint32),
        np.array(document, np.uint64),
    )


def test_the_highest_quality_wins_then_the_greatest_length_then_the_lowest_id():
    rows = [(1, 0.5, 10, 7), (1, 0.9, 1, 8), (2, 0.5, 10, 3), (2, 0.5, 11, 4), (3, 0.5, 10, 6), (3, 0.5, 10, 5)]
    assert keepers(*columns(rows)).tolist() == [8, 8, 4, 4, 5, 5]


def test_a_missing_quality_is_the_lowest():
    rows = [(1, np.nan, 100, 1), (1, -5.0, 1, 2)]
    assert keepers(*columns(rows)).tolist() == [2, 2]


def test_the_extremes_of_the_types_keep_their_order():
    rows = [(2**64 - 1, 0.0, 0, 2**64 - 1), (2**64 - 1, 0.0, 2**32 - 1, 2**64 - 2), (0, 0.0, 5, 0)]
    assert keepers(*columns(rows)).tolist() == [2**64 - 2, 2**64 - 2, 0]


def test_no_rows_give_no_keepers():
    assert keepers(*columns([])).size == 0


ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.25, 1.0]), st.integers(0, 3), st.integers(0, 2**64 - 1)),
    unique_by=lambda row: row[3],
    max_size=30,
)


@given(rows=ROWS, shuffle=st.randoms(use_true_random=False))
def test_keepers_follow_the_rule_whatever_the_order_of_rows(rows, shuffle):
    shuffle.shuffle(rows)
    expected = [
        min((row for row in rows if row[0] == group), key=lambda row: (-row[1], -row[2], row[3]))[3]
        for group, *_ in rows
    ]
    assert keepers(*columns(rows)).tolist() == expected


@given(rows=ROWS)
def test_best_first_puts_groups_together_with_signed_lengths_too(rows):
    group, quality, length, document = columns(rows)
    order = best_first(group, quality, length.astype(np.int64), document)
    assert [rows[place] for place in order] == sorted(rows, key=lambda row: (row[0], -row[1], -row[2], row[3]))


@given(st.lists(st.integers(0, 5)))
def test_runs_are_the_slices_of_equal_values(values: list[int]) -> None:
    array = np.array(sorted(values), dtype=np.uint64)
    found = [array[part].tolist() for part in runs(array)]
    assert [value for part in found for value in part] == array.tolist()
    assert [len(set(part)) for part in found] == [1] * len(set(values))
