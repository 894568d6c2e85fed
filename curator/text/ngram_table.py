"""Probabilities of words after the two before them, in one hash table, and the bits that texts cost by them.

The cache of numba watches this file alone: touch it after a change to `read_words` or `ngrams_ending_in`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, read_words
from curator.text.folding import folding_table
from curator.text.ngram_counts import (
    NOTHING,
    RepeatedNgrams,
    as_contexts,
    contexts_of,
    ngrams_ending_in,
    starts_of_contexts,
)

FULL = 0.7  # of the slots at most
DISCOUNT = 0.75  # at .5 a word costs .05 bits more, at .9 .02 less
ECHO = 0.2  # how likely a pair of words goes on as last time in the text: 13 % do in novels, 76 % in logs
ECHO_SLOTS = 1 << 14

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_ECHO_SHIFT = np.uint64(65 - ECHO_SLOTS.bit_length())
_HALF, _QUARTER, _LOW = np.uint64(32), np.uint64(16), np.uint64(0xFFFF)


class NgramTable(NamedTuple):
    """Interpolated absolute discounting: p(w | u v) = share(u v w) + rest(u v) p(w | v), down to the `floor` that any word has.

    `entries` uint64 (slots): 32 bits of fingerprint, 16 of the share and 16 of the rest (upper halves of float32), 0 where empty.
    """

    entries: npt.NDArray[np.uint64]
    floor: float


def discounted_table(counts: RepeatedNgrams, slots: int) -> NgramTable:
    """The table of the n-grams, of the most frequent ones where there is no room for all in `slots`, a power of two.

    What follows two words besides the n-grams of the table, and what is discounted of these, is left to the rest.
    """
    room, least = int(FULL * slots), 2
    if len(counts.keys) > room:
        least = int(np.partition(counts.times, -room - 1)[-room - 1]) + 1
    keys, times, totals = counts.take(counts.times >= least)
    shares = (times - DISCOUNT) / totals
    starts = starts_of_contexts(keys)
    rests = 1 - np.add.reduceat(shares, starts)
    entries = np.zeros(1 << (4 * len(keys) // 3 + 1).bit_length(), np.uint64)
    values = _upper_half(shares) << _QUARTER | _upper_half(_rests_after(keys, contexts_of(keys[starts]), rests))
    _fill(entries, keys, values)
    vocabulary = int((contexts_of(keys) == 0).sum())
    return NgramTable(entries, (float(rests[0]) if vocabulary else 1.0) / (vocabulary + 1))


def bits_and_words(texts: pa.Array, table: NgramTable) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Minus the binary logarithm of the probability of each text (string or large_string) by its words, and how many those are.

    What a pair of words was followed by when it last stood in the text is given ECHO more, so that repetition is cheap. 0 bits
    without words.
    """
    data, offsets = text_buffers(texts)
    bits, words = np.empty(len(texts), np.float64), np.empty(len(texts), np.int64)
    _sum_bits(data, offsets, folding_table(), table, bits, words)
    return bits / np.maximum(words, 1), words


def _rests_after(
    keys: npt.NDArray[np.uint64], contexts: npt.NDArray[np.uint64], rests: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The rest after each n-gram: all, after one that nothing in the table follows. `contexts` ascend."""
    if not len(keys):
        return np.ones(0)
    places = np.minimum(np.searchsorted(contexts, as_contexts(keys)), len(contexts) - 1)
    return np.where(contexts[places] == as_contexts(keys), rests[places], 1.0)


def _upper_half(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """The upper 16 bits of float32, rounded: three digits."""
    return (values.astype(np.float32).view(np.uint32) + np.uint32(0x8000) >> np.uint32(16)).astype(np.uint64)


@numba.njit(cache=True, nogil=True)
def _fill(entries: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64], values: npt.NDArray[np.uint64]) -> None:
    for place in range(keys.size):
        entries[_slot(entries, keys[place])] = _fingerprint(keys[place]) << _HALF | values[place]


@numba.njit(cache=True, nogil=True)
def _sum_bits(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    table: NgramTable,
    bits: npt.NDArray[np.float64],
    read: npt.NDArray[np.int64],
) -> None:
    """Bits and words of each text. A logarithm takes longer than the rest, so it is of the product of some 20 probabilities."""
    words = np.empty(BLOCK + 1, np.uint64)
    echoes, owners = np.zeros(ECHO_SLOTS, np.uint64), np.full(ECHO_SLOTS, -1, np.int64)
    for text in range(offsets.size - 1):
        at, single, pair = offsets[text], NOTHING, NOTHING
        after_single, after_pair, product = 1.0, 1.0, 1.0
        bits[text], read[text] = 0.0, 0
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, None, 0)
            read[text] += count
            for place in range(count):
                single, pair, triple = ngrams_ending_in(words[place], single, pair)
                of_single, of_pair = _entry(table.entries, single), _entry(table.entries, pair)
                of_triple = _entry(table.entries, triple)
                likely = _share(of_pair) + after_single * (_share(of_single) + table.floor)
                likely = _share(of_triple) + after_pair * likely
                after_single, after_pair = _rest(of_single), _rest(of_pair)
                slot = triple >> _ECHO_SHIFT
                if owners[slot] == text and (echoes[slot] ^ triple) >> _HALF == 0:
                    likely = (1 - ECHO) * likely + ECHO * (echoes[slot] == triple)
                owners[slot], echoes[slot] = text, triple
                product *= likely
                if product < 1e-200:
                    bits[text] -= np.log2(product)
                    product = 1.0
        bits[text] -= np.log2(product)


@inlined
def _entry(entries: npt.NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """Fingerprint, share and rest of an n-gram, or 0."""
    return np.uint64(entries[_slot(entries, key)])


@inlined
def _slot(entries: npt.NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """The slot of the n-gram, or the empty one where it would be."""
    mask = np.uint64(entries.size - 1)
    slot = np.uint64((key * _MULTIPLIER) >> _HALF & mask)
    while entries[slot] != 0 and entries[slot] >> _HALF != _fingerprint(key):
        slot = np.uint64((slot + np.uint64(1)) & mask)
    return slot


@inlined
def _fingerprint(key: np.uint64) -> np.uint64:
    return np.uint64((key >> _HALF ^ key) & np.uint64(0xFFFFFFFF))


@inlined
def _share(entry: np.uint64) -> float:
    return float(_unpacked(entry >> _QUARTER))


@inlined
def _rest(entry: np.uint64) -> float:
    return _unpacked(entry) if entry != 0 else 1.0


@inlined
def _unpacked(half: np.uint64) -> float:
    return float(np.uint32((half & _LOW) << _QUARTER).view(np.float32))
