"""How easy texts are to read by the length of their words and sentences: Flesch's reading ease, in the languages that have one.

Words are runs of the characters that count for `curator.text.folding`: "don't" is one, "well-known" is two.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.characters import decode, inlined
from curator.text.folding import LEFT_OUT, folding_table
from curator.text.kernel.compiled import integer


class Flesch(NamedTuple):
    """Reading ease = constant - by_sentence * words per sentence - by_word * syllables per word, and the vowels of the language.

    Neighbouring vowels are one syllable, unless both are `strong` or one of them stands `apart`.
    """

    constant: float
    by_sentence: float
    by_word: float
    weak: str
    strong: str = ""
    apart: str = ""


FORMULAS = {
    "en": Flesch(206.835, 1.015, 84.6, "aeiouy", apart="äëïö"),  # Flesch 1948, A new readability yardstick
    "de": Flesch(180, 1, 58.5, "aeiouyäöü"),  # Amstad 1978, Wie verständlich sind unsere Zeitungen?
    "fr": Flesch(207, 1.015, 73.6, "aeiouyàâæéèêîôœùûü", apart="ëï"),  # Kandel & Moles 1958
    "es": Flesch(206.835, 1, 62.3, "iuyü", strong="aeoáéó", apart="íú"),  # Szigriszt-Pazos 1993
    "it": Flesch(217, 1.3, 60, "iuy", strong="aeoàéèóò", apart="íìúù"),  # Franchina & Vacca 1986
    "nl": Flesch(206.84, 0.93, 77, "aeiouyáéèóúí", apart="ëïöü"),  # Douma 1960, De leesbaarheid van landbouwbladen
    "ru": Flesch(206.835, 1.3, 60.1, "", strong="аеёиоуыэюя"),  # Oborneva 2006
}
_LANGUAGES = list(FORMULAS)
_ENGLISH = _LANGUAGES.index("en")
_WEAK, _STRONG, _APART = 1, 2, 3  # two that add up to four are two syllables
_CODES = 0x480  # all vowels are below; the last code stands for whatever is not
_CODE_BITS, _LEFT_OUT = np.uint32(0x1FFFFF), np.uint32(LEFT_OUT)
_NEWLINE, _SPACE, _NO_BREAK_SPACE = 0x0A, 0x20, 0xA0
_FULL_STOP, _EXCLAMATION, _QUESTION, _ELLIPSIS = 0x2E, 0x21, 0x3F, 0x2026
_E, _L = 0x65, 0x6C


def reading_ease(texts: pa.Array, languages: pa.Array) -> npt.NDArray[np.float32]:
    """Flesch's reading ease of each text, float32[documents]. LARGER IS EASIER: 90 is a children's book, 60 plain prose, 30 a law.

    `texts` is string or large_string (null is empty), `languages` holds the ISO 639-1 code of each. NaN where the language is
    none of FORMULAS and for a text without a word. There is no bound: a list of a thousand words is one sentence, and far below 0.

    Syllables are groups of vowels (see `Flesch`) less the silent e of English: at the end of a word, after a consonant, but as in
    "table". Of the words of running English 93 % are given those that CMUdict has, and their mean is 0.2 % off; in other
    languages nothing is silent. A word has at least one, a number too.
    A sentence ends at . ! ? or an ellipsis before white space, at an empty line and at the end of the text, but not at the full
    stop of a single letter or digit ("J. Smith", "e.g.", "1. First").
    """
    listed = pc.fill_null(pc.index_in(languages.cast(pa.string()), pa.array(_LANGUAGES, pa.string())), -1)
    rows = listed.to_numpy(zero_copy_only=False).astype(np.int64)
    data, offsets = text_buffers(texts)
    counts = np.zeros((3, len(texts)), np.int64)
    _count(data, offsets, rows, folding_table(), _vowels(), counts)
    words, sentences, syllables = counts
    constant, by_sentence, by_word = np.array([formula[:3] for formula in FORMULAS.values()])[rows].T
    ease = constant - by_sentence * words / np.maximum(sentences, 1) - by_word * syllables / np.maximum(words, 1)
    return np.where(words > 0, ease, np.nan).astype(np.float32)


@cache
def _vowels() -> npt.NDArray[np.uint8]:
    """uint8[languages, codes]: what kind of vowel a small letter is, 0 for none."""
    table = np.zeros((len(FORMULAS), _CODES), np.uint8)
    for row, formula in zip(table, FORMULAS.values(), strict=True):
        for kind, letters in ((_WEAK, formula.weak), (_STRONG, formula.strong), (_APART, formula.apart)):
            row[[ord(letter) for letter in letters]] = kind
    table.flags.writeable = False
    return table


@numba.njit(cache=True, nogil=True)
def _count(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    vowels: npt.NDArray[np.uint8],
    counts: npt.NDArray[np.int64],
) -> None:
    """Words, sentences and syllables of each text of which the language has a row of vowels."""
    for text in range(offsets.size - 1):
        at, end, row, closed = offsets[text], offsets[text + 1], rows[text], 0
        while at < end and row >= 0:
            at, letters, syllables = _read_word(data, at, end, folded, vowels[row], row == _ENGLISH)
            counts[0, text] += letters > 0
            counts[2, text] += syllables
            at, closes = _read_gap(data, at, end, folded, letters == 1)
            if closes and counts[0, text] > closed:
                counts[1, text] += 1
                closed = counts[0, text]


@inlined
def _read_word(
    data: npt.NDArray[np.uint8],
    at: int,
    end: int,
    folded: npt.NDArray[np.uint32],
    vowels: npt.NDArray[np.uint8],
    silent_e: bool,
) -> tuple[int, int, int]:
    """Where the word ends that begins at byte `at`, its letters and syllables: none of both if there is no word."""
    letters, syllables, before = 0, 0, 0
    third, second, last = _CODES - 1, _CODES - 1, _CODES - 1
    while at < end:
        code, width = decode(data, at, end)
        value = folded[code]
        if value == 0:
            break
        at += width
        if value != _LEFT_OUT:
            third, second, last = second, last, min(integer(value & _CODE_BITS), _CODES - 1)
            kind = integer(vowels[last])
            syllables += kind > 0 and (before == 0 or before + kind >= 4)
            before, letters = kind, letters + 1
    after_consonant = last == _E and vowels[second] == 0 and (second != _L or vowels[third] > 0)
    syllables -= silent_e and after_consonant
    return at, letters, max(syllables, min(letters, 1))


@inlined
def _read_gap(
    data: npt.NDArray[np.uint8], at: int, end: int, folded: npt.NDArray[np.uint32], after_letter: bool
) -> tuple[int, bool]:
    """Where the next word begins, and whether a sentence ends before it."""
    stops, closes, newlines = False, False, 0
    while at < end:
        code, width = decode(data, at, end)
        if folded[code] != 0 and folded[code] != _LEFT_OUT:
            break
        at += width
        if code <= _SPACE or code == _NO_BREAK_SPACE:
            newlines += code == _NEWLINE
            closes = closes or stops or newlines > 1
        else:
            newlines = 0
            mark = code == _FULL_STOP and not after_letter
            stops = stops or mark or code == _EXCLAMATION or code == _QUESTION or code == _ELLIPSIS
    return at, closes or at == end
