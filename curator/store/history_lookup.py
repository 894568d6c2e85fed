"""Looking things up in the index: only the pieces that the keys fall into are opened, only row groups with a hit are read.

A reader keeps working on the state it was given while other runs add nights. When one of them has merged segments, the files
that were merged are gone and reading them raises StoreError, which says to run again: that run could not be published anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import StoreError
from curator.store.history import History
from curator.store.history_files import Keys, pieces_of, rows_with, spans
from curator.store.history_parts import BANDS, KEEPER_ROWS, Segment, keeper_file, output_name, piece_file
from curator.store.vectors import fixed_bytes

Numbers = npt.NDArray[np.int64]
BAND_ROWS = pa.schema([("key", pa.uint64()), ("entry", pa.uint64())])
HASH_ROWS = pa.schema([("key", pa.uint64()), ("low", pa.uint64()), ("night", pa.uint32()), ("doc_id", pa.uint64())])


def find_bands(history: History, keys: Keys) -> tuple[Keys, Keys]:
    """Every (key, entry) of the index whose key is among `keys` (uint64, sorted, distinct), sorted by key and entry."""
    found = _rows(history, BANDS, keys, BAND_ROWS)
    found = found.filter(pc.less(found["entry"], pa.scalar(history.entries, pa.uint64())))
    key, entry = found["key"].to_numpy(), found["entry"].to_numpy()
    order = np.lexsort((entry, key))
    return key[order], entry[order]


def find_hashes(history: History, table: str, high: Keys, low: Keys) -> tuple[Numbers, npt.NDArray[np.uint32], Keys]:
    """Who has the hashes (high, low) in `table` (CONTENT or URLS): row of the given arrays, night, doc_id; sorted by row.

    Rows whose hash the index lacks are left out. Any order, with repeats. A hash that several documents have gives the
    first only: the earliest night, the lowest doc_id.
    """
    found = _rows(history, table, np.unique(high), HASH_ROWS)
    found = found.filter(pc.less(found["night"], pa.scalar(len(history.nights), pa.uint32())))
    found = found.sort_by([("key", "ascending"), ("low", "ascending"), ("night", "ascending"), ("doc_id", "ascending")])
    key, lower, night, document = (found[name].to_numpy() for name in HASH_ROWS.names)
    start, stop = np.searchsorted(key, high), np.searchsorted(key, high, side="right")
    row, place = np.repeat(np.arange(len(high)), stop - start), spans(start, stop - start)
    same = lower[place] == low[row]
    rows, first = np.unique(row[same], return_index=True)
    chosen = place[same][first]
    return rows, night[chosen], document[chosen]


def sketches(history: History, entries: Keys) -> npt.NDArray[np.uint8]:
    """The sketches (n, bytes) of entries (any order, repeats allowed). Memory is what it returns and one row group."""
    distinct, place = np.unique(entries, return_inverse=True)
    return np.asarray(fixed_bytes(_keepers(history, distinct, "sketch"))[place])


def names(history: History, entries: Keys) -> tuple[npt.NDArray[np.uint32], Keys]:
    """The night and the doc_id of each entry (any order, repeats allowed)."""
    distinct, place = np.unique(entries, return_inverse=True)
    document: Keys = _keepers(history, distinct, "doc_id").to_numpy()
    return _nights_of(history, distinct)[place].astype(np.uint32), document[place]


def part_of(history: History, entries: Keys) -> Keys:
    """A number for each entry that is the same for those that lie in one file: what to group them by before they are read."""
    first = np.array([night.first_entry for night in history.nights], np.uint64)
    nights = _nights_of(history, entries)
    return (nights.astype(np.uint64) << np.uint64(32)) + (entries - first[nights]) // np.uint64(KEEPER_ROWS)


def _rows(history: History, table: str, keys: Keys, schema: pa.Schema) -> pa.Table:
    """The rows of all segments that hold one of the keys."""
    found = [
        rows_with(history.folder, piece_file(table, segment.name, piece), wanted, schema.names)
        for segment in history.segments.get(table, ())
        for piece, wanted in touched(segment, keys)
    ]
    return pa.concat_tables([schema.empty_table(), *found]).combine_chunks()


def touched(segment: Segment, keys: Keys) -> Iterator[tuple[int, Keys]]:
    """The pieces of a segment that have a file and that sorted keys fall into, with these keys."""
    pieces = pieces_of(keys, segment.bits)
    distinct, start = np.unique(pieces, return_index=True)
    for piece, wanted in zip(distinct.tolist(), np.split(keys, start[1:]), strict=True) if len(keys) else ():
        if segment.rows[piece]:
            yield piece, wanted


def _keepers(history: History, entries: Keys, column: str) -> pa.ChunkedArray:
    """A column of `keepers` for sorted distinct entries, every one of which it must have."""
    parts, start = np.unique(part_of(history, entries), return_index=True)
    found = [keeper_schema(int(history.settings["sketch_bytes"])).empty_table().select(["entry", column])]
    for part, wanted in zip(parts.tolist(), np.split(entries, start[1:]), strict=True) if len(entries) else ():
        name = keeper_file(history.nights[part >> 32].name, part & 0xFFFFFFFF)
        found.append(rows_with(history.folder, name, wanted, ["entry", column]))
    rows = pa.concat_tables(found)
    if rows.num_rows != len(entries):
        raise StoreError(f"the history {output_name(history.folder.uri)} lacks keepers of its bands: it is damaged")
    return rows[column]


def keeper_schema(sketch_bytes: int) -> pa.Schema:
    """The columns of a file of `keepers`."""
    return pa.schema([("entry", pa.uint64()), ("doc_id", pa.uint64()), ("sketch", pa.binary(sketch_bytes))])


def _nights_of(history: History, entries: Keys) -> Numbers:
    """The night of each entry; a night without entries has none."""
    first = np.array([night.first_entry for night in history.nights], np.uint64)
    return np.searchsorted(first, entries, side="right").astype(np.int64) - 1
