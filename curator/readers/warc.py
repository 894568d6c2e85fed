"""WARC and WET to raw records.

The records are framed here, by their Content-Length, and only their headers are given to fastwarc: read as a stream, it
takes a cut off header for a record without content and, in its lenient mode, skips what does not parse without a word.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecord

from curator.readers.archive import MAX_HEADER_BYTES, open_archive, read_whole
from curator.readers.records import DamagedFile, RawRecord, ReadOptions
from curator.readers.stream import RawFile
from curator.readers.web import metadata_of, plain_text, resource, response

WANTED_TYPES = {"warc": (b"response", b"resource"), "wet": (b"conversion",)}
LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
TYPE = re.compile(rb"^warc-type[ \t]*:[ \t]*([\w-]+)", re.IGNORECASE | re.MULTILINE)


class Frame(NamedTuple):
    """One record undecoded: header with its blank line, and content, which is None where it is longer than allowed."""

    position: int
    type: bytes
    header: bytes
    content: bytes | None


def read_warc(raw: RawFile, options: ReadOptions) -> Iterator[RawRecord]:
    """The records of response and resource (WARC) or conversion (WET) records of a whole file.

    HTML comes as bytes, plain text as text, anything else with a reason. Raises DamagedFile, after the records before
    it, where the file does not parse or ends inside a record.
    """
    stream, position_of = open_archive(raw)
    for frame in _frames(stream, raw.file.path, WANTED_TYPES[raw.file.format], options):
        record = _parse(frame, raw.file.path)
        yield _record(frame, record, position_of(frame.position), raw.file.source, options)


def parse_record(header: bytes, content: bytes) -> WarcRecord | None:
    """The header fields of one record, and its content ready to be read, by fastwarc; OSError where it does not parse."""
    stream = io.BytesIO(header + content)
    archive = ArchiveIterator(stream, parse_http=False, quirks_mode=True, max_header_len=MAX_HEADER_BYTES)
    return next(archive, None)


def _frames(stream: io.BufferedReader, path: str, wanted: tuple[bytes, ...], options: ReadOptions) -> Iterator[Frame]:
    """The records of the wanted types; blank lines between records may be any number."""
    position = 0
    while first := stream.readline(MAX_HEADER_BYTES):
        if not first.strip():
            position += len(first)
            continue
        header = _header(stream, first, path, position)
        length, type = LENGTH.search(header), TYPE.search(header)
        if length is None or type is None:
            raise DamagedFile(path, position, "the WARC record has no Content-Length or no WARC-Type")
        size, is_wanted = int(length.group(1)), type.group(1).lower() in wanted
        try:
            content = read_whole(stream, size, held=is_wanted and size <= options.max_document_bytes)
        except EOFError:
            raise DamagedFile(path, position, "the file ends inside this WARC record") from None
        if is_wanted:
            yield Frame(position, type.group(1).lower(), header, content)
        position += len(header) + size


def _header(stream: io.BufferedReader, first: bytes, path: str, position: int) -> bytes:
    """The header that starts with the line `first`, up to and including its blank line."""
    if not first.startswith(b"WARC/"):
        raise DamagedFile(path, position, f"a WARC record should start here, not {first[:20]!r}")
    header = bytearray(first)
    while line := stream.readline(MAX_HEADER_BYTES):
        header += line
        if not line.strip():
            return bytes(header)
        if len(header) > MAX_HEADER_BYTES:
            raise DamagedFile(path, position, "the header of this WARC record does not end")
    raise DamagedFile(path, position, "the file ends inside the header of this WARC record")


def _parse(frame: Frame, path: str) -> WarcRecord:
    try:
        record = parse_record(frame.header, frame.content or b"")
    except OSError as error:
        raise DamagedFile(path, frame.position, f"the header of this WARC record does not parse ({error})") from error
    if record is None:
        raise DamagedFile(path, frame.position, f"the WARC version {frame.header[:20]!r} is not known")
    return record


def _record(frame: Frame, record: WarcRecord, position: int, source: str, options: ReadOptions) -> RawRecord:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ") or None
    fields = {name: record.headers.get(name) for name in ("WARC-Date", "WARC-Record-ID")}
    metadata = {name: value for name, value in fields.items() if value is not None}
    base = RawRecord(position, source, url=url, metadata=metadata_of(metadata), date=fields["WARC-Date"])
    content_type = record.headers.get("Content-Type") or ""
    if frame.content is None:
        return base._replace(reason="document_too_large", detail=options.too_large)
    if frame.type == b"conversion":
        return plain_text(base, frame.content, "utf-8")
    if frame.type == b"resource":
        return resource(base, frame.content, content_type)
    if not record.is_http:
        return base._replace(reason="not_text", detail=f"the response is {content_type or 'of no type'}, not HTTP")
    return response(base, record, frame.content, metadata, options)
