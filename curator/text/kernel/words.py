"""Reads one UTF-8 document in a single pass: runs between white space, the words that a profile makes of them, and lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curator.text.characters import COUNTED, COUNTED_SHIFT, CUTS, ENDS_TERMINAL, SPACE, TERMINAL, decode, width_of
from curator.text.kernel.affixes import cut_affixes
from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.cuts import cut_by_rules
from curator.text.kernel.parts import Lines, Parts
from curator.text.kernel.tally import Tally
from curator.text.profiles import CUT_AFFIXES, CUT_RULES, Rules

_NEWLINE = 0x0A
_SHIFT, _FINAL_SHIFT = np.uint64(32), np.uint64(33)
_HIGH, _LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_FINAL_FIRST, _FINAL_SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)

_FIELD = 12
_PACKED = np.array(
    [sum((flags >> field & 1) << _FIELD * field for field in range(5)) for flags in range(32)], np.uint64
)
"""The counted flags of a character as five 12-bit fields, so that one addition counts them all."""
_FLUSH = (1 << _FIELD) - 1


class _Run(NamedTuple):
    last_byte: int
    characters: int
    kinds: int
    upper_case: int
    hash: np.uint64


@inlined
def fold(state: np.uint64, value: np.uint64) -> np.uint64:
    """A hash and the next value of a sequence, mixed by the 64-bit finaliser of MurmurHash3. Order matters."""
    state = state * _HIGH + value
    state = (state ^ (state >> _FINAL_SHIFT)) * _FINAL_FIRST
    state = (state ^ (state >> _FINAL_SHIFT)) * _FINAL_SECOND
    return state ^ (state >> _FINAL_SHIFT)


@inlined
def _count(packed: np.uint64, tally: npt.NDArray[np.int64]) -> int:
    """Add the five fields to the tally; the upper-case letters among them are returned."""
    for field in range(5):
        tally[Tally.LETTERS + field] += integer(packed >> np.uint64(_FIELD * field)) & _FLUSH
    return integer(packed >> np.uint64(_FIELD)) & _FLUSH


@inlined
def _read_run(
    data: npt.NDArray[np.uint8],
    place: int,
    end: int,
    characters: npt.NDArray[np.uint32],
    codes: npt.NDArray[np.int32],
    tally: npt.NDArray[np.int64],
) -> _Run:
    """Read from `place` to the next white space."""
    value, packed = _LOW, np.uint64(0)
    count, upper_case, kinds, last = 0, 0, integer(0), integer(0)
    while place < end:
        code, width = decode(data, place, end)
        kind = integer(characters[code])
        if kind & SPACE:
            break
        last = kind
        kinds |= kind
        packed += _PACKED[kind >> COUNTED_SHIFT & COUNTED]
        value = (value ^ np.uint64(code)) * _HIGH
        value ^= value >> _SHIFT
        codes[count] = code
        place += width
        count += 1
        if count & _FLUSH == 0:
            upper_case += _count(packed, tally)
            packed = np.uint64(0)
    upper_case += _count(packed, tally)
    if last & TERMINAL:
        kinds |= ENDS_TERMINAL
    return _Run(place, count, kinds, upper_case, value)


@inlined
def _add_pieces(parts: Parts, rules: Rules, pieces: int, place: int, count: int) -> int:
    """Add the pieces that count as words of the run that starts at byte `place` to the `count` words before."""
    words, codes = parts.words, parts.scratch.codes
    start = 0
    for piece in range(pieces):
        end = parts.scratch.ends[piece]
        first, first_byte = integer(rules.characters[codes[start]]), place
        value, kinds = _LOW, integer(0)
        for index in range(start, end):
            code = integer(codes[index])
            kinds |= integer(rules.characters[code])
            value = (value ^ np.uint64(code)) * _HIGH
            value ^= value >> _SHIFT
            place += width_of(code)
        if first & rules.first and kinds & rules.any:
            words.hashes[count], words.kinds[count] = value, kinds
            words.first_bytes[count], words.last_bytes[count] = first_byte, place
            words.lengths[count + 1] = words.lengths[count] + end - start
            count += 1
        start = end
    return count


@inlined
def _add_words(parts: Parts, rules: Rules, run: int, count: int) -> int:
    """Add the words of a run to the `count` words before. Most runs are one word."""
    runs, words, scratch = parts.runs, parts.words, parts.scratch
    characters = integer(runs.lengths[run])
    if rules.cut and runs.kinds[run] & CUTS:
        pieces = 0
        if rules.cut == CUT_RULES:
            pieces = cut_by_rules(rules, scratch.codes, characters, scratch.ends)
        elif rules.cut == CUT_AFFIXES:
            pieces = cut_affixes(rules.characters, scratch.codes, characters, scratch.ends, scratch.tail)
        return _add_pieces(parts, rules, pieces, integer(runs.first_bytes[run]), count)
    words.hashes[count], words.kinds[count] = runs.hashes[run], runs.kinds[run]
    words.first_bytes[count], words.last_bytes[count] = runs.first_bytes[run], runs.last_bytes[run]
    words.lengths[count + 1] = words.lengths[count] + characters
    return count + 1


@inlined
def _read_space(
    data: npt.NDArray[np.uint8],
    place: int,
    end: int,
    position: int,
    characters: npt.NDArray[np.uint32],
    lines: Lines,
    tally: npt.NDArray[np.int64],
) -> tuple[int, int, np.uint64]:
    """Read white space from `place` on, noting lines: the byte after it, its code points and a hash of them."""
    count, gap = 0, np.uint64(0)
    while place < end:
        code, width = decode(data, place, end)
        if not characters[code] & SPACE:
            break
        place += width
        count += 1
        gap = gap * _HIGH + np.uint64(code)
        if code == _NEWLINE:
            _add_line(lines, place, position + count, tally)
    return place, count, gap


@inlined
def _add_line(lines: Lines, place: int, position: int, tally: npt.NDArray[np.int64]) -> None:
    tally[Tally.NEWLINES] += 1
    line = tally[Tally.NEWLINES]
    lines.first_bytes[line] = place
    lines.positions[line] = position
    lines.runs[line] = tally[Tally.RUNS]
    lines.words[line] = tally[Tally.WORDS]


@part
def read_document(data: npt.NDArray[np.uint8], rules: Rules, parts: Parts, tally: npt.NDArray[np.int64]) -> None:
    """Fill `parts` from the bytes of a document and tally its characters."""
    runs, words, lines = parts.runs, parts.words, parts.lines
    end = len(data)
    lines.first_bytes[0] = lines.positions[0] = lines.runs[0] = lines.words[0] = words.lengths[0] = 0
    place, position, gap = _read_space(data, 0, end, 0, rules.characters, lines, tally)
    while place < end:
        run = _read_run(data, place, end, rules.characters, parts.scratch.codes, tally)
        count = tally[Tally.RUNS]
        runs.hashes[count], runs.gaps[count] = run.hash, gap
        runs.kinds[count], runs.upper_case[count] = run.kinds, run.upper_case
        runs.first_bytes[count], runs.last_bytes[count] = place, run.last_byte
        runs.positions[count], runs.lengths[count] = position, run.characters
        tally[Tally.WORDS] = _add_words(parts, rules, count, tally[Tally.WORDS])
        tally[Tally.RUNS] += 1
        position += run.characters
        place, spaces, gap = _read_space(data, run.last_byte, end, position, rules.characters, lines, tally)
        position += spaces
    tally[Tally.CHARACTERS] = position
    tally[Tally.SCREEN_LINES] = tally[Tally.NEWLINES] + 1
    tally[Tally.SPLIT_LINES] = tally[Tally.NEWLINES] + (lines.first_bytes[tally[Tally.NEWLINES]] < end)
    _add_line(lines, end + 1, position + 1, tally)
    tally[Tally.NEWLINES] -= 1
