"""JSON lines, plain or compressed, to raw records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, RawRecord, ReadOptions
from curator.readers.stream import RawFile, chunks

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
KINDS = {dict: "an object", list: "an array", str: "a string", int: "a number", float: "a number", bool: "a boolean"}


class Line(NamedTuple):
    """One line without its newline; `content` is None where it is longer than was allowed."""

    position: int
    length: int
    content: bytes | None


def read_jsonl(raw: RawFile, start: int, stop: int, options: ReadOptions) -> Iterator[RawRecord]:
    """The records of the lines that start in [start, stop) of a plain file, or of a whole compressed one.

    Blank lines are no records; CRLF, a byte order mark and a last line without newline are accepted.
    """
    for line in _owned_lines(raw, start, stop, options.max_document_bytes):
        if line.content is None:
            yield RawRecord(line.position, raw.file.source, reason="document_too_large", detail=options.too_large)
            continue
        content = line.content.removeprefix(BYTE_ORDER_MARK) if line.position == 0 else line.content
        if content and not content.isspace():
            yield _record(line.position, content, raw.file.source, options)


def split_lines(parts: Iterable[bytes], position: int, limit: int) -> Iterator[Line]:
    """The lines of a content that arrives in parts and starts at byte `position`; a line above `limit` is not held."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        first, *others = part.split(b"\n")
        length += len(first)
        held = [*held, first] if length <= limit else []
        for other in others:
            yield Line(position, length, b"".join(held) if length <= limit else None)
            position += length + 1
            held, length = [other], len(other)
    if length:
        yield Line(position, length, b"".join(held) if length <= limit else None)


def _owned_lines(raw: RawFile, start: int, stop: int, limit: int) -> Iterator[Line]:
    """Of a range inside a plain file, the first line starts behind the first newline at or after start - 1."""
    before = max(0, start - 1)
    lines = split_lines(chunks(raw, before), before, limit)
    if start:
        next(lines, None)
    for line in lines:
        if not raw.file.compression and line.position >= stop:
            return
        yield line


def _record(position: int, content: bytes, file_source: str, options: ReadOptions) -> RawRecord:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        why, place = _why_not_json(content, error)
        return RawRecord(position, file_source, reason=why, detail=place)
    if type(value) is not dict:
        kind = KINDS.get(type(value), "null")
        return RawRecord(position, file_source, reason="not_an_object", detail=f"the line is {kind}, not an object")
    text, reason, detail = _text(value, options.text_field)
    url = _take_string(value, options.url_field)
    source = _take_string(value, options.source_field) or file_source
    try:
        metadata = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if value else b"{}"
    except orjson.JSONEncodeError as error:  # orjson reads 1,024 levels and writes 254
        return RawRecord(
            position, source, url=url, reason="invalid_json", detail=f"the metadata cannot be kept: {error}"
        )
    return RawRecord(position, source, text, None, None, url, metadata, reason, detail, len(content))


def _why_not_json(content: bytes, error: orjson.JSONDecodeError) -> tuple[str, str]:
    try:
        content.decode()
    except UnicodeDecodeError as undecodable:
        return "invalid_utf8", f"{INVALID_UTF8} at byte {undecodable.start} of the line"
    return "invalid_json", f"the line is not valid JSON: {error}"


def _text(value: dict[str, Any], field: str) -> tuple[str | None, str | None, str | None]:
    """Take the text out of the object: the text, or None with the reason and its detail."""
    if field not in value:
        return None, "missing_text", f"the record has no field {field}"
    text = value.pop(field)
    if text is None:
        return None, "null_text", f"the field {field} is null"
    if type(text) is not str:
        return None, "text_not_a_string", f"the field {field} is {KINDS[type(text)]}, not a string"
    if not text or text.isspace():
        return None, "empty_text", EMPTY_TEXT
    return text, None, None


def _take_string(value: dict[str, Any], field: str) -> str | None:
    """Take a non-empty string out of the object; any other value stays in it, as metadata."""
    if type(value.get(field)) is str and value[field]:
        return str(value.pop(field))
    return None
