"""Counts of what runs and words hold: letters, symbols, sentences, addresses, phrases of boilerplate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import (
    CLUSTER,
    DIGIT,
    ENDS_TERMINAL,
    JAVASCRIPT,
    LETTER,
    LOREM_IPSUM,
    LOWER,
    MARK,
    OPEN_BRACE,
    PLAIN,
    UNSPACED,
    UPPER,
    decode,
)
from curator.text.kernel.compiled import integer, part
from curator.text.kernel.parts import Runs, Words
from curator.text.kernel.phrases import Bytes, has_javascript, is_address, phrase_at
from curator.text.kernel.tally import Tally
from curator.text.profiles import SPACED_DOTS, Rules

MEDIAN_LIMIT = 1024
"""Lengths of words from here on count as this one for the median, whose limits are far below."""

_HASH, _FULL_STOP, _OPEN, _CLOSE, _ELLIPSIS, _SPACE = 0x23, 0x2E, 0x7B, 0x7D, 0x2026, 0x20


@part
def count_runs(
    data: Bytes, rules: Rules, runs: Runs, lengths: npt.NDArray[np.int32], tally: npt.NDArray[np.int64]
) -> None:
    """Characters of the runs, and the median of their lengths by counting how many have each."""
    lengths[:] = 0
    count, characters, longest, alphabetic, spelled = tally[Tally.RUNS], 0, 0, 0, 0
    for run in range(count):
        start, length = integer(runs.first_bytes[run]), integer(runs.lengths[run])
        characters += length
        longest = max(longest, length)
        lengths[min(length, MEDIAN_LIMIT - 1)] += 1
        alphabetic += (runs.kinds[run] & LETTER) != 0
        code, _ = decode(data, start, integer(runs.last_bytes[run]))
        after_ascii = start == 0 or data[start - 1] == 0x20 or 0x09 <= data[start - 1] <= 0x0D
        spelled += after_ascii and (rules.characters[code] & (LETTER | DIGIT)) != 0
    tally[Tally.RUN_CHARACTERS] = characters
    tally[Tally.LONGEST_RUN] = longest
    tally[Tally.ALPHABETIC_RUNS] = alphabetic
    tally[Tally.SPELLED_RUNS] = spelled
    tally[Tally.MEDIAN_TWICE] = _nth(lengths, (count - 1) // 2) + _nth(lengths, count // 2) if count else 0


@part
def count_phrases(data: Bytes, runs: Runs, tally: npt.NDArray[np.int64]) -> None:
    """Characters of web addresses; boilerplate is marked at the run where it ends."""
    for run in range(tally[Tally.RUNS]):
        start, end = integer(runs.first_bytes[run]), integer(runs.last_bytes[run])
        kinds, first = phrase_at(data, start, end), data[start] | 0x20
        if end - start >= 10 and has_javascript(data, start, end):
            kinds |= JAVASCRIPT
        if kinds:
            runs.kinds[run] |= np.uint32(kinds)
            tally[Tally.LOREM_IPSUM] += (kinds & LOREM_IPSUM) != 0
        if (first == 0x68 or first == 0x77) and is_address(data, start):
            tally[Tally.URL_CHARACTERS] += runs.lengths[run]


@part
def _nth(lengths: npt.NDArray[np.int32], place: int) -> int:
    length = 0
    seen = integer(lengths[0])
    while seen <= place:
        length += 1
        seen += lengths[length]
    return length


@part
def count_words(words: Words, tally: npt.NDArray[np.int64]) -> None:
    """Words by the characters that they are made of."""
    count = tally[Tally.WORDS]
    alphabetic, upper_case, numeric = 0, 0, 0
    clusters, cluster_characters, plain, plain_characters = 0, 0, 0, 0
    for word in range(count):
        kinds = integer(words.kinds[word])
        length = integer(words.lengths[word + 1] - words.lengths[word])
        is_cluster, is_plain = (kinds & CLUSTER) != 0, (kinds & PLAIN) != 0
        alphabetic += (kinds & LETTER) != 0
        upper_case += (kinds & (UPPER | LOWER)) == UPPER
        numeric += (kinds & (LETTER | DIGIT)) == DIGIT
        clusters += is_cluster
        cluster_characters += length * is_cluster
        plain += is_plain
        plain_characters += length * is_plain
    tally[Tally.WORD_CHARACTERS] = words.lengths[count]
    tally[Tally.ALPHABETIC_WORDS] = alphabetic
    tally[Tally.UPPER_CASE_WORDS] = upper_case
    tally[Tally.NUMERIC_WORDS] = numeric
    tally[Tally.CLUSTERS], tally[Tally.CLUSTER_CHARACTERS] = clusters, cluster_characters
    tally[Tally.PLAIN_WORDS], tally[Tally.PLAIN_CHARACTERS] = plain, plain_characters


@part
def count_symbols(data: Bytes, runs: Runs, rules: Rules, tally: npt.NDArray[np.int64]) -> None:
    """Hashes, curly brackets, ellipses (three full stops, not overlapping, or the one character) and runs with # or …"""
    free = 0
    for run in range(tally[Tally.RUNS]):
        if runs.kinds[run] & MARK:
            place, end, stops = integer(runs.first_bytes[run]), integer(runs.last_bytes[run]), 0
            if (
                rules.flags & SPACED_DOTS
                and end - place == 1
                and place - 2 >= free
                and _is_spaced_ellipsis(data, place)
            ):
                tally[Tally.SPACED_ELLIPSES] += 1
                free = place + 3
            hashes, ellipses = tally[Tally.HASHES], 0
            while place < end:
                code, width = decode(data, place, end)
                stops = (stops + 1) % 3 if code == _FULL_STOP else 0
                ellipses += code == _ELLIPSIS
                tally[Tally.ELLIPSES] += code == _FULL_STOP and stops == 0
                tally[Tally.HASHES] += code == _HASH
                tally[Tally.OPEN_BRACES] += code == _OPEN
                tally[Tally.CURLY_BRACKETS] += code in (_OPEN, _CLOSE)
                if code == _OPEN:
                    runs.kinds[run] |= np.uint32(OPEN_BRACE)
                place += width
            tally[Tally.ELLIPSES] += ellipses
            tally[Tally.SYMBOL_RUNS] += ellipses > 0 or tally[Tally.HASHES] > hashes


