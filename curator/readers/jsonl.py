"""JSON lines, plain or compressed, to raw records."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from curator.readers.fields import KINDS, record_of
from curator.readers.lines import owned_lines
from curator.readers.records import INVALID_UTF8, RawRecord, ReadOptions
from curator.readers.stream import RawFile


def read_jsonl(raw: RawFile, start: int, stop: int, options: ReadOptions) -> Iterator[RawRecord]:
    """The records of the lines that start in [start, stop) of a plain file, or of a whole compressed one.

    Blank lines are no records; CRLF, a byte order mark and a last line without newline are accepted.
    """
    for line in owned_lines(raw, start, stop, options.max_document_bytes):
        if line.content is None:
            yield RawRecord(line.position, raw.file.source, reason="document_too_large", detail=options.too_large)
        else:
            yield _record(line.position, line.content, raw.file.source, options)


def _record(position: int, content: bytes, file_source: str, options: ReadOptions) -> RawRecord:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        why, place = _why_not_json(content, error)
        return RawRecord(position, file_source, reason=why, detail=place)
    if type(value) is not dict:
        kind = KINDS.get(type(value), "null")
        return RawRecord(position, file_source, reason="not_an_object", detail=f"the line is {kind}, not an object")
    return record_of(value, position, len(content), file_source, options)


def _why_not_json(content: bytes, error: orjson.JSONDecodeError) -> tuple[str, str]:
    try:
        content.decode()
    except UnicodeDecodeError as undecodable:
        return "invalid_utf8", f"{INVALID_UTF8} at byte {undecodable.start} of the line"
    return "invalid_json", f"the line is not valid JSON: {error}"
