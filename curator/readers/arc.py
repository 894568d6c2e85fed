"""ARC (the format of the Internet Archive before WARC, versions 1 and 2) to raw records, framed by the lengths it states."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from curator.readers.archive import MAX_HEADER_BYTES, open_archive, read_whole
from curator.readers.records import DamagedFile, RawRecord, ReadOptions
from curator.readers.stream import RawFile
from curator.readers.warc import parse_record
from curator.readers.web import metadata_of, resource, response

HEADER = re.compile(rb"(\S.*?) (\S+) (\d{12,17}) (\S*)")  # URL (it may hold spaces), IP address, date, content type
UNDATED = re.compile(rb"(\w+:\S*) (\S+) (\S+) (\S+)")  # some crawlers wrote null for the date
AS_WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
)


class Frame(NamedTuple):
    """One record undecoded; `content` is None where it is longer than allowed."""

    position: int
    url: bytes
    date: bytes
    content_type: bytes
    content: bytes | None


def read_arc(raw: RawFile, options: ReadOptions) -> Iterator[RawRecord]:
    """The records of a whole file but the one that describes it.

    HTML comes as bytes, plain text as text, anything else with a reason. Raises DamagedFile, after the records before
    it, where the file does not parse or ends inside a record.
    """
    stream, position_of = open_archive(raw)
    for frame in _frames(stream, raw.file.path, options):
        if not frame.url.startswith(b"filedesc:"):
            yield _record(frame, position_of(frame.position), raw.file.source, options)


def _frames(stream: io.BufferedReader, path: str, options: ReadOptions) -> Iterator[Frame]:
    """Header line (URL, IP address, date, content type, in version 2 more, length) and content of each record."""
    position = 0
    while line := stream.readline(MAX_HEADER_BYTES):
        if not line.strip():
            position += len(line)
            continue
        fields, _, length = line.rstrip().rpartition(b" ")
        header = HEADER.match(fields) or UNDATED.fullmatch(fields)
        if header is None or not length.isdigit():
            raise DamagedFile(path, position, f"the header of an ARC record should stand here, not {line[:100]!r}")
        size = int(length)
        try:
            content = read_whole(stream, size, held=size <= options.max_document_bytes)
        except EOFError:
            raise DamagedFile(path, position, "the file ends inside this ARC record") from None
        yield Frame(position, header[1], header[3], header[4], content)
        position += len(line) + size


def _record(frame: Frame, position: int, source: str, options: ReadOptions) -> RawRecord:
    url, date, content_type = (part.decode(errors="replace") for part in (frame.url, frame.date, frame.content_type))
    metadata = {"ARC-Date": date}
    base = RawRecord(position, source, url=url, metadata=metadata_of(metadata), date=date[:14])
    if frame.content is None:
        return base._replace(reason="document_too_large", detail=options.too_large)
    if not frame.content.startswith(b"HTTP/"):
        return resource(base, frame.content, content_type)
    record = parse_record(AS_WARC % len(frame.content), frame.content)
    assert record is not None  # the header is our own
    return response(base, record, frame.content, metadata, options)
