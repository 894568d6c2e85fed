"""What the kernels count in every document, as places in a row of int64. Ratios are computed from these afterwards."""

from __future__ import annotations

from enum import IntEnum

TOP_NGRAMS = range(2, 5)
DUPLICATE_NGRAMS = range(5, 11)


class Tally(IntEnum):
    """Places in the row. Characters are code points; a line or paragraph is one with a word in it."""

    CHARACTERS = 0
    WORDS = 1
    WORD_CHARACTERS = 2
    ALPHABETIC_WORDS = 3
    STOP_WORDS = 4
    HASHES = 5
    ELLIPSES = 6
    CURLY_BRACKETS = 7
    LOREM_IPSUM = 8
    SENTENCES = 9
    NEWLINES = 10
    BULLET_LINES = 11
    ELLIPSIS_LINES = 12
    PUNCTUATED_LINES = 13
    SHORT_LINES = 14
    LINES = 15
    DUPLICATE_LINES = 16
    DUPLICATE_LINE_CHARACTERS = 17
    PARAGRAPHS = 18
    DUPLICATE_PARAGRAPHS = 19
    DUPLICATE_PARAGRAPH_CHARACTERS = 20
    NGRAMS = 21  # characters, one place for each size in TOP_NGRAMS and then DUPLICATE_NGRAMS


TALLIES = Tally.NGRAMS + len(TOP_NGRAMS) + len(DUPLICATE_NGRAMS)
