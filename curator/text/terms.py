"""Terms of texts as 64-bit hashes, words and pairs of neighbouring words, and how often texts have those of a vocabulary.

Words are those of `curator.text.folding`: of Chinese and Japanese the characters, of Thai pieces of about four letters.
The cache of numba watches this file alone: touch it after a change to `read_words`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, mix, read_words
from curator.text.folding import folding_table
from curator.text.kernel.compiled import integer

PART_BYTES = 32_000_000  # of text sorted at once: 100 MB of hashes, 170 MB of Chinese, and twice that beside them

_PAIR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses no bit
_TOP = np.uint64(1 << 63)  # of a term's hash: set for pairs


class Vocabulary(NamedTuple):
    """A hash table of terms: `keys` uint64[slots], 0 where empty, and `numbers` int32[slots], -1 where empty."""

    keys: npt.NDArray[np.uint64]
    numbers: npt.NDArray[np.int32]


class Counts(NamedTuple):
    """A sparse matrix by rows: text i has terms[starts[i] : starts[i + 1]], each once, in order of first use, times[...] often."""

    terms: npt.NDArray[np.int32]
    times: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]


def is_pair(terms: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which of the terms are pairs of words; the others are words."""
    return terms >= _TOP


def new_vocabulary(terms: npt.NDArray[np.uint64]) -> Vocabulary:
    """The table of these distinct hashes, at most a quarter full; a term's number is its place among them."""
    slots = 1 << max(2, (4 * len(terms)).bit_length())
    vocabulary = Vocabulary(np.zeros(slots, np.uint64), np.full(slots, -1, np.int32))
    _fill(terms, vocabulary)
    return vocabulary


def repeated_terms(texts: pa.Array, *, part_bytes: int = PART_BYTES) -> npt.NDArray[np.uint64]:
    """The sorted hashes of all terms that occur at least twice in all texts together (string or large_string; null is empty).

    The terms of more text than `part_bytes` are taken part by part, by the remainder of their hashes: a reading of all text each.
    """
    data, offsets = text_buffers(texts)
    size = int(offsets[-1] - offsets[0])
    parts = 1 + size // part_bytes
    hashes = np.empty(size + len(texts) + 1, np.uint64)  # between words of one byte there is another byte
    found = []
    for part in range(parts):
        count = _hash_terms(data, offsets, folding_table(), np.uint64(part), np.uint64(parts), hashes)
        distinct, times = np.unique(hashes[:count], return_counts=True)
        found.append(distinct[times > 1])
    return np.sort(np.concatenate(found))


def count_terms(
    texts: pa.Array, vocabulary: Vocabulary, terms: int, *, strange_words: int = 0, strange_pairs: bool = False
) -> Counts:
    """How often each text (string or large_string; null is empty) has each of the `terms` terms of the vocabulary.

    A strange word, one that is not in the vocabulary, counts as one of the `strange_words` numbers from `terms` on, by the lowest
    bits of its hash: they are a power of two, or none. With `strange_pairs`, so does a strange pair.
    """
    assert strange_words.bit_count() <= 1
    data, offsets = text_buffers(texts)
    tally = np.zeros(terms + strange_words, np.int32)
    most = min(int(offsets[-1] - offsets[0]) + len(texts), len(tally) * len(texts)) + 1
    counts = Counts(np.empty(most, np.int32), np.empty(most, np.int32), np.empty(len(texts) + 1, np.int64))
    _count_terms(data, offsets, folding_table(), vocabulary, tally, strange_words, strange_pairs, counts)
    used = int(counts.starts[-1])
    return Counts(counts.terms[:used], counts.times[:used], counts.starts)


@numba.njit(cache=True, nogil=True)
def _hash_terms(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    part: np.uint64,
    parts: np.uint64,
    hashes: npt.NDArray[np.uint64],
) -> int:
    """Write the hashes of all terms of which `part` is the remainder by `parts`; how many."""
    words, done = np.empty(BLOCK + 1, np.uint64), integer(0)
    for text in range(offsets.size - 1):
        at, held = offsets[text], 0
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, None, held)
            for place in range(held, count):
                hashes[done] = _word(words[place])
                done += integer(hashes[done] % parts == part)
                if place:
                    hashes[done] = pair(words[place - 1], words[place])
                    done += integer(hashes[done] % parts == part)
            held = keep_last(words, count)
    return done


@numba.njit(cache=True, nogil=True)
def _count_terms(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    vocabulary: Vocabulary,
    tally: npt.NDArray[np.int32],
    strange_words: int,
    strange_pairs: bool,
    counts: Counts,
) -> None:
    """Fill `counts`. The tally is zero before and after each text."""
    words, done = np.empty(BLOCK + 1, np.uint64), integer(0)
    counts.starts[0] = 0
    for text in range(offsets.size - 1):
        at, held, first = offsets[text], 0, done
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, None, held)
            for place in range(held, count):
                done += _tally_term(_word(words[place]), vocabulary, tally, strange_words, counts.terms, done)
                if place:
                    term, strange = pair(words[place - 1], words[place]), strange_words if strange_pairs else 0
                    done += _tally_term(term, vocabulary, tally, strange, counts.terms, done)
            held = keep_last(words, count)
        for place in range(first, done):
            counts.times[place] = tally[counts.terms[place]]
            tally[counts.terms[place]] = 0
        counts.starts[text + 1] = done


@inlined
def _tally_term(
    term: np.uint64,
    vocabulary: Vocabulary,
    tally: npt.NDArray[np.int32],
    strange: int,
    listed: npt.NDArray[np.int32],
    done: int,
) -> int:
    """Count a term of the vocabulary, or a strange one, and list it where it is the text's first: 1 then, else 0."""
    number = vocabulary.numbers[_slot(vocabulary, term)]
    if number < 0:
        if strange == 0:
            return integer(0)
        number = np.int32(tally.size - strange + np.int64(term & np.uint64(strange - 1)))
    tally[number] += np.int32(1)
    listed[done] = number
    return integer(tally[number] == 1)


@inlined
def _slot(vocabulary: Vocabulary, term: np.uint64) -> np.uint64:
    """The slot of the term, or the empty one where it would be."""
    mask = np.uint64(vocabulary.keys.size - 1)
    slot = np.uint64(term & mask)
    while vocabulary.keys[slot] != term and vocabulary.keys[slot] != 0:
        slot = np.uint64((slot + np.uint64(1)) & mask)
    return slot


@numba.njit(cache=True, nogil=True)
def _fill(terms: npt.NDArray[np.uint64], vocabulary: Vocabulary) -> None:
    for number in range(terms.size):
        slot = _slot(vocabulary, terms[number])
        vocabulary.keys[slot], vocabulary.numbers[slot] = terms[number], number


@inlined
def _word(word: np.uint64) -> np.uint64:
    return np.uint64(word & ~_TOP)


@inlined
def pair(first: np.uint64, second: np.uint64) -> np.uint64:
    return np.uint64(mix(first * _PAIR + second) | _TOP)


@inlined
def keep_last(words: npt.NDArray[np.uint64], count: int) -> int:
    """Move the last word, with which the next block's first pair begins, to the front; how many."""
    if count == 0:
        return 0
    words[0] = words[count - 1]
    return 1
