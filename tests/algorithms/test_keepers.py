from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.keepers import NO_DATE, PINNED, best_first, is_pinned, keepers, ranks, runs

FLOATS = st.floats(width=32) | st.sampled_from([0.0, -0.0, 0.5, math.nan, math.inf, -math.inf])
LENGTHS = st.integers(0, 2**32 - 1) | st.integers(0, 3)
DATES = st.integers(-3, 3) | st.integers(0, 2**32 - 3) | st.none()
PLACES = st.integers(0, 2**32 - 1) | st.integers(0, 2)
IDS = st.integers(0, 9) | st.integers(0, 2**64 - 1)
DOCUMENTS = st.lists(st.tuples(FLOATS, LENGTHS, DATES, PLACES, IDS), max_size=30, min_size=1, unique_by=lambda d: d[4])
CRITERIA = ("quality", "length", "oldest", "newest", "source")


def criterion_in_python(criterion, quality, length, date, source):
    """What Python sorts by, ascending is better."""
    if criterion == "quality":
        return (1, 0.0) if math.isnan(quality) else (0, -quality)
    if criterion == "length":
        return -length
    if criterion == "source":
        return source
    if date is None:
        return (1, 0)
    date = max(date, -1)  # all of the time before 1970 is one date
    return (0, date if criterion == "oldest" else -date)


def ranked(keep, documents):
    quality, length, date, source, _ = zip(*documents, strict=True)
    return ranks(
        keep,
        quality=np.array(quality, np.float32),
        length=np.array(length, np.uint32),
        date=np.array([NO_DATE if one is None else one for one in date], np.int64),
        source=np.array(source, np.uint32),
    )


@given(keep=st.permutations(CRITERIA).map(lambda names: names[:4]), size=st.integers(0, 4), documents=DOCUMENTS)
def test_ranks_order_documents_as_python_sorts_the_criteria(keep, size, documents):
    keep = keep[:size]
    high, low = ranked(keep, documents)
    document = np.array([one[4] for one in documents], np.uint64)
    order = best_first(np.zeros_like(document), high, low, document)

    def rule(one):
        return (one[4] < PINNED, [criterion_in_python(name, *one[:4]) for name in keep], one[4])

    assert document[order].tolist() == [one[4] for one in sorted(documents, key=rule)]


def test_every_criterion_puts_the_better_first():
    high, low = ranks(
        ("source", "newest", "quality", "length"),
        quality=np.array([0.5, 0.9, 0.9, np.nan], np.float32),
        length=np.array([9, 9, 10, 11], np.int64),
        date=np.array([7, 7, 7, NO_DATE], np.int64),
        source=np.array([1, 1, 1, 0], np.uint32),
    )
    document = np.arange(4, dtype=np.uint64)
    assert best_first(np.zeros(4, np.uint64), high, low, document).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("criterion", ["oldest", "newest"])
def test_dates_outside_of_the_range_are_kept_in_it_and_missing_dates_are_last(criterion):
    date = np.array([NO_DATE, NO_DATE + 1, -1, 0, 2**32, 2**63 - 1], np.int64)
    high, _ = ranks((criterion,), date=date)
    assert high.argmax() == 0
    assert high[1] == high[2] != high[3]
    assert high[4] == high[5]


def test_lengths_beyond_32_bits_are_equal_and_signed_ones_have_the_same_rank():
    long = ranks(("length",), length=np.array([2**40, 2**32 - 1], np.int64))[0]
    assert long[0] == long[1] == 0
    assert (
        ranks(("length",), length=np.array([5], np.int64))[0] == ranks(("length",), length=np.array([5], np.uint32))[0]
    )


def test_negative_zero_is_zero():
    high, _ = ranks(("quality",), quality=np.array([0.0, -0.0], np.float32))
    assert high[0] == high[1]


def test_a_rule_of_five_criteria_or_without_its_column_is_a_mistake():
    with pytest.raises(AssertionError, match="four"):
        ranks(CRITERIA, length=np.zeros(1, np.uint32))
    with pytest.raises(AssertionError, match="quality"):
        ranks(("quality",), length=np.zeros(1, np.uint32))


def test_no_documents_have_no_ranks():
    assert [half.size for half in ranks(("length",), length=np.empty(0, np.uint32))] == [0, 0]


RANKS = st.integers(0, 2) | st.integers(0, 2**64 - 1)
ROWS = st.lists(st.tuples(st.integers(0, 4), RANKS, RANKS, IDS), unique_by=lambda row: row[3], max_size=30)


def columns(rows):
    return tuple(np.array(column, np.uint64) for column in (zip(*rows, strict=True) if rows else ((),) * 4))


def rule(row):
    return (row[0], row[3] < PINNED, *row[1:])


@given(rows=ROWS, shuffle=st.randoms(use_true_random=False))
def test_keepers_follow_the_rule_whatever_the_order_of_rows(rows, shuffle):
    shuffle.shuffle(rows)
    expected = [min((row for row in rows if row[0] == group), key=rule)[3] for group, *_ in rows]
    assert keepers(*columns(rows)).tolist() == expected


@given(rows=ROWS)
def test_best_first_puts_groups_together(rows):
    assert [rows[place] for place in best_first(*columns(rows))] == sorted(rows, key=rule)


def test_a_document_of_an_earlier_night_comes_before_a_better_one():
    document = np.array([1, int(PINNED) + 5], np.uint64)
    zeros = np.zeros(2, np.uint64)
    assert is_pinned(document).tolist() == [False, True]
    assert keepers(zeros, np.array([0, 9], np.uint64), zeros, document).tolist() == [int(PINNED) + 5] * 2


def test_no_rows_give_no_keepers():
    assert keepers(*columns([])).size == 0


@given(st.lists(st.integers(0, 5)))
def test_runs_are_the_slices_of_equal_values(values: list[int]) -> None:
    array = np.array(sorted(values), dtype=np.uint64)
    found = [array[part].tolist() for part in runs(array)]
    assert [value for part in found for value in part] == array.tolist()
    assert [len(set(part)) for part in found] == [1] * len(set(values))
