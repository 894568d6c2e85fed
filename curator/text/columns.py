"""What each profile divides by what: the columns of the statistics, computed from the tallies of the kernel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.config.profiles import Profile
from curator.text.kernel.tally import DUPLICATE_NGRAMS, TOP_NGRAMS, Tally

Tallies = npt.NDArray[np.int64]
Ratios = dict[str, tuple[int, int]]
Columns = dict[str, npt.NDArray[np.generic]]

_COUNTS: dict[str, int] = {
    "characters": Tally.CHARACTERS,
    "longest_word": Tally.LONGEST_RUN,
    "longest_line": Tally.LONGEST_LINE,
}
_RATIOS: Ratios = {
    "unique_words": (Tally.UNIQUE_WORDS, Tally.WORDS),
    "upper_case": (Tally.UPPER_CASE, Tally.LETTERS),
    "digits": (Tally.DIGITS, Tally.CHARACTERS),
    "non_alphanumeric": (Tally.SYMBOLS, Tally.CHARACTERS),
    "parentheses": (Tally.BRACKETS, Tally.CHARACTERS),
    "url_characters": (Tally.URL_CHARACTERS, Tally.CHARACTERS),
    "upper_case_words": (Tally.UPPER_CASE_WORDS, Tally.WORDS),
    "numeric_words": (Tally.NUMERIC_WORDS, Tally.WORDS),
    "punctuated_lines": (Tally.PUNCTUATED_LINES, Tally.FULL_LINES),
    "short_lines": (Tally.SHORT_LINES, Tally.FULL_LINES),
    "one_word_lines": (Tally.ONE_WORD_LINES, Tally.FULL_LINES),
    "numeric_lines": (Tally.NUMERIC_LINES, Tally.FULL_LINES),
    "upper_case_lines": (Tally.UPPER_CASE_LINES, Tally.FULL_LINES),
    "code_lines": (Tally.CODE_LINES, Tally.FULL_LINES),
    "table_lines": (Tally.TABLE_LINES, Tally.FULL_LINES),
    "javascript_lines": (Tally.JAVASCRIPT_LINES, Tally.FULL_LINES),
    "policy_lines": (Tally.POLICY_LINES, Tally.FULL_LINES),
}
"""Alike in all profiles, over the profile's words."""

_LATER: Ratios = {
    "duplicate_lines": (Tally.LATER_LINES, Tally.LINES),
    "duplicate_paragraphs": (Tally.LATER_PARAGRAPHS, Tally.PARAGRAPHS),
    "duplicate_line_characters": (Tally.LATER_LINE_CHARACTERS, Tally.CHARACTERS),
    "duplicate_paragraph_characters": (Tally.LATER_PARAGRAPH_CHARACTERS, Tally.CHARACTERS),
}
_COPIED: Ratios = {
    "duplicate_lines": (Tally.COPIED_LINES, Tally.LINES),
    "duplicate_paragraphs": (Tally.COPIED_PARAGRAPHS, Tally.PARAGRAPHS),
    "duplicate_line_characters": (Tally.COPIED_LINE_CHARACTERS, Tally.LINE_CHARACTERS),
    "duplicate_paragraph_characters": (Tally.COPIED_PARAGRAPH_CHARACTERS, Tally.PARAGRAPH_CHARACTERS),
}
_PER_RUN: Ratios = {
    "mean_word_length": (Tally.RUN_CHARACTERS, Tally.RUNS),
    "newlines_per_word": (Tally.NEWLINES, Tally.RUNS),
    "alphabetic_words": (Tally.ALPHABETIC_RUNS, Tally.RUNS),
}


def columns_of(tallies: Tallies, profile: Profile) -> Columns:
    """The columns of a profile from int64[documents, TALLIES]: counts int64, ratios float32, 0 where the divisor is."""
    own = {"curator": _curator, "datatrove": _datatrove, "dclm": _dclm, "dolma": _dolma}[profile]
    counts = {name: tallies[:, place] for name, place in _COUNTS.items()}
    spaces = tallies[:, Tally.CHARACTERS] - tallies[:, Tally.RUN_CHARACTERS]
    white_space = {"white_space": share(spaces, tallies[:, Tally.CHARACTERS])}
    return counts | white_space | _ratios(tallies, _RATIOS) | own(tallies)


