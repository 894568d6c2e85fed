from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.coverage import coverage_order
from curator.algorithms.selection import coverage_merit, fitting, in_order, merit, places

DISTANCES = st.sampled_from([0.0, 0.1, 0.5, 2.0])
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), DISTANCES, st.integers(0, 2**64 - 1), st.integers(0, 9)),
    unique_by=lambda row: row[3],
    max_size=40,
)


def columns(rows):
    dtypes = (np.uint64, np.int32, np.float32, np.uint64, np.int64)
    return [np.array([row[place] for row in rows], dtype) for place, dtype in enumerate(dtypes)]


@settings(deadline=None)
@given(ROWS, st.integers(0, 30), st.sampled_from(["farthest", "nearest"]))
def test_what_stays_is_that_of_plain_python(rows, quota, fill):
    concept, place, distance, document, tokens = columns(rows)
    order = in_order(concept, place, merit(fill, hashed=document, distance=distance), document)
    stays = fitting(concept[order], tokens[order], np.full(len(rows), quota))
    expected, left = set(), {}
    sign = -1 if fill == "farthest" else 1
    for row in sorted(rows, key=lambda row: (row[0], row[1], sign * row[2], row[3])):
        if row[4] <= left.setdefault(row[0], quota):
            left[row[0]] -= row[4]
            expected.add(row[3])
    assert set(document[order][stays].tolist()) == expected
    assert min(left.values(), default=0) >= 0


def test_distinct_documents_come_before_second_members_however_near():
    place, distance = np.array([1, 0, 2, 0], np.int32), np.array([0.9, 0.1, 0.8, 0.2], np.float32)
    document = np.arange(4, dtype=np.uint64)
    order = in_order(np.zeros(4, np.uint64), place, merit("farthest", hashed=document, distance=distance), document)
    assert order.tolist() == [3, 1, 0, 2]


def test_a_distance_that_is_not_a_number_comes_last():
    document, distance = np.arange(3, dtype=np.uint64), np.array([np.nan, 0.0, 0.3], np.float32)
    same = np.zeros(3, np.uint64)
    for fill, expected in (("farthest", [2, 1, 0]), ("nearest", [1, 2, 0])):
        found = in_order(same, np.zeros(3, np.int32), merit(fill, hashed=document, distance=distance), document)
        assert found.tolist() == expected


def hashes(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


def test_random_goes_by_the_hashed_id():
    hashed = hashes(1000)
    assert np.argsort(merit("random", hashed=hashed)).tolist() == np.argsort(hashed).tolist()


def test_quality_is_sampled_in_proportion_without_replacement():
    quality = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    keys = merit("quality", hashed=hashes(4 * 50_000), quality=np.tile(quality, 50_000)).reshape(-1, 4)
    first = np.bincount(keys.argmin(axis=1), minlength=4) / len(keys)
    assert first == pytest.approx(quality, abs=0.01)
    second = np.bincount(keys.argsort(axis=1)[:, 1], minlength=4) / len(keys)
    expected = [sum(p * q / (1 - p) for other, p in enumerate(quality) if other != i) for i, q in enumerate(quality)]
    assert second == pytest.approx(expected, abs=0.01)


def test_documents_without_quality_come_last_and_none_is_lost():
    quality, extremes = np.array([0.0, 1e-6, np.nan, 1.0], np.float32), np.array([0, 2**64 - 1, 5, 2**63], np.uint64)
    keys = merit("quality", hashed=extremes, quality=quality)
    assert keys[3] == pytest.approx(math.log(2))
    assert np.argsort(keys).tolist() == [1, 3, 0, 2]


def covered(place, distance, embeddings, cost, quota):
    document = np.arange(len(place), dtype=np.uint64)
    concept = np.full(len(place), 7, np.uint64)
    found = coverage_merit(concept, place, document, embeddings, distance, cost, np.full(len(place), quota))
    return in_order(concept, place, found, document)


def test_coverage_takes_distinct_documents_in_the_order_of_a_traversal():
    generator = np.random.default_rng(3)
    embeddings = generator.normal(size=(60, 8)).astype(np.float16)
    distance, ones = generator.random(60).astype(np.float32), np.ones(60, np.int64)
    place = np.repeat([0, 1], [40, 20]).astype(np.int32)
    order = covered(place, distance, embeddings, ones, 30)
    start = int(distance[:40].argmin())
    traversed = coverage_order(embeddings[:40], start=start, cost=ones[:40], budget=30)
    assert order[:40].tolist() == traversed.tolist()
    assert order[40:].tolist() == list(range(40, 60))


def test_coverage_of_second_members_begins_where_all_distinct_documents_are_in():
    generator = np.random.default_rng(4)
    embeddings = generator.normal(size=(30, 8)).astype(np.float16)
    distance, ones = generator.random(30).astype(np.float32), np.ones(30, np.int64)
    place = np.repeat([0, 1], [10, 20]).astype(np.int32)
    order = covered(place, distance, embeddings, ones, 15)
    start = int(distance[10:].argmin())
    traversed = coverage_order(embeddings[10:], start=start, cost=ones[10:], budget=5)
    assert order.tolist() == [*range(10), *(10 + traversed).tolist()]


def test_coverage_reaches_as_far_as_the_tokens():
    generator = np.random.default_rng(5)
    embeddings, tokens = generator.normal(size=(50, 8)).astype(np.float16), generator.integers(1, 100, 50)
    distance, place = generator.random(50).astype(np.float32), np.zeros(50, np.int32)
    order = covered(place, distance, embeddings, tokens, 1000)
    whole = coverage_order(embeddings, start=int(distance.argmin()), cost=tokens, budget=int(tokens.sum()))
    reached = int(np.searchsorted(np.cumsum(tokens[whole]), 1000)) + 1
    assert order[:reached].tolist() == whole[:reached].tolist()
    assert 900 < tokens[order][fitting(np.zeros(50, np.uint64), tokens[order], np.full(50, 1000))].sum() <= 1000


def test_concepts_are_covered_each_by_itself_whatever_the_order_of_the_rows():
    generator = np.random.default_rng(6)
    embeddings, distance = generator.normal(size=(40, 8)).astype(np.float16), generator.random(40).astype(np.float32)
    concept, place = generator.integers(0, 3, 40).astype(np.uint64), generator.integers(0, 2, 40).astype(np.int32)
    document, ones, quota = hashes(40), np.ones(40, np.int64), np.full(40, 6)
    whole = coverage_merit(concept, place, document, embeddings, distance, ones, quota)
    for mask in (*(concept == number for number in range(3)), generator.permutation(40)):
        part = coverage_merit(
            concept[mask], place[mask], document[mask], embeddings[mask], distance[mask], ones[mask], quota[mask]
        )
        assert part.tolist() == whole[mask].tolist()


def test_a_document_that_does_not_fit_is_passed_over():
    stays = fitting(np.array([1, 1, 1, 2], np.uint64), np.array([5, 90, 4, 9]), np.array([10, 10, 10, 8]))
    assert stays.tolist() == [True, False, True, False]


def test_places_count_from_one_in_each_concept():
    assert places(np.array([4, 4, 9, 2, 2, 2], np.uint64)).tolist() == [1, 2, 1, 1, 2, 3]
    assert places(np.empty(0, np.uint64)).tolist() == []
