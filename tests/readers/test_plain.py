"""Plain text, one document a file."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from tests.readers.reading import read, write


def only(folder: Path, content: bytes) -> dict[str, object]:
    (row,) = read(write(folder, "a.txt", content)).to_pylist()
    return dict(row)


@pytest.mark.parametrize(
    "content",
    [
        "Grüße\n\nan alle\n".encode(),
        "Grüße\n\nan alle\n".encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + "Grüße\n\nan alle\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "Grüße\n\nan alle\n".encode("utf-16-be"),
    ],
)
def test_a_file_is_one_document_as_it_is(tmp_path: Path, content: bytes) -> None:
    row = only(tmp_path, content)
    assert (row["text"], row["position"], row["metadata"], row["source"]) == ("Grüße\n\nan alle\n", 0, "{}", "web")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_text"),
        (b" \n", "empty_text"),
        (b"\xef\xbb\xbf", "empty_text"),
        (b"abc\xff", "invalid_utf8"),
        ("Grüße".encode("latin-1"), "invalid_utf8"),
        (b"\xff\xfea", "invalid_utf8"),
        (b"\xff\xfe\x00\xd8a\x00", "invalid_utf8"),
        (b"x" * 1_001, "document_too_large"),
    ],
)
def test_what_cannot_be_used_is_a_row_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    row = only(tmp_path, content)
    assert (row["reason"], row["text"]) == (reason, None)
    assert row["detail"]


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    assert only(tmp_path, b"x" * 1_000)["reason"] is None


def test_every_prefix_of_a_multi_byte_text_is_a_document_or_invalid(tmp_path: Path) -> None:
    content = "aé漢😀".encode()
    for stop in range(1, len(content)):
        row = only(tmp_path, content[:stop])
        assert (row["text"] is None) == (row["reason"] == "invalid_utf8")
