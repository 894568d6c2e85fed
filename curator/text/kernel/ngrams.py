"""Words and word n-grams that occur more than once in one document, by their hashes."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curator.text.characters import CLUSTER
from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.parts import Words
from curator.text.kernel.tally import DUPLICATE_NGRAMS, TOP_NGRAMS, Tally
from curator.text.kernel.words import fold

_SMALLEST_TOP, _LAST_TOP = TOP_NGRAMS[0], TOP_NGRAMS[-1]
_FIRST_DUPLICATE, _LARGEST = DUPLICATE_NGRAMS[0], DUPLICATE_NGRAMS[-1]


class Table(NamedTuple):
    """An open-addressing hash table of counts, and the n-grams that are looked up in it.

    A slot is in use if its stamp is the current generation, so a new generation empties the table at no cost, and a small
    document uses only the first slots, which stay in the cache.
    """

    keys: npt.NDArray[np.uint64]
    stamps: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.int32]
    state: npt.NDArray[np.int64]  # generation, slots - 1
    places: npt.NDArray[np.int32]  # the first word of every n-gram that may recur, ascending
    hashes: npt.NDArray[np.uint64]
    slots: npt.NDArray[np.int32]


def new_table(most: int) -> Table:
    """A table for documents of up to `most` words or lines. Pages of it that no document reaches take no memory."""
    slots = 2 << most.bit_length()
    return Table(
        keys=np.empty(slots, np.uint64),
        stamps=np.zeros(slots, np.uint32),
        counts=np.empty(slots, np.int32),
        state=np.zeros(2, np.int64),
        places=np.empty(most, np.int32),
        hashes=np.empty(most, np.uint64),
        slots=np.empty(most, np.int32),
    )


@inlined
def clear(table: Table, entries: int) -> None:
    """Empty the table and use as few slots as leave half of them free."""
    slots = 2
    while slots < 2 * entries:
        slots *= 2
    table.state[0] += 1
    if table.state[0] >> 32:
        table.stamps[:] = 0
        table.state[0] = 1
    table.state[1] = slots - 1


@inlined
def add(table: Table, key: np.uint64) -> int:
    """Count one more `key` and return its slot."""
    generation, mask = np.uint32(table.state[0]), table.state[1]
    slot: int = integer(key) & mask
    while table.stamps[slot] == generation:
        if table.keys[slot] == key:
            table.counts[slot] += 1
            return slot
        slot = (slot + 1) & mask
    table.stamps[slot] = generation
    table.keys[slot] = key
    table.counts[slot] = 1
    return slot


@part
def _keep_recurring(words: Words, count: int, size: int, table: Table, remaining: int) -> int:
    """Lengthen the n-grams in `table` to `size` words and keep those that occur twice or more. Returns their number."""
    clear(table, remaining)
    for index in range(remaining):
        last = integer(table.places[index]) + size - 1
        if last >= count:
            remaining = index
            break
        table.hashes[index] = fold(table.hashes[index], words.hashes[last])
        table.slots[index] = add(table, table.hashes[index])
    return _compact(table, remaining)


@inlined
def _compact(table: Table, remaining: int) -> int:
    kept = 0
    for index in range(remaining):
        slot = table.slots[index]
        if table.counts[slot] > 1:
            table.places[kept], table.hashes[kept], table.slots[kept] = table.places[index], table.hashes[index], slot
            kept += 1
    return kept


@inlined
def _characters(words: Words, place: int, size: int) -> int:
    return integer(words.lengths[place + size]) - integer(words.lengths[place])


@part
def _count_top(words: Words, count: int, size: int, table: Table, recurring: int, tally: npt.NDArray[np.int64]) -> None:
    """The most frequent n-gram: the earliest of several, if none recurs the first, and the longest of several."""
    if count < size:
        return
    most, top, longest = 1, 0, 0
    for index in range(recurring):
        times, place = integer(table.counts[table.slots[index]]), integer(table.places[index])
        if times > most:
            most, top, longest = times, place, _characters(words, place, size)
        elif times == most:
            longest = max(longest, _characters(words, place, size))
    characters, spaces = _characters(words, top, size), 0
    for word in range(top + 1, top + size):
        spaces += (words.kinds[word] & CLUSTER) == 0
    step = size - _SMALLEST_TOP
    tally[Tally.TOP_TIMES + step] = most
    tally[Tally.TOP_BARE + step] = most * characters
    tally[Tally.TOP_SPACED + step] = most * (characters + spaces)
    tally[Tally.TOP_LONGEST + step] = most * longest


@part
def _count_duplicates(
    words: Words, count: int, size: int, table: Table, recurring: int, tally: npt.NDArray[np.int64]
) -> None:
    """Characters in n-grams that recur: later copies from left to right without overlaps; any copy; all copies, overlaps too."""
    later, covered, copied, free, end = 0, 0, 0, 0, 0
    for index in range(recurring):
        place, slot = integer(table.places[index]), table.slots[index]
        length = _characters(words, place, size)
        copied += length
        covered += integer(words.lengths[place + size]) - words.lengths[max(place, end)]
        end = place + size
        if place < free:
            continue
        if table.counts[slot] > 0:
            table.counts[slot] = 0  # seen from now on
        else:
            later += length
            free = end
    step = size - _FIRST_DUPLICATE
    tally[Tally.LATER_NGRAMS + step] = later
    tally[Tally.COVERED_NGRAMS + step] = covered
    tally[Tally.COPIED_NGRAMS + step] = copied
    if count >= size:
        tally[Tally.ALL_NGRAMS + step] = _all_characters(words, count, size)


@inlined
def _all_characters(words: Words, count: int, size: int) -> int:
    """Characters of all n-grams: a word stands in `size` of them, but for the first and the last words."""
    total = integer(words.lengths[count]) * size
    for missing in range(1, size):
        total -= integer(words.lengths[missing]) + words.lengths[count] - words.lengths[count - missing]
    return total


@part
def _count_single(words: Words, count: int, table: Table, tally: npt.NDArray[np.int64]) -> tuple[int, float]:
    """Look every word up. Returns how many recur, left in `table`, and the entropy of the words in nats."""
    clear(table, count)
    for word in range(count):
        table.places[word], table.hashes[word] = word, words.hashes[word]
        table.slots[word] = add(table, words.hashes[word])
    kept = _compact(table, count)
    unique, total = count - kept, 0.0
    for index in range(kept):
        slot = table.slots[index]
        times = integer(table.counts[slot])
        if times > 0:
            total += times * log(times)
            unique += 1
            table.counts[slot] = 0
    tally[Tally.UNIQUE_WORDS] = unique
    return kept, log(count) - total / count if count else 0.0


@part
def count_ngrams(words: Words, table: Table, tally: npt.NDArray[np.int64]) -> float:
    """Tally the top 2- to 4-gram and duplicate 5- to 10-grams (Rae 2021) in each way of counting. Returns the words' entropy.

    An n-gram recurs only if the (n-1)-gram at its start does. So only the words themselves are all looked up, and for n-grams
    the few survivors.
    """
    count = tally[Tally.WORDS]
    remaining, entropy = _count_single(words, count, table, tally)
    for size in range(_SMALLEST_TOP, _LARGEST + 1):
        remaining = _keep_recurring(words, count, size, table, remaining)
        if size <= _LAST_TOP:
            _count_top(words, count, size, table, remaining, tally)
        else:
            _count_duplicates(words, count, size, table, remaining, tally)
    return entropy
