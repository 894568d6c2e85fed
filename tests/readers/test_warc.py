from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.listing import InputFile
from curator.readers.pieces import read_piece
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import Piece

OPTIONS = ReadOptions(max_document_bytes=1_000)
EMPTY = pa.Table.from_pylist([], schema=RAW)
HTTP = "application/http; msgtype=response"


def record(type: str, content: bytes, kind: str = HTTP, *, number: int = 0, end: bytes = b"\r\n\r\n") -> bytes:
    header = (
        f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Target-URI: http://a/{number}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return header.encode() + content + end


def http(body: bytes, kind: str = "text/html", *, status: str = "200 OK", fields: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{fields}\r\n".encode() + body


def page(number: int) -> bytes:
    return record("response", http(b"<p>page %d" % number), number=number)


def write(folder: Path, content: bytes, compression: str = "", format: str = "warc") -> InputFile:
    path = folder / f"web.{format}"
    path.write_bytes(content)
    return InputFile(
        path=str(path), source="web", format=format, compression=compression, size=len(content), modified_ns=0
    )


def read(file: InputFile, options: ReadOptions = OPTIONS) -> pa.Table:
    return pa.concat_tables([EMPTY, *read_piece(Piece(file, 0, file.size), 7, options)])


def read_until_damage(file: InputFile) -> tuple[pa.Table, DamagedFile | None]:
    tables, damage = [EMPTY], None
    try:
        for table in read_piece(Piece(file, 0, file.size), 0, OPTIONS):
            tables.append(table)
    except DamagedFile as error:
        damage = error
    return pa.concat_tables(tables), damage


def only(folder: Path, content: bytes, format: str = "warc") -> dict[str, object]:
    (row,) = read(write(folder, content, format=format)).to_pylist()
    return dict(row)


def test_a_page_comes_as_bytes_with_its_charset_url_date_and_id(tmp_path: Path) -> None:
    body = "<p>Grüße".encode("latin-1")
    row = only(tmp_path, record("response", http(body, 'Text/HTML; charset="ISO-8859-1"'), number=3))
    assert row == {
        "file": 7,
        "position": 0,
        "text": None,
        "html": body,
        "content_type_charset": "iso-8859-1",
        "url": "http://a/3",
        "source": "web",
        "date": 1_704_067_200,
        "medium": None,
        "metadata": '{"WARC-Date":"2024-01-01T00:00:00Z","WARC-Record-ID":"<urn:uuid:3>"}',
        "reason": None,
        "detail": None,
    }


def test_other_record_types_are_no_records(tmp_path: Path) -> None:
    types = ["warcinfo", "request", "metadata", "revisit", "conversion", "continuation"]
    content = b"".join(record(type, http(b"x"), number=place) for place, type in enumerate(types))
    table = read(write(tmp_path, content + page(9)))
    assert table["url"].to_pylist() == ["http://a/9"]
    assert table["position"].to_pylist() == [len(content)]


def test_plain_text_is_decoded_by_its_charset(tmp_path: Path) -> None:
    row = only(tmp_path, record("response", http("Grüße".encode("cp1252"), "text/plain; charset=windows-1252")))
    assert (row["text"], row["html"]) == ("Grüße", None)
    assert only(tmp_path, record("response", http("Grüße".encode(), "text/plain")))["text"] == "Grüße"
    assert only(tmp_path, record("response", http(b"\xff", "text/plain; charset=utf-8")))["reason"] == "invalid_utf8"


def test_chunks_and_compression_of_http_are_undone(tmp_path: Path) -> None:
    chunked = http(b"5\r\n<p>he\r\n3\r\nllo\r\n0\r\n\r\n", fields="Transfer-Encoding: chunked\r\n")
    assert only(tmp_path, record("response", chunked))["html"] == b"<p>hello"
    packed = http(gzip.compress(b"<p>hello"), fields="Content-Encoding: gzip\r\n")
    assert only(tmp_path, record("response", packed))["html"] == b"<p>hello"


def test_a_resource_is_read_by_the_type_of_its_record(tmp_path: Path) -> None:
    assert only(tmp_path, record("resource", b"<p>a", "text/html; charset=utf-8"))["html"] == b"<p>a"
    assert only(tmp_path, record("resource", b"plain", "text/plain"))["text"] == "plain"
    assert only(tmp_path, record("resource", b"GIF", "image/gif"))["reason"] == "not_text"


def test_wet_files_yield_their_conversions_as_text(tmp_path: Path) -> None:
    info = record("warcinfo", b"by us", "application/warc-fields")
    row = only(tmp_path, info + record("conversion", "Grüße".encode(), "text/plain", number=1), "wet")
    assert (row["text"], row["url"], row["position"]) == ("Grüße", "http://a/1", len(info))
    assert json.loads(str(row["metadata"])).keys() == {"WARC-Date", "WARC-Record-ID"}
    assert only(tmp_path, record("conversion", b"\xff", "text/plain"), "wet")["reason"] == "invalid_utf8"
    assert only(tmp_path, record("conversion", b" \n", "text/plain"), "wet")["reason"] == "empty_text"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (http(b"x", "image/png"), "not_text"),
        (http(b"x", status="404 Not Found"), "http_status"),
        (http(b"x", status="301 Moved"), "http_status"),
        (b"no http at all", "http_status"),
        (b"", "http_status"),
        (http(b""), "empty_text"),
        (http(b" \n", "text/plain"), "empty_text"),
        (http(b"x" * 2_000), "document_too_large"),
        (http(gzip.compress(bytes(10**6)), fields="Content-Encoding: gzip\r\n"), "document_too_large"),
        (http(b"not gzip", fields="Content-Encoding: gzip\r\n"), "not_text"),
    ],
)
def test_what_cannot_be_used_is_a_row_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    row = only(tmp_path, record("response", content, number=5))
    assert (row["reason"], row["text"], row["html"], row["url"]) == (reason, None, None, "http://a/5")
    assert row["detail"]


