"""What the kernel counts in every document, as places in a row of int64. Columns are computed from these afterwards."""

from __future__ import annotations

from enum import IntEnum, auto

TOP_NGRAMS = range(2, 5)
DUPLICATE_NGRAMS = range(5, 11)


class Tally(IntEnum):
    """Places in the row. Characters are code points, a run is what `str.split` calls a word, a word what the profile does.

    Of equal lines, paragraphs and n-grams, LATER ones leave out the first copy and COPIED ones count it.
    """

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[int]) -> int:
        return count

    CHARACTERS = auto()
    NEWLINES = auto()
    LETTERS = auto()
    UPPER_CASE = auto()
    DIGITS = auto()
    BRACKETS = auto()
    SYMBOLS = auto()
    # runs
    RUNS = auto()
    RUN_CHARACTERS = auto()
    SPELLED_RUNS = auto()
    ALPHABETIC_RUNS = auto()
    MEDIAN_TWICE = auto()
    LONGEST_RUN = auto()
    URL_CHARACTERS = auto()
    HASHES = auto()
    ELLIPSES = auto()
    SPACED_ELLIPSES = auto()
    SYMBOL_RUNS = auto()
    CURLY_BRACKETS = auto()
    OPEN_BRACES = auto()
    LOREM_IPSUM = auto()
    SENTENCES = auto()
    # words
    WORDS = auto()
    WORD_CHARACTERS = auto()
    CLUSTERS = auto()
    CLUSTER_CHARACTERS = auto()
    PLAIN_WORDS = auto()
    PLAIN_CHARACTERS = auto()
    ALPHABETIC_WORDS = auto()
    UPPER_CASE_WORDS = auto()
    NUMERIC_WORDS = auto()
    UNIQUE_WORDS = auto()
    STOP_WORDS = auto()
    STOP_WORD_COPIES = auto()
    # lines: SCREEN_LINES are those of split("\n"), SPLIT_LINES of `str.splitlines`, FULL_LINES those with a run, LINES are compared
    SCREEN_LINES = auto()
    SPLIT_LINES = auto()
    FULL_LINES = auto()
    BULLET_LINES = auto()
    ELLIPSIS_LINES = auto()
    PUNCTUATED_LINES = auto()
    SHORT_LINES = auto()
    LONGEST_LINE = auto()
    ONE_WORD_LINES = auto()
    NUMERIC_LINES = auto()
    UPPER_CASE_LINES = auto()
    CODE_LINES = auto()
    TABLE_LINES = auto()
    JAVASCRIPT_LINES = auto()
    POLICY_LINES = auto()
    C4_LOREM_IPSUM = auto()
    C4_OPEN_BRACES = auto()
    C4_SENTENCES = auto()
    LINES = auto()
    LINE_CHARACTERS = auto()
    LATER_LINES = auto()
    LATER_LINE_CHARACTERS = auto()
    COPIED_LINES = auto()
    COPIED_LINE_CHARACTERS = auto()
    LATER_FULL_LINE_CHARACTERS = auto()
    PARAGRAPHS = auto()
    PARAGRAPH_CHARACTERS = auto()
    LATER_PARAGRAPHS = auto()
    LATER_PARAGRAPH_CHARACTERS = auto()
    COPIED_PARAGRAPHS = auto()
    COPIED_PARAGRAPH_CHARACTERS = auto()
    # n-grams: from each place on, one for each size in TOP_NGRAMS or in DUPLICATE_NGRAMS
    TOP_TIMES = 65
    TOP_SPACED = 68
    TOP_BARE = 71
    TOP_LONGEST = 74
    LATER_NGRAMS = 77
    COVERED_NGRAMS = 83
    COPIED_NGRAMS = 89
    ALL_NGRAMS = 95


TALLIES = Tally.ALL_NGRAMS + len(DUPLICATE_NGRAMS)
