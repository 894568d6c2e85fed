"""The shingles of texts as sets, for exact verification of candidate pairs: sorted hashes, and kernels that compare two."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.minhash_kernels import hash_shingles, keep_last
from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, read_words
from curator.text.folding import folding_table


def shingle_hashes(
    text: pa.Array | pa.ChunkedArray, *, shingle_words: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The sorted distinct hashes uint64 (total,) of each document's shingles, and where each document begins int64 (n + 1,).

    They are the shingles that `minhash.sign` signs: documents of fewer than `shingle_words` words, and nulls, have none.
    """
    assert 1 <= shingle_words < BLOCK, f"shingle_words must be in 1..{BLOCK - 1}, not {shingle_words}"
    if isinstance(text, pa.ChunkedArray):
        text = text.cast(pa.large_string()).combine_chunks()
    data, offsets = text_buffers(text)
    most = (offsets[-1] - offsets[0] + len(text)) // 2 + 1  # between words of one byte there is another byte
    hashes, starts = np.empty(most, np.uint64), np.empty(len(text) + 1, np.int64)
    _hash_all(data, offsets, folding_table(), shingle_words, hashes, starts)
    return _sorted_sets(hashes[: starts[-1]], starts)


def _sorted_sets(
    hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Sorted and distinct within each document. numpy's sort is vectorised, so it is called once a document."""
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        hashes[first:last].sort()
    chosen = np.ones(len(hashes), np.bool_)
    chosen[1:] = hashes[1:] != hashes[:-1]
    chosen[starts[:-1][starts[:-1] < len(hashes)]] = True
    return hashes[chosen], np.concatenate([[0], np.cumsum(chosen)])[starts]


@numba.njit(cache=True, nogil=True)
def _hash_all(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    shingle_words: int,
    hashes: npt.NDArray[np.uint64],
    starts: npt.NDArray[np.int64],
) -> None:
    """The hashes of all shingles of all documents in order of the text, and where each document begins and the last ends."""
    words = np.empty(BLOCK + 1, np.uint64)
    starts[0] = 0
    for document in range(offsets.size - 1):
        at, done, held = offsets[document], starts[document], 0
        while at < offsets[document + 1]:
            at, count = read_words(data, at, offsets[document + 1], folded, words, None, held)
            done += hash_shingles(words, count, shingle_words, hashes[done:])
            held = keep_last(words, count, shingle_words - 1)
        starts[document + 1] = done


@inlined
def jaccard_of_sorted(
    hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], left: int, right: int
) -> np.float32:
    """|A & B| / |A | B| of two documents of `shingle_hashes`, for kernels; 0 where both are empty."""
    common = _common(hashes, starts, left, right)
    either = starts[left + 1] - starts[left] + starts[right + 1] - starts[right] - common
    return np.float32(common) / np.float32(max(either, 1))


@inlined
def containment_of_sorted(
    hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], left: int, right: int
) -> np.float32:
    """|A & B| / min(|A|, |B|) of two documents of `shingle_hashes`, for kernels; 0 where one is empty."""
    fewer = min(starts[left + 1] - starts[left], starts[right + 1] - starts[right])
    return np.float32(_common(hashes, starts, left, right)) / np.float32(max(fewer, 1))


@inlined
def _common(hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], left: int, right: int) -> np.int64:
    """How many hashes two documents share: one merge without branches, for which of two hashes is less cannot be predicted."""
    one, other, common = starts[left], starts[right], np.int64(0)
    while one < starts[left + 1] and other < starts[right + 1]:
        a, b = hashes[one], hashes[other]
        one += np.int64(a <= b)
        other += np.int64(b <= a)
        common += np.int64(a == b)
    return common
