"""Words, pairs and triples of words as 64-bit keys that say which words they follow, and those that occur more than once.

Words are those of `curator.text.folding`. The cache of numba watches this file alone: touch it after a change to `read_words`.
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

PART_BYTES = 64_000_000  # text whose n-grams are sorted at once: 0.3 GB of keys, and twice that beside them

NOTHING = np.uint64(0xD1B54A32D192ED03)  # in place of the key of a word: nothing stands before
_ALONE = np.uint64(0)

_WORD, _CONTEXT = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)
_HALF = np.uint64(32)


class RepeatedNgrams(NamedTuple):
    """N-grams that occur at least twice, by ascending key."""

    keys: npt.NDArray[np.uint64]
    times: npt.NDArray[np.int64]
    totals: npt.NDArray[
        np.int64
    ]  # how often anything follows the words before the last one; of a word, the number of all

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> RepeatedNgrams:
        return RepeatedNgrams(self.keys[rows], self.times[rows], self.totals[rows])


@inlined
def ngrams_ending_in(word: np.uint64, single: np.uint64, pair: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The keys of the word, the pair and the triple that end in it, after those of the word and the pair before (or NOTHING)."""
    return ngram_key(_ALONE, word), ngram_key(single, word), ngram_key(pair, word)


@inlined
def ngram_key(before: np.uint64, word: np.uint64) -> np.uint64:
    """32 bits of the key of the words before the last one, 0 where there are none, and 32 of the last word.

    So n-grams that follow the same words are neighbours in the order of the keys. Of a million words in a language about a
    hundred share their 32 bits with another.
    """
    return np.uint64(mix(before) & _CONTEXT | word & _WORD)


def contexts_of(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """What stands for the words before the last one; 0 for a word alone."""
    return keys >> _HALF


def starts_of_contexts(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Where in ascending keys those begin that follow other words than the one before."""
    contexts = contexts_of(keys)
    return np.flatnonzero(np.diff(contexts, prepend=contexts[:1] + np.uint64(1)))


def as_contexts(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """What stands for the n-grams themselves in the keys of the longer ones that begin with them."""
    return np.asarray(mix.py_func(keys) >> _HALF, dtype=np.uint64)


def repeated_ngrams(texts: pa.Array, *, part_bytes: int = PART_BYTES) -> RepeatedNgrams:
    """The words, pairs and triples that occur at least twice in all texts (string or large_string; null is empty).

    The n-grams of more text than `part_bytes` are taken part by part, by what stands before them: a reading of all text each.
    """
    data, offsets = text_buffers(texts)
    size = int(offsets[-1] - offsets[0])
    parts = 1 + size // part_bytes
    keys = np.empty(3 * (size + len(texts) + 1), np.uint64)  # only what is written is ever in memory
    found = []
    for part in range(parts):
        count = _write_keys(data, offsets, folding_table(), np.uint64(part), np.uint64(parts), keys)
        found.append(_repeated(keys[:count]))
    together = RepeatedNgrams(*(np.concatenate(columns) for columns in zip(*(one for one, _ in found), strict=True)))
    counts = together.take(np.argsort(together.keys))
    counts.totals[contexts_of(counts.keys) == 0] = sum(words for _, words in found)
    return counts


def _repeated(keys: npt.NDArray[np.uint64]) -> tuple[RepeatedNgrams, int]:
    """Those of one part, and how many words alone are in it."""
    distinct, times = np.unique(keys, return_counts=True)
    starts = starts_of_contexts(distinct)
    totals = np.repeat(np.add.reduceat(times, starts), np.diff(starts, append=len(times)))
    words = int(totals[0]) if len(totals) and contexts_of(distinct[:1]) == 0 else 0
    return RepeatedNgrams(distinct, times, totals).take(times > 1), words


@numba.njit(cache=True, nogil=True)
def _write_keys(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    part: np.uint64,
    parts: np.uint64,
    keys: npt.NDArray[np.uint64],
) -> int:
    """Write the keys of the n-grams of which `part` is the remainder by `parts`; how many."""
    words, done = np.empty(BLOCK + 1, np.uint64), integer(0)
    for text in range(offsets.size - 1):
        at, single, pair, read = offsets[text], NOTHING, NOTHING, 0
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, None, 0)
            for place in range(count):
                single, pair, triple = ngrams_ending_in(words[place], single, pair)
                keys[done] = single
                done += integer(single % parts == part)
                keys[done] = pair
                done += integer(read > 0 and (pair >> _HALF) % parts == part)
                keys[done] = triple
                done += integer(read > 1 and (triple >> _HALF) % parts == part)
                read += 1
    return done
