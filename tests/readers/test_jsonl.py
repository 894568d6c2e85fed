from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.lines import split_lines
from curator.readers.listing import InputFile
from curator.readers.pieces import read_piece
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import Piece

OPTIONS = ReadOptions(max_document_bytes=1_000)
EMPTY = pa.Table.from_pylist([], schema=RAW)


def write(folder: Path, content: bytes, name: str = "web.jsonl", compression: str = "") -> InputFile:
    path = folder / name
    path.write_bytes(content)
    return InputFile(
        path=str(path), source="web", format="jsonl", compression=compression, size=len(content), modified_ns=0
    )


def read(file: InputFile, options: ReadOptions = OPTIONS, start: int = 0, stop: int | None = None) -> pa.Table:
    piece = Piece(file, start, file.size if stop is None else stop)
    return pa.concat_tables([EMPTY, *read_piece(piece, 7, options)])


def read_until_damage(file: InputFile, options: ReadOptions = OPTIONS) -> tuple[list[str], DamagedFile | None]:
    texts: list[str] = []
    try:
        for table in read_piece(Piece(file, 0, file.size), 0, options):
            texts += table["text"].to_pylist()
    except DamagedFile as damage:
        return texts, damage
    return texts, None


def lines(*values: object) -> bytes:
    return b"".join(orjson.dumps(value) + b"\n" for value in values)


def only_reason(folder: Path, line: bytes, options: ReadOptions = OPTIONS) -> tuple[str, str]:
    (row,) = read(write(folder, line + b"\n"), options).to_pylist()
    assert row["text"] is None
    assert row["detail"]
    return row["reason"], row["detail"]


def test_a_record_becomes_a_row_with_its_other_fields_as_sorted_metadata(tmp_path: Path) -> None:
    record = {"z": 1, "text": "Grüße", "url": "http://a/", "id": "x", "nested": {"b": None, "a": [1.5]}}
    (row,) = read(write(tmp_path, lines(record))).to_pylist()
    assert row == {
        "file": 7,
        "position": 0,
        "text": "Grüße",
        "html": None,
        "content_type_charset": None,
        "url": "http://a/",
        "source": "web",
        "date": None,
        "medium": None,
        "metadata": '{"id":"x","nested":{"a":[1.5],"b":null},"z":1}',
        "reason": None,
        "detail": None,
    }


def test_a_record_of_text_alone_has_empty_metadata_and_the_raw_schema(tmp_path: Path) -> None:
    table = read(write(tmp_path, lines({"text": "a"})))
    assert table.schema.equals(RAW)
    assert table["metadata"].to_pylist() == ["{}"]


def test_the_position_is_the_byte_where_the_line_starts(tmp_path: Path) -> None:
    content = b'\n{"text":"\xc3\xa9"}\r\n\r\n  \n{"text":"b"}\nbroken'
    positions = read(write(tmp_path, content))["position"].to_pylist()
    assert positions == [1, content.index(b'{"text":"b"}'), content.index(b"broken")]


def test_a_string_source_in_the_record_overrides_that_of_the_file(tmp_path: Path) -> None:
    table = read(write(tmp_path, lines(*({"text": "a", "source": source} for source in ("forum", "", None, 5)))))
    assert table["source"].to_pylist() == ["forum", "web", "web", "web"]
    assert table["metadata"].to_pylist() == ["{}", '{"source":""}', '{"source":null}', '{"source":5}']


