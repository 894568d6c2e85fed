"""ARC files of both versions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.readers.reading import OPTIONS, compress, damage_of, read, read_until_damage, write

FIELDS = b"URL IP-address Archive-date Content-type Archive-length\n"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\n\r\n"


def description(fields: bytes = FIELDS, version: bytes = b"1 0 InternetArchive\n") -> bytes:
    content = version + fields
    return b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain %d\n%s\n" % (len(content), content)


def record(
    content: bytes, url: bytes = b"http://a/", kind: bytes = b"text/html", date: bytes = b"20080430204825"
) -> bytes:
    return b"%s 1.2.3.4 %s %s %d\n%s\n" % (url, date, kind, len(content), content)


def page(number: int) -> bytes:
    return record(HTTP + b"<p>page %d" % number, b"http://a/%d" % number)


def test_a_page_comes_as_bytes_with_its_charset_url_and_date(tmp_path: Path) -> None:
    file = write(tmp_path, "a.arc", description() + page(3))
    assert file.format == "arc"
    assert read(file).to_pylist() == [
        {
            "file": 7,
            "position": len(description()),
            "text": None,
            "html": b"<p>page 3",
            "content_type_charset": "iso-8859-1",
            "url": "http://a/3",
            "source": "web",
            "date": 1_209_588_505,
            "medium": None,
            "metadata": '{"ARC-Date":"20080430204825"}',
            "reason": None,
            "detail": None,
        }
    ]


def test_gzip_members_give_the_positions_of_the_records_in_the_file(tmp_path: Path) -> None:
    members = [gzip.compress(part) for part in (description(), page(0), page(1))]
    table = read(write(tmp_path, "a.arc.gz", b"".join(members)))
    assert table["position"].to_pylist() == [len(members[0]), len(members[0]) + len(members[1])]
    assert table["html"].to_pylist() == [b"<p>page 0", b"<p>page 1"]


def test_zstd_archives_are_read_with_positions_in_their_content(tmp_path: Path) -> None:
    packed = b"".join(compress(part, "zstd") for part in (description(), page(0)))
    table = read(write(tmp_path, "a.arc.zst", packed))
    assert table["position"].to_pylist() == [len(description())]


def test_version_2_and_urls_with_spaces_and_lost_dates_are_read(tmp_path: Path) -> None:
    fields = b"URL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length\n"
    second = b"http://b/ 1.2.3.4 20080430204825 text/html 200 - - 0 a.arc 4\n<p>b\n"
    content = [
        description(fields, b"2 0 InternetArchive\n"),
        second,
        record(b"<p>c", b"http://c/?a=b c d&e=f"),
        record(b"<p>d", b"http://d/", date=b"null"),
    ]
    table = read(write(tmp_path, "a.arc", b"".join(content)))
    assert table["url"].to_pylist() == ["http://b/", "http://c/?a=b c d&e=f", "http://d/"]
    assert table["html"].to_pylist() == [b"<p>b", b"<p>c", b"<p>d"]
    assert json.loads(table["metadata"][2].as_py()) == {"ARC-Date": "null"}


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"20080430\nwww.a.org. 1 IN A 1.2.3.4", b"text/dns", "not_text"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n<p>none", b"text/html", "http_status"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\nGIF89a", b"image/gif", "not_text"),
        (HTTP + b"x" * 2_000, b"text/html", "document_too_large"),
        (HTTP, b"text/html", "empty_text"),
        (b"", b"no-type", "empty_text"),
    ],
)
def test_what_cannot_be_used_is_a_row_with_its_reason(tmp_path: Path, content: bytes, kind: bytes, reason: str) -> None:
    table = read(write(tmp_path, "a.arc", description() + record(content, kind=kind) + page(1)))
    assert table["reason"].to_pylist() == [reason, None]
    assert table["url"].to_pylist() == ["http://a/", "http://a/1"]


def test_a_record_without_type_is_sniffed(tmp_path: Path) -> None:
    response = b"HTTP/1.1 200 OK\r\n\r\n"
    table = read(write(tmp_path, "a.arc", record(response + b"<html>x", kind=b"no-type") + record(response + b"plain")))
    assert table["html"].to_pylist() == [b"<html>x", None]
    assert table["text"].to_pylist() == [None, "plain"]


def test_a_record_above_the_limit_is_passed_over_without_being_held(tmp_path: Path) -> None:
    table = read(write(tmp_path, "a.arc", record(HTTP + b"x" * (3 << 20)) + page(2)))
    assert table["reason"].to_pylist() == ["document_too_large", None]


@pytest.mark.parametrize(
    "rest", [b"no ARC\n", b"http://a/ 1.2.3.4 20080430204825 text/html -1\n", page(2)[:-9], b"<p>\n"]
)
def test_what_does_not_parse_is_damaged_after_the_records_before_it(tmp_path: Path, rest: bytes) -> None:
    content = description() + page(0) + page(1)
    table, damage = read_until_damage(write(tmp_path, "a.arc", content + rest))
    assert table["html"].to_pylist() == [b"<p>page 0", b"<p>page 1"]
    assert damage is not None
    assert damage.position == len(content)
    assert "ARC record" in damage.detail


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_at_every_cut_the_records_before_it_are_read(tmp_path: Path, compression: str) -> None:
    records = [compress(part, compression) for part in (description(), page(0), page(1))]
    packed = b"".join(records)
    ends = [len(b"".join(records[: number + 1])) for number in range(3)]
    name = {"": "a.arc", "gzip": "a.arc.gz", "zstd": "a.arc.zst"}[compression]
    for stop in range(1, len(packed)):
        table, damage = read_until_damage(write(tmp_path, name, packed[:stop]), OPTIONS)
        whole = max(0, sum(end <= stop for end in ends) - 1)
        assert table.num_rows >= whole
        assert table["html"].to_pylist() == [b"<p>page %d" % number for number in range(table.num_rows)]
        if damage is None:  # between two records, of which plain ones may lack the newline behind them
            assert stop in ends or (not compression and stop + 1 in ends)


def test_an_empty_compressed_file_is_damaged(tmp_path: Path) -> None:
    assert "empty" in damage_of(write(tmp_path, "a.arc.gz", b"")).detail
    assert read(write(tmp_path, "a.arc", b"")).num_rows == 0
