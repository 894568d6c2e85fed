"""Words and pairs of neighbouring words of texts, hashed into a fixed number of buckets: no vocabulary is needed (Weinberger 2009).

Words are those of `curator.text.folding`. The cache of numba watches this file alone: touch it after a change to `read_words`,
`pair` or `keep_last`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.folded_words import BLOCK, read_words
from curator.text.folding import folding_table
from curator.text.kernel.compiled import integer
from curator.text.terms import Counts, Vocabulary, count_terms, keep_last, pair

TEXTS_AT_ONCE = 1_000  # memory does not depend on the number of texts, and their counts stay in the cache
_NO_VOCABULARY = Vocabulary(np.zeros(1, np.uint64), np.full(1, -1, np.int32))


def hashed_counts(texts: pa.Array, buckets: int) -> Counts:
    """How often the words and pairs of words of each text (string or large_string; null is empty) fall into each bucket.

    `buckets` is a power of two. Two terms of one bucket count as one. Eight bytes for each bucket that a text uses.
    """
    return count_terms(texts, _NO_VOCABULARY, 0, strange_words=buckets, strange_pairs=True)


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
                    total += values[pair(words[place - 1], words[place]) & mask]
            terms += 2 * (count - held) - integer(held == 0 and count > 0)
            held = keep_last(words, count)
        means[text] = total / terms if terms else np.nan
