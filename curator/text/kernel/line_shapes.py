"""Lines by their shape: bullets, ellipses, punctuation, length, upper case, numbers, code, tables, boilerplate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import (
    BULLET,
    CLUSTER,
    DIGIT,
    ENDS_TERMINAL,
    JAVASCRIPT,
    LETTER,
    LOREM_IPSUM,
    NOT_PUNCTUATION,
    OPEN_BRACE,
    POLICY,
    SENTENCE_END,
    decode,
)
from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.looks import looks_like_code, looks_like_table, shape_of
from curator.text.kernel.parts import Lines, Parts, Words
from curator.text.kernel.tally import Tally
from curator.text.profiles import DOTS_END, RAW_BULLETS, RAW_LINES, SPACED_DOTS, Rules

SHORT_LINE = 30
"""Characters of a line that FineWeb calls short."""
C4_MIN_WORDS, C4_MAX_WORD = 3, 1000
"""Words of a line that C4 reads at all, and characters of a word that make it unreadable."""

_THREE_DOTS, _SPACED_DOTS, _ELLIPSIS = (int.from_bytes(text.encode(), "big") for text in ("...", ". . .", "\u2026"))


@inlined
def _last(data: npt.NDArray[np.uint8], start: int, end: int, size: int) -> int:
    """The last `size` bytes as one number; 0 if there are fewer."""
    key = integer(0)
    if end - start >= size:
        for place in range(end - size, end):
            key = key << 8 | integer(data[place])
    return key


@inlined
def _ends_in_ellipsis(data: npt.NDArray[np.uint8], start: int, end: int, flags: int) -> bool:
    last = _last(data, start, end, 3)
    if last == _ELLIPSIS or (flags & DOTS_END and last == _THREE_DOTS):
        return True
    return (flags & SPACED_DOTS) != 0 and _last(data, start, end, 5) == _SPACED_DOTS


@inlined
def _count_c4(kinds: int, words: Words, first: int, last: int, tally: npt.NDArray[np.int64]) -> None:
    """What C4 counts in a line that it reads, as datatrove does it: a line that mentions javascript or a policy has no sentence."""
    tally[Tally.C4_LOREM_IPSUM] += (kinds & LOREM_IPSUM) != 0
    if kinds & JAVASCRIPT:
        return
    tally[Tally.C4_OPEN_BRACES] += (kinds & OPEN_BRACE) != 0
    if kinds & POLICY:
        return
    tally[Tally.C4_SENTENCES] += 1
    ended = False
    for word in range(first, last):
        kind = words.kinds[word]
        if kind & SENTENCE_END and words.lengths[word + 1] - words.lengths[word] == 1:
            ended = True
        elif ended and kind & NOT_PUNCTUATION:
            tally[Tally.C4_SENTENCES] += 1
            ended = False


@inlined
def _raw_length(lines: Lines, line: int) -> int:
    return integer(lines.positions[line + 1]) - 1 - integer(lines.positions[line])


@part
def count_lines(data: npt.NDArray[np.uint8], rules: Rules, parts: Parts, tally: npt.NDArray[np.int64]) -> None:
    """Tally the shapes of all lines that hold anything but white space, and the length of the longest line."""
    runs, lines, flags = parts.runs, parts.lines, rules.flags
    for line in range(tally[Tally.SCREEN_LINES]):
        first, after = integer(lines.runs[line]), integer(lines.runs[line + 1])
        if first == after:
            continue
        kinds, upper_case, longest = integer(0), 0, 0
        for run in range(first, after):
            kinds |= runs.kinds[run]
            upper_case += runs.upper_case[run]
            longest = max(longest, integer(runs.lengths[run]))
        last = after - 1
        start, end = integer(runs.first_bytes[first]), integer(runs.last_bytes[last])
        starts_raw = start == lines.first_bytes[line]
        ends_raw = end == lines.first_bytes[line + 1] - 1
        length = integer(runs.positions[last]) + runs.lengths[last] - runs.positions[first]
        counted = _raw_length(lines, line) if flags & RAW_LINES else length
        head, _ = decode(data, start, end)
        is_bullet = (rules.characters[head] & BULLET) != 0
        tally[Tally.FULL_LINES] += 1
        tally[Tally.BULLET_LINES] += is_bullet and (starts_raw or not flags & RAW_BULLETS)
        ends = ends_raw or not flags & RAW_BULLETS
        tally[Tally.ELLIPSIS_LINES] += ends and _ends_in_ellipsis(data, start, end, flags)
        punctuated = (runs.kinds[last] & ENDS_TERMINAL) != 0
        tally[Tally.PUNCTUATED_LINES] += punctuated and (ends_raw or not flags & RAW_LINES)
        tally[Tally.SHORT_LINES] += counted <= SHORT_LINE
        tally[Tally.LONGEST_LINE] = max(tally[Tally.LONGEST_LINE], length)
        tally[Tally.ONE_WORD_LINES] += after - first == 1 and not kinds & CLUSTER
        tally[Tally.NUMERIC_LINES] += (kinds & (LETTER | DIGIT)) == DIGIT
        tally[Tally.UPPER_CASE_LINES] += 2 * upper_case > length
        tally[Tally.JAVASCRIPT_LINES] += (kinds & JAVASCRIPT) != 0
        tally[Tally.POLICY_LINES] += (kinds & POLICY) != 0
        shape = shape_of(data, start, end)
        is_code = looks_like_code(data, start, end, shape)
        tally[Tally.CODE_LINES] += is_code
        tally[Tally.TABLE_LINES] += not is_code and looks_like_table(shape)
        if after - first >= C4_MIN_WORDS and longest <= C4_MAX_WORD:
            _count_c4(kinds, parts.words, integer(lines.words[line]), integer(lines.words[line + 1]), tally)
