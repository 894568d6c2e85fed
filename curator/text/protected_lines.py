"""Which lines or paragraphs must stay whatever their number, because the rest of their text needs them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.kernel.looks import looks_like_code, shape_of
from curator.text.repeated_lines import NEWLINE, SPACE, Units

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

_BACKTICK, _HYPHEN, _HASH, _PIPE, _COLON = (np.uint8(ord(character)) for character in "`-#|:")
_STATEMENT_ENDS = tuple(map(ord, ";{}"))


def unprotected(texts: pa.Array, units: Units) -> Units:
    """The units that may be cut. `units` are sorted as `hash_units` gives them.

    Not those that the rest of the text needs: what ends in a colon leads to what follows; what begins with # or | is a heading
    with its text, or a table; lines in a fence of backticks (Markdown) or four hyphens (AsciiDoc), and lines of code by
    `looks_like_code` or by a semicolon or a brace at the end, are parts of a program.
    """
    data, offsets = text_buffers(texts)
    free = np.zeros(len(units.text), np.bool_)
    _find_unprotected(data, offsets, units.text, units.start, units.stop, free)
    return units.where(free)


@numba.njit(cache=True, nogil=True)
def _find_unprotected(
    data: Bytes, offsets: Places, texts: Places, starts: Places, stops: Places, free: npt.NDArray[np.bool_]
) -> None:
    place, fenced = 0, False
    for unit in range(texts.size):
        first = offsets[texts[unit]]
        if unit == 0 or texts[unit] != texts[unit - 1]:
            place, fenced = first, False
        place, fenced, _ = _read_lines(data, place, first + starts[unit], fenced, False)
        start = place
        place, fenced, is_code = _read_lines(data, place, first + stops[unit], fenced, True)
        free[unit] = not is_code and not _is_needed(data, start, place)


@inlined
def _read_lines(data: Bytes, place: int, end: int, fenced: bool, judges: bool) -> tuple[int, bool, bool]:
    """Go through whole lines to `end`: whether a fence is open there, and whether (if it is asked for) any line is code."""
    is_code = False
    while place < end:
        start = place
        while start < end and data[start] <= SPACE and data[start] != NEWLINE:
            start += 1
        place = start
        while place < end and data[place] != NEWLINE:
            place += 1
        is_fence = _is_fence(data, start, place)
        is_code |= fenced or is_fence
        fenced ^= is_fence
        if judges and not is_code and start < place:
            is_code = _ends_statement(data, start, place) or looks_like_code(
                data, start, place, shape_of(data, start, place)
            )
        place = min(place + 1, end)
    return place, fenced, is_code


@inlined
def _is_fence(data: Bytes, start: int, end: int) -> bool:
    """Three backticks or more and none behind them, which would be code inside a line (CommonMark 4.5), or AsciiDoc's `----`."""
    place = start
    while place < end and data[place] == _BACKTICK:
        place += 1
    if place - start < 3:
        return end - start == 4 and _HYPHEN == data[start] == data[start + 1] == data[start + 2] == data[start + 3]
    while place < end and data[place] != _BACKTICK:
        place += 1
    return place == end


@inlined
def _ends_statement(data: Bytes, start: int, end: int) -> bool:
    while end > start and data[end - 1] <= SPACE:
        end -= 1
    return end > start and data[end - 1] in _STATEMENT_ENDS


@inlined
def _is_needed(data: Bytes, start: int, end: int) -> bool:
    """Whether it leads to what follows, or begins as a heading or a table does. It has letters, so it is not blank."""
    while data[start] <= SPACE:
        start += 1
    while data[end - 1] <= SPACE:
        end -= 1
    if data[start] == _HASH or data[start] == _PIPE or data[end - 1] == _COLON:
        return True
    return bool(
        data[end - 1] == 0x9A and data[end - 2] == 0xBC and data[end - 3] == 0xEF
    )  # the wide colon of Chinese, Japanese
