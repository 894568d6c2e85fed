"""One table that says of every Unicode code point what the text statistics need to know, and the UTF-8 decoder for it."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

inlined = numba.njit(nogil=True, forceinline=True)
"""For the parts of the one kernel of `curator.text.statistics`: called as functions they count references to every array that
they are given, and the whole runs at 25 instead of 60 MB/s. They are cached with that kernel, not by themselves."""

SPACE, LETTER, TERMINAL, UNSPACED, MARK = 1, 2, 4, 8, 16

_SPACES = ((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A))
_RARE_SPACES = ((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000))
_NOT_LETTERS = (
    (0x00, 0x40),  # ASCII around the two alphabets
    (0x5B, 0x60),
    (0x7B, 0x7F),
    (0x80, 0xBF),  # Latin-1 controls and symbols
    (0x2000, 0x206F),  # general punctuation
    (0x2190, 0x2BFF),  # arrows, mathematics, boxes, shapes, dingbats
    (0x3000, 0x303F),  # CJK punctuation
    (0xFE00, 0xFE6F),  # variation selectors, vertical and small forms of punctuation
    (0xFF01, 0xFF20),  # full-width ASCII around the two alphabets
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0x1F000, 0x1FAFF),  # emoji
)
_UNSPACED_TERMINALS = (0x3002, 0xFF01, 0xFF0E, 0xFF1F, 0xFF61)
_TERMINALS = (
    *(0x21, 0x2E, 0x3F, 0x203C, 0x203D, 0x2047, 0x2048, 0x2049, 0xFE52, 0xFE56, 0xFE57),  # . ! ? and their combinations
    *(0x0589, 0x061D, 0x061E, 0x061F, 0x06D4, 0x0700, 0x0701, 0x0702),  # Armenian, Arabic, Syriac
    *(0x0964, 0x0965, 0x104A, 0x104B, 0x17D4, 0x17D5),  # danda (Devanagari, Bengali, ...), Myanmar, Khmer
    *(0x1362, 0x1367, 0x1368, 0x1803, 0x1809),  # Ethiopic, Mongolian
)
_MARKS = (0x23, 0x2E, 0x2026, 0x7B, 0x7D)


def _table() -> npt.NDArray[np.uint8]:
    table = np.full(0x110000, LETTER, dtype=np.uint8)
    for first, last in _NOT_LETTERS:
        table[first : last + 1] = 0
    for first, last in _SPACES + _RARE_SPACES:
        table[first : last + 1] = SPACE
    table[list(_TERMINALS)] = TERMINAL
    table[list(_UNSPACED_TERMINALS)] = TERMINAL | UNSPACED
    table[list(_MARKS)] |= MARK
    table.flags.writeable = False
    return table


CHARACTERS = _table()
"""uint8[0x110000]: the sum of these flags for each code point.

SPACE     separates words: exactly what Python's `str.split` splits at
LETTER    an ASCII letter, or any code point from U+0080 on outside the blocks of punctuation, symbols and emoji above and not
          a TERMINAL. Combining marks and the digits of most other scripts count as letters, so no property table is needed.
TERMINAL  ends a sentence: Unicode's Sentence_Terminal in the scripts of everyday use
UNSPACED  a TERMINAL of Chinese or Japanese, which needs no white space after it
MARK      counted on its own: # . … { }
"""


@inlined
def decode(data: npt.NDArray[np.uint8], place: int, end: int) -> tuple[np.int64, int]:
    """The code point at byte `place` and its width. Arrow promises valid UTF-8; a cut end is never read beyond."""
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, 1
    width = 2 if lead < 0xE0 else (3 if lead < 0xF0 else 4)
    if place + width > end:
        return np.int64(0xFFFD), end - place
    code = lead & (0x7F >> width)
    for offset in range(1, width):
        code = code << 6 | np.int64(data[place + offset]) & 0x3F
    return code, width
