"""Words and pairs of neighbouring words of texts, hashed into a fixed number of buckets: no vocabulary is needed (Weinberger 2009).

Words are those of `curator.text.folding`. The cache of numba watches this file alone: touch it after a change to `read_words`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, mix, read_words
from curator.text.folding import folding_table
from curator.text.kernel.compiled import integer
from curator.text.terms import Counts

TEXTS_AT_ONCE = 1_000  # memory does not depend on the number of texts, and their counts stay in the cache
_PAIR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses no bit


def hashed_counts(texts: pa.Array, buckets: int) -> Counts:
    """How often the words and pairs of words of each text (string or large_string; null is empty) fall into each bucket.

    `buckets` is a power of two. Two terms of one bucket count as one. Eight bytes for each bucket that a text uses.
    """
    assert buckets.bit_count() == 1
    data, offsets = text_buffers(texts)
    most = min(int(offsets[-1] - offsets[0]) + len(texts), buckets * len(texts)) + 1
    counts = Counts(np.empty(most, np.int32), np.empty(most, np.int32), np.empty(len(texts) + 1, np.int64))
    _count_hashed(data, offsets, folding_table(), np.zeros(buckets, np.int32), counts)
    used = int(counts.starts[-1])
    return Counts(counts.terms[:used], counts.times[:used], counts.starts)


def hashed_pieces(texts: pa.Array, buckets: int) -> Iterator[Counts]:
    """`hashed_counts` of the texts, `TEXTS_AT_ONCE` at a time."""
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        yield hashed_counts(texts.slice(first, TEXTS_AT_ONCE), buckets)


def mean_values(texts: pa.Array, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The mean (n,) of the `values` (buckets,) of all words and pairs of each text, repeated ones included; NaN without a word.

    Summed in the order of the text, so the same number whatever texts stand beside it. No memory.
    """
    data, offsets = text_buffers(texts)
    means = np.empty(len(texts))
    _mean_values(data, offsets, folding_table(), values, means)
    return means


@numba.njit(cache=True, nogil=True)
def _count_hashed(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    tally: npt.NDArray[np.int32],
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
                done += _tally_bucket(words[place], tally, counts.terms, done)
                if place:
                    done += _tally_bucket(_pair(words[place - 1], words[place]), tally, counts.terms, done)
            held = _keep_last(words, count)
        for place in range(first, done):
            counts.times[place] = tally[counts.terms[place]]
            tally[counts.terms[place]] = 0
        counts.starts[text + 1] = done


@inlined
def _tally_bucket(term: np.uint64, tally: npt.NDArray[np.int32], listed: npt.NDArray[np.int32], done: int) -> int:
    """Count a term in its bucket, and list the bucket where it is the text's first: 1 then, else 0."""
    bucket = np.int64(term & np.uint64(tally.size - 1))
    tally[bucket] += np.int32(1)
    listed[done] = bucket
    return integer(tally[bucket] == 1)


@numba.njit(cache=True, nogil=True)
def _mean_values(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    values: npt.NDArray[np.float32],
    means: npt.NDArray[np.float64],
) -> None:
    words, mask = np.empty(BLOCK + 1, np.uint64), np.uint64(values.size - 1)
    for text in range(offsets.size - 1):
        at, held, total, terms = offsets[text], 0, 0.0, integer(0)
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, None, held)
            for place in range(held, count):
                total += values[words[place] & mask]
                if place:
                    total += values[_pair(words[place - 1], words[place]) & mask]
            terms += 2 * (count - held) - integer(held == 0 and count > 0)
            held = _keep_last(words, count)
        means[text] = total / terms if terms else np.nan


@inlined
def _pair(first: np.uint64, second: np.uint64) -> np.uint64:
    return np.uint64(mix(first * _PAIR + second))


@inlined
def _keep_last(words: npt.NDArray[np.uint64], count: int) -> int:
    """Move the last word, with which the next block's first pair begins, to the front; how many."""
    if count == 0:
        return 0
    words[0] = words[count - 1]
    return 1