@part
def _is_spaced_ellipsis(data: Bytes, place: int) -> bool:
    """Whether ". . ." stands around the full stop at `place`."""
    if place < 2 or place + 2 >= len(data) or data[place] != _FULL_STOP:
        return False
    before = integer(data[place - 2]) << 8 | integer(data[place - 1])
    behind = integer(data[place + 1]) << 8 | integer(data[place + 2])
    return before == _FULL_STOP << 8 | _SPACE and behind == _SPACE << 8 | _FULL_STOP


@part
def _close_unspaced(
    data: Bytes, place: int, end: int, characters: npt.NDArray[np.uint32], is_open: bool
) -> tuple[int, bool]:
    """Sentences that end inside one run, as Chinese ones do, and whether a sentence is open after it."""
    sentences = 0
    while place < end:
        code, width = decode(data, place, end)
        kind = characters[code]
        is_open = is_open or (kind & LETTER) != 0
        if is_open and kind & UNSPACED:
            sentences += 1
            is_open = False
        place += width
    return sentences, is_open


@part
def count_sentences(data: Bytes, characters: npt.NDArray[np.uint32], runs: Runs, tally: npt.NDArray[np.int64]) -> None:
    """Runs that hold a letter and end in a TERMINAL before white space or the end, or in an UNSPACED one anywhere."""
    is_open = False
    for run in range(tally[Tally.RUNS]):
        kinds = runs.kinds[run]
        if kinds & UNSPACED:
            start, end = integer(runs.first_bytes[run]), integer(runs.last_bytes[run])
            sentences, is_open = _close_unspaced(data, start, end, characters, is_open)
            tally[Tally.SENTENCES] += sentences
        elif kinds & LETTER:
            is_open = True
        if is_open and kinds & ENDS_TERMINAL:
            tally[Tally.SENTENCES] += 1
            is_open = False
