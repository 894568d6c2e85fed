"""Which content is HTML, text or neither, and in which charset."""

from __future__ import annotations

import gzip
import zipfile
from io import BytesIO

import pytest

from curator.readers.sniffing import content_kind, declared_charset, has_html_root

HTML, TEXT, BINARY = "text/html", "text/plain", "application/octet-stream"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def zip_file() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a", "b")
    return held.getvalue()


UNKNOWN = [
    (b"<!DOCTYPE html><p>", HTML),
    (b" \n\t<html lang=en>", HTML),
    (b"<HTML>", HTML),
    (b"\xef\xbb\xbf<!doctype HTML >", HTML),
    (b"<!-- a comment -->", HTML),
    (b"<p>a", HTML),
    (b"<b>a", HTML),
    (b"<a href=x>", HTML),
    (b"<blink>", TEXT),
    (b"a <p> in text", TEXT),
    (b"<?xml version='1.0'?><html xmlns='x'>", HTML),
    (b"<?xml version='1.0'?><rss>", "text/xml"),
    (b"plain text\n", TEXT),
    ("Grüße".encode(), TEXT),
    ("Grüße".encode("latin-1"), TEXT),
    ("Grüße".encode("utf-16"), TEXT),
    (b"", TEXT),
    (b"%PDF-1.4\n%\xe2\xe3", "application/pdf"),
    (PNG, "image/png"),
    (b"GIF89a\1\0", "image/gif"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (gzip.compress(b"a"), "application/x-gzip"),
    (zip_file(), "application/zip"),
    (b"RIFF\1\2\3\4WEBPVP8 ", "image/webp"),
    (b"\0\0\0\x18ftypmp42", "video/mp4"),
    (b"wOF2\0\1\0\0", "font/woff"),
    (b"{\\rtf1\\ansi", "application/rtf"),
    (b"\1\2\3", BINARY),
    (b"text with a \0 in it", BINARY),
    (b"x" * 1_445 + b"\0", TEXT),
]


@pytest.mark.parametrize("declared", ["", "application/octet-stream", "unknown/unknown", "*/*"])
@pytest.mark.parametrize(("content", "kind"), UNKNOWN)
def test_a_content_of_unknown_type_is_what_its_first_bytes_say(declared: str, content: bytes, kind: str) -> None:
    assert content_kind(declared, None, content) == kind


@pytest.mark.parametrize(
    ("declared", "content", "kind"),
    [
        ("text/html", b"no tag at all", HTML),
        ("text/html", b"<p>a control \x01 character", HTML),
        ("text/html", b"%PDF-1.4", "application/pdf"),
        ("text/html", PNG, "image/png"),
        ("application/xhtml+xml", b"<?xml version='1.0'?><html>", HTML),
        ("application/xml", b"<?xml version='1.0'?>\n<!-- c --><!DOCTYPE html PUBLIC 'a'>\n<html xmlns='x'>", HTML),
        ("text/xml", b"<h:html xmlns:h='x'>", HTML),
        ("application/xml", b"<?xml version='1.0'?><rss>", "application/xml"),
        ("text/xml", b"<htmlish>", "text/xml"),
        ("text/plain", b"<html><p>shown as it is", TEXT),
        ("text/plain", b"a\0b", BINARY),
        ("text/plain", PNG, "image/png"),
        ("image/png", b"<html>", "image/png"),
        ("application/json", b"{}", "application/json"),
    ],
)
def test_a_declared_type_is_believed_but_for_what_browsers_know_better(
    declared: str, content: bytes, kind: str
) -> None:
    assert content_kind(declared, None, content) == kind


def test_plain_text_of_a_charset_with_zeros_in_it_is_text() -> None:
    assert content_kind("text/plain", "utf-16le", "ab".encode("utf-16-le")) == TEXT
    assert content_kind("text/plain", "utf-8", b"a\0") == BINARY


def test_the_charset_is_that_of_the_mark_then_the_header_then_the_xml_declaration() -> None:
    xml = b"<?xml version='1.0' encoding='ISO-8859-2'?><html>"
    assert declared_charset(HTML, "latin1", b"\xef\xbb\xbf<p>") == "utf-8"
    assert declared_charset(HTML, "latin1", b"\xff\xfe<\0") == "utf-16le"
    assert declared_charset(HTML, "latin1", b"<p>") == "latin1"
    assert declared_charset("application/xhtml+xml", None, xml) == "iso-8859-2"
    assert declared_charset("application/xhtml+xml", "utf-8", xml) == "utf-8"
    assert declared_charset(HTML, None, xml) is None


def test_an_internal_subset_may_stand_before_the_root() -> None:
    assert has_html_root(b"<!DOCTYPE html [ <!ENTITY a 'b'> ]><html>")
    assert not has_html_root(b"<!DOCTYPE svg [ <!ENTITY a 'b'> ]><svg>")
    assert not has_html_root(b"<?xml" * 300)
