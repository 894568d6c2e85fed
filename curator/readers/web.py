"""Web resources to raw records: HTTP responses and files, by what a browser would take them for."""

from __future__ import annotations

import re

import orjson
from fastwarc.warc import WarcRecord, WarcRecordPayloadReader
from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

from curator.readers.records import EMPTY_TEXT, INVALID_UTF8, RawRecord, ReadOptions
from curator.readers.sniffing import HTML, TEXT, UNKNOWN_TYPES, content_kind, declared_charset

END_OF_HEADER = re.compile(rb"\n\r?\n")
CHUNK_HEADER = re.compile(rb"[0-9a-fA-F]+[ \t]*(?:;|\r?\n)")


def response(
    base: RawRecord, record: WarcRecord, message: bytes, metadata: dict[str, str], options: ReadOptions
) -> RawRecord:
    """The page or text of an HTTP response, its chunks and compression undone; bounded, as a small gzip may hold gigabytes.

    `message` is the response as it was stored. Many archives hold it without the chunks that its header announces.
    """
    end = END_OF_HEADER.search(message)
    may_be_chunked = end is not None and CHUNK_HEADER.match(message, end.end())
    try:
        record.parse_http(auto_decode="all" if may_be_chunked else "content", quirks_mode=True)
        content = _read_up_to(record.reader, options.max_document_bytes + 1)
    except OSError as error:
        return base._replace(reason="not_text", detail=f"the HTTP response cannot be decoded: {str(error)[:100]!a}")
    headers = record.http_headers
    robots = headers.get_multiple("X-Robots-Tag")
    if robots:
        base = base._replace(metadata=metadata_of(metadata | {"X-Robots-Tag": ", ".join(robots)}))
    status = headers.status_code
    if status is None or not 200 <= status < 300:
        return base._replace(reason="http_status", detail=f"the HTTP status is {status or 'missing'}")
    if len(content) > options.max_document_bytes:
        return base._replace(reason="document_too_large", detail=options.too_large)
    kind = (record.http_content_type or "").strip().lower()
    if kind in UNKNOWN_TYPES:
        kind = record.headers.get("WARC-Identified-Payload-Type") or kind
    return document(base, content, kind, record.http_charset)


def resource(base: RawRecord, content: bytes, content_type: str) -> RawRecord:
    """A file stored as it was, described by the content type of its record alone."""
    kind, _, parameters = content_type.partition(";")
    charset = re.search(r"charset\s*=\s*([^;\s]+)", parameters, re.IGNORECASE)
    return document(base, content, kind, charset.group(1) if charset else None)


def document(base: RawRecord, content: bytes, declared: str, charset: str | None) -> RawRecord:
    """HTML as bytes, text as text, anything else with the reason `not_text`."""
    declared = declared.strip().lower()
    charset = (charset or "").strip("\"' ").lower() or None
    kind = content_kind(declared, charset, content)
    charset = declared_charset(declared, charset, content)
    if kind == TEXT:
        return plain_text(base, content, charset or detect_encoding(content) or "utf-8")
    if kind != HTML:
        found = "" if kind == declared else f", its bytes are {kind}"
        return base._replace(reason="not_text", detail=f"the content type is {declared or 'missing'}{found}")
    if not content.strip():
        return base._replace(reason="empty_text", detail=EMPTY_TEXT)
    return base._replace(html=content, content_type_charset=charset, size=len(content))


def plain_text(base: RawRecord, content: bytes, charset: str) -> RawRecord:
    """Plain text; what claims to be UTF-8 must be, other charsets are decoded as browsers do."""
    known = map_encoding_to_html5(charset, fallback_utf8=True) or "utf-8"
    try:
        is_utf8 = known == "utf-8"
        text = content.decode("utf-8-sig") if is_utf8 else bytes_to_str(content, known, "replace", ())
    except UnicodeDecodeError as error:
        return base._replace(reason="invalid_utf8", detail=f"{INVALID_UTF8} at byte {error.start} of the text")
    if not text or text.isspace():
        return base._replace(reason="empty_text", detail=EMPTY_TEXT)
    return base._replace(text=text, size=len(content))


def metadata_of(fields: dict[str, str]) -> bytes:
    """A JSON object with sorted keys."""
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _read_up_to(reader: WarcRecordPayloadReader, size: int) -> bytes:
    """Up to `size` bytes of the decoded content, however many reads that takes."""
    parts: list[bytes] = []
    while size > 0 and (part := reader.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
