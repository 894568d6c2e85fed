"""Rounds of buckets, star edges and greedy groups give what a search of all pairs gives: the design of the step `near`."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.algorithms.buckets import shared_buckets
from curator.algorithms.greedy import greedy_groups
from curator.algorithms.keepers import PINNED, best_first
from curator.algorithms.leaders import star_edges_by_shingles, star_edges_by_sketch
from curator.algorithms.sketches import estimated_jaccard

MAX_ROUNDS = 32


def in_partitions(keys, documents, count, function):
    """The function's results for each partition of the keys, put together."""
    partition = (keys * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) % np.uint64(count)
    parts = [function(keys[part], documents[part]) for part in (partition == n for n in range(count))]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def edges_of(bucket, document, documents, high, low, compare):
    place = np.searchsorted(documents, document)
    centre, member, similarity = compare(bucket, document, high[place], low[place], place)
    return place[centre], place[member], similarity


def kept_by_rounds(keys, members, documents, high, low, compare, partitions=1):
    """The keeper of each document, and its similarity. `documents` are sorted, `compare` knows what they hold."""
    found = partial(edges_of, documents=documents, high=high, low=low, compare=compare)
    left, right, similarity = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    for _ in range(MAX_ROUNDS):
        kept, value = greedy_groups(documents, high, low, left, right, similarity)
        stays = kept[np.searchsorted(documents, members)] == members
        rows = in_partitions(keys[stays], members[stays], partitions, shared_buckets)
        new = in_partitions(rows[0], rows[2], partitions, found)
        if not new[0].size:
            return kept, value
        left, right, similarity = (np.append(*pair) for pair in zip((left, right, similarity), new, strict=True))
    raise AssertionError("the rounds do not end")


def kept_by_all_pairs(keys, members, documents, high, low, alike):
    """The set of documents that stay, one after another in order, by plain comparison with all that stay before."""
    held = {one: set(keys[members == one].tolist()) for one in documents}
    stay = []
    for place in best_first(np.zeros_like(documents), high, low, documents):
        one = documents[place]
        if one >= PINNED or not any(held[one] & held[documents[other]] and alike[place, other] for other in stay):
            stay.append(place)
    return documents[np.sort(stay)].tolist()


def hashes_of_graph(count, pairs):
    """Sets that share a hash where a pair is alike, one alone is not: any relation as a Jaccard similarity above 0."""
    sets = [{count * count + document} for document in range(count)]
    for one, other in pairs:
        for document in (one, other):
            sets[document].add(min(one, other) * count + max(one, other))
    hashes = np.array([value for values in sets for value in sorted(values)], np.uint64)
    return hashes, np.append(0, np.cumsum([len(values) for values in sets])).astype(np.int64)


def rows_of(hashes, starts, rows):
    """The hashes of these rows, one after another."""
    parts = [hashes[starts[row] : starts[row + 1]] for row in rows]
    sizes = [len(part) for part in parts]
    return np.concatenate([hashes[:0], *parts]), np.append(0, np.cumsum(sizes)).astype(np.int64)


def by_graph(bucket, document, high, low, place, *, hashes, starts):
    sets = rows_of(hashes, starts, place)
    return star_edges_by_shingles(bucket, document, high, low, *sets, measure="jaccard", min_similarity=1e-6)


COUNT = 14
NUMBERS = st.integers(0, COUNT - 1)
RELATIONS = st.sets(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] < pair[1]), max_size=40)
MEMBERSHIPS = st.lists(st.tuples(st.integers(0, 7), NUMBERS), max_size=60)
RANKS = st.lists(st.integers(0, 6), min_size=COUNT, max_size=COUNT)

# Round 1: in key 0 document 3 goes to 1, which goes itself to 0 in key 1, so 3 stays and takes 4 in key 2. Round 2: 3 goes
# to 2, so 4 is back. Round 3: 4 takes 5. So a round looks at all members that are kept now, not at the last round's only.
COME_BACK = {(0, 1), (1, 3), (2, 3), (3, 4), (4, 5)}
COME_BACK_KEYS = [(0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 3), (2, 4), (2, 5)]


def world(pairs, memberships, rank, pinned):
    """Columns (keys, members, documents, high, low) and the hashes of documents of any relation."""
    documents = np.arange(COUNT, dtype=np.uint64) + np.uint64(10)
    documents[COUNT - pinned :] += PINNED
    keys, members = np.array(memberships, np.int64).reshape(-1, 2).T
    high = np.array(rank, np.uint64)
    columns = keys.astype(np.uint64), documents[members], documents, high, high % np.uint64(2)
    return columns, hashes_of_graph(COUNT, pairs)


