"""Cuts texts into lines without copying them and measures every line in one pass over the bytes."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import decode

_SPACE, _UPPER, _DIGIT = 1, 2, 4


class Lines(NamedTuple):
    """All lines of a column of texts, in order. Arrays are int64[lines] unless said otherwise; a newline is no character."""

    text: pa.LargeStringArray  # with the newline that ends it
    bounds: npt.NDArray[np.int64]  # [documents + 1]: lines bounds[i] to bounds[i + 1] are document i
    words: npt.NDArray[np.int64]  # as str.split cuts them
    characters: npt.NDArray[np.int64]
    upper: npt.NDArray[np.int64]  # characters for which str.isupper holds
    digits: npt.NDArray[np.int64]  # characters for which str.isdigit holds
    longest_word: npt.NDArray[np.int64]  # characters


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """uint8[0x110000]: _SPACE, _UPPER, _DIGIT. Unicode has none of them beyond U+1FFFF."""
    kinds = np.zeros(0x110000, np.uint8)
    characters = [chr(code) for code in range(0x20000)]
    for kind, holds in ((_SPACE, str.isspace), (_UPPER, str.isupper), (_DIGIT, str.isdigit)):
        kinds[:0x20000] |= np.array([kind * holds(character) for character in characters], np.uint8)
    return kinds


def cut_lines(text: pa.LargeStringArray) -> Lines:
    """The lines of all texts, which must hold no null. An empty text has no line, one that ends in a newline no empty last one."""
    assert text.type == pa.large_string(), text.type
    assert not text.null_count
    source, offsets = text_buffers(text)
    most = int(np.count_nonzero(source[offsets[0] : offsets[-1]] == 0x0A)) + len(text)
    ends = np.empty(most + 1, np.int64)
    bounds = np.zeros(len(text) + 1, np.int64)
    counts = np.zeros((5, most), np.int64)
    count = _measure(source, offsets, _kinds(), ends, bounds, counts)
    lines = pa.LargeStringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(source))
    return Lines(lines, bounds, *counts[:, :count])


@numba.njit(cache=True, nogil=True)
def _measure(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> int:
    """Fill `ends` (where line i starts, i + 1 ends), `bounds` and `counts` (as in Lines); returns the number of lines."""
    line = 0
    ends[0] = offsets[0]
    for document in range(len(offsets) - 1):
        place, end = offsets[document], offsets[document + 1]
        while place < end:
            words = characters = upper = digits = longest = length = 0
            while place < end and data[place] != 0x0A:
                code, width = decode(data, place, end)
                kind = np.int64(kinds[code])
                upper += (kind & _UPPER) != 0
                digits += (kind & _DIGIT) != 0
                length = 0 if kind & _SPACE else length + 1
                words += length == 1
                longest = max(longest, length)
                characters += 1
                place += width
            place = min(place + 1, end)
            counts[0, line], counts[1, line], counts[2, line] = words, characters, upper
            counts[3, line], counts[4, line] = digits, longest
            line += 1
            ends[line] = place
        bounds[document + 1] = line
    return line
