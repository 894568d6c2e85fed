from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.greedy import component_groups, greedy_groups, rank_in_group
from curator.algorithms.keepers import PINNED, best_first

RANKS = st.integers(0, 3) | st.integers(0, 2**64 - 1)
IDS = st.integers(0, 9) | st.integers(0, 2**64 - 1) | st.integers(int(PINNED), int(PINNED) + 3)
DOCUMENTS = st.lists(st.tuples(IDS, RANKS, RANKS), min_size=1, max_size=15, unique_by=lambda one: one[0])


@st.composite
def graphs(draw):
    """Rows (id, high, low) and pairs {(place, place): similarity}."""
    rows = draw(DOCUMENTS)
    places = st.integers(0, len(rows) - 1)
    pairs = draw(st.dictionaries(st.tuples(places, places), st.integers(50, 100), max_size=30))
    return rows, {(a, b): number / 100 for (a, b), number in pairs.items() if a != b and (b, a) not in pairs}


def columns(rows, pairs):
    documents, high, low = (np.array(column, np.uint64) for column in zip(*rows, strict=True))
    left, right = np.array(list(pairs), np.int64).reshape(-1, 2).T
    return documents, high, low, left, right, np.array(list(pairs.values()), np.float32)


def in_order(rows):
    return sorted(range(len(rows)), key=lambda place: (rows[place][0] < PINNED, rows[place][1:], rows[place][0]))


def neighbours_of(rows, pairs):
    near = {place: {} for place in range(len(rows))}
    for (one, other), similarity in pairs.items():
        near[one][other] = near[other][one] = similarity
    return near


def greedy_in_python(rows, pairs):
    """The keeper of each document and the similarity, None for kept ones, one after another."""
    near, found = neighbours_of(rows, pairs), {}
    for place in in_order(rows):
        better = [other for other in found if found[other][0] == other and other in near[place]]
        pinned = rows[place][0] >= PINNED
        found[place] = (better[0], near[place][better[0]]) if better and not pinned else (place, None)
    return found


def components_in_python(rows, pairs):
    near, found = neighbours_of(rows, pairs), {}
    for best in in_order(rows):
        reached, front = {best}, [best]
        while front:
            front = [other for place in front for other in near[place] if other not in reached]
            reached.update(front)
        for place in reached - set(found):
            stays = place == best or rows[place][0] >= PINNED
            found[place] = (place, None) if stays else (best, max(near[place].values()))
    return found


def check(result, rows, expected):
    kept, value = result
    assert kept.tolist() == [rows[expected[place][0]][0] for place in range(len(rows))]
    similarity = [np.nan if expected[place][1] is None else expected[place][1] for place in range(len(rows))]
    assert np.array_equal(value, np.array(similarity, np.float32), equal_nan=True)
    assert value.dtype == np.float32


@settings(deadline=None)
@given(graph=graphs())
def test_greedy_groups_equal_one_decision_after_another(graph):
    check(greedy_groups(*columns(*graph)), graph[0], greedy_in_python(*graph))


@settings(deadline=None)
@given(graph=graphs())
def test_component_groups_keep_the_best_of_each_component(graph):
    check(component_groups(*columns(*graph)), graph[0], components_in_python(*graph))


@settings(deadline=None)
@pytest.mark.parametrize("groups", [greedy_groups, component_groups])
@given(graph=graphs(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_a_pair_found_twice_do_not_show(groups, graph, shuffle):
    documents, high, low, left, right, similarity = columns(*graph)
    expected = groups(documents, high, low, left, right, similarity)
    order = list(range(len(left))) * 2
    shuffle.shuffle(order)
    found = groups(documents, high, low, right[order], left[order], similarity[order])
    assert found[0].tolist() == expected[0].tolist()
    assert np.array_equal(found[1], expected[1], equal_nan=True)


CHAIN = [(1, 0, 0), (2, 1, 0), (3, 2, 0)], {(0, 1): 0.8, (2, 1): 0.9}


def test_of_a_chain_both_ends_stay_and_the_middle_goes_for_the_better_one():
    kept, value = greedy_groups(*columns(*CHAIN))
    assert kept.tolist() == [1, 1, 3]
    assert np.array_equal(value, np.array([np.nan, 0.8, np.nan], np.float32), equal_nan=True)


def test_a_whole_chain_goes_for_its_best_in_components():
    kept, value = component_groups(*columns(*CHAIN))
    assert kept.tolist() == [1, 1, 1]
    assert np.array_equal(value, np.array([np.nan, 0.9, 0.9], np.float32), equal_nan=True)


def test_documents_without_pairs_stay():
    for groups in (greedy_groups, component_groups):
        kept, value = groups(*columns([(5, 1, 0), (4, 1, 0)], {}))
        assert kept.tolist() == [5, 4]
        assert np.isnan(value).all()


@pytest.mark.parametrize("groups", [greedy_groups, component_groups])
def test_no_documents_have_no_groups(groups):
    empty, places = np.empty(0, np.uint64), np.empty(0, np.int64)
    kept, value = groups(empty, empty, empty, places, places, np.empty(0, np.float32))
    assert kept.size == value.size == 0
    assert rank_in_group(kept, empty, empty, empty).size == 0


@pytest.mark.parametrize("groups", [greedy_groups, component_groups])
def test_all_documents_of_earlier_nights_stay_even_if_they_are_alike(groups):
    pinned = int(PINNED)
    rows = [(7, 0, 0), (pinned + 1, 5, 0), (pinned + 2, 6, 0)]
    kept, _ = groups(*columns(rows, {(0, 2): 0.9, (0, 1): 0.8, (1, 2): 0.99}))
    assert kept.tolist() == [pinned + 1, pinned + 1, pinned + 2]


@settings(deadline=None)
@pytest.mark.parametrize("groups", [greedy_groups, component_groups])
@given(graph=graphs())
def test_the_rank_in_a_group_counts_its_documents_in_order_from_the_kept_one(groups, graph):
    documents, high, low, *pairs = columns(*graph)
    kept, _ = groups(documents, high, low, *pairs)
    rank = rank_in_group(kept, high, low, documents)
    assert ((rank == 0) == (kept == documents)).all()
    for group in np.unique(kept):
        members = np.flatnonzero(kept == group)
        order = best_first(kept[members], high[members], low[members], documents[members])
        assert rank[members[order]].tolist() == list(range(len(members)))


def test_a_million_documents_of_one_star_go_for_its_centre():
    count = 1_000_000
    documents = np.arange(count, dtype=np.uint64)
    zeros, leaves = np.zeros(count, np.uint64), np.arange(1, count)
    kept, value = greedy_groups(
        documents, zeros, zeros, np.zeros(count - 1, np.int64), leaves, np.full(count - 1, 0.9, np.float32)
    )
    assert not kept.any()
    assert np.isnan(value).tolist() == [True] + [False] * (count - 1)
