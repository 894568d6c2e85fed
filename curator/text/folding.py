"""One table that says how every code point counts when texts are compared word by word: folded, left out, between words."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

ALONE, LETTER, LEFT_OUT, UNSPACED, OPENS = 1 << 27, 1 << 28, 1 << 29, 1 << 30, 1 << 31

_APOSTROPHES = (0x27, 0x2018, 0x2019, 0x02BC, 0xFF07)
_BY_CHARACTER = (
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3041, 0x312F),  # kana, bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x20000, 0x323AF),
)
_BY_CHUNK = (
    (0x0E01, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17D3),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0xA980, 0xA9DF),  # Javanese
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
)
_HAN_AND_HANGUL = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x323B0))
_OTHERS = ((0, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7A4, 0x20000), (0xE0000, 0xE0200))
"""Letters without case, and the rest of what is assigned, which is looked up at a microsecond each."""


@cache
def folding_table() -> npt.NDArray[np.uint32]:
    """uint32[0x110000], 0 for what stands between words, LEFT_OUT for what is skipped, else the folded code point with flags.

    Letters, digits and marks count, in Unicode's simple case folding (one code point each; ß stays). Punctuation, symbols and white
    space stand between words; apostrophes, format characters (soft hyphen, joiners, marks of direction) and variation selectors
    are left out, so "don't" and "dont" are one word. UNSPACED marks the scripts that are written without spaces: a word
    ends where they meet another script, and OPENS begins a new one. Chinese and Japanese have a word for every character: ALONE.
    Thai, Lao, Khmer, Myanmar and their like, in which a word is about four letters, have a new one at every fourth letter
    of their alphabets on average, chosen by a hash of the letter alone: equal passages fall into equal words wherever they stand.
    """
    table = np.arange(0x110000, dtype=np.uint32)
    for first, last in _HAN_AND_HANGUL:
        table[first:last] |= np.uint32(LETTER)
    for first, last in _OTHERS:
        table[first:last] = [_fold(code) for code in range(first, last)]
    for first, last in _BY_CHARACTER:
        _flag(table, np.arange(first, last + 1), UNSPACED | OPENS | ALONE)
    for first, last in _BY_CHUNK:
        _flag(table, np.arange(first, last + 1), UNSPACED)
        _flag(table, np.array([code for code in range(first, last + 1) if _opens(code)]), OPENS)
    table.flags.writeable = False
    return table


def _fold(code: int) -> int:
    character = chr(code)
    category = unicodedata.category(character)
    if code in _APOSTROPHES or category in ("Cf", "Cs") or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return LEFT_OUT
    if category[0] in "PSZ" or category == "Cc":
        return 0
    folded = next((form for form in (character.casefold(), character.lower()) if len(form) == 1), character)
    return ord(folded) | LETTER * (category[0] == "L")


def _opens(code: int) -> bool:
    """A quarter of the letters, by the highest two bits of a multiplicative hash (Knuth 1973, section 6.4). Marks never open."""
    return unicodedata.category(chr(code))[0] == "L" and code * 0x9E3779B1 % 2**32 >> 30 == 0


def _flag(table: npt.NDArray[np.uint32], codes: npt.NDArray[np.int64], flags: int) -> None:
    """Flag those of the code points that belong to words."""
    inside = codes[(table[codes] != 0) & (table[codes] != LEFT_OUT)]
    table[inside] |= np.uint32(flags)
