"""Parquet to raw records, column by column: texts are never made into Python strings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator.readers.listing import InputFile
from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, RAW, DamagedFile, ReadOptions, grouped
from curator.readers.stream import RawFile

READ_BUFFER = 1 << 20  # bytes of a column chunk held at a time, instead of all of it
MAX_ROWS = 1_000  # decoded at a time, so that a run of long documents does not fill the memory


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
    _check_columns(parquet, raw, options.text_field)
    groups = range(parquet.num_row_groups)[start:stop]
    position = sum(parquet.metadata.row_group(group).num_rows for group in range(groups.start))
    decoded = _decoded(parquet, raw, groups, position, options.batch_bytes)
    for run in grouped(decoded, lambda batch: int(batch.nbytes), options.batch_bytes):
        table = pa.Table.from_batches(run)
        try:
            yield _convert(table, index, position, raw.file.source, options)
        except UnicodeDecodeError as error:  # strings inside lists and structs; plain columns are checked before
            raise DamagedFile(raw.file.path, position, f"a nested column holds invalid UTF-8 ({error})") from error
        position += table.num_rows


def _open(raw: RawFile) -> pq.ParquetFile:
    try:
        source = pa.PythonFile(raw, mode="r")
        return pq.ParquetFile(source, buffer_size=READ_BUFFER, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raw.check()
        raise DamagedFile(raw.file.path, 0, f"it is not a Parquet file or its footer is broken ({error})") from error


def _check_columns(parquet: pq.ParquetFile, raw: RawFile, field: str) -> None:
    schema = parquet.schema_arrow
    place = schema.get_field_index(field)
    if place < 0:
        columns = ", ".join(schema.names) or "none"
        detail = f"it has no column {field}; its columns are {columns}; set input.text_field to the one with the text"
    elif not _is_string(schema.field(place).type):
        detail = f"its column {field} holds {schema.field(place).type}, not strings; set input.text_field to another"
    elif len(set(schema.names)) < len(schema.names):
        detail = f"two of its columns have one name; its columns are {', '.join(schema.names)}"
    else:
        return
    raise DamagedFile(raw.file.path, 0, detail)


def _decoded(
    parquet: pq.ParquetFile, raw: RawFile, groups: range, position: int, batch_bytes: int
) -> Iterator[pa.RecordBatch]:
    """All columns but the binary ones, in batches of at most 1,000 rows and, on average, `batch_bytes`."""
    infos = [parquet.metadata.row_group(group) for group in groups]
    mean = sum(info.total_byte_size for info in infos) // max(1, sum(info.num_rows for info in infos))
    rows = max(1, min(MAX_ROWS, batch_bytes // max(1, mean)))
    columns = [field.name for field in parquet.schema_arrow if not _holds_binary(field.type)]
    try:
        for batch in parquet.iter_batches(rows, row_groups=list(groups), columns=columns, use_threads=False):
            yield batch
            position += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raw.check()
        raise DamagedFile(raw.file.path, position, f"the rows from here on cannot be decoded ({error})") from error


def _convert(table: pa.Table, index: int, position: int, file_source: str, options: ReadOptions) -> pa.Table:
    text, is_utf8 = _strings(table[options.text_field])
    reason, detail = _judge(text, is_utf8, options)
    names = [options.url_field, options.source_field]
    own = {name: _filled(table[name]) for name in names if name in table.column_names and _is_string(table[name].type)}
    missing = pa.nulls(table.num_rows, pa.string())
    columns = {
        "file": pa.repeat(pa.scalar(index, pa.int32()), table.num_rows),
        "position": pa.array(range(position, position + table.num_rows), pa.int64()),
        "text": text if reason.null_count == len(reason) else pc.if_else(pc.is_null(reason), text, None),
        "html": pa.nulls(table.num_rows, pa.large_binary()),
        "content_type_charset": missing,
        "url": own.get(options.url_field, missing),
        "source": pc.fill_null(own.get(options.source_field, missing), file_source),
        "metadata": _metadata(table.drop_columns(sorted({options.text_field, *own}))),
        "reason": reason,
        "detail": detail,
    }
    return pa.Table.from_arrays([columns[name] for name in RAW.names], schema=RAW)


def _judge(text: pa.Array, is_utf8: pa.Array, options: ReadOptions) -> tuple[pa.Array, pa.Array]:
    """Reason and detail of every text, both null where it can be used."""
    length = pc.binary_length(text)
    verdicts = [
        (pc.invert(is_utf8), "invalid_utf8", INVALID_UTF8),
        (pc.is_null(text), "null_text", f"the column {options.text_field} is null"),
        (pc.greater(length, options.max_document_bytes), "document_too_large", options.too_large),
        (pc.or_(pc.equal(length, 0), pc.utf8_is_space(text)), "empty_text", EMPTY_TEXT),
    ]
    conditions = pc.make_struct(*(pc.fill_null(condition, False) for condition, _, _ in verdicts))
    reason = pc.case_when(conditions, *(pa.scalar(reason) for _, reason, _ in verdicts))
    detail = pc.case_when(conditions, *(pa.scalar(detail) for _, _, detail in verdicts))
    return reason, detail


def _strings(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The column as large strings with null for what is not UTF-8, and whether each value was: Parquet does not check."""
    values = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in column.chunks])
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        contents = values.cast(pa.large_binary()).to_pylist()
        is_utf8 = [_decodes(content) for content in contents]
        known = [content if good else None for content, good in zip(contents, is_utf8, strict=True)]
        return pa.array(known, pa.large_string()), pa.array(is_utf8)
    return values, pa.repeat(True, len(values))


def _decodes(content: bytes | None) -> bool:
    try:
        return content is None or content.decode() is not None
    except UnicodeDecodeError:
        return False


def _filled(column: pa.ChunkedArray) -> pa.Array:
    values, _ = _strings(column)
    return pc.if_else(pc.equal(values, ""), None, values).cast(pa.string())


def _metadata(others: pa.Table) -> pa.Array:
    """One JSON object with sorted keys a row; dates and times as Arrow writes them, whatever Python could hold."""
    if not others.num_columns:
        return pa.repeat("{}", others.num_rows)
    for place, field in enumerate(others.schema):
        if pa.types.is_temporal(field.type):
            others = others.set_column(place, field.name, others[field.name].cast(pa.string()))
        elif _is_string(field.type):
            others = others.set_column(place, field.name, _strings(others[field.name])[0])
    rows = [orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS) for row in others.to_pylist()]
    return pa.array(rows, pa.string())


def _is_string(type: pa.DataType) -> bool:
    value = type.value_type if pa.types.is_dictionary(type) else type
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value))


def _holds_binary(type: pa.DataType) -> bool:
    """Whether there are bytes anywhere inside the type, which JSON cannot hold."""
    if pa.types.is_nested(type):
        return any(_holds_binary(type.field(place).type) for place in range(type.num_fields))
    return "binary" in str(type)