def test_a_response_that_is_not_http_is_no_text(tmp_path: Path) -> None:
    assert only(tmp_path, record("response", b"20240101 127.0.0.1", "text/dns"))["reason"] == "not_text"


def test_gzip_members_give_the_positions_of_the_records_in_the_file(tmp_path: Path) -> None:
    members = [gzip.compress(page(number)) for number in range(5)]
    table = read(write(tmp_path, b"".join(members), "gzip"))
    assert table["position"].to_pylist() == [sum(map(len, members[:number])) for number in range(5)]
    assert table["html"].to_pylist() == [b"<p>page %d" % number for number in range(5)]


def test_records_in_one_gzip_member_are_read_too(tmp_path: Path) -> None:
    table = read(write(tmp_path, gzip.compress(page(0) + page(1)), "gzip"))
    assert table["html"].to_pylist() == [b"<p>page 0", b"<p>page 1"]


def test_line_feeds_alone_and_odd_numbers_of_blank_lines_are_accepted(tmp_path: Path) -> None:
    lax = b"WARC/1.1\nwarc-type: resource\ncontent-type: text/plain\ncontent-length: 2\n\nhi\n"
    table = read(write(tmp_path, b"\r\n" + lax + page(0) + b"\r\n\r\n\r\n" + lax))
    assert table["text"].to_pylist() == ["hi", None, "hi"]


def test_positions_agree_with_fastwarc(tmp_path: Path) -> None:
    content = b"".join(page(number) for number in range(20))
    positions = [found.stream_pos for found in ArchiveIterator(io.BytesIO(content), parse_http=False)]
    assert read(write(tmp_path, content))["position"].to_pylist() == positions


def test_an_empty_plain_file_has_no_records_and_an_empty_compressed_one_is_damaged(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"")).num_rows == 0
    with pytest.raises(DamagedFile, match="empty"):
        read(write(tmp_path, b"", "gzip"))


@pytest.mark.parametrize(
    "rest",
    [
        b"no WARC",
        page(2)[1:],
        page(2).replace(b"WARC/1.0", b"WARC/9.9"),
        page(2).replace(b"Content-Length: ", b"Content-Length: x"),
        page(2).replace(b"Content-Length: ", b"Length: "),
        page(2).replace(b"WARC-Date: ", b"WARC-Date: " + b"x" * (2 << 20)),
    ],
)
def test_what_does_not_parse_is_damaged_after_the_records_before_it(tmp_path: Path, rest: bytes) -> None:
    content = page(0) + page(1)
    file = write(tmp_path, content + rest)
    table, damage = read_until_damage(file)
    assert table["html"].to_pylist() == [b"<p>page 0", b"<p>page 1"]
    assert damage is not None
    assert damage.position == len(content)


