"""The profiles: what counts as a word for datatrove, DCLM, Dolma and curator, as a table of code points and a few flags.

What each profile divides by what stands in `curator.text.columns`.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curator.config.profiles import Profile
from curator.text.characters import (
    BULLET,
    CLUSTER,
    CUTS,
    DIGIT,
    HOST,
    LETTER,
    NO_SPACE_SCRIPTS,
    PLAIN,
    SENTENCE_END,
    SEPARATORS,
    TERMINAL,
    TERMINALS,
    TIBETAN,
    Flags,
    base_flags,
    where,
)
from curator.text.profile_characters import (
    ALONE,
    KATAKANA_RANGES,
    LINE_ENDS,
    PUNCTUATION,
    QUOTES,
    SENTENCE_ENDS,
    SYMBOLS,
)

WHOLE, CUT_RULES, CUT_AFFIXES = range(3)
"""How a run becomes words: not at all, by the table `cuts`, or as spaCy does."""
CUT_BEFORE, CUT_AFTER = 1, 2

# Classes of the table `cuts`. Runs never hold white space; ORDINARY also stands for what is before and after a run.
ORDINARY, EXTEND, CLUSTER_BASE, SYLLABLE, SEPARATOR = range(5)
WORD, NUMBER, KATAKANA, CONNECTOR, WORD_MIDDLE, NUMBER_MIDDLE, MIDDLE = 2, 3, 4, 5, 6, 7, 8
CLASSES = 9

# Flags in place of a class where affixes are cut.
BOUNDARY, QUOTE, ICON, CURRENCY, STOPPED = (1 << bit for bit in range(5))

RAW_LINES = 1  # white space at the ends of a line counts: for its length, its copies and its punctuation
RAW_BULLETS = 2  # ... and for bullets and ellipses
EDGE_LINES = 4  # lines of white space are lines, and so are empty ones at the start and the end
EMPTY_PARTS = 8  # only lines without any character part paragraphs; otherwise all lines without a word do
DOTS_END = 16  # "..." at the end of a line is an ellipsis
SPACED_DOTS = 32  # ". . ." is an ellipsis, at the end of a line and elsewhere
RUN_STOP_WORDS = 64  # stop words are looked for among the runs; otherwise among the words
FOLDED_STOP_WORDS = 128  # ... in any case
BARE_STOP_WORDS = 256  # ... within any ASCII punctuation


class Rules(NamedTuple):
    """What the kernel is told of a profile."""

    characters: Flags  # [0x110000]
    cuts: npt.NDArray[np.uint8]  # [class before, class, class behind]: CUT_BEFORE and CUT_AFTER
    looks: npt.NDArray[np.bool_]  # [class]: the class behind matters
    cut: int
    first: int  # flags of which the first character of a piece has one, if the piece is a word
    any: int  # flags of which some character of it has one
    flags: int


@cache
def rules_of(profile: Profile) -> Rules:
    """The tables of a profile, built once in a process (0.3 s)."""
    rules = {"curator": _curator, "datatrove": _datatrove, "dclm": _dclm, "dolma": _dolma}[profile]()
    for table in (rules.characters, rules.cuts, rules.looks):
        table.flags.writeable = False
    return rules


def _no_cuts() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    return np.zeros((CLASSES, CLASSES, CLASSES), np.uint8), np.zeros(CLASSES, np.bool_)


def _within(ranges: tuple[tuple[int, int], ...]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.arange(first, last + 1) for first, last in ranges])


def _marks() -> npt.NDArray[np.int64]:
    """Combining marks and invisible characters that join: the variation selectors, the joiners, the soft hyphen."""
    codes = [*range(0x20000), *range(0xE0000, 0xE0200)]
    return where(
        lambda character: unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") and character != "\u200b", codes
    )


def _curator() -> Rules:
    """Runs; those of scripts without spaces are cut into clusters of one letter and its marks, Tibetan ones into syllables.

    A piece of such a run without a letter or digit is no word. A Tibetan syllable counts as a cluster.
    """
    table = base_flags().copy()
    table[list(TERMINALS)] |= TERMINAL
    table[[0x2022, 0x2D]] |= BULLET
    unspaced, tibetan = _within(NO_SPACE_SCRIPTS), np.arange(TIBETAN[0], TIBETAN[1] + 1)
    table[[*_marks(), 0x30FC, 0xFF70, 0xFF9E, 0xFF9F]] |= EXTEND  # the last four lengthen or voice a Japanese syllable
    for codes, kind in ((unspaced, CLUSTER_BASE), (tibetan, SYLLABLE)):
        letters = codes[(table[codes] & LETTER) != 0]
        table[letters] += np.uint32(kind | CUTS | CLUSTER)
    table[list(SEPARATORS)] &= ~np.uint32(31)
    table[list(SEPARATORS)] |= SEPARATOR | CUTS
    cuts, looks = _no_cuts()
    cuts[:, [CLUSTER_BASE, SEPARATOR]] = CUT_BEFORE | CUT_AFTER
    cuts[ORDINARY, SYLLABLE] = cuts[SYLLABLE, ORDINARY] = CUT_BEFORE
    return Rules(
        table, cuts, looks, CUT_RULES, 0xFFFFFFFF, LETTER | DIGIT, FOLDED_STOP_WORDS | BARE_STOP_WORDS | DOTS_END
    )


def _dolma() -> Rules:
    table = base_flags().copy()
    table[list(TERMINALS)] |= TERMINAL
    table[[0x2A, 0x2D]] |= BULLET
    cuts, looks = _no_cuts()
    return Rules(table, cuts, looks, WHOLE, 0, 0, RAW_LINES | RAW_BULLETS | EDGE_LINES | RUN_STOP_WORDS)


MIDDLES = {
    WORD_MIDDLE: ":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a",
    NUMBER_MIDDLE: ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe50\ufe54\uff0c\uff1b",
    MIDDLE: ".'\u2018\u2019\u2024\ufe52\uff07\uff0e",
}


def _dclm_classes() -> npt.NDArray[np.uint32]:
    """The Word_Break property of UAX 29, from general categories and a few ranges, but for Hebrew quotes and emoji."""
    categories = np.array([unicodedata.category(chr(code)) for code in range(0x110000)])
    classes = np.zeros(0x110000, np.uint32)
    classes[np.char.startswith(categories, "L") | (categories == "Nl")] = WORD
    classes[categories == "Pc"] = CONNECTOR
    alone = _within(ALONE)
    classes[alone] = 0
    classes[categories == "Nd"] = NUMBER
    classes[[*_marks(), 0xFF9E, 0xFF9F]] = EXTEND
    classes[_within(KATAKANA_RANGES)] = KATAKANA
    for kind, characters in MIDDLES.items():
        classes[[ord(character) for character in characters]] = kind
    return classes


def _dclm() -> Rules:
    """Unicode's word boundaries (UAX 29); a word begins with a letter or a digit (`str.isalnum`)."""
    table = base_flags().copy()
    table[list(TERMINALS)] |= TERMINAL
    table[[0x25CF, 0x2022, 0x2A, 0x2D]] |= BULLET
    classes = _dclm_classes()
    table |= classes
    joined = ((classes == WORD) | (classes == NUMBER)) & ((table & (LETTER | DIGIT)) != 0)
    table[~joined] |= CUTS
    cuts, looks = _no_cuts()
    cuts[:] = CUT_BEFORE
    for before in (WORD, NUMBER, KATAKANA, CONNECTOR):
        for kind in (WORD, NUMBER, KATAKANA, CONNECTOR):
            letters = before in (WORD, NUMBER) and kind in (WORD, NUMBER)
            if letters or before == kind or CONNECTOR in (before, kind):
                cuts[before, kind] = 0
    for kind, sides in ((WORD_MIDDLE, (WORD,)), (NUMBER_MIDDLE, (NUMBER,)), (MIDDLE, (WORD, NUMBER))):
        looks[kind] = True
        cuts[:, kind] = CUT_BEFORE | CUT_AFTER
        cuts[kind, :] = np.where(cuts[kind, :] == CUT_BEFORE, 0, cuts[kind, :])
        for side in sides:
            cuts[side, kind, side] = 0
    flags = EMPTY_PARTS | DOTS_END | SPACED_DOTS | RUN_STOP_WORDS | FOLDED_STOP_WORDS
    return Rules(table, cuts, looks, CUT_RULES, LETTER | DIGIT, LETTER | DIGIT, flags)


