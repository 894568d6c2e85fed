"""Arrow IPC to raw records, by record batches: streams (Hugging Face's `save_to_disk`) and files (Feather 2)."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from curator.readers.columnar import MAX_ROWS, check_columns, raw_tables, read_columns
from curator.readers.nested import is_string
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.stream import RawFile

FILE_MAGIC = b"ARROW1"


def read_arrow(raw: RawFile, index: int, options: ReadOptions) -> Iterator[pa.Table]:
    """Tables of RAW of a whole file; `position` is the row in the file. Memory holds one record batch as it was written.

    Raises DamagedFile at once for a file without a schema or without text columns of strings, and after the batches
    before it for a broken one. A stream may end without its end mark: cut between two batches, it is whole.
    """
    yield from raw_tables(_slices(_batches(raw, options), options), raw, index, 0, options)


def _batches(raw: RawFile, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    position = 0
    try:
        reader = _open(raw)
        check_columns(reader.schema, raw, options)
        columns = read_columns(reader.schema, options)
        for batch in _all_batches(reader):
            chosen = batch.select(columns)
            _check(chosen)
            yield chosen
            position += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raw.check()
        what = f"the rows from here on cannot be decoded ({error})" if position else f"it is not Arrow IPC ({error})"
        raise DamagedFile(raw.file.path, position, what) from error


def _open(raw: RawFile) -> pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader:
    is_file = raw.read(len(FILE_MAGIC)) == FILE_MAGIC
    raw.seek(0)
    source = pa.PythonFile(raw, mode="r")
    return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)


def _all_batches(reader: pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
    else:
        yield from reader


def _check(batch: pa.RecordBatch) -> None:
    """Raise ArrowInvalid for offsets that lead outside their buffers; what is not UTF-8 is a matter of the rows."""
    for column in batch.columns:
        is_plain = is_string(column.type) and not pa.types.is_dictionary(column.type)
        (column.view(_bytes_like(column.type)) if is_plain else column).validate(full=True)


def _bytes_like(type: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(type):
        return pa.binary_view()
    return pa.large_binary() if pa.types.is_large_string(type) else pa.binary()


def _slices(batches: Iterator[pa.RecordBatch], options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """The batches in runs of at most 1,000 rows and, on average, `batch_bytes`."""
    for batch in batches:
        mean = batch.nbytes // max(1, batch.num_rows)
        rows = max(1, min(MAX_ROWS, options.batch_bytes // max(1, mean)))
        yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))
