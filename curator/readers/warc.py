"""WARC and WET to raw records.

The records are framed here, by their Content-Length, and only their headers are given to fastwarc: read as a stream, it
takes a cut off header for a record without content and, in its lenient mode, skips what does not parse without a word.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordPayloadReader
from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, DamagedFile, RawRecord, ReadOptions
from curator.readers.stream import CHUNK, GzipMembers, RawFile

WANTED_TYPES = {"warc": (b"response", b"resource"), "wet": (b"conversion",)}
HTML_TYPES = ("text/html", "application/xhtml+xml")
MAX_HEADER_BYTES = 1 << 20
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
    wanted = WANTED_TYPES[raw.file.format]
    members = GzipMembers(raw) if raw.file.compression else None
    if raw.file.compression and not raw.file.size:
        raise DamagedFile(raw.file.path, 0, "it is empty, not a gzip stream")
    for frame in _frames(io.BufferedReader(members or _Plain(raw), CHUNK), raw.file.path, wanted, options):
        position = members.member_at(frame.position) if members else frame.position
        yield _record(frame, _parse(frame, raw.file.path), position, raw.file.source, options)


class _Plain(io.RawIOBase):
    def __init__(self, raw: RawFile) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self._raw.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


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
        size = int(length.group(1))
        is_held = type.group(1).lower() in wanted and size <= options.max_document_bytes
        content = stream.read(size) if is_held else None
        if (len(content) if content is not None else _skip(stream, size)) < size:
            raise DamagedFile(path, position, "the file ends inside this WARC record")
        if type.group(1).lower() in wanted:
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


def _skip(stream: io.BufferedReader, size: int) -> int:
    """Read on by `size` bytes without holding them; the number of bytes there were."""
    left = size
    while left and (content := stream.read(min(left, CHUNK))):
        left -= len(content)
    return size - left


def _parse(frame: Frame, path: str) -> WarcRecord:
    """The header fields, and the content ready to be read, by fastwarc."""
    archive = ArchiveIterator(
        io.BytesIO(frame.header + (frame.content or b"")),
        parse_http=False,
        quirks_mode=True,
        max_header_len=MAX_HEADER_BYTES,
    )
    try:
        record = next(archive, None)
    except OSError as error:
        raise DamagedFile(path, frame.position, f"the header of this WARC record does not parse ({error})") from error
    if record is None:
        raise DamagedFile(path, frame.position, f"the WARC version {frame.header[:20]!r} is not known")
    return record


def _record(frame: Frame, record: WarcRecord, position: int, source: str, options: ReadOptions) -> RawRecord:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ") or None
    fields = {name: record.headers.get(name) for name in ("WARC-Date", "WARC-Record-ID")}
    known = {name: value for name, value in fields.items() if value is not None}
    base = RawRecord(position, source, url=url, metadata=orjson.dumps(known))
    if frame.content is None:
        return base._replace(reason="document_too_large", detail=options.too_large)
    if frame.type == b"conversion":
        return _text(base, frame.content, "utf-8")
    return _response(base, record, options) if frame.type == b"response" else _resource(base, record, frame.content)


def _response(base: RawRecord, record: WarcRecord, options: ReadOptions) -> RawRecord:
    """An HTTP response, its chunks and compression undone; bounded, as a small gzip may hold gigabytes."""
    if not record.is_http:
        return base._replace(
            reason="not_text", detail=f"the response is {record.headers.get('Content-Type')}, not HTTP"
        )
    try:
        record.parse_http(auto_decode="all", quirks_mode=True)
        content = _read_up_to(record.reader, options.max_document_bytes + 1)
    except OSError as error:
        return base._replace(reason="not_text", detail=f"the HTTP response cannot be decoded: {error}")
    status = record.http_headers.status_code
    if status is None or not 200 <= status < 300:
        return base._replace(reason="http_status", detail=f"the HTTP status is {status or 'missing'}")
    if len(content) > options.max_document_bytes:
        return base._replace(reason="document_too_large", detail=options.too_large)
    kind = record.http_content_type or record.headers.get("WARC-Identified-Payload-Type")
    return _document(base, content, kind, record.http_charset)


def _resource(base: RawRecord, record: WarcRecord, content: bytes) -> RawRecord:
    """A file stored as it was, described by the header of the WARC record alone."""
    kind, _, parameters = (record.headers.get("Content-Type") or "").partition(";")
    charset = re.search(r"charset\s*=\s*([^;\s]+)", parameters, re.IGNORECASE)
    return _document(base, content, kind, charset.group(1) if charset else None)


def _document(base: RawRecord, content: bytes, kind: str | None, charset: str | None) -> RawRecord:
    kind = (kind or "").strip().lower()
    charset = (charset or "").strip("\"' ").lower() or None
    if kind not in (*HTML_TYPES, "text/plain"):
        return base._replace(reason="not_text", detail=f"the content type is {kind or 'missing'}")
    if kind == "text/plain":
        return _text(base, content, charset or detect_encoding(content) or "utf-8")
    if not content.strip():
        return base._replace(reason="empty_text", detail=EMPTY_TEXT)
    return base._replace(html=content, content_type_charset=charset, size=len(content))


def _text(base: RawRecord, content: bytes, charset: str) -> RawRecord:
    """Plain text; what claims to be UTF-8 must be, other charsets are decoded as browsers do."""
    known = map_encoding_to_html5(charset, fallback_utf8=True) or "utf-8"
    try:
        is_utf8 = known == "utf-8"
        text = content.decode() if is_utf8 else bytes_to_str(content, known, "replace", fallback_encodings=())
    except UnicodeDecodeError as error:
        return base._replace(reason="invalid_utf8", detail=f"{INVALID_UTF8} at byte {error.start} of the text")
    if not text or text.isspace():
        return base._replace(reason="empty_text", detail=EMPTY_TEXT)
    return base._replace(text=text, size=len(content))


def _read_up_to(reader: WarcRecordPayloadReader, size: int) -> bytes:
    """Up to `size` bytes of the decoded content, however many reads that takes."""
    parts: list[bytes] = []
    while size > 0 and (part := reader.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
