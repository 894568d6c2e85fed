"""Parquet to raw records, by row groups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq

from curator.readers.columnar import MAX_ROWS, check_columns, raw_tables, read_columns
from curator.readers.listing import InputFile
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.stream import RawFile

READ_BUFFER = 1 << 20  # bytes of a column chunk held at a time, instead of all of it


def row_group_bytes(file: InputFile) -> list[int]:
    """The uncompressed size of every row group; raises DamagedFile where there is no readable footer."""
    with closing(RawFile(file)) as raw:
        metadata = _open(raw).metadata
    return [metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)]


def read_parquet(raw: RawFile, index: int, start: int, stop: int, options: ReadOptions) -> Iterator[pa.Table]:
    """Tables of RAW of the row groups [start, stop) (those that exist); `position` is the row in the file.

    Raises DamagedFile at once for a file without a footer or without a text column of strings, and for a broken page
    after the rows before it, less the up to 1,000 that are decoded together with it.
    """
    parquet = _open(raw)
    check_columns(parquet.schema_arrow, raw, options)
    groups = range(parquet.num_row_groups)[start:stop]
    position = sum(parquet.metadata.row_group(group).num_rows for group in range(groups.start))
    yield from raw_tables(_decoded(parquet, raw, groups, position, options), raw, index, position, options)


def _open(raw: RawFile) -> pq.ParquetFile:
    try:
        source = pa.PythonFile(raw, mode="r")
        return pq.ParquetFile(source, buffer_size=READ_BUFFER, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raw.check()
        raise DamagedFile(raw.file.path, 0, f"it is not a Parquet file or its footer is broken ({error})") from error


def _decoded(
    parquet: pq.ParquetFile, raw: RawFile, groups: range, position: int, options: ReadOptions
) -> Iterator[pa.RecordBatch]:
    """The columns worth reading, in batches of at most 1,000 rows and, on average, `batch_bytes`."""
    infos = [parquet.metadata.row_group(group) for group in groups]
    mean = sum(info.total_byte_size for info in infos) // max(1, sum(info.num_rows for info in infos))
    rows = max(1, min(MAX_ROWS, options.batch_bytes // max(1, mean)))
    columns = read_columns(parquet.schema_arrow, options)
    try:
        for batch in parquet.iter_batches(rows, row_groups=list(groups), columns=columns, use_threads=False):
            yield batch
            position += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raw.check()
        raise DamagedFile(raw.file.path, position, f"the rows from here on cannot be decoded ({error})") from error
