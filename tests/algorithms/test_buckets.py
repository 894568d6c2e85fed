from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.buckets import verified_edges
from curator.algorithms.minhash import estimated_jaccard


def edges(rows, **options):
    """Edges of rows (key, document, quality, length, sketch)."""
    keys, documents, quality, length, sketches = zip(*rows, strict=True)
    found = verified_edges(
        np.array(keys, np.uint64),
        np.array(documents, np.uint64),
        np.array(quality, np.float32),
        np.array(length, np.int64),
        np.array(sketches, np.uint8),
        **{"min_similarity": 0.8, **options},
    )
    return [(int(centre), int(member), float(similarity)) for centre, member, similarity in zip(*found, strict=True)]


def reference(rows, min_similarity, rounds):
    """The same, bucket by bucket, with lists."""
    found = {}
    for key in {row[0] for row in rows}:
        left = sorted((row for row in rows if row[0] == key), key=lambda row: (-row[2], -row[3], row[1]))
        for _ in range(rounds):
            again = []
            for row in left[1:]:
                pair = (np.array([side[4]], np.uint8) for side in (left[0], row))
                similarity = estimated_jaccard(*pair)[0]
                if similarity >= np.float32(min_similarity):
                    found[left[0][1], row[1]] = float(similarity)
                else:
                    again.append(row)
            left = again or left[:1]
    return sorted((centre, member, similarity) for (centre, member), similarity in found.items())


A, B, C = [0] * 8, [255] * 8, [0x55] * 8


def test_the_best_document_is_the_centre():
    rows = [(1, 10, 0.5, 5, A), (1, 11, 0.9, 5, A), (1, 12, 0.9, 6, A), (1, 9, 0.9, 6, A)]
    assert edges(rows) == [(9, 10, 1.0), (9, 11, 1.0), (9, 12, 1.0)]


def test_members_that_fail_try_again_among_themselves():
    rows = [(1, number, 0.0, 0, sketch) for number, sketch in enumerate([A, B, A, B, C, C])]
    assert edges(rows) == [(0, 2, 1.0), (1, 3, 1.0), (4, 5, 1.0)]
    assert edges(rows, rounds=2) == [(0, 2, 1.0), (1, 3, 1.0)]
    assert edges(rows, rounds=1) == [(0, 2, 1.0)]


def test_a_pair_found_in_several_bands_is_one_edge():
    rows = [(key, document, 0.0, 0, A) for key in (1, 2, 3) for document in (4, 5)]
    assert edges(rows) == [(4, 5, 1.0)]


def test_a_row_delivered_twice_is_no_duplicate_of_itself():
    assert edges([(1, 4, 0.0, 0, A), (1, 4, 0.0, 0, A)]) == []


def test_documents_of_different_keys_never_meet():
    assert edges([(1, 4, 0.0, 0, A), (2, 5, 0.0, 0, A)]) == []


@pytest.mark.parametrize(("matches", "found"), [(27, False), (28, True)])
def test_the_threshold_itself_is_enough(matches, found):
    other = np.packbits(np.arange(64) >= 2 * matches, bitorder="little")  # 28 of 32 slots: J = 5 / 6
    assert bool(edges([(1, 1, 0.0, 0, A), (1, 2, 0.0, 0, other)], min_similarity=80 / 96)) is found


def test_no_rows_give_no_edges():
    empty = np.empty(0, np.uint64)
    found = verified_edges(
        empty, empty, np.empty(0, np.float32), np.empty(0, np.int64), np.empty((0, 28), np.uint8), min_similarity=0.8
    )
    assert [column.dtype for column in found] == [np.uint64, np.uint64, np.float32]
    assert not any(column.size for column in found)


@settings(deadline=None)
@given(
    memberships=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 15)), min_size=1, max_size=40),
    seed=st.integers(0, 1000),
    rounds=st.integers(1, 9),
    shuffle=st.randoms(use_true_random=False),
)
def test_edges_equal_the_plain_python_reference_whatever_the_order_of_rows(memberships, seed, rounds, shuffle):
    generator = np.random.default_rng(seed)
    quality, length = generator.integers(0, 2, 16), generator.integers(0, 2, 16)
    sketches = np.where(generator.random((16, 6)) < 0.85, generator.integers(0, 256, 6), generator.integers(0, 256, 6))
    rows = [(k, d, float(quality[d]), int(length[d]), sketches[d].tolist()) for k, d in sorted(memberships)]
    shuffle.shuffle(rows)
    assert edges(rows, min_similarity=0.6, rounds=rounds) == reference(rows, 0.6, rounds)


def test_a_bucket_of_a_million_strangers_ends_after_its_rounds():
    count = 1_000_000
    generator = np.random.default_rng(0)
    sketches = generator.integers(0, 256, (count, 28), dtype=np.uint8)
    sketches[500_000:] = sketches[0]
    found = verified_edges(
        np.zeros(count, np.uint64),
        np.arange(count, dtype=np.uint64),
        np.zeros(count, np.float32),
        np.zeros(count, np.int64),
        sketches,
        min_similarity=0.8,
    )
    assert len(found[0]) == 500_000
    assert (found[0] == 0).all()