@settings(deadline=None, max_examples=400)
@example(pairs=COME_BACK, memberships=COME_BACK_KEYS, rank=list(range(COUNT)), pinned=0)
@given(pairs=RELATIONS, memberships=MEMBERSHIPS, rank=RANKS, pinned=st.integers(0, 4))
def test_the_rounds_keep_what_a_greedy_search_of_all_pairs_keeps(pairs, memberships, rank, pinned):
    columns, (hashes, starts) = world(pairs, memberships, rank, pinned)
    compare = partial(by_graph, hashes=hashes, starts=starts)
    alike = np.zeros((COUNT, COUNT), bool)
    for one, other in pairs:
        alike[one, other] = alike[other, one] = True
    kept, value = kept_by_rounds(*columns, compare)
    documents = columns[2]
    assert documents[kept == documents].tolist() == kept_by_all_pairs(*columns, alike)
    assert (np.isnan(value) == (kept == documents)).all()
    assert alike[kept != documents, np.searchsorted(documents, kept)[kept != documents]].all()


@settings(deadline=None, max_examples=100)
@given(
    pairs=RELATIONS,
    memberships=MEMBERSHIPS,
    rank=RANKS,
    pinned=st.integers(0, 4),
    partitions=st.integers(2, 4),
    shuffle=st.randoms(use_true_random=False),
)
def test_neither_partitions_nor_the_order_of_rows_show(pairs, memberships, rank, pinned, partitions, shuffle):
    columns, (hashes, starts) = world(pairs, memberships, rank, pinned)
    compare = partial(by_graph, hashes=hashes, starts=starts)
    expected = kept_by_rounds(*columns, compare)
    shuffle.shuffle(memberships)
    columns, _ = world(pairs, memberships, rank, pinned)
    found = kept_by_rounds(*columns, compare, partitions)
    assert found[0].tolist() == expected[0].tolist()
    assert np.array_equal(found[1], expected[1], equal_nan=True)


@settings(deadline=None, max_examples=100)
@given(pairs=RELATIONS, memberships=MEMBERSHIPS, rank=RANKS, nights=st.integers(2, 4))
def test_nights_in_sequence_keep_what_one_run_in_their_order_keeps(pairs, memberships, rank, nights):
    (keys, members, documents, high, _), (hashes, starts) = world(pairs, memberships, rank, 0)
    compare = partial(by_graph, hashes=hashes, starts=starts)
    night = np.arange(COUNT) % nights
    at_once, _ = kept_by_rounds(keys, members, documents, night.astype(np.uint64), high, compare)
    published = np.zeros(COUNT, bool)
    for tonight in range(nights):
        met = published | (night == tonight)
        ids = np.where(published, documents | PINNED, documents)
        order = np.flatnonzero(met)[np.argsort(ids[met])]
        row = np.isin(members, documents[met])
        sets = rows_of(hashes, starts, order)
        kept, _ = kept_by_rounds(
            keys[row],
            ids[np.searchsorted(documents, members[row])],
            ids[order],
            np.zeros(len(order), np.uint64),
            high[order],
            partial(by_graph, hashes=sets[0], starts=sets[1]),
        )
        published[order[kept == ids[order]]] = True
    assert documents[published].tolist() == documents[at_once == documents].tolist()


@settings(deadline=None, max_examples=60)
@given(memberships=MEMBERSHIPS, rank=RANKS, seed=st.integers(0, 1000))
def test_the_rounds_keep_what_all_pairs_of_sketches_keep(memberships, rank, seed):
    columns, _ = world((), memberships, rank, 2)
    generator = np.random.default_rng(seed)
    sketches = np.tile(generator.integers(0, 256, (3, 256), dtype=np.uint8), (5, 1))[:COUNT]
    changed = generator.random((COUNT, 256)) < generator.choice([0.05, 0.1, 0.2], (COUNT, 1))
    sketches[changed] = generator.integers(0, 256, changed.sum(), dtype=np.uint8)

    def compare(bucket, document, high, low, place):
        return star_edges_by_sketch(bucket, document, high, low, sketches[place], min_similarity=0.75)

    one, other = np.divmod(np.arange(COUNT * COUNT), COUNT)
    alike = estimated_jaccard(sketches[one], sketches[other]).reshape(COUNT, COUNT) >= np.float32(0.75)
    kept, _ = kept_by_rounds(*columns, compare)
    documents = columns[2]
    assert documents[kept == documents].tolist() == kept_by_all_pairs(*columns, alike)
