"""Whether a line looks like source code or like a row of a table, by its bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.kernel.compiled import inlined, integer, part

_SEEN = 255
"""Bytes of a line that are looked at; no eight-bit count of them overflows."""
_FIELDS = ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "=<>{}()[];_/&|+*", "\t", "|", ",;")
_LETTERS, _DIGITS, _OPERATORS, _TABS, _PIPES, _COMMAS = (np.uint64(8 * field) for field in range(len(_FIELDS)))

_KINDS = "w~(){}[]<>=+-:;&|/*_!\"'"
"""w stands for all letters and digits, ~ for the space."""
_OTHER = 31
_PAIRS = (
    "w( () )( )) w[ ]] ]; ); }; ;} }) )} ){ ({ ]} [{ {{ }} w{ ': \": ): '; \"; => -> == != <= >= += -= := :: && || </ /> <w "
    "=\" =' \"> '> w_ /* */ =~ ~{ {~ ++ [' [\""
)
"""Neighbours in code that prose does not have."""
_SPARSE = 16
"""A line of code has such a pair for every so many bytes."""
_NOT_FIRST = tuple(map(ord, "=>|"))  # headings, quotations, tables


def _counts() -> npt.NDArray[np.uint64]:
    table = np.zeros(256, np.uint64)
    for field, characters in enumerate(_FIELDS):
        table[[ord(character) for character in characters]] += np.uint64(1 << 8 * field)
    table[0x80:] += np.uint64(1)
    return table


def _kinds() -> npt.NDArray[np.uint8]:
    """The place of every byte in `_KINDS`."""
    table = np.full(256, _OTHER, np.uint8)
    for kind, character in enumerate(_KINDS):
        table[ord(character)] = kind
    for byte in range(256):
        if byte >= 0x80 or chr(byte).isalnum():
            table[byte] = _KINDS.index("w")
    table[ord("~")], table[ord(" ")] = _OTHER, _KINDS.index("~")
    return table


def _pairs() -> npt.NDArray[np.bool_]:
    table = np.zeros((_OTHER + 1, _OTHER + 1), np.bool_)
    for pair in _PAIRS.split():
        table[_KINDS.index(pair[0]), _KINDS.index(pair[1])] = True
    return table


_COUNTS, _BYTE_KINDS, _CODE_PAIRS = _counts(), _kinds(), _pairs()
"""Per byte, one in the 8-bit field of its kind (bytes of other alphabets count as letters), and its place in `_KINDS`."""


@inlined
def shape_of(data: npt.NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """How many letters, digits, operators, tabs, pipes and commas the start of a line holds, in 8-bit fields."""
    shape = np.uint64(0)
    for place in range(start, min(end, start + _SEEN)):
        shape += _COUNTS[data[place]]
    return shape


@inlined
def _field(shape: np.uint64, shift: np.uint64) -> int:
    return integer(shape >> shift) & 0xFF


@inlined
def looks_like_table(shape: np.uint64) -> bool:
    """Two tabs, two pipes that are a third of all operators, or more digits than letters around two commas or more."""
    pipes = _field(shape, _PIPES)
    if _field(shape, _TABS) >= 2 or (pipes >= 2 and 3 * pipes >= _field(shape, _OPERATORS)):
        return True
    return _field(shape, _COMMAS) >= 2 and _field(shape, _DIGITS) > _field(shape, _LETTERS)


@part
def looks_like_code(data: npt.NDArray[np.uint8], start: int, end: int, shape: np.uint64) -> bool:
    """Enough pairs of characters that prose does not have. A word before a bracket, as in "word(s)", is not enough alone."""
    if _field(shape, _OPERATORS) < 2 or data[start] in _NOT_FIRST:
        return False
    pairs, end = 0, min(end, start + _SEEN)
    for place in range(start + 1, end):
        pairs += _CODE_PAIRS[_BYTE_KINDS[data[place - 1]], _BYTE_KINDS[data[place]]]
    return pairs >= 2 and pairs * _SPARSE >= end - start