def test_field_names_can_be_chosen(tmp_path: Path) -> None:
    options = ReadOptions(text_field="body", url_field="link", source_field="set", max_document_bytes=1_000)
    (row,) = read(write(tmp_path, lines({"body": "a", "link": "b", "set": "c", "text": "d"})), options).to_pylist()
    assert (row["text"], row["url"], row["source"], row["metadata"]) == ("a", "b", "c", '{"text":"d"}')


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a"', "invalid_json"),
        (b'{"text": "\\ud800"}', "invalid_json"),
        (b'{"text": "a", "x": NaN}', "invalid_json"),
        (b'{"text": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}", "invalid_json"),
        (b'{"text": "\xff"}', "invalid_utf8"),
        (b'["text"]', "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"body": "a"}', "missing_text"),
        (b'{"text": null}', "null_text"),
        (b'{"text": 5}', "text_not_a_string"),
        (b'{"text": ["a"]}', "text_not_a_string"),
        (b'{"text": ""}', "empty_text"),
        (b'{"text": " \\n\\u3000"}', "empty_text"),
        (b'{"text": "' + b"a" * 1_000 + b'"}', "document_too_large"),
    ],
)
def test_what_cannot_be_used_is_a_row_with_its_reason(tmp_path: Path, line: bytes, reason: str) -> None:
    assert only_reason(tmp_path, line)[0] == reason


def test_an_unusable_record_keeps_its_url_source_and_metadata(tmp_path: Path) -> None:
    record = {"text": None, "url": "http://a/", "source": "forum", "id": 1}
    (row,) = read(write(tmp_path, lines(record))).to_pylist()
    assert (row["url"], row["source"], row["metadata"]) == ("http://a/", "forum", '{"id":1}')


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    line = lines({"text": "a" * 50})
    options = ReadOptions(max_document_bytes=len(line) - 1)
    assert read(write(tmp_path, line), options)["reason"].to_pylist() == [None]
    options = ReadOptions(max_document_bytes=len(line) - 2)
    assert read(write(tmp_path, line), options)["reason"].to_pylist() == ["document_too_large"]


def test_a_line_longer_than_every_buffer_is_one_row_and_the_next_is_read(tmp_path: Path) -> None:
    content = b'{"text":"' + b"a" * (5 << 20) + b'"}\n' + lines({"text": "b"})
    table = read(write(tmp_path, content))
    assert table["reason"].to_pylist() == ["document_too_large", None]
    assert table["position"].to_pylist() == [0, (5 << 20) + 12]


def test_a_long_line_is_not_held_in_memory() -> None:
    parts = (b"a" * 1_000 for _ in range(10_000))
    (line,) = split_lines(parts, 0, limit=5_000)
    assert line == (0, 10_000_000, None)


def test_crlf_a_byte_order_mark_and_no_last_newline_are_accepted(tmp_path: Path) -> None:
    table = read(write(tmp_path, b'\xef\xbb\xbf{"text":"a"}\r\n{"text":"b"}'))
    assert table["text"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\t\n\n"])
def test_a_file_without_a_line_that_says_something_has_no_records(tmp_path: Path, content: bytes) -> None:
    assert read(write(tmp_path, content)).num_rows == 0


def test_batches_hold_about_what_was_asked_for_in_order(tmp_path: Path) -> None:
    file = write(tmp_path, lines(*({"text": f"{number:04d}" + "x" * 96} for number in range(1_000))))
    options = ReadOptions(max_document_bytes=1_000, batch_bytes=10_000)
    tables = list(read_piece(Piece(file, 0, file.size), 0, options))
    assert all(table.num_rows < 100 for table in tables)
    assert len(tables) > 10
    assert [text[:4] for table in tables for text in table["text"].to_pylist()] == [f"{n:04d}" for n in range(1_000)]


LINE = st.sampled_from([b"", b" ", b"\r", b'{"text":"a"}', b'{"text":"bb"}\r', b'{"text":"\xc3\xa9"}', b"x", b"y" * 30])


@settings(deadline=None)
@given(st.lists(LINE, max_size=12), st.booleans(), st.lists(st.integers(0, 200), max_size=4))
def test_any_split_into_ranges_yields_every_record_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], newline: bool, cuts: list[int]
) -> None:
    content = b"\n".join(parts) + (b"\n" if newline else b"")
    file = write(tmp_path_factory.getbasetemp(), content)
    options = ReadOptions(max_document_bytes=20)
    bounds = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    pieces = [read(file, options, start, stop) for start, stop in pairwise(bounds)]
    assert pa.concat_tables(pieces).equals(read(file, options))


