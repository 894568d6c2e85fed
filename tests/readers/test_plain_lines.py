"""Plain text, one document a line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.listing import InputFile
from curator.readers.pieces import read_piece
from curator.readers.plain_lines import line_blocks
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import Piece, plan_units
from tests.readers.reading import compress, damage_of, read, write


def lines_file(folder: Path, content: bytes, name: str = "a.txt") -> InputFile:
    return write(folder, name, content, format="lines")


def test_a_line_is_a_record_at_the_byte_where_it_starts(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfone\r\n\n \t\r\n\r\ntwo \xc3\xbc\nthree"
    table = read(lines_file(tmp_path, content))
    assert table.schema.equals(RAW)
    assert table["text"].to_pylist() == ["one", "two ü", "three"]
    assert table["position"].to_pylist() == [0, content.index(b"two"), content.index(b"three")]
    assert table.slice(1, 1).to_pylist() == [
        {
            "file": 7,
            "position": content.index(b"two"),
            "text": "two ü",
            "html": None,
            "content_type_charset": None,
            "url": None,
            "source": "web",
            "date": None,
            "medium": None,
            "metadata": "{}",
            "reason": None,
            "detail": None,
        }
    ]


def test_lines_that_cannot_be_used_are_rows_with_a_reason(tmp_path: Path) -> None:
    table = read(lines_file(tmp_path, b"a\n\xff\n\xe3\x80\x80\n" + b"x" * 1_000 + b"\n" + b"x" * 1_001 + b"\nb"))
    reasons = [None, "invalid_utf8", "empty_text", None, "document_too_large", None]
    assert table["reason"].to_pylist() == reasons
    assert [text is None for text in table["text"].to_pylist()] == [reason is not None for reason in reasons]


def test_a_line_longer_than_every_buffer_is_one_row_and_the_next_is_read(tmp_path: Path) -> None:
    table = read(lines_file(tmp_path, b"a\n" + b"x" * (5 << 20) + b"\nb\n"))
    assert table["reason"].to_pylist() == [None, "document_too_large", None]
    assert table["position"].to_pylist() == [0, 2, (5 << 20) + 3]


@pytest.mark.parametrize("content", [b"", b"\n\n\r\n", b"\xef\xbb\xbf\n", b"\r"])
def test_blank_lines_are_no_records(tmp_path: Path, content: bytes) -> None:
    assert read(lines_file(tmp_path, content)).num_rows == 0


def test_utf16_is_damage_in_every_piece(tmp_path: Path) -> None:
    file = lines_file(tmp_path, "a\nb\nc\n".encode("utf-16"))
    assert "UTF-16" in damage_of(file).detail
    with pytest.raises(DamagedFile, match="UTF-16"):
        read(file, start=5)


def test_batches_hold_about_what_was_asked_for(tmp_path: Path) -> None:
    file = lines_file(tmp_path, b"0123456789" * 5 + b"\n" + b"x\n" * 2_000_000)
    options = ReadOptions(max_document_bytes=1_000, batch_bytes=10_000_000)
    sizes = [table.num_rows for table in read_piece(Piece(file, 0, file.size), 0, options)]
    assert sum(sizes) == 2_000_001
    assert len(sizes) > 1


LINE = st.sampled_from([b"", b" ", b"\r", b"a", b"bb\r", b"\xc3\xa9", b"\xff", b"y" * 30])


@settings(deadline=None)
@given(st.lists(LINE, max_size=12), st.booleans(), st.lists(st.integers(0, 200), max_size=4))
def test_any_split_into_ranges_yields_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], newline: bool, cuts: list[int]
) -> None:
    content = b"\n".join(parts) + (b"\n" if newline else b"")
    file = lines_file(tmp_path_factory.getbasetemp(), content)
    options = ReadOptions(max_document_bytes=20)
    bounds = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    pieces = [read(file, options, start, stop) for start, stop in pairwise(bounds)]
    whole = read(file, options)
    assert pa.concat_tables(pieces).equals(whole)
    used = [line.removesuffix(b"\r") for line in parts if line.strip()]
    assert whole.num_rows == len(used)
    assert whole["text"].to_pylist() == [line.decode() if line not in (b"\xff", b"y" * 30) else None for line in used]


@given(st.lists(st.binary(max_size=8).map(lambda part: part.replace(b"x", b"\n"))), st.integers(0, 6))
def test_blocks_do_not_depend_on_how_the_content_arrives(parts: list[bytes], limit: int) -> None:
    content = b"".join(parts)
    place = 0
    for position, block in line_blocks(parts, 0, limit):
        assert position == place
        if block is None:
            end = content.find(b"\n", place)
            place = len(content) if end < 0 else end + 1
            assert place - position > limit
        else:
            assert block == content[place : place + len(block)]
            place += len(block)
            assert block.endswith(b"\n") or place == len(content)
    assert place == len(content)


def test_a_plain_file_above_a_unit_is_cut_and_a_compressed_one_is_not(tmp_path: Path) -> None:
    content = b"".join(b"line %d\n" % number for number in range(100))
    units = plan_units([lines_file(tmp_path, content)], unit_bytes=300)
    assert len(units) == 3
    texts = [
        text
        for unit in units
        for piece in unit.pieces
        for text in read(piece.file, start=piece.start, stop=piece.stop)["text"].to_pylist()
    ]
    assert texts == content.decode().splitlines()
    packed = lines_file(tmp_path, compress(content, "gzip"), "a.txt.gz")
    assert len(plan_units([replace(packed, size=900)], unit_bytes=300)) == 1
