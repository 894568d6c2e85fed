"""The numba kernels of `minhash`: words, shingles and permutations over the bytes of Arrow strings, on one thread.

All in one file, because numba's cache of a kernel does not see changes of kernels it calls from other files.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

BLOCK = 2048  # words hashed before the permutations run over their shingles: 24 KB, fits a first-level cache
_PRIME = np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_BASE = np.uint64(0x9E3779B97F4A7C15)  # of the rolling polynomial; odd, so that multiplying loses no bit
_LEAD = 1  # in _FOLDED: a byte that may begin a separator of two or three bytes


def _folded_bytes() -> npt.NDArray[np.uint8]:
    """What each byte adds to its word: itself in lower case; 0 for a separator; `_LEAD` where the next bytes decide."""
    table = np.zeros(256, np.uint8)
    for byte in b"0123456789abcdefghijklmnopqrstuvwxyz":
        table[[byte, ord(chr(byte).upper())]] = byte
    table[0x80:] = np.arange(0x80, 0x100)
    table[[0xC2, 0xE1, 0xE2, 0xE3, 0xEF]] = _LEAD
    return table


_FOLDED = _folded_bytes()


@numba.njit(cache=True, nogil=True)
def sign(
    data: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    shingle_words: int,
    factors: npt.NDArray[np.uint32],
    addends: npt.NDArray[np.uint32],
    rows: npt.NDArray[np.uint32],
    signed: npt.NDArray[np.bool_],
) -> None:
    """Write the row of every document, block of words by block of words: memory does not depend on the document."""
    words = np.empty(BLOCK + 1, np.uint64)
    shingles = np.empty(BLOCK, np.uint32)
    for document in range(starts.size):
        at, held = starts[document], 0
        while at < ends[document]:
            at, count = _read_words(data, at, ends[document], words, held)
            made = _hash_shingles(words, count, shingle_words, shingles)
            if made > 0 and not signed[document]:
                signed[document] = True
                rows[document] = np.uint32(0xFFFFFFFF)
            _lower(rows[document], shingles[:made], factors, addends)
            held = min(count, shingle_words - 1)
            for place in range(held):
                words[place] = words[count - held + place]


@numba.njit(cache=True, nogil=True)
def _read_words(
    data: npt.NDArray[np.uint8], at: np.int64, end: np.int64, words: npt.NDArray[np.uint64], held: np.int64
) -> tuple[np.int64, np.int64]:
    """Append the hashes of the words from `at` on to `words[:held]` until the block is full; new `at` and count.

    Without branches, for the end of a word cannot be predicted: 670 MB/s against 310 MB/s for two nested loops.
    """
    count, word, inside = held, np.uint64(0), np.uint64(0)
    while at < end and count < BLOCK:
        byte = _FOLDED[data[at]]
        if byte == _LEAD:
            width = _separator_width(data, at, end)
            byte = data[at] if width == 0 else np.uint8(0)
            at += max(width - 1, 0)
        letter = np.uint64(byte != 0)
        words[count] = word  # final if the word ends here, else overwritten
        count += np.int64(inside & (letter ^ np.uint64(1)))
        word = ((word ^ np.uint64(byte)) * _PRIME) & (np.uint64(0) - letter)
        inside = letter
        at += 1
    words[count] = word
    count += np.int64(inside)
    for place in range(held, count):
        words[place] = _mix(words[place])
    return at, count


@numba.njit(cache=True, nogil=True)
def _separator_width(data: npt.NDArray[np.uint8], at: np.int64, end: np.int64) -> int:
    """Bytes of the separator at `at`, where one of the five lead bytes stands; 0 if it begins a letter."""
    lead = data[at]
    second = data[at + 1] if at + 1 < end else np.uint8(0)
    third = data[at + 2] if at + 2 < end else np.uint8(0)
    if lead == 0xC2:
        return 2 if second == 0xA0 else 0
    if lead == 0xE1:
        found = second == 0x9A and third == 0x80
    elif lead == 0xE2:
        found = second == 0x80 or (second == 0x81 and third <= 0xAF)
    elif lead == 0xE3:
        found = second == 0x80
    else:
        found = second == 0xBC and third <= 0x8F
    return 3 if found else 0


@numba.njit(cache=True, nogil=True)
def _hash_shingles(
    words: npt.NDArray[np.uint64], count: int, shingle_words: int, shingles: npt.NDArray[np.uint32]
) -> int:
    """Hash every run of `shingle_words` of the words by a rolling polynomial (Karp & Rabin 1987); how many."""
    leaving = np.uint64(1)
    for _ in range(shingle_words):
        leaving *= _BASE
    rolling, made = np.uint64(0), 0
    for last in range(count):
        rolling = rolling * _BASE + words[last]
        if last >= shingle_words:
            rolling -= words[last - shingle_words] * leaving
        if last >= shingle_words - 1:
            shingles[made] = np.uint32(_mix(rolling) >> np.uint64(32))
            made += 1
    return made


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
def _mix(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64: every input bit changes every output bit with probability about one half."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def hash_bands(signatures: npt.NDArray[np.uint32], rows: int, keys: npt.NDArray[np.uint64]) -> None:
    """Write the key of every band of `rows` minima; the band's number is hashed too, so that bands never meet."""
    for document in range(keys.shape[0]):
        for band in range(keys.shape[1]):
            key = _mix(np.uint64(band + 1))
            for place in range(band * rows, (band + 1) * rows):
                key = _mix(key * _BASE + np.uint64(signatures[document, place]))
            keys[document, band] = key


@numba.njit(cache=True, nogil=True)
def pack(signatures: npt.NDArray[np.uint32], packed: npt.NDArray[np.uint8]) -> None:
    """Write two bits a slot into zeroed bytes; slots beyond the permutations take the next bits of the first ones."""
    permutations = signatures.shape[1]
    for document in range(packed.shape[0]):
        for slot in range(4 * packed.shape[1]):
            mixed = _mix(np.uint64(signatures[document, slot % permutations]))
            bits = (mixed >> np.uint64(2 * (slot // permutations))) & np.uint64(3)
            packed[document, slot // 4] |= np.uint8(bits << np.uint64(2 * (slot % 4)))