@pytest.mark.parametrize("compression", ["", "gzip"])
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_any_truncation_is_detected_or_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, compression: str, data: st.DataObject
) -> None:
    pack = gzip.compress if compression else bytes
    records = [pack(page(number)) for number in range(4)]
    ends = [sum(map(len, records[: number + 1])) for number in range(4)]
    stop = data.draw(st.integers(0, ends[-1]))
    file = write(tmp_path_factory.getbasetemp(), b"".join(records)[:stop], compression)
    table, damage = read_until_damage(file)
    whole = sum(end <= stop for end in ends)
    read_pages = table["html"].to_pylist()
    assert read_pages == [b"<p>page %d" % number for number in range(len(read_pages))]
    assert len(read_pages) >= whole
    if damage is None:  # only between two records, of which plain ones may lack the blank lines behind them
        end = ends[len(read_pages) - 1] if read_pages else 0
        assert stop in (0, *ends) or (not compression and end - 4 <= stop < end)


def test_a_record_above_the_limit_is_one_row_and_the_next_is_read(tmp_path: Path) -> None:
    table = read(write(tmp_path, record("response", http(b"x" * (3 << 20)), number=1) + page(2)))
    assert table["reason"].to_pylist() == ["document_too_large", None]
    assert table["url"].to_pylist() == ["http://a/1", "http://a/2"]


def test_a_response_of_unknown_type_is_sniffed(tmp_path: Path) -> None:
    headless = b"HTTP/1.1 200 OK\r\n\r\n"
    assert only(tmp_path, record("response", headless + b"<!doctype html><p>a"))["html"] == b"<!doctype html><p>a"
    assert only(tmp_path, record("response", headless + b"plain"))["text"] == "plain"
    assert only(tmp_path, record("response", http(b"plain", "application/octet-stream")))["text"] == "plain"
    row = only(tmp_path, record("response", http(b"%PDF-1.4 ...", "application/octet-stream")))
    detail = "the content type is application/octet-stream, its bytes are application/pdf"
    assert (row["reason"], row["detail"]) == ("not_text", detail)
    assert only(tmp_path, record("response", http(b"%PDF-1.4 ...")))["reason"] == "not_text"
    assert only(tmp_path, record("response", http(b"<html>", "text/plain")))["text"] == "<html>"


def test_xml_with_an_html_root_is_a_page(tmp_path: Path) -> None:
    page = b'<?xml version="1.0" encoding="ISO-8859-2"?><html xmlns="http://www.w3.org/1999/xhtml"><p>a'
    row = only(tmp_path, record("response", http(page, "application/xml")))
    assert (row["html"], row["content_type_charset"]) == (page, "iso-8859-2")
    assert only(tmp_path, record("response", http(b"<rss/>", "application/xml")))["reason"] == "not_text"


def test_a_byte_order_mark_goes_before_the_header(tmp_path: Path) -> None:
    page = "<p>Grüße".encode("utf-8-sig")
    row = only(tmp_path, record("response", http(page, "text/html; charset=iso-8859-1")))
    assert row["content_type_charset"] == "utf-8"
    row = only(tmp_path, record("response", http("Grüße".encode("utf-16"), "text/plain; charset=utf-8")))
    assert row["text"] == "Grüße"
    row = only(tmp_path, record("response", http("Grüße".encode("utf-8-sig"), "text/plain; charset=iso-8859-1")))
    assert row["text"] == "Grüße"


def test_what_a_site_tells_robots_is_metadata(tmp_path: Path) -> None:
    fields = "X-Robots-Tag: noai\r\nx-robots-tag: bot: noindex\r\n"
    row = only(tmp_path, record("response", http(b"<p>a", fields=fields)))
    assert json.loads(str(row["metadata"]))["X-Robots-Tag"] == "noai, bot: noindex"


def test_a_response_that_was_stored_without_its_chunks_is_read(tmp_path: Path) -> None:
    stored = http(b"<p>no chunks\n\n12\nhere", fields="Transfer-Encoding: chunked\r\n")
    assert only(tmp_path, record("response", stored))["html"] == b"<p>no chunks\n\n12\nhere"


@pytest.mark.parametrize("cut", [0, 1])
def test_zstd_archives_are_read_with_positions_in_their_content(tmp_path: Path, cut: int) -> None:
    frames = [bytes(pa.compress(page(number), codec="zstd", asbytes=True)) for number in range(3)]
    packed = b"".join(frames)
    table, damage = read_until_damage(write(tmp_path, packed[: len(packed) - cut], "zstd"))
    pages = 3 - cut
    assert table["html"].to_pylist() == [b"<p>page %d" % number for number in range(pages)]
    assert table["position"].to_pylist() == [len(page(0)) * number for number in range(pages)]
    assert (damage is not None) == bool(cut)
