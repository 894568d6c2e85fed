"""Batches of columns (Parquet, Arrow) to raw records, column by column: texts are never made into Python strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from curator.readers.dates import seconds
from curator.readers.fields import BETWEEN_TEXTS
from curator.readers.media import medium_bytes, medium_column, problem_of_medium
from curator.readers.nested import column_of, find_column, holds_binary, is_string, without
from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, RAW, DamagedFile, ReadOptions, grouped
from curator.readers.stream import RawFile

MAX_ROWS = 1_000  # decoded or converted at a time, so that a run of long documents does not fill the memory


def raw_tables(
    batches: Iterable[pa.RecordBatch], raw: RawFile, index: int, position: int, options: ReadOptions
) -> Iterator[pa.Table]:
    """Tables of RAW of the batches, which start at row `position` of the file. Raises what the batches raise, after them."""
    for run in grouped(batches, lambda batch: int(batch.nbytes), options.batch_bytes):
        table = pa.Table.from_batches(run)
        try:
            yield _convert(table, index, position, raw.file.source, options)
        except UnicodeDecodeError as error:  # strings inside lists and structs; plain columns are checked before
            raise DamagedFile(raw.file.path, position, f"a nested column holds invalid UTF-8 ({error})") from error
        position += table.num_rows


def check_columns(schema: pa.Schema, raw: RawFile, options: ReadOptions) -> None:
    """Raise DamagedFile where a text column is missing or not of strings, the medium's is of another type, or columns have one
    name or none that can be read.
    """
    try:
        problems = (_problem(schema, field) for field in options.text_fields)
        detail = next((problem for problem in problems if problem), None) or _problem_of_medium(schema, options)
    except UnicodeDecodeError as error:
        detail = f"the name of a column is not valid UTF-8 ({error})"
    if detail:
        raise DamagedFile(raw.file.path, 0, detail)


def _problem(schema: pa.Schema, field: str) -> str | None:
    path = find_column(schema, field)
    if path is None:
        columns = ", ".join(schema.names) or "none"
        return f"it has no column {field}; its columns are {columns}; set input.text_field to the one with the text"
    if not is_string(path[-1].type):
        return f"its column {field} holds {path[-1].type}, not strings; set input.text_field to another"
    if len(set(schema.names)) < len(schema.names):
        return f"two of its columns have one name; its columns are {', '.join(schema.names)}"
    return None


def _problem_of_medium(schema: pa.Schema, options: ReadOptions) -> str | None:
    path = find_column(schema, options.medium_field) if options.medium_field is not None else None
    problem = problem_of_medium(path[-1].type) if path else None
    return problem and f"its column {options.medium_field} holds {problem}; set input.medium_field to another"


def read_columns(schema: pa.Schema, options: ReadOptions) -> list[str]:
    """The columns worth reading: all but those with bytes in them, unless a field is taken from inside one."""
    fields = (*options.text_fields, options.url_field, options.source_field, options.date_field, *options.medium_fields)
    needed = {path[0].name for field in fields if (path := find_column(schema, field))}
    return [field.name for field in schema if field.name in needed or not holds_binary(field.type)]


def _convert(table: pa.Table, index: int, position: int, file_source: str, options: ReadOptions) -> pa.Table:
    text, is_utf8, is_null = _joined([column_of(table, field) for field in options.text_fields])
    medium = medium_column(table, options.medium_field)
    reason, detail = judge(text, is_utf8, is_null, options, beside=medium_bytes(medium))
    own = {field: column_of(table, field) for field in (options.url_field, options.source_field)}
    own = {field: column for field, column in own.items() if column is not None and is_string(column.type)}
    missing = pa.nulls(table.num_rows, pa.string())
    source = _filled(own[options.source_field]) if options.source_field in own else missing
    columns = {
        "file": pa.repeat(pa.scalar(index, pa.int32()), table.num_rows),
        "position": pa.array(range(position, position + table.num_rows), pa.int64()),
        "text": text if reason.null_count == len(reason) else pc.if_else(pc.is_null(reason), text, None),
        "html": pa.nulls(table.num_rows, pa.large_binary()),
        "content_type_charset": missing,
        "url": _filled(own[options.url_field]) if options.url_field in own else missing,
        "source": pc.fill_null(source, file_source),
        "date": _dates(column_of(table, options.date_field), table.num_rows),
        "medium": medium,
        "metadata": _metadata(table, (*options.text_fields, *own, *options.medium_fields)),
        "reason": reason,
        "detail": detail,
    }
    return pa.Table.from_arrays([columns[name] for name in RAW.names], schema=RAW)


def _joined(columns: list[pa.ChunkedArray]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The text of each row, whether it was UTF-8, and whether it was null: of several columns, those with text, joined."""
    texts, goods = zip(*(strings(column) for column in columns), strict=True)
    if len(texts) == 1:
        return texts[0], goods[0], pc.and_(goods[0], pc.is_null(texts[0]))
    is_utf8, is_null = goods[0], pc.is_null(texts[0])
    for text, good in zip(texts[1:], goods[1:], strict=True):
        is_utf8, is_null = pc.and_(is_utf8, good), pc.and_(is_null, pc.is_null(text))
    joined, *others = (pc.if_else(is_blank(text), None, text) for text in texts)
    for text in others:
        both = pc.binary_join_element_wise(joined, text, pa.scalar(BETWEEN_TEXTS, pa.large_string()))
        joined = pc.coalesce(both, joined, text)
    return pc.coalesce(joined, pa.scalar("", pa.large_string())), is_utf8, pc.and_(is_utf8, is_null)


