"""The numba kernels of `contamination`: the look-up of a document's n-grams in the index of benchmark items.

The cache of numba watches this file alone: touch it after a change to `read_words`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, mix, read_words

BASE = 0x9E3779B97F4A7C15  # of the rolling polynomial; odd, so that multiplying loses no bit

_BASE = np.uint64(BASE)
_LOW_6 = np.uint64(63)


class Postings(NamedTuple):
    """Where each n-gram occurs: `keys` uint64[k] ascending, and for key i the int32 `places[offsets[i]:offsets[i + 1]]`.

    The keys whose leading bits, by `shift`, are b stand at `buckets[b]` to `buckets[b + 1]`: one or two, as they are hashes.
    """

    shift: np.uint64
    buckets: npt.NDArray[np.int32]
    keys: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]


class Lookup(NamedTuple):
    """The index as the kernel needs it. Short n-grams lead to words of the index, long ones to its texts."""

    short_words: int
    sizes: npt.NDArray[np.int64]  # of the long n-grams, ascending
    short: Postings
    long: Postings
    filter: npt.NDArray[np.uint64]  # `filter_bits` of all short keys, each in the word of its leading bits, by `shift`
    shift: np.uint64
    text_of_word: npt.NDArray[np.int32]
    text_starts: npt.NDArray[np.int64]  # in words


class Seen(NamedTuple):
    """What the document at hand has met so far: entries that bear its stamp count, so nothing is cleared between documents."""

    short: npt.NDArray[np.int32]
    long: npt.NDArray[np.int32]
    words: npt.NDArray[np.int32]
    texts: npt.NDArray[np.int32]
    touched: npt.NDArray[np.int32]
    ngrams: npt.NDArray[np.int32]
    covered: npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def find(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    lookup: Lookup,
    seen: Seen,
    share: float,
) -> npt.NDArray[np.int64]:
    """Rows (document, text, shared long n-grams, words covered by shared short ones) of the texts that documents contain."""
    words, sums = np.empty(BLOCK + 1, np.uint64), np.zeros(BLOCK + 2, np.uint64)
    candidates = np.empty(BLOCK + 1, np.int64)
    longest = lookup.sizes[-1]
    rows, found = 0, np.empty((64, 4), np.int64)
    for document in range(offsets.size - 1):
        at, end, held, touched, ended = offsets[document], offsets[document + 1], 0, 0, False
        while not ended:
            at, count = read_words(data, at, end, folded, words, None, held)
            ended = at >= end
            reach = count if ended else count - longest + 1
            touched = _look_up(words, count, reach, sums, candidates, lookup, seen, np.int32(document + 1), touched)
            held = count - reach
            for place in range(held):
                words[place] = words[reach + place]
        for text in seen.touched[:touched]:
            length = lookup.text_starts[text + 1] - lookup.text_starts[text]
            covered = seen.covered[text]
            if seen.ngrams[text] > 0 or (covered > share * length and covered >= longest):
                if rows == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[rows, 0], found[rows, 1] = document, text
                found[rows, 2], found[rows, 3] = seen.ngrams[text], covered
                rows += 1
    return found[:rows]


@numba.njit(cache=True, nogil=True)
def _look_up(
    words: npt.NDArray[np.uint64],
    count: np.int64,
    reach: np.int64,
    sums: npt.NDArray[np.uint64],
    candidates: npt.NDArray[np.int64],
    lookup: Lookup,
    seen: Seen,
    stamp: np.int32,
    touched: np.int64,
) -> np.int64:
    """Look up the n-grams that begin at the first `reach` of `count` words; returns how many texts are touched so far.

    `sums` make the hash of any run of words one subtraction (Karp & Rabin 1987). A long n-gram begins with a short one, so
    it is looked up only where that one is known; and each known one counts once, so time is linear in document and index.
    """
    for place in range(count):
        sums[place + 1] = sums[place] * _BASE + words[place]
    starts = min(reach, count - lookup.short_words + 1)
    for candidate in range(_filter(sums, starts, lookup, candidates)):
        first = candidates[candidate]
        slot = _locate(lookup.short, _hash(sums, first, lookup.short_words))
        if slot >= 0:
            if seen.short[slot] != stamp:
                seen.short[slot] = stamp
                touched = _cover(slot, lookup, seen, stamp, touched)
            touched = _count_long(first, count, sums, lookup, seen, stamp, touched)
    return touched


@numba.njit(cache=True, nogil=True)
def _filter(
    sums: npt.NDArray[np.uint64], starts: np.int64, lookup: Lookup, candidates: npt.NDArray[np.int64]
) -> np.int64:
    """The first words of the short n-grams that may be in the index, and how many; without branches, as most are not."""
    size, power, found = lookup.short_words, _power(lookup.short_words), np.int64(0)
    for first in range(starts):
        key = mix(sums[first + size] - sums[first] * power + np.uint64(size))
        candidates[found] = first
        bits = filter_bits(key)
        found += np.int64(lookup.filter[key >> lookup.shift] & bits == bits)
    return found


@numba.njit(cache=True, nogil=True)
def _cover(slot: np.int64, lookup: Lookup, seen: Seen, stamp: np.int32, touched: np.int64) -> np.int64:
    """Mark the words of the index that a short n-gram covers."""
    for place in lookup.short.places[lookup.short.offsets[slot] : lookup.short.offsets[slot + 1]]:
        text = lookup.text_of_word[place]
        touched = _touch(text, seen, stamp, touched)
        for word in range(place, place + lookup.short_words):
            if seen.words[word] != stamp:
                seen.words[word] = stamp
                seen.covered[text] += 1
    return touched


@numba.njit(cache=True, nogil=True)
def _count_long(
    first: np.int64,
    count: np.int64,
    sums: npt.NDArray[np.uint64],
    lookup: Lookup,
    seen: Seen,
    stamp: np.int32,
    touched: np.int64,
) -> np.int64:
    """Count the long n-grams that begin at `first` for every text that has them."""
    for size in lookup.sizes:
        if first + size > count:
            break
        slot = _locate(lookup.long, _hash(sums, first, size))
        if slot >= 0 and seen.long[slot] != stamp:
            seen.long[slot] = stamp
            for text in lookup.long.places[lookup.long.offsets[slot] : lookup.long.offsets[slot + 1]]:
                touched = _touch(text, seen, stamp, touched)
                seen.ngrams[text] += 1
    return touched


@inlined
def _touch(text: np.int32, seen: Seen, stamp: np.int32, touched: np.int64) -> np.int64:
    """Begin to count for a text that this document has not met yet."""
    if seen.texts[text] != stamp:
        seen.texts[text] = stamp
        seen.touched[touched] = text
        seen.ngrams[text] = seen.covered[text] = 0
        touched += 1
    return touched


@numba.njit(cache=True, nogil=True)
def fill_filter(keys: npt.NDArray[np.uint64], shift: np.uint64, words: npt.NDArray[np.uint64]) -> None:
    """Set the bits of all keys in zeroed words."""
    for key in keys:
        words[key >> shift] |= filter_bits(key)


@inlined
def filter_bits(key: np.uint64) -> np.uint64:
    """Three bits of one word (a blocked Bloom filter, Putze 2007): an unknown n-gram costs one access to memory."""
    low, middle, high = key & _LOW_6, key >> np.uint64(6) & _LOW_6, key >> np.uint64(12) & _LOW_6
    return np.uint64(1) << low | np.uint64(1) << middle | np.uint64(1) << high


@inlined
def _locate(postings: Postings, key: np.uint64) -> np.int64:
    """The place of `key` among the keys, -1 where it is not."""
    bucket = key >> postings.shift
    for slot in range(postings.buckets[bucket], postings.buckets[bucket + np.uint64(1)]):
        if postings.keys[slot] == key:
            return np.int64(slot)
    return np.int64(-1)


@inlined
def _hash(sums: npt.NDArray[np.uint64], first: np.int64, size: int) -> np.uint64:
    """The hash of the `size` words from `first` on."""
    key: np.uint64 = mix(sums[first + size] - sums[first] * _power(size) + np.uint64(size))
    return key


@inlined
def _power(size: int) -> np.uint64:
    power = np.uint64(1)
    for _ in range(size):
        power = np.uint64(power * _BASE)
    return power