def _points(ranges: str) -> npt.NDArray[np.int64]:
    """The code points of ranges such as "21 2E-2F"."""
    parts = [part.split("-") for part in ranges.split()]
    return _within(tuple((int(part[0], 16), int(part[-1], 16)) for part in parts))


def _datatrove() -> Rules:
    """Tokens of a blank English spaCy without its lists of exceptions; all of them are words."""
    table = base_flags().copy()
    sentence_ends, line_ends = _points(SENTENCE_ENDS), _points(LINE_ENDS)
    table[[*sentence_ends, *line_ends]] |= TERMINAL
    table[sentence_ends] |= SENTENCE_END
    table[[0x2022, 0x2D]] |= BULLET
    table |= np.uint32(PLAIN)
    table[[*sentence_ends, *line_ends, *_points(SYMBOLS)]] &= ~np.uint32(PLAIN)
    quotes, punctuation = list(map(ord, QUOTES)), list(map(ord, PUNCTUATION))
    table[quotes] |= QUOTE
    table[[*quotes, *punctuation, 0x2013, 0x2014]] |= BOUNDARY
    table[[*quotes, *punctuation, *map(ord, "%\u00b2-+|")]] |= STOPPED
    table[where(lambda character: unicodedata.category(character) == "Sc")] |= CURRENCY
    table[where(lambda character: unicodedata.category(character) == "So")] |= ICON
    table[[*_points("30-39 41-5A 61-7A A1-FFFF")]] |= HOST
    table[((table & 31) != 0) | np.isin(np.arange(0x110000), list(map(ord, "\u00a7%=+-*^:<>/~.0123456789")))] |= CUTS
    cuts, looks = _no_cuts()
    anything = 0xFFFFFFFF
    return Rules(table, cuts, looks, CUT_AFFIXES, anything, anything, RAW_LINES | EDGE_LINES | EMPTY_PARTS | DOTS_END)