def judge(
    text: pa.Array, is_utf8: pa.Array, is_null: pa.Array, options: ReadOptions, *, beside: pa.Array | int = 0
) -> tuple[pa.Array, pa.Array]:
    """Reason and detail of every text, both null where it can be used; so many bytes come `beside` each."""
    names = ", ".join(options.text_fields)
    verdicts = [
        (pc.invert(is_utf8), "invalid_utf8", INVALID_UTF8),
        (is_null, "null_text", f"the column {names} is null"),
        (
            pc.greater(pc.add(pc.binary_length(text), beside), options.max_document_bytes),
            "document_too_large",
            options.too_large,
        ),
        (is_blank(text), "empty_text", EMPTY_TEXT),
    ]
    conditions = pc.make_struct(*(pc.fill_null(condition, False) for condition, _, _ in verdicts))
    reason = pc.case_when(conditions, *(pa.scalar(reason) for _, reason, _ in verdicts))
    detail = pc.case_when(conditions, *(pa.scalar(detail) for _, _, detail in verdicts))
    return reason, detail


def is_blank(text: pa.Array) -> pa.Array:
    return pc.or_(pc.equal(pc.binary_length(text), 0), pc.utf8_is_space(text))


def strings(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The column as large strings with null for what is not UTF-8, and whether each value was: files do not check."""
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
    values, _ = strings(column)
    return pc.if_else(pc.equal(values, ""), None, values).cast(pa.string())


def _dates(column: pa.ChunkedArray | None, rows: int) -> pa.Array:
    if column is None:
        return pa.nulls(rows, pa.int64())
    return seconds(strings(column)[0] if is_string(column.type) else column.combine_chunks())


def _metadata(table: pa.Table, taken: tuple[str, ...]) -> pa.Array:
    """One JSON object with sorted keys a row; dates and times as Arrow writes them, whatever Python could hold."""
    others = table
    for field in taken:
        others = without(others, field)
    others = others.select([field.name for field in others.schema if not holds_binary(field.type)])
    if not others.num_columns:
        return pa.repeat("{}", table.num_rows)
    for place, field in enumerate(others.schema):
        if pa.types.is_temporal(field.type):
            others = others.set_column(place, field.name, others[field.name].cast(pa.string()))
        elif is_string(field.type):
            others = others.set_column(place, field.name, strings(others[field.name])[0])
    rows = [orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS) for row in others.to_pylist()]
    return pa.array(rows, pa.string())
