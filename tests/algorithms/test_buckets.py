from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.algorithms.buckets import shared_buckets
from curator.algorithms.keepers import PINNED

NIGHT_BEFORE = int(PINNED)


def buckets(rows, **options):
    """The members of each bucket of rows (key, document), by name, and a check that rows are sorted."""
    keys, documents = np.array(rows, np.uint64).reshape(-1, 2).T
    bucket, whole, document = shared_buckets(keys, documents, **options)
    assert bucket.dtype == whole.dtype == document.dtype == np.uint64
    rows = list(zip(bucket.tolist(), whole.tolist(), document.tolist(), strict=True))
    assert rows == sorted(set(rows))
    found = sorted({(name, one) for name, _, one in rows})
    return {name: [one for other, one in found if other == name] for name, _ in found}


def members_in_python(rows, max_members, max_pinned):
    found = set()
    for key in {key for key, _ in rows}:
        members = sorted({document for other, document in rows if other == key})
        tonight = [document for document in members if document < NIGHT_BEFORE]
        for start in range(0, len(tonight), max_members):
            chunk = (*tonight[start : start + max_members], *members[len(tonight) :][:max_pinned])
            found.update({chunk} if len(chunk) > 1 else ())
    return found


def test_keys_that_documents_share_are_buckets():
    assert list(buckets([(1, 7), (1, 5), (2, 7), (3, 9), (3, 7), (3, 5)]).values()) in (
        [[5, 7], [5, 7, 9]],
        [[5, 7, 9], [5, 7]],
    )


def test_keys_with_the_same_members_are_one_bucket():
    assert list(buckets([(1, 7), (1, 5), (2, 5), (2, 7)]).values()) == [[5, 7]]


def test_a_document_that_ends_one_key_and_begins_the_next_is_in_both():
    assert sorted(buckets([(1, 5), (1, 7), (2, 7), (2, 8)]).values()) == [[5, 7], [7, 8]]


def test_a_document_does_not_share_a_key_with_itself():
    assert buckets([(1, 7), (1, 7), (2, 5)]) == {}


def test_documents_of_earlier_nights_need_one_of_tonight():
    assert buckets([(1, NIGHT_BEFORE), (1, NIGHT_BEFORE + 1)]) == {}
    assert list(buckets([(1, NIGHT_BEFORE), (1, 4)]).values()) == [[4, NIGHT_BEFORE]]


def test_a_large_key_is_cut_and_every_chunk_meets_the_documents_of_earlier_nights():
    rows = [(1, document) for document in (1, 2, 3, 4, 5, NIGHT_BEFORE, NIGHT_BEFORE + 1)]
    old = [NIGHT_BEFORE, NIGHT_BEFORE + 1]
    assert sorted(buckets(rows, max_members=2).values()) == [[1, 2, *old], [3, 4, *old], [5, *old]]
    assert sorted(buckets(rows[:5], max_members=2).values()) == [[1, 2], [3, 4]]


def test_of_many_pinned_documents_of_a_key_only_those_that_can_lead_are_in_its_bucket():
    rows = [(1, 4), *((1, NIGHT_BEFORE + number) for number in range(5))]
    assert list(buckets(rows, max_pinned=2).values()) == [[4, NIGHT_BEFORE, NIGHT_BEFORE + 1]]


def test_who_is_left_of_the_chunks_of_a_key_meets_by_the_name_of_the_whole():
    keys, documents = np.ones(7, np.uint64), np.arange(7, dtype=np.uint64)
    bucket, whole, document = shared_buckets(keys, documents, max_members=3)
    assert len(np.unique(bucket)) == 2, "the seventh document is alone in its chunk"
    left = np.isin(document, [0, 3])
    again, _, found = shared_buckets(whole[left], document[left], max_members=3)
    assert found.tolist() == [0, 3]
    assert len(np.unique(again)) == 1


def test_a_key_that_is_not_cut_is_named_as_its_bucket():
    bucket, whole, _ = shared_buckets(np.ones(5, np.uint64), np.arange(5, dtype=np.uint64))
    assert (bucket == whole).all()


def test_no_rows_and_rows_of_one_key_each_give_no_buckets():
    assert buckets([]) == {}
    assert buckets([(1, 1), (2, 1), (3, 2)]) == {}


ROWS = st.lists(
    st.tuples(
        st.integers(0, 4) | st.integers(2**64 - 2, 2**64 - 1),
        st.integers(0, 9) | st.integers(NIGHT_BEFORE, NIGHT_BEFORE + 2),
    ),
    max_size=40,
)


@given(rows=ROWS, max_members=st.integers(1, 6), max_pinned=st.integers(1, 4))
def test_buckets_are_those_of_plain_python(rows, max_members, max_pinned):
    found = buckets(rows, max_members=max_members, max_pinned=max_pinned)
    members = [tuple(members) for members in found.values()]
    assert len(set(members)) == len(members)
    assert set(members) == members_in_python(rows, max_members, max_pinned)


@given(rows=ROWS, max_members=st.integers(1, 6), shuffle=st.randoms(use_true_random=False))
def test_names_depend_neither_on_the_order_of_rows_nor_on_their_partitions(rows, max_members, shuffle):
    together = buckets(rows, max_members=max_members)
    shuffle.shuffle(rows)
    apart = {}
    for part in range(2):
        apart |= buckets([row for row in rows if row[0] % 2 == part], max_members=max_members)
    assert apart == together


def test_a_key_of_a_million_documents_needs_memory_for_its_rows_only():
    count = 1_000_000
    documents = np.random.default_rng(0).permutation(count).astype(np.uint64)
    keys = np.zeros(count, np.uint64)
    tracemalloc.start()
    bucket, _, document = shared_buckets(keys, documents)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120 * count
    assert np.unique(bucket, return_counts=True)[1].max() == 65_536
    assert (np.sort(document) == np.arange(count)).all()