def share(part: Tallies, whole: Tallies) -> npt.NDArray[np.float32]:
    """Float32 quotients, 0 where there is nothing to divide by."""
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0).astype(np.float32)


def _curator(tallies: Tallies) -> Columns:
    """Two clusters of a script without spaces count as one word: Chinese words have 1.5 to 1.8 characters, Japanese 2.2."""
    clusters = tallies[:, Tally.CLUSTERS]
    words = tallies[:, Tally.WORDS] - clusters + (clusters + 1) // 2
    whole = tallies[:, Tally.CHARACTERS]
    per_word = {
        "symbols_per_word_hash": Tally.HASHES,
        "symbols_per_word_ellipsis": Tally.ELLIPSES,
        "newlines_per_word": Tally.NEWLINES,
    }
    tops = {}
    for step, size in enumerate(TOP_NGRAMS):
        recurs = tallies[:, Tally.TOP_TIMES + step] > 1
        characters = np.minimum(tallies[:, Tally.TOP_SPACED + step], whole)
        tops[f"top_{size}gram"] = share(np.where(recurs, characters, 0), whole)
    spaced = tallies[:, Tally.WORDS] - clusters
    spaced_characters = tallies[:, Tally.WORD_CHARACTERS] - tallies[:, Tally.CLUSTER_CHARACTERS]
    return {
        "words": words,
        "stop_words": tallies[:, Tally.STOP_WORDS],
        "sentences": tallies[:, Tally.SENTENCES],
        "curly_bracket": tallies[:, Tally.CURLY_BRACKETS],
        "lorem_ipsum": tallies[:, Tally.LOREM_IPSUM],
        "mean_word_length": np.ma.masked_array(share(spaced_characters, spaced), spaced == 0),
        "alphabetic_words": share(tallies[:, Tally.ALPHABETIC_WORDS], tallies[:, Tally.WORDS]),
        **{name: share(tallies[:, place], words) for name, place in per_word.items()},
        **_ratios(tallies, _LATER | _shapes(Tally.FULL_LINES)),
        **_fineweb(tallies),
        **tops,
        **_duplicates(tallies, Tally.LATER_NGRAMS, Tally.CHARACTERS),
    }


def _datatrove(tallies: Tallies) -> Columns:
    per_word: Ratios = {
        "mean_word_length": (Tally.PLAIN_CHARACTERS, Tally.PLAIN_WORDS),
        "symbols_per_word_hash": (Tally.HASHES, Tally.WORDS),
        "symbols_per_word_ellipsis": (Tally.ELLIPSES, Tally.WORDS),
        "newlines_per_word": (Tally.NEWLINES, Tally.WORDS),
        "alphabetic_words": (Tally.ALPHABETIC_WORDS, Tally.WORDS),
    }
    repetition = _ratios(tallies, _LATER)
    empty = tallies[:, Tally.CHARACTERS] == 0  # datatrove drops it among the repetitive ones
    return {
        "words": tallies[:, Tally.PLAIN_WORDS],
        "stop_words": tallies[:, Tally.STOP_WORDS],
        "sentences": tallies[:, Tally.C4_SENTENCES],
        "curly_bracket": tallies[:, Tally.C4_OPEN_BRACES],
        "lorem_ipsum": tallies[:, Tally.C4_LOREM_IPSUM],
        **_ratios(tallies, _shapes(Tally.SPLIT_LINES) | per_word),
        **repetition,
        "duplicate_lines": np.where(empty, np.float32(1), repetition["duplicate_lines"]),
        **_fineweb(tallies),
        **_tops(tallies, Tally.TOP_SPACED, Tally.CHARACTERS),
        **_duplicates(tallies, Tally.LATER_NGRAMS, Tally.CHARACTERS),
    }


