"""What the bytes of a web resource are, as a browser decides (a subset of WHATWG MIME Sniffing and Encoding)."""

from __future__ import annotations

import re

HTML, TEXT, BINARY = "text/html", "text/plain", "application/octet-stream"
HEAD_BYTES = 1_445  # what a browser looks at
UNKNOWN_TYPES = ("", "unknown/unknown", "application/unknown", "*/*", BINARY, "no-type")  # no-type: ARC's word for none
HTML_TYPES = (HTML, "application/xhtml+xml")
XML_TYPES = ("application/xml", "text/xml")
UNRELIABLE_CHARSETS = (None, "utf-8", "iso-8859-1")  # what servers write in front of text/plain unasked

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be"}
MARK = rb"(?:\xef\xbb\xbf)?"
HTML_START = re.compile(
    MARK
    + rb"[\t\n\f\r ]*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >])",
    re.IGNORECASE,
)
XML_START = re.compile(MARK + rb"[\t\n\f\r ]*<\?xml")
XML_ENCODING = re.compile(MARK + rb"""[\t\n\f\r ]*<\?xml[^>]{1,200}?encoding\s*=\s*["']([\w.:-]+)["']""")
XML_PROLOGUE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!(?!--)[^>\[]*(?:\[[^\]]*\][^>]*)?>", re.DOTALL)
XML_HTML_ROOT = re.compile(rb"<(?:[\w.-]+:)?html[\s/>]", re.IGNORECASE)
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")

SIGNATURES = [
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in [
        (rb"%PDF-", "application/pdf"),
        (rb"%!PS-Adobe-", "application/postscript"),
        (rb"\{\\rtf", "application/rtf"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"RIFF....WEBPVP", "image/webp"),
        (rb"\x00\x00[\x01\x02]\x00", "image/x-icon"),
        (rb"FORM....AIFF", "audio/aiff"),
        (rb"ID3[\x02-\x04]", "audio/mpeg"),
        (rb"OggS\x00", "application/ogg"),
        (rb"MThd\x00\x00\x00\x06", "audio/midi"),
        (rb"RIFF....AVI ", "video/avi"),
        (rb"RIFF....WAVE", "audio/wave"),
        (rb"\x1aE\xdf\xa3", "video/webm"),
        (rb"....ftyp", "video/mp4"),
        (rb"[CFZ]WS[\x01-\x40]", "application/x-shockwave-flash"),
        (rb"\x1f\x8b\x08", "application/x-gzip"),
        (rb"PK\x03\x04", "application/zip"),
        (rb"Rar!\x1a\x07", "application/x-rar-compressed"),
        (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (rb"BZh[1-9]1AY&SY", "application/x-bzip2"),
        (rb"\xfd7zXZ\x00", "application/x-xz"),
        (rb"wOF[F2]\x00", "font/woff"),
        (rb"\x00\x01\x00\x00", "font/ttf"),
        (rb"OTTO\x00", "font/otf"),
    ]
]


def content_kind(declared: str, charset: str | None, content: bytes) -> str:
    """The MIME type of a content by the type its server declared (lower case, without parameters) and its first bytes.

    `text/html` for everything that a browser parses as a page, `text/plain` for what it shows as text. Beyond the
    standard: a byte order mark may stand before HTML, application/octet-stream counts as no type, and what is declared
    as HTML but starts like a PDF, an image or an archive is that.
    """
    head = content[:HEAD_BYTES]
    if declared in UNKNOWN_TYPES:
        return _sniffed(head)
    if declared in HTML_TYPES:
        return _signature(head) or HTML
    if declared in XML_TYPES and has_html_root(head):
        return HTML
    if declared == TEXT and charset in UNRELIABLE_CHARSETS:
        return _text_or_binary(head)
    return declared


def declared_charset(kind: str, header: str | None, content: bytes) -> str | None:
    """The charset that byte order mark, HTTP header or XML declaration names, in this order; meta tags come after it."""
    for mark, charset in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return charset
    if header or kind == HTML:
        return header
    declaration = XML_ENCODING.match(content[:1_024])
    return declaration.group(1).decode().lower() if declaration else None


def has_html_root(head: bytes) -> bool:
    """Whether the first element of an XML document is `html`, with or without a namespace prefix."""
    place = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while prologue := XML_PROLOGUE.match(head, place):
        place = prologue.end()
    return XML_HTML_ROOT.match(head, place) is not None


def _sniffed(head: bytes) -> str:
    if HTML_START.match(head):
        return HTML
    if XML_START.match(head):
        return HTML if has_html_root(head) else "text/xml"
    return _signature(head) or _text_or_binary(head)


def _text_or_binary(head: bytes) -> str:
    if head.startswith(tuple(BYTE_ORDER_MARKS)) or not CONTROL.search(head):
        return TEXT
    return _signature(head) or BINARY


def _signature(head: bytes) -> str | None:
    return next((kind for pattern, kind in SIGNATURES if pattern.match(head)), None)
