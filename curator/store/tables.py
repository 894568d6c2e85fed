"""Arrow tables as Parquet bytes: the same table gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from curator.errors import StoreError
from curator.store.files import Folder

ROW_GROUP_BYTES = 16_000_000

DROPS = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("kept_doc_id", pa.uint64()),
        ("detail", pa.string()),
    ]
)
"""One row for each document that a step drops; sorted by doc_id."""


def to_parquet(table: pa.Table, row_group_rows: int = 1 << 30, *, level: int = 3) -> pa.Buffer:
    """The Parquet bytes of a table (zstd `level`, row groups of about 16 MB), in memory: a shard is small by construction."""
    sink = pa.BufferOutputStream()
    rows = max(1, min(table.num_rows, row_group_rows, int(ROW_GROUP_BYTES * table.num_rows / max(1, table.nbytes))))
    # every vector is another one: a dictionary of them took 2.5 times as long to write and five times as long to read
    encoded = [field.name for field in table.schema if not pa.types.is_fixed_size_list(field.type)]
    pq.write_table(
        table, sink, compression="zstd", compression_level=level, row_group_size=rows, use_dictionary=encoded
    )
    return sink.getvalue()


def to_stream(table: pa.Table) -> pa.Buffer:
    """An Arrow IPC stream (zstd) of a table that is read once and whole: half as long to write and read as small Parquet files."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return sink.getvalue()


def read_stream(folder: Folder, name: str) -> pa.Table:
    """What `to_stream` has made, in one request. Raises StoreError with the path where the file is damaged or gone."""
    content, path = folder.get(name), f"{folder.uri}/{name}"
    if content is None:
        raise StoreError(f"{path} is gone; delete its step folder and run again")
    try:
        return pa.ipc.open_stream(content).read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path}: {error}; delete its step folder and run again") from error


def read_parquet(folder: Folder, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table (or some columns) of a finished folder. Raises StoreError with the path where the file is damaged or gone."""
    filesystem, path = folder.at(name)
    try:
        with filesystem.open_input_file(path) as file:
            return pq.ParquetFile(file).read(columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path}: {error}; delete its step folder and run again") from error
