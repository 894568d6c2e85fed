"""Best-fit decreasing in O(n log L): counting sorts, and a segment tree over the room that is left in the sequences."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def best_fit_order(lengths: Places, capacity: int) -> tuple[Places, Places]:
    """The places (n,) of pieces of 1 <= lengths (n,) <= capacity, sequence after sequence, and where each sequence begins (s + 1,).

    Longest first, and of equal ones in their order, a piece goes to the sequence with the least room that is enough; of
    several with the same room to the one that has had it for longest. Sequences come in the order of their first pieces.
    """
    order, _ = counting_sort(capacity - lengths, capacity)
    sequence = np.empty(lengths.size, np.int64)
    tree = _tree(capacity)
    first, last = np.full(capacity + 1, -1), np.full(capacity + 1, -1)  # for each room a queue of sequences
    after = np.empty(lengths.size, np.int64)  # the next in the queue of a sequence
    count = 0
    for place in order:
        room = _smallest(tree, lengths[place])
        if room == capacity:
            chosen, count = count, count + 1
        else:
            chosen = first[room]
            first[room] = after[chosen]
            if first[room] < 0:
                _remove(tree, room)
        sequence[place] = chosen
        room -= lengths[place]
        if room > 0:
            if first[room] < 0:
                first[room] = chosen
                _insert(tree, room)
            else:
                after[last[room]] = chosen
            last[room], after[chosen] = chosen, -1
    _number_by_first(sequence, count)
    grouped: tuple[Places, Places] = counting_sort(sequence, count)
    return grouped


@numba.njit(cache=True, nogil=True)
def counting_sort(keys: Places, count: int) -> tuple[Places, Places]:
    """The stable order (n,) of keys (n,) from 0 to count - 1, and where each key begins in it (count + 1,)."""
    starts = np.zeros(count + 1, np.int64)
    for key in keys:
        starts[key + 1] += 1
    for key in range(count):
        starts[key + 1] += starts[key]
    free, order = starts.copy(), np.empty(keys.size, np.int64)
    for place in range(keys.size):
        order[free[keys[place]]] = place
        free[keys[place]] += 1
    return order, starts


@inlined
def _number_by_first(sequence: Places, count: int) -> None:
    """Rename the sequences 0, 1, ... as they come."""
    number, named = np.full(count, -1), 0
    for place in range(sequence.size):
        if number[sequence[place]] < 0:
            number[sequence[place]] = named
            named += 1
        sequence[place] = number[sequence[place]]


@inlined
def _tree(capacity: int) -> Flags:
    """Node 1 is the root, 2 i and 2 i + 1 are below i, and the second half are the leaves: is any sequence there with so much room?

    There always is an empty one, so a search ends, and the root stays set.
    """
    leaves = 2
    while leaves <= capacity:
        leaves *= 2
    tree = np.zeros(2 * leaves, np.bool_)
    node = leaves + capacity
    while node > 0:
        tree[node] = True
        node //= 2
    return tree


@inlined
def _insert(tree: Flags, room: int) -> None:
    node = tree.size // 2 + room
    while not tree[node]:
        tree[node] = True
        node //= 2


@inlined
def _remove(tree: Flags, room: int) -> None:
    node = tree.size // 2 + room
    tree[node] = False
    while not tree[node ^ 1]:
        node //= 2
        tree[node] = False


@inlined
def _smallest(tree: Flags, least: int) -> int:
    """The smallest room of at least `least`."""
    node = tree.size // 2 + least
    while not tree[node]:
        node += 1
        while node % 2 == 0:  # a left child and its parent begin at the same leaf
            node //= 2
    while node < tree.size // 2:
        node *= 2
        if not tree[node]:
            node += 1
    return node - tree.size // 2
