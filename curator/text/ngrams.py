"""Repetition inside one document: lines, paragraphs and word n-grams that occur before, by their hashes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined
from curator.text.tally import DUPLICATE_NGRAMS, TOP_NGRAMS, Tally
from curator.text.words import Words, fold

LINE, PARAGRAPH = 1, 2
"""Newlines between two words that end a line and a paragraph."""

_SEED = np.uint64(0x27D4EB2F165667C5)
_SMALLEST_NGRAM, _LAST_TOP, _LARGEST_NGRAM = TOP_NGRAMS[0], TOP_NGRAMS[-1], DUPLICATE_NGRAMS[-1]


class Table(NamedTuple):
    """An open-addressing hash table of counts, and the n-grams that are looked up in it.

    A slot is in use if its stamp is the current generation, so a new generation empties the table at no cost, and a small
    document uses only the first slots, which stay in the cache.
    """

    keys: npt.NDArray[np.uint64]
    stamps: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    state: npt.NDArray[np.int64]  # generation, slots - 1
    places: npt.NDArray[np.int64]  # the first word of every n-gram that may recur, ascending
    hashes: npt.NDArray[np.uint64]
    slots: npt.NDArray[np.int64]


def new_table(most: int) -> Table:
    """A table for documents of up to `most` words."""
    slots = 2 << most.bit_length()
    return Table(
        keys=np.empty(slots, np.uint64),
        stamps=np.zeros(slots, np.int64),
        counts=np.empty(slots, np.int64),
        state=np.zeros(2, np.int64),
        places=np.empty(most, np.int64),
        hashes=np.empty(most, np.uint64),
        slots=np.empty(most, np.int64),
    )


@inlined
def _clear(table: Table, entries: int) -> None:
    """Empty the table and use as few slots as leave half of them free."""
    slots = 2
    while slots < 2 * entries:
        slots *= 2
    table.state[0] += 1
    table.state[1] = slots - 1


@inlined
def _add(table: Table, key: np.uint64) -> int:
    """Count one more `key` and return its slot."""
    generation, mask = table.state[0], table.state[1]
    slot: int = np.int64(key) & mask
    while table.stamps[slot] == generation:
        if table.keys[slot] == key:
            table.counts[slot] += 1
            return slot
        slot = (slot + 1) & mask
    table.stamps[slot] = generation
    table.keys[slot] = key
    table.counts[slot] = 1
    return slot


@inlined
def count_repeated_spans(words: Words, separator: int, table: Table, tally: npt.NDArray[np.int64], start: int) -> None:
    """Lines or paragraphs: their number, the number of those seen before and the characters of these, at `start` and on.

    Two are equal if they have the same words in the same lines. Characters run from the first to the last word.
    """
    count = tally[Tally.WORDS]
    _clear(table, count)
    first, key = 0, _SEED
    for word in range(count):
        key = fold(key, words.hashes[word] ^ np.uint64(word > first and words.newlines[word] > 0))
        if word + 1 == count or words.newlines[word + 1] >= separator:
            tally[start] += 1
            if table.counts[_add(table, key)] > 1:
                length = words.lengths[word + 1] - words.lengths[word]
                tally[start + 1] += 1
                tally[start + 2] += words.starts[word] + length - words.starts[first]
            first, key = word + 1, _SEED


@inlined
def _keep_recurring(words: Words, count: int, size: int, table: Table, remaining: int) -> int:
    """Lengthen the n-grams in `table` to `size` words and keep those that occur twice or more. Returns their number."""
    _clear(table, remaining)
    for index in range(remaining):
        last = table.places[index] + size - 1
        if last >= count:
            remaining = index
            break
        table.hashes[index] = fold(table.hashes[index], words.hashes[last])
        table.slots[index] = _add(table, table.hashes[index])
    kept = 0
    for index in range(remaining):
        slot = table.slots[index]
        if table.counts[slot] > 1:
            table.places[kept], table.hashes[kept], table.slots[kept] = table.places[index], table.hashes[index], slot
            kept += 1
    return kept


@inlined
def _top_characters(words: Words, size: int, table: Table, recurring: int) -> int:
    """Characters of all occurrences of the most frequent n-gram (the earliest of several), a space between its words."""
    most, characters = 1, 0
    for index in range(recurring):
        times, place = table.counts[table.slots[index]], table.places[index]
        if times > most:
            most = times
            characters = times * (words.lengths[place + size] - words.lengths[place] + size - 1)
    return characters


@inlined
def _duplicate_characters(words: Words, size: int, table: Table, recurring: int) -> int:
    """Scan from left to right: an n-gram seen before adds its words' characters, and the scan goes on behind it."""
    characters = 0
    free = 0
    for index in range(recurring):
        place, slot = table.places[index], table.slots[index]
        if place < free:
            continue
        if table.counts[slot] > 0:
            table.counts[slot] = 0  # seen from now on
        else:
            characters += words.lengths[place + size] - words.lengths[place]
            free = place + size
    return characters


@inlined
def count_ngrams(words: Words, table: Table, tally: npt.NDArray[np.int64]) -> None:
    """Characters of the top 2- to 4-gram and in duplicate 5- to 10-grams (Rae 2021, as datatrove 0.10 reads it).

    An n-gram recurs only if the (n-1)-gram at its start does. So only the 2-grams are all looked up, and for the longer
    ones the few survivors: about 1.2 look-ups per word of English instead of 9.
    """
    remaining = count = tally[Tally.WORDS]
    for word in range(count):
        table.places[word], table.hashes[word] = word, words.hashes[word]
    for size in range(_SMALLEST_NGRAM, _LARGEST_NGRAM + 1):
        remaining = _keep_recurring(words, count, size, table, remaining)
        if size <= _LAST_TOP:
            characters = _top_characters(words, size, table, remaining)
        else:
            characters = _duplicate_characters(words, size, table, remaining)
        tally[Tally.NGRAMS + size - _SMALLEST_NGRAM] = characters
