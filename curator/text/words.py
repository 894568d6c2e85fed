"""Cuts one UTF-8 document into words in a single pass over its bytes, and hashes every word once in two lanes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curator.text.characters import SPACE, TERMINAL, decode, inlined
from curator.text.tally import Tally

ENDS_TERMINAL = 32

_NEWLINE = 0x0A
_SHIFT, _FINAL_SHIFT = np.uint64(32), np.uint64(33)
_HIGH, _LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_FINAL_FIRST, _FINAL_SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)


class Words(NamedTuple):
    """The words of one document, in arrays that are reused for the next one. Item i is about word i."""

    hashes: npt.NDArray[np.uint64]
    kinds: npt.NDArray[np.uint8]  # the flags of all its characters, and ENDS_TERMINAL if the last one is a TERMINAL
    first_bytes: npt.NDArray[np.int64]
    last_bytes: npt.NDArray[np.int64]  # exclusive
    starts: npt.NDArray[np.int64]  # code points of the document before the word
    lengths: npt.NDArray[np.int64]  # code points in all words before the word, white space left out
    newlines: npt.NDArray[np.int64]  # between the word before and this one


class _Word(NamedTuple):
    last_byte: int
    characters: int
    kinds: np.int64
    high: np.uint64
    low: np.uint64


def new_words(most: int) -> Words:
    """Room for documents of up to `most` words. Pages of it that no document reaches take no memory."""
    places = [np.empty(most + 1, np.int64) for _ in range(5)]
    return Words(np.empty(most + 1, np.uint64), np.empty(most + 1, np.uint8), *places)


@inlined
def fold(state: np.uint64, value: np.uint64) -> np.uint64:
    """A hash and the next value of a sequence, mixed by the 64-bit finaliser of MurmurHash3. Order matters."""
    state = state * _HIGH + value
    state = (state ^ (state >> _FINAL_SHIFT)) * _FINAL_FIRST
    state = (state ^ (state >> _FINAL_SHIFT)) * _FINAL_SECOND
    return state ^ (state >> _FINAL_SHIFT)


@inlined
def _read_word(data: npt.NDArray[np.uint8], place: int, end: int, characters: npt.NDArray[np.uint8]) -> _Word:
    """Read from `place` to the next white space. The two hash lanes run side by side at the price of one."""
    high, low = _LOW, _HIGH
    count, kinds, last = 0, np.int64(0), np.int64(0)
    while place < end:
        code, width = decode(data, place, end)
        kind = np.int64(characters[code])
        if kind & SPACE:
            break
        last = kind
        kinds |= kind
        high = (high ^ np.uint64(code)) * _HIGH
        low = (low ^ np.uint64(code)) * _LOW
        high ^= high >> _SHIFT
        low ^= low >> _SHIFT
        place += width
        count += 1
    if last & TERMINAL:
        kinds |= ENDS_TERMINAL
    return _Word(place, count, kinds, high, low)


@inlined
def _read_space(
    data: npt.NDArray[np.uint8], place: int, end: int, characters: npt.NDArray[np.uint8]
) -> tuple[int, int, int]:
    """Read white space from `place` on: the byte after it, its code points and the newlines among them."""
    count = newlines = 0
    while place < end:
        code, width = decode(data, place, end)
        if not characters[code] & SPACE:
            break
        newlines += code == _NEWLINE
        place += width
        count += 1
    return place, count, newlines


@inlined
def read_words(
    data: npt.NDArray[np.uint8],
    start: int,
    end: int,
    characters: npt.NDArray[np.uint8],
    words: Words,
    tally: npt.NDArray[np.int64],
) -> tuple[np.uint64, np.uint64]:
    """Fill `words` from the bytes [start, end) and tally words, characters and newlines.

    Returns the 128-bit hash of the sequence of words as two independent lanes: equal for documents that differ only in
    white space. The number of words is folded in last.
    """
    high, low = _LOW, _HIGH
    count = 0
    words.lengths[0] = 0
    place, position, newlines = _read_space(data, start, end, characters)
    tally[Tally.NEWLINES] = newlines
    while place < end:
        word = _read_word(data, place, end, characters)
        words.hashes[count] = word.high
        words.kinds[count] = word.kinds
        words.first_bytes[count] = place
        words.last_bytes[count] = word.last_byte
        words.starts[count] = position
        words.newlines[count] = newlines
        words.lengths[count + 1] = words.lengths[count] + word.characters
        high = fold(high, word.high)
        low = fold(low, word.low)
        place, spaces, newlines = _read_space(data, word.last_byte, end, characters)
        tally[Tally.NEWLINES] += newlines
        position += word.characters + spaces
        count += 1
    tally[Tally.WORDS] = count
    tally[Tally.WORD_CHARACTERS] = words.lengths[count]
    tally[Tally.CHARACTERS] = position
    return fold(high, np.uint64(count)), fold(low, np.uint64(count))
