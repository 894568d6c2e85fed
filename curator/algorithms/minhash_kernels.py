"""The numba kernels of `minhash`: shingles, permutations and sketches over the words of Arrow strings, on one thread.

The cache of numba watches this file alone: touch it after a change to `read_words`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.sketches import BINS, SKETCH_BYTES
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, mix, read_words

_BASE = np.uint64(0x9E3779B97F4A7C15)  # of the rolling polynomial; odd, so that multiplying loses no bit
_EMPTY = np.uint32(0xFFFFFFFF)  # a bin, or a minimum, that no shingle has reached
_HIGH, _BIN = np.uint64(32), np.uint64(64 - BINS.bit_length() + 1)


@numba.njit(cache=True, nogil=True)
def sign(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    shingle_words: int,
    factors: npt.NDArray[np.uint32],
    addends: npt.NDArray[np.uint32],
    rows: npt.NDArray[np.uint32],
    sketches: npt.NDArray[np.uint8],
    signed: npt.NDArray[np.bool_],
) -> None:
    """Write row and sketch of every document, block of words by block of words: memory does not depend on the document."""
    words, hashes = np.empty(BLOCK + 1, np.uint64), np.empty(BLOCK, np.uint64)
    shingles, bins = np.empty(BLOCK, np.uint32), np.empty(BINS, np.uint32)
    for document in range(offsets.size - 1):
        at, end, held = offsets[document], offsets[document + 1], 0
        while at < end:
            at, count = read_words(data, at, end, folded, words, None, held)
            made = hash_shingles(words, count, shingle_words, hashes)
            if made > 0 and not signed[document]:
                signed[document] = True
                rows[document] = _EMPTY
                bins[:] = _EMPTY
            for place in range(made):
                shingles[place] = np.uint32(hashes[place] >> _HIGH)
            _lower(rows[document], shingles[:made], factors, addends)
            _fill(bins, hashes[:made])
            held = keep_last(words, count, shingle_words - 1)
        if signed[document]:
            _pack(bins, sketches[document])


@numba.njit(cache=True, nogil=True)
def hash_shingles(words: npt.NDArray[np.uint64], count: int, shingle_words: int, hashes: npt.NDArray[np.uint64]) -> int:
    """Hash every run of `shingle_words` of the words by a rolling polynomial (Karp & Rabin 1987); how many."""
    rolling, power = np.uint64(0), np.uint64(1)
    for place in range(min(count, shingle_words - 1)):
        rolling = rolling * _BASE + words[place]
        power *= _BASE
    made = max(count - shingle_words + 1, 0)
    for first in range(made):
        rolling = rolling * _BASE + words[first + shingle_words - 1]
        hashes[first] = mix(rolling)
        rolling -= words[first] * power
    return made


@inlined
def keep_last(words: npt.NDArray[np.uint64], count: int, wanted: int) -> int:
    """Move the last words, with which the next block's shingles begin, to the front; how many."""
    held = min(count, wanted)
    for place in range(held):
        words[place] = words[count - held + place]
    return held


@numba.njit(cache=True, nogil=True)
def _lower(
    row: npt.NDArray[np.uint32],
    shingles: npt.NDArray[np.uint32],
    factors: npt.NDArray[np.uint32],
    addends: npt.NDArray[np.uint32],
) -> None:
    """Lower every permutation's minimum by these shingles.

    Shingles run inside, so the minimum stays in a register (2.5x the speed of permutations inside), and by index,
    for LLVM does not vectorise `for shingle in shingles` (10x).
    """
    for permutation in range(row.size):
        least = row[permutation]
        for place in range(shingles.size):
            least = min(least, np.uint32(factors[permutation] * shingles[place] + addends[permutation]))
        row[permutation] = least


@numba.njit(cache=True, nogil=True)
def _fill(bins: npt.NDArray[np.uint32], hashes: npt.NDArray[np.uint64]) -> None:
    """Lower the bins by these shingles: the highest bits of a hash name its bin, the lowest 32 are its value.

    Mixed once more, so that a sketch errs independently of the minima by which its pair was found.
    """
    for place in range(hashes.size):
        value = mix(hashes[place])
        slot = value >> _BIN
        bins[slot] = min(bins[slot], np.uint32(value))


@numba.njit(cache=True, nogil=True)
def _pack(bins: npt.NDArray[np.uint32], packed: npt.NDArray[np.uint8]) -> None:
    """Write four bits a bin, the even one lower: 0 for an empty bin, else 1..15 by a hash of its minimum."""
    for place in range(SKETCH_BYTES):
        packed[place] = _nibble(bins[2 * place]) | _nibble(bins[2 * place + 1]) << np.uint8(4)


@inlined
def _nibble(least: np.uint32) -> np.uint8:
    """1 + hash x 15 / 2^32: minima of long documents are small, so they are mixed."""
    mixed = mix(np.uint64(least)) >> _HIGH
    return np.uint8(0) if least == _EMPTY else np.uint8(1 + (mixed * np.uint64(15) >> _HIGH))


@numba.njit(cache=True, nogil=True)
def hash_bands(signatures: npt.NDArray[np.uint32], rows: int, keys: npt.NDArray[np.uint64]) -> None:
    """Write the key of every band of `rows` minima; the band's number is hashed too, so that bands never meet."""
    for document in range(keys.shape[0]):
        for band in range(keys.shape[1]):
            key = mix(np.uint64(band + 1))
            for place in range(band * rows, (band + 1) * rows):
                key = mix(key * _BASE + np.uint64(signatures[document, place]))
            keys[document, band] = key
