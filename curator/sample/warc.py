"""Documents as web pages in WARC/1.1 records. The bytes depend on the documents alone: a fixed date, ids from URLs."""

from __future__ import annotations

import gzip
import html
import re
import uuid
from collections.abc import Iterable

from curator.sample.collect import SampleDocument

_DATE = "2026-01-01T00:00:00Z"  # of every record: a real clock would change the bytes
_MENU = '<nav><a href="/">Home</a> <a href="/packages">Packages</a> <a href="/search">Search</a></nav>'


def document_id(url: str) -> str:
    """The UUID of a document, version 5 of its URL (RFC 9562)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, url))


def web_page(document: SampleDocument) -> str:
    """The document as an HTML page with a menu and a footer around it, and a `<p>` for each block between blank lines."""
    title = html.escape(document.title)
    paragraphs = [html.escape(paragraph.strip("\n")) for paragraph in re.split(r"\n\s*\n", document.text)]
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph.strip())
    footer = f"<footer>{html.escape(document.package)} {html.escape(document.version)}. All packages, A to Z.</footer>"
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n<body>{_MENU}\n'
        f"<main><h1>{title}</h1>\n{body}\n</main>\n{footer}</body></html>\n"
    )


def warc_file(name: str, documents: Iterable[SampleDocument]) -> bytes:
    """A gzipped WARC/1.1 file: a warcinfo record, then one response record for each document, each its own gzip member.

    Layout after ISO 28500:2017, as crawlers write it.
    """
    fields = b"software: curator sample\r\nformat: WARC File Format 1.1\r\n"
    info = _record("warcinfo", document_id(name), "application/warc-fields", {"WARC-Filename": name}, fields)
    return info + b"".join(_response(document) for document in documents)


def _response(document: SampleDocument) -> bytes:
    page = web_page(document).encode()
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
    uri = {"WARC-Target-URI": document.url}
    kind = "application/http; msgtype=response"
    return _record("response", document_id(document.url), kind, uri, http.encode() + page)


def _record(record_type: str, identifier: str, content_type: str, extra: dict[str, str], block: bytes) -> bytes:
    fields = {
        "WARC-Type": record_type,
        "WARC-Record-ID": f"<urn:uuid:{identifier}>",
        "WARC-Date": _DATE,
        **extra,
        "Content-Type": content_type,
        "Content-Length": str(len(block)),
    }
    head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", compresslevel=6, mtime=0)
