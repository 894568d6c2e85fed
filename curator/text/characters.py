"""What the text statistics need to know of every Unicode code point, as flags in one table, and the UTF-8 decoder for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

import numba
import numpy as np
import numpy.typing as npt

from curator.text.kernel.compiled import inlined as kernel_inlined

inlined = numba.njit(nogil=True, forceinline=True)
"""For the parts of a kernel: called as functions they count references to every array that they are given, and the whole runs
at 25 instead of 60 MB/s. They are cached with that kernel, not by themselves."""

Flags = npt.NDArray[np.uint32]

CLASS = 31
"""The lowest five bits: what the profile's own rules for cutting words need (see `curator.text.profiles`)."""
LETTER, UPPER, DIGIT, BRACKET, SYMBOL = (1 << bit for bit in range(5, 10))
COUNTED_SHIFT, COUNTED = 5, 31
"""The five flags above are counted in every document; (kind >> COUNTED_SHIFT) & COUNTED is their combination."""
LOWER, SPACE, TERMINAL, UNSPACED, MARK, CUTS, CLUSTER, BULLET, PLAIN, SENTENCE_END, NOT_PUNCTUATION, HOST = (
    1 << bit for bit in range(10, 22)
)
ENDS_TERMINAL, JAVASCRIPT, POLICY, LOREM_IPSUM, OPEN_BRACE = (1 << bit for bit in range(22, 27))
"""Flags of a whole run: its last character is a TERMINAL; it holds "javascript" or "{"; a phrase ends in it."""

NO_SPACE_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # Han iteration mark and zero
    (0x3021, 0x3029),
    (0x3038, 0x303C),
    (0x3041, 0x309F),  # Hiragana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA980, 0xA9FF),  # Javanese, Myanmar
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),
)
TIBETAN = (0x0F00, 0x0FFF)
SEPARATORS = (
    *(0x0F0B, 0x0F0C, 0x0F0D, 0x0F0E, 0x0F0F, 0x0F10, 0x0F11, 0x0F14),  # tsheg, shad
    *range(0x3001, 0x3004),
    *range(0x3008, 0x3021),
    *(0x3030, 0x303D, 0x30A0, 0x30FB),
    *range(0xFE10, 0xFE1A),
    *range(0xFE30, 0xFE53),
    *(0xFF01, 0xFF08, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3B, 0xFF3D, *range(0xFF5B, 0xFF66)),
)
"""Punctuation of the scripts without spaces: it parts words and is none."""
UNSPACED_TERMINALS = (0x3002, 0xFF01, 0xFF0E, 0xFF1F, 0xFF61)
TERMINALS = (
    *(0x21, 0x2E, 0x3F, 0x203C, 0x203D, 0x2047, 0x2048, 0x2049, 0xFE52, 0xFE56, 0xFE57),  # . ! ? and their combinations
    *(0x0589, 0x061D, 0x061E, 0x061F, 0x06D4, 0x0700, 0x0701, 0x0702),  # Armenian, Arabic, Syriac
    *(0x0964, 0x0965, 0x104A, 0x104B, 0x17D4, 0x17D5),  # danda (Devanagari, Bengali, ...), Myanmar, Khmer
    *(0x1362, 0x1367, 0x1368, 0x1803, 0x1809),  # Ethiopic, Mongolian
    *UNSPACED_TERMINALS,
)
_MARKS = (0x23, 0x2E, 0x2026, 0x7B, 0x7D)
_LAST_LETTER = 0x40000
"""No letter, mark, digit or symbol is assigned from here on, but for variation selectors and private use."""


def where(holds: Callable[[str], bool], codes: Iterable[int] = range(_LAST_LETTER)) -> npt.NDArray[np.int64]:
    """The code points of whose characters something holds."""
    return np.array([code for code in codes if holds(chr(code))], np.int64)


@cache
def base_flags() -> Flags:
    """uint32[0x110000]: the sum of the flags that mean the same in all profiles.

    LETTER, UPPER, LOWER, SPACE   as `str.isalpha`, `isupper`, `islower` and `isspace` say: Python's Unicode data decides
    DIGIT     letter-like without being a letter: `isalnum` and not `isalpha` (digits and numbers of all scripts)
    BRACKET   ( ) [ ] { }
    SYMBOL    no letter, digit, combining mark or white space
    NOT_PUNCTUATION  its general category is none of P*
    UNSPACED  ends a sentence of Chinese or Japanese, which needs no white space after it
    MARK      counted one by one: # . … { }
    """
    table = np.zeros(0x110000, np.uint32)
    for flag, holds in ((LETTER, str.isalpha), (UPPER, str.isupper), (LOWER, str.islower), (SPACE, str.isspace)):
        table[where(holds)] |= flag
    table[where(lambda character: character.isalnum() and not character.isalpha())] |= DIGIT
    table[[ord(bracket) for bracket in "()[]{}"]] |= BRACKET
    category = np.array([unicodedata.category(chr(code))[0] for code in range(0x110000)])
    table[category != "P"] |= NOT_PUNCTUATION
    table[((table & (LETTER | DIGIT | SPACE)) == 0) & (category != "M")] |= SYMBOL
    table[list(UNSPACED_TERMINALS)] |= UNSPACED
    table[list(_MARKS)] |= MARK
    return table


@kernel_inlined
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


@kernel_inlined
def width_of(code: int) -> int:
    """Bytes of a code point in UTF-8."""
    return 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000)
