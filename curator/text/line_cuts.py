"""Cuts lines or paragraphs out of texts: the bytes that go, and the texts and their sizes without them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.repeated_lines import NEWLINE, SPACE, Units

CUTS = pa.schema([("doc_id", pa.uint64()), ("start", pa.uint32()), ("stop", pa.uint32()), ("characters", pa.uint32())])
"""Bytes [start, stop) of a document's UTF-8 text that are cut, and the characters in them; sorted, apart from each other."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def cut(texts: pa.Array, documents: npt.NDArray[np.uint64], units: Units) -> pa.Table:
    """CUTS of the texts of `documents` (ids, ascending) without these units, sorted as `hash_units` gives them.

    Blank lines around a unit become one; none is left at the begin or the end of the text, nor a newline at its end.
    """
    data, offsets = text_buffers(texts)
    places = np.empty((4, 2 * len(units.text)), np.int64)
    count = _cut(data, offsets, units.text, units.start, units.stop, places)
    columns = (documents[places[0, :count]], *places[1:, :count])
    return pa.table([pa.array(column).cast(field.type) for column, field in zip(columns, CUTS, strict=True)], CUTS)


def apply_cuts(documents: pa.Table, cuts: pa.Table) -> pa.Table:
    """Documents (columns doc_id, ascending, and text) with their texts after the cuts, as large_string without nulls.

    Cuts of documents that are not there are left out.
    """
    row, cuts = _of_rows(documents, cuts)
    if not cuts.num_rows:
        return documents
    text = documents["text"].combine_chunks()
    data, offsets = text_buffers(text)
    start, stop = (offsets[row] + cuts[name].to_numpy() for name in ("start", "stop"))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(offsets) - _sums(row, stop - start, len(text)))])
    kept = np.empty(ends[-1], np.uint8)
    _copy(data, offsets[0], offsets[-1], start, stop, kept)
    shortened = pa.LargeStringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(kept))
    return documents.set_column(documents.column_names.index("text"), "text", shortened)


def cut_sizes(statistics: pa.Table, cuts: pa.Table) -> pa.Table:
    """The narrow table (doc_id, ascending) with `bytes` and `characters`, where it has them, as they are after the cuts."""
    row, cuts = _of_rows(statistics, cuts)
    if not cuts.num_rows:
        return statistics
    lost = {"bytes": pc.subtract(cuts["stop"], cuts["start"]), "characters": cuts["characters"]}
    for name in [name for name in lost if name in statistics.column_names]:
        column = statistics[name]
        less = column.to_numpy().astype(np.int64) - _sums(row, lost[name].to_numpy(), len(column))
        place = statistics.column_names.index(name)
        statistics = statistics.set_column(place, name, pa.array(less).cast(column.type))
    return statistics


def _of_rows(table: pa.Table, cuts: pa.Table) -> tuple[Places, pa.Table]:
    """The cuts of those documents that the table has, and their rows in it."""
    documents, ids = table["doc_id"].to_numpy(), cuts["doc_id"].to_numpy()
    known = np.isin(ids, documents)
    return np.searchsorted(documents, ids[known]), cuts.filter(pa.array(known))


def _sums(rows: Places, values: npt.NDArray[np.generic], count: int) -> Places:
    """The sum of the values of each of `count` rows; exact, for a text has far fewer than 2^53 bytes."""
    sums: Places = np.bincount(rows, weights=values, minlength=count).astype(np.int64)
    return sums


@numba.njit(cache=True, nogil=True)
def _cut(
    data: Bytes, offsets: Places, texts: Places, starts: Places, stops: Places, cuts: npt.NDArray[np.int64]
) -> int:
    """Write text, start, stop and characters of the cuts of all texts that have units; returns their number."""
    count, unit = 0, 0
    while unit < texts.size:
        text = texts[unit]
        first, end = offsets[text], offsets[text + 1]
        place = behind = kept = (
            first  # `behind` the last line that stays; `kept` is the end of that line, before its newline
        )
        blank = blank_end = -1  # the first blank line since then
        found = False
        while True:
            if unit < texts.size and texts[unit] == text and place == first + starts[unit]:
                place, found = first + stops[unit], True
                unit += 1
                continue
            if place == end:
                break
            line = place
            line_end, is_blank = _line_end(data, line, end)
            place = min(line_end + 1, end)
            if is_blank and blank < 0:
                blank, blank_end = line, place
            if is_blank:
                continue
            if found and blank >= 0 and behind > first:
                count = _add(data, text, first, behind, blank, cuts, count)
                count = _add(data, text, first, blank_end, line, cuts, count)
            elif found:
                count = _add(data, text, first, behind, line, cuts, count)
            behind, kept, blank, found = place, line_end, -1, False
        if found:
            count = _add(data, text, first, kept, end, cuts, count)
    return count


@inlined
def _line_end(data: Bytes, place: int, end: int) -> tuple[int, bool]:
    """Where the newline of the line at `place` is, or the end of the text, and whether the line is blank."""
    is_blank = True
    while place < end and data[place] != NEWLINE:
        is_blank &= data[place] <= SPACE
        place += 1
    return place, is_blank


@inlined
def _add(data: Bytes, text: int, first: int, start: int, stop: int, cuts: npt.NDArray[np.int64], count: int) -> int:
    """Write one cut, if it is not empty; returns the new number of cuts."""
    if start == stop:
        return count
    characters = 0
    for place in range(start, stop):
        characters += data[place] & 0xC0 != 0x80
    cuts[0, count], cuts[1, count], cuts[2, count], cuts[3, count] = text, start - first, stop - first, characters
    return count + 1


@numba.njit(cache=True, nogil=True)
def _copy(data: Bytes, place: int, end: int, starts: Places, stops: Places, kept: Bytes) -> None:
    """Copy the bytes from `place` to `end` that lie in no cut."""
    written = 0
    for cut_number in range(starts.size + 1):
        stop = starts[cut_number] if cut_number < starts.size else end
        kept[written : written + stop - place] = data[place:stop]
        written += stop - place
        if cut_number < starts.size:
            place = stops[cut_number]