@given(st.lists(st.binary(max_size=8).map(lambda part: part.replace(b"x", b"\n"))), st.integers(0, 6))
def test_lines_do_not_depend_on_how_the_content_arrives(parts: list[bytes], limit: int) -> None:
    content = b"".join(parts)
    expected = content.split(b"\n")
    found = list(split_lines(parts, 0, limit))
    assert [line.length for line in found] == [len(line) for line in (expected if expected[-1] else expected[:-1])]
    for line in found:
        whole = content[line.position : line.position + line.length]
        assert line.content == (whole if line.length <= limit else None)
        assert b"\n" not in whole


def compress(content: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(content, mtime=0)
    return bytes(pa.compress(content, codec=compression, asbytes=True))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_compressed_files_of_several_members_are_one_stream(tmp_path: Path, compression: str) -> None:
    content = lines(*({"text": f"{number}"} for number in range(100)))
    packed = compress(content[:777], compression) + compress(b"", compression) + compress(content[777:], compression)
    table = read(write(tmp_path, packed, compression=compression))
    assert table["text"].to_pylist() == [f"{number}" for number in range(100)]
    assert table["position"].to_pylist() == [line.position for line in split_lines([content], 0, 1_000)]


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_truncation_of_a_compressed_file_is_detected_or_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, compression: str, data: st.DataObject
) -> None:
    content = lines(*({"text": f"{number} {number**7}"} for number in range(60)))
    middle = content.index(b'{"text":"40 ')
    first = compress(content[:middle], compression)
    packed = first + compress(content[middle:], compression)
    stop = data.draw(st.integers(0, len(packed)) | st.just(len(first)))
    file = write(tmp_path_factory.getbasetemp(), packed[:stop], compression, compression)
    texts, damage = read_until_damage(file)
    expected = [json.loads(line)["text"] for line in content.splitlines()]
    assert texts == expected[: len(texts)]
    assert len(texts) >= (40 if stop >= len(first) else 0)
    if stop in (len(first), len(packed)):  # between two members nothing tells that there was more
        assert (len(texts), damage) == (40 if stop == len(first) else 60, None)
    else:
        assert damage is not None
        assert content[: damage.position].count(b"\n") == len(texts)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_all_lines_before_the_cut_are_read(tmp_path: Path, compression: str) -> None:
    content = lines(*({"text": f"{number} {number**9}"} for number in range(50_000)))
    packed = compress(content, compression)
    file = write(tmp_path, packed[: len(packed) - 9], compression=compression)
    texts, damage = read_until_damage(file)
    assert damage is not None
    assert "cut off" in damage.detail
    assert len(texts) == content[: damage.position].count(b"\n")
    assert len(texts) > 40_000


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("content", [b"", b'{"text":"a"}\n'])
def test_what_is_not_compressed_is_damaged(tmp_path: Path, compression: str, content: bytes) -> None:
    file = write(tmp_path, content, compression=compression)
    texts, damage = read_until_damage(file)
    assert texts == []
    assert damage is not None
    assert (damage.path, damage.position) == (file.path, 0)
    assert compression in damage.detail


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_broken_member_is_damaged_after_the_good_one(tmp_path: Path, compression: str) -> None:
    good = compress(lines({"text": "a"}, {"text": "b"}), compression)
    texts, damage = read_until_damage(write(tmp_path, good + b"no member at all", compression=compression))
    assert texts == ["a", "b"]
    assert damage is not None
    assert damage.position == len(lines({"text": "a"}, {"text": "b"}))


def test_a_broken_gzip_block_is_damaged(tmp_path: Path) -> None:
    packed = bytearray(compress(lines(*({"text": f"{number**9}"} for number in range(500))), "gzip"))
    packed[-8] ^= 1  # the checksum
    texts, damage = read_until_damage(write(tmp_path, bytes(packed), compression="gzip"))
    assert damage is not None
    assert texts == [f"{number**9}" for number in range(len(texts))]
