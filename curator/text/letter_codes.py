"""Texts of any script with a byte for each letter, so that what a compressor makes of them can be compared.

UTF-8 has two bytes for a Cyrillic letter and three for a Devanagari one, all but one of them predictable: bits per byte of the same
manual are 3.0 in English and 2.2 in Russian, as if Russian had less to say. Letter by letter they are 3.0 and 3.2, Chinese 3.1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IDEOGRAPH, SYLLABLE, KANA = 3.0, 2.5, 1.5
"""How many letters of an alphabet one stands for: what makes parallel manuals in Chinese, Korean and Japanese equal to English."""


def letter_codes(text: str, *, most: int) -> tuple[bytes, float]:
    """The first `most` letters as bytes, and how many letters they are (fewer where the text is shorter).

    ASCII stays. Letters of other alphabets are their place in half a Unicode block, with the high bit set: alphabets can collide
    with each other, which texts of one concept hardly mix. Ideographs, kana and Hangul syllables take two bytes.
    """
    points = np.frombuffer(text[:most].encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = _letters(points)
    count = int(np.searchsorted(np.cumsum(letters), most, side="right"))
    points, wide = points[:count], letters[:count] > 1
    low = np.where((points < 0x80) | wide, points & 0xFF, (points & 0x7F) | 0x80)
    pairs = np.stack([points >> 8 & 0xFF, low], axis=1).astype(np.uint8)
    used = np.stack([wide, np.ones(count, np.bool_)], axis=1)
    return pairs[used].tobytes(), float(letters[:count].sum())


def _letters(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """How many letters each code point stands for."""
    letters = np.ones(len(points))
    ideograph = ((points >= 0x2E80) & (points < 0xA4D0)) | ((points >= 0x20000) & (points < 0x40000))
    letters[ideograph] = IDEOGRAPH
    letters[(points >= 0x3040) & (points < 0x3100)] = KANA
    letters[(points >= 0xAC00) & (points < 0xD7B0)] = SYLLABLE
    return letters
