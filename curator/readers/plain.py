"""Plain text to raw records, one document a file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from curator.readers.compression import chunks
from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, DamagedFile, RawRecord, ReadOptions
from curator.readers.stream import RawFile

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(raw: RawFile, options: ReadOptions) -> Iterator[RawRecord]:
    """The one record of a file: UTF-8, or UTF-16 by its byte order mark. A file that is too large is not read to its end."""
    held = bytearray()
    for chunk in chunks(raw):
        held += chunk
        if len(held) > options.max_document_bytes:
            yield RawRecord(0, raw.file.source, reason="document_too_large", detail=options.too_large)
            return
    yield _record(bytes(held), raw.file.source)


def refuse_utf16(raw: RawFile, head: bytes) -> None:
    """Raise DamagedFile for a file that starts as UTF-16 does: cut at newline bytes, it would be read as rubbish."""
    if head.startswith(UTF16_MARKS):
        raise DamagedFile(raw.file.path, 0, "it is UTF-16, not UTF-8: convert it")


def _record(content: bytes, source: str) -> RawRecord:
    is_utf16 = content.startswith(UTF16_MARKS)
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        what = "the bytes are not valid UTF-16" if is_utf16 else INVALID_UTF8
        return RawRecord(0, source, reason="invalid_utf8", detail=f"{what} at byte {error.start} of the file")
    if not text or text.isspace():
        return RawRecord(0, source, reason="empty_text", detail=EMPTY_TEXT)
    return RawRecord(0, source, text, size=len(content))