def _dclm(tallies: Tallies) -> Columns:
    """A text of white space alone is repetition and symbols and nothing else: DCLM drops it."""
    symbols = tallies[:, [Tally.HASHES, Tally.ELLIPSES, Tally.SPACED_ELLIPSES]].sum(axis=1)
    repetition = {
        "symbols_per_word_hash": share(symbols, tallies[:, Tally.RUNS]),
        **_ratios(tallies, _COPIED),
        **_tops(tallies, Tally.TOP_LONGEST, Tally.WORD_CHARACTERS),
        **_duplicates(tallies, Tally.COVERED_NGRAMS, Tally.WORD_CHARACTERS),
    }
    blank = tallies[:, Tally.RUNS] == 0
    return {
        "words": tallies[:, Tally.SPELLED_RUNS],
        "stop_words": tallies[:, Tally.STOP_WORD_COPIES],
        "sentences": tallies[:, Tally.SENTENCES],
        "curly_bracket": tallies[:, Tally.CURLY_BRACKETS],
        "lorem_ipsum": tallies[:, Tally.LOREM_IPSUM],
        "symbols_per_word_ellipsis": np.zeros(len(tallies), np.float32),
        **_ratios(tallies, _PER_RUN | _shapes(Tally.FULL_LINES)),
        **_fineweb(tallies),
        **{name: np.where(blank, np.float32(1), values) for name, values in repetition.items()},
    }


def _dolma(tallies: Tallies) -> Columns:
    lines: Ratios = {"duplicate_line_characters": (Tally.COPIED_LINE_CHARACTERS, Tally.RUN_CHARACTERS)}
    return {
        "words": tallies[:, Tally.RUNS],
        "stop_words": tallies[:, Tally.STOP_WORD_COPIES],
        "sentences": tallies[:, Tally.SENTENCES],
        "curly_bracket": np.minimum(tallies[:, Tally.OPEN_BRACES], 1),
        "lorem_ipsum": np.minimum(tallies[:, Tally.LOREM_IPSUM], 1),
        "symbols_per_word_hash": share(tallies[:, Tally.SYMBOL_RUNS], tallies[:, Tally.RUNS]),
        "symbols_per_word_ellipsis": np.zeros(len(tallies), np.float32),
        **_ratios(tallies, _COPIED | lines | _PER_RUN | _shapes(Tally.LINES)),
        "mean_word_length": (tallies[:, Tally.MEDIAN_TWICE] / 2).astype(np.float32),
        **_fineweb(tallies),
        **_tops(tallies, Tally.TOP_BARE, Tally.RUN_CHARACTERS),
        **{
            f"duplicate_{size}gram": share(tallies[:, Tally.COPIED_NGRAMS + step], tallies[:, Tally.ALL_NGRAMS + step])
            for step, size in enumerate(DUPLICATE_NGRAMS)
        },
    }


def _fineweb(tallies: Tallies) -> Columns:
    characters = tallies[:, Tally.CHARACTERS] - tallies[:, Tally.NEWLINES]
    return {"fineweb_duplicate_line_characters": share(tallies[:, Tally.LATER_FULL_LINE_CHARACTERS], characters)}


def _shapes(whole: int) -> Ratios:
    return {"bullet_lines": (Tally.BULLET_LINES, whole), "ellipsis_lines": (Tally.ELLIPSIS_LINES, whole)}


def _tops(tallies: Tallies, first: int, whole: int) -> Columns:
    return _ratios(tallies, {f"top_{size}gram": (first + step, whole) for step, size in enumerate(TOP_NGRAMS)})


def _duplicates(tallies: Tallies, first: int, whole: int) -> Columns:
    return _ratios(
        tallies, {f"duplicate_{size}gram": (first + step, whole) for step, size in enumerate(DUPLICATE_NGRAMS)}
    )


def _ratios(tallies: Tallies, ratios: Ratios) -> Columns:
    return {name: share(tallies[:, part], tallies[:, whole]) for name, (part, whole) in ratios.items()}
