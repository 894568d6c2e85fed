from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.keepers import PINNED
from curator.algorithms.leaders import star_edges_by_shingles, star_edges_by_sketch
from curator.algorithms.sketches import estimated_jaccard

NIGHT_BEFORE = int(PINNED)


def edges(rows, **options):
    """Edges (centre, member, similarity) of rows (bucket, document, high, low, sketch)."""
    *columns, sketches = zip(*rows, strict=True)
    bucket, document, high, low = (np.array(column, np.uint64) for column in columns)
    found = star_edges_by_sketch(
        bucket, document, high, low, np.array(sketches, np.uint8), **{"min_similarity": 0.8, **options}
    )
    assert [column.dtype for column in found] == [np.int64, np.int64, np.float32]
    centre, member, similarity = found
    return list(zip(document[centre].tolist(), document[member].tolist(), similarity.tolist(), strict=True))


def edges_in_python(rows, min_similarity, max_leaders):
    """The same, bucket by bucket, with lists."""
    found = {}
    for bucket in {row[0] for row in rows}:
        leaders = []
        for row in sorted(
            (row for row in rows if row[0] == bucket), key=lambda r: (r[1] < NIGHT_BEFORE, *r[2:4], r[1])
        ):
            likes = [] if row[1] >= NIGHT_BEFORE else [(other, likeness(other[4], row[4])) for other in leaders]
            first = next((pair for pair in likes if pair[1] >= np.float32(min_similarity)), None)
            if first:
                found[first[0][1], row[1]] = first[1]
            elif len(leaders) < max_leaders:
                leaders.append(row)
    return sorted((centre, member, similarity) for (centre, member), similarity in found.items())


def likeness(one, other):
    return float(estimated_jaccard(np.array([one], np.uint8), np.array([other], np.uint8))[0])


A, B, C = ([0x11 * number] * 256 for number in (1, 2, 3))


def test_the_best_document_is_the_centre():
    rows = [(1, 10, 5, 5, A), (1, 11, 1, 5, A), (1, 12, 1, 4, A), (1, 9, 1, 4, A)]
    assert edges(rows) == [(9, 10, 1.0), (9, 11, 1.0), (9, 12, 1.0)]


def test_a_member_that_is_like_no_leader_leads_itself():
    rows = [(1, number, 0, 0, sketch) for number, sketch in enumerate([A, B, A, B, C, C])]
    assert edges(rows) == [(0, 2, 1.0), (1, 3, 1.0), (4, 5, 1.0)]


def test_beyond_the_last_leader_documents_are_passed_over():
    rows = [(1, number, 0, 0, sketch) for number, sketch in enumerate([A, B, C, C, B, A])]
    assert edges(rows, max_leaders=2) == [(0, 5, 1.0), (1, 4, 1.0)]
    assert edges(rows, max_leaders=1) == [(0, 5, 1.0)]


def test_documents_of_earlier_nights_lead_and_are_compared_with_none():
    rows = [(1, NIGHT_BEFORE, 9, 9, A), (1, NIGHT_BEFORE + 1, 9, 9, A), (1, 3, 0, 0, A)]
    assert edges(rows) == [(NIGHT_BEFORE, 3, 1.0)]


def test_a_pair_found_in_several_buckets_is_one_edge():
    assert edges([(bucket, document, 0, 0, A) for bucket in (1, 2, 3) for document in (4, 5)]) == [(4, 5, 1.0)]


def test_a_bucket_delivered_twice_is_one_bucket():
    assert edges([(1, 4, 0, 0, A), (1, 4, 0, 0, A)]) == []
    assert edges([(1, document, 0, 0, A) for document in (4, 5, 4, 5)]) == [(4, 5, 1.0)]


def test_documents_of_different_buckets_never_meet():
    assert edges([(1, 4, 0, 0, A), (2, 5, 0, 0, A)]) == []


def test_no_rows_give_no_edges():
    none, hashes = [np.empty(0, np.uint64)] * 4, np.empty(0, np.uint64)
    found = star_edges_by_sketch(*none, np.empty((0, 256), np.uint8), min_similarity=0.8)
    assert [column.size for column in found] == [0, 0, 0]
    found = star_edges_by_shingles(*none, hashes, np.zeros(1, np.int64), measure="jaccard", min_similarity=0.8)
    assert [column.size for column in found] == [0, 0, 0]


@settings(deadline=None)
@given(
    memberships=st.sets(
        st.tuples(st.integers(0, 3), st.integers(0, 15) | st.integers(NIGHT_BEFORE, NIGHT_BEFORE + 2)),
        min_size=1,
        max_size=40,
    ),
    seed=st.integers(0, 1000),
    max_leaders=st.integers(1, 9),
    shuffle=st.randoms(use_true_random=False),
)
def test_edges_are_those_of_plain_python_whatever_the_order_of_rows(memberships, seed, max_leaders, shuffle):
    generator = np.random.default_rng(seed)
    high, low = generator.integers(0, 3, (2, 20))
    common, own = generator.integers(0, 256, 256), generator.integers(0, 256, (20, 256))
    sketches = np.where(generator.random((20, 256)) < generator.choice([0.8, 0.95], (20, 1)), common, own)
    place = {document: number for number, document in enumerate(sorted({document for _, document in memberships}))}
    rows = [(b, d, int(high[place[d]]), int(low[place[d]]), sketches[place[d]].tolist()) for b, d in memberships]
    shuffle.shuffle(rows)
    found = edges(rows, min_similarity=0.75, max_leaders=max_leaders)
    assert found == edges_in_python(rows, 0.75, max_leaders)


SETS = [range(10), range(10), range(8), [*range(5), 20, 21], range(100, 103), []]


@pytest.mark.parametrize(
    ("measure", "threshold", "expected"),
    [
        ("jaccard", 0.8, [(0, 1, 1.0), (0, 2, 0.8)]),
        ("jaccard", 0.81, [(0, 1, 1.0)]),
        ("containment", 0.9, [(0, 1, 1.0), (0, 2, 1.0)]),
        ("containment", 0.7, [(0, 1, 1.0), (0, 2, 1.0), (0, 3, 5 / 7)]),
    ],
)
def test_shingles_are_compared_by_jaccard_or_containment(measure, threshold, expected):
    hashes = np.array([value for values in SETS for value in values], np.uint64)
    starts = np.append(0, np.cumsum([len(values) for values in SETS])).astype(np.int64)
    documents, zeros = np.arange(len(SETS), dtype=np.uint64), np.zeros(len(SETS), np.uint64)
    found = star_edges_by_shingles(
        zeros, documents, zeros, zeros, hashes, starts, measure=measure, min_similarity=threshold
    )
    assert [(one, other) for one, other, _ in zip(*found, strict=True)] == [pair[:2] for pair in expected]
    assert found[2] == pytest.approx([pair[2] for pair in expected])


def test_a_bucket_of_copies_and_strangers_is_compared_with_its_leaders_only():
    count = 200_000
    sketches = np.random.default_rng(0).integers(0, 256, (count, 256), dtype=np.uint8)
    sketches[count // 2 :] = sketches[0]
    zeros, documents = np.zeros(count, np.uint64), np.arange(count, dtype=np.uint64)
    centre, member, _ = star_edges_by_sketch(
        zeros, documents, zeros, zeros, sketches, min_similarity=0.8, max_leaders=20
    )
    assert not centre.any()
    assert (member == np.arange(count // 2, count)).all()
