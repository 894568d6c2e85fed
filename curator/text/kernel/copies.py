"""Lines and paragraphs that occur before in the same document, by their hashes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.ngrams import Table, add, clear
from curator.text.kernel.parts import Parts, Runs
from curator.text.kernel.tally import Tally
from curator.text.kernel.words import fold
from curator.text.profiles import EDGE_LINES, EMPTY_PARTS, RAW_LINES, Rules

_SEED, _GAP = np.uint64(0x27D4EB2F165667C5), np.uint64(0x9E3779B97F4A7C15)


@inlined
def _span_key(data: npt.NDArray[np.uint8], runs: Runs, first: int, after: int, start: int, end: int) -> np.uint64:
    """A hash of all characters of the bytes [start, end), in which the runs [first, after) stand."""
    key = _SEED
    for place in range(start, integer(runs.first_bytes[first]) if first < after else end):
        key = fold(key, np.uint64(data[place]))
    for run in range(first, after):
        gap = runs.gaps[run] * _GAP if run > first else np.uint64(0)
        key = fold(key, runs.hashes[run] + gap)
    for place in range(integer(runs.last_bytes[after - 1]) if first < after else end, end):
        key = fold(key, np.uint64(data[place]))
    return key


@inlined
def _count_copy(table: Table, key: np.uint64, length: int, tally: npt.NDArray[np.int64], start: int) -> int:
    """Add one line or paragraph to the six tallies from `start` on. Returns how often it has occurred now."""
    times = integer(table.counts[add(table, key)])
    tally[start] += 1
    tally[start + 1] += length
    if times > 1:
        tally[start + 2] += 1
        tally[start + 3] += length
        copies = 2 if times == 2 else 1  # with the second copy the first one becomes a copy too
        tally[start + 4] += copies
        tally[start + 5] += copies * length
    return times


@part
def count_line_copies(
    data: npt.NDArray[np.uint8], rules: Rules, parts: Parts, table: Table, tally: npt.NDArray[np.int64]
) -> None:
    """Lines that are equal to an earlier one, to the character."""
    runs, lines, count = parts.runs, parts.lines, tally[Tally.SCREEN_LINES]
    clear(table, count)
    for line in range(count):
        first, after = integer(lines.runs[line]), integer(lines.runs[line + 1])
        start, end = integer(lines.first_bytes[line]), integer(lines.first_bytes[line + 1]) - 1
        length = integer(lines.positions[line + 1]) - 1 - lines.positions[line]
        is_edge = rules.flags & EDGE_LINES and (end > start or line == 0 or line == count - 1)
        if first == after and not is_edge:
            continue
        if not rules.flags & RAW_LINES:
            start, end = integer(runs.first_bytes[first]), integer(runs.last_bytes[after - 1])
            length = integer(runs.positions[after - 1]) + runs.lengths[after - 1] - runs.positions[first]
        times = _count_copy(table, _span_key(data, runs, first, after, start, end), length, tally, Tally.LINES)
        if times > 1 and first < after:
            tally[Tally.LATER_FULL_LINE_CHARACTERS] += length


@part
def count_paragraph_copies(
    data: npt.NDArray[np.uint8], rules: Rules, parts: Parts, table: Table, tally: npt.NDArray[np.int64]
) -> None:
    """Paragraphs that are equal to an earlier one, without the white space around the text or, of stripped lines, around each."""
    runs, lines, count = parts.runs, parts.lines, tally[Tally.SCREEN_LINES]
    last_run = tally[Tally.RUNS] - 1
    clear(table, count)
    opened = -1
    for line in range(count + 1):
        empty = lines.first_bytes[line + 1] - 1 == lines.first_bytes[line]
        parts_here = line == count or (empty if rules.flags & EMPTY_PARTS else lines.runs[line] == lines.runs[line + 1])
        if not parts_here:
            opened = line if opened < 0 else opened
            continue
        if opened < 0:
            continue
        first, after = integer(lines.runs[opened]), integer(lines.runs[line])
        start, end = integer(lines.first_bytes[opened]), integer(lines.first_bytes[line]) - 1
        position, end_position = integer(lines.positions[opened]), integer(lines.positions[line]) - 1
        strips = not rules.flags & RAW_LINES
        if first < after and (strips or first == 0):
            start, position = integer(runs.first_bytes[first]), integer(runs.positions[first])
        if first < after and (strips or after - 1 == last_run):
            end, end_position = (
                integer(runs.last_bytes[after - 1]),
                integer(runs.positions[after - 1]) + runs.lengths[after - 1],
            )
        inside = first > 0 and after <= last_run
        if first < after or (not strips and inside):
            key = _span_key(data, runs, first, after, start, end)
            _count_copy(table, key, end_position - position, tally, Tally.PARAGRAPHS)
        opened = -1
