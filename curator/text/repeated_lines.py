"""The lines or paragraphs of texts as 64-bit hashes, folded for comparison: those that say the same have the same hash."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import decode, inlined
from curator.text.folding import LEFT_OUT, LETTER, OPENS, folding_table

NEWLINE, SPACE = 0x0A, 0x20

_PRIME = np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_SEED, _GAP = np.uint64(0xCBF29CE484222325), np.uint64(1 << 40)
_LEFT_OUT, _ONE = np.uint32(LEFT_OUT), np.uint32(1)
_LETTER_BIT, _OPENS_BIT = (np.uint32(flag.bit_length() - 1) for flag in (LETTER, OPENS))


class Units(NamedTuple):
    """Lines or paragraphs in the order of the texts: the key, the text's number, and its bytes in that text with the newline."""

    key: npt.NDArray[np.uint64]
    text: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]

    def where(self, chosen: npt.NDArray[np.bool_] | slice) -> Units:
        return Units(self.key[chosen], self.text[chosen], self.start[chosen], self.stop[chosen])


def hash_units(texts: pa.Array, *, paragraphs: bool, min_letters: int) -> Units:
    """All lines, or paragraphs, of at least `min_letters` letters; `texts` is a string or large_string array, null is empty.

    A paragraph is a run of lines between blank ones (nothing but white space of ASCII). Two are the same when their words are, as
    `folding_table` makes them: case, punctuation and white space make no difference, digits do, because a line that is cut must say
    the same everywhere (CCNet takes all digits for one, and with them every census line). A character of Chinese or Japanese
    counts as two letters. 64 bits: among 10^11 lines of which 10^8 are frequent, less than one is taken for another.
    """
    assert min_letters > 0
    data, offsets = text_buffers(texts)
    most = int(offsets[-1] - offsets[0]) // min_letters + 1  # no letter has less than a byte
    found = Units(np.empty(most, np.uint64), *np.empty((3, most), np.int64))
    count = _hash_units(data, offsets, folding_table(), paragraphs, min_letters, found)
    return found.where(slice(count))


@numba.njit(cache=True, nogil=True)
def _hash_units(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    paragraphs: bool,
    min_letters: int,
    found: Units,
) -> int:
    """Fill in the units; returns their number."""
    count = 0
    for text in range(offsets.size - 1):
        first, end = offsets[text], offsets[text + 1]
        place = after_blank_lines(data, first, end)
        while place < end:
            start = place
            place, key, letters = _read_unit(data, start, end, folded, paragraphs)
            if letters >= min_letters:
                found.key[count], found.text[count] = key, text
                found.start[count], found.stop[count] = start - first, place - first
                count += 1
            place = after_blank_lines(data, place, end)
    return count


@inlined
def after_blank_lines(data: npt.NDArray[np.uint8], place: int, end: int) -> int:
    """Where the first line begins, from the beginning of a line at `place` on, that is not blank."""
    line = place
    while place < end and data[place] <= SPACE:
        place += 1
        if data[place - 1] == NEWLINE:
            line = place
    return end if place == end else line


@inlined
def _read_unit(
    data: npt.NDArray[np.uint8], place: int, end: int, folded: npt.NDArray[np.uint32], paragraphs: bool
) -> tuple[int, np.uint64, int]:
    """Where the line or paragraph at `place` ends (behind its newline), its key, and its letters."""
    key, gap, letters = _SEED, _GAP, np.uint32(0)
    while place < end:
        code, width = decode(data, place, end)
        value = folded[code]
        place += width
        if code == NEWLINE and (not paragraphs or after_blank_lines(data, place, end) != place):
            break
        if value == _LEFT_OUT:
            continue
        letters += (value >> _LETTER_BIT & _ONE) + (value >> _OPENS_BIT)
        is_letter = value != 0  # without a branch, for the end of a word cannot be predicted
        key = (key ^ np.uint64(value) ^ gap) * _PRIME if is_letter else key
        gap = np.uint64(0) if is_letter else _GAP
    return place, _mixed(key), int(np.int64(letters))


@inlined
def _mixed(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele et al. 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
