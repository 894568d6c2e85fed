"""Sorted Parquet files of the index: written as a stream, read by the row groups that hold what is looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from curator.errors import StoreError
from curator.store.files import Folder
from curator.store.history_parts import piece_file

ROW_GROUP_BYTES = 1 << 20  # read whole where one row of it is wanted: 65,536 rows of 16 bytes, 3,855 with sketches
Keys = npt.NDArray[np.uint64]


def write_sorted(folder: Folder, name: str, tables: Iterable[pa.Table], schema: pa.Schema) -> int:
    """Write tables that follow each other in the order of their first column; returns the rows.

    Differences are packed (8.9 bytes for a band key of 4 M and its entry, where zstd alone takes 11.4); only the first
    column, by which a file is searched, has statistics.
    """
    integers = [column.name for column in schema if pa.types.is_integer(column.type)]
    packed = dict.fromkeys(integers, "DELTA_BINARY_PACKED")
    options = {"use_dictionary": False, "column_encoding": packed, "write_statistics": [schema.names[0]]}
    rows = 0
    with (
        folder.stream(name) as sink,
        pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1, **options) as writer,
    ):
        for group in _in_groups(tables, _group_rows(schema)):
            writer.write_table(group, row_group_size=group.num_rows)
            rows += group.num_rows
    return rows


def write_segment(folder: Folder, table: str, segment: str, rows: pa.Table, bits: int) -> dict[int, int]:
    """Sort rows by all their columns, the first one first, and write the pieces of 2^bits that they fall into.

    Returns the rows of each piece written: all of a piece must be among `rows`. Any order of the rows gives the same bytes.
    """
    columns = [column.to_numpy() for column in rows.columns]
    ordered = rows.take(pa.array(np.lexsort(columns[::-1])))
    pieces, start = np.unique(pieces_of(_first_column(ordered), bits), return_index=True)
    stop = [*start.tolist(), rows.num_rows][1:]
    return {
        piece: write_sorted(folder, piece_file(table, segment, piece), [ordered.slice(first, end - first)], rows.schema)
        for piece, first, end in zip(pieces.tolist(), start.tolist(), stop, strict=True)
    }


def rows_with(folder: Folder, name: str, keys: Keys, columns: Sequence[str]) -> pa.Table:
    """`columns`, the first of which is the file's first, of the rows of a sorted file that have one of `keys` in it.

    Keys are sorted and distinct. Of row groups whose range holds none nothing is read; of those without a hit the first column.
    """
    with _opened(folder, name) as file:
        nothing = file.schema_arrow.empty_table().select(list(columns))
        found = [_hits(file, group, keys, nothing) for group in range(file.num_row_groups)]
        return pa.concat_tables([nothing, *found]).combine_chunks()


def groups_between(folder: Folder, name: str, first: int, last: int) -> Iterator[pa.Table]:
    """The rows of a sorted file from key `first` to `last`, both included, one row group after the other."""
    with _opened(folder, name) as file:
        for group in range(file.num_row_groups):
            low, high = _range_of(file, group)
            if low <= last and high >= first:
                rows = file.read_row_group(group)
                start = np.searchsorted(_first_column(rows), np.uint64(first), side="left")
                stop = np.searchsorted(_first_column(rows), np.uint64(last), side="right")
                yield rows.slice(start, stop - start)


def pieces_of(keys: Keys, bits: int) -> Keys:
    """The piece of each key where there are 2^bits of them: its leading bits."""
    return keys >> np.uint64(64 - bits) if bits else np.zeros_like(keys)


def spans(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers start, start + 1, ... of all spans one after another."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(counts.sum(), dtype=np.int64)


@contextmanager
def _opened(folder: Folder, name: str) -> Iterator[pq.ParquetFile]:
    filesystem, path = folder.at(name)
    try:
        with filesystem.open_input_file(path) as file:
            yield pq.ParquetFile(file)
    except FileNotFoundError as error:
        raise StoreError(
            f"{path} is gone: another run has added to the history and merged its files since this one began; run again"
        ) from error
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path}: {error}; the history is damaged there") from error


def _hits(file: pq.ParquetFile, group: int, keys: Keys, nothing: pa.Table) -> pa.Table:
    low, high = _range_of(file, group)
    wanted = keys[np.searchsorted(keys, np.uint64(low)) : np.searchsorted(keys, np.uint64(high), side="right")]
    names = nothing.column_names
    if not len(wanted):
        return nothing
    column = file.read_row_group(group, columns=names[:1])
    held = _first_column(column)
    start, stop = np.searchsorted(held, wanted), np.searchsorted(held, wanted, side="right")
    if not (stop > start).any():
        return nothing
    rows = file.read_row_group(group, columns=names[1:]).add_column(0, names[0], column[0])
    return rows.take(pa.array(spans(start, stop - start)))


def _range_of(file: pq.ParquetFile, group: int) -> tuple[int, int]:
    statistics = file.metadata.row_group(group).column(0).statistics
    return int(statistics.min), int(statistics.max)


def _first_column(rows: pa.Table) -> Keys:
    column: Keys = rows[0].to_numpy()
    return column


def _group_rows(schema: pa.Schema) -> int:
    return int(ROW_GROUP_BYTES // sum(column.type.bit_width // 8 for column in schema))


def _in_groups(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of exactly `rows`, but for the last."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        if count >= rows:
            joined = pa.concat_tables(held)
            whole = count - count % rows
            yield from (joined.slice(start, rows) for start in range(0, whole, rows))
            held, count = [joined.slice(whole)], count - whole
    if count:
        yield pa.concat_tables(held).combine_chunks()
