"""CSV and TSV, held against Python's csv module."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.records import ReadOptions
from tests.readers.reading import OPTIONS, damage_of, read, read_until_damage, write


def texts(folder: Path, content: bytes, name: str = "a.csv") -> list[str | None]:
    found: list[str | None] = read(write(folder, name, content))["text"].to_pylist()
    return found


def test_a_row_becomes_a_record_with_its_other_columns_as_sorted_metadata(tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", "z,text,url,source,b\n1,Grüße,http://a/,forum,\n".encode())
    assert read(file).to_pylist() == [
        {
            "file": 7,
            "position": 20,
            "text": "Grüße",
            "html": None,
            "content_type_charset": None,
            "url": "http://a/",
            "source": "forum",
            "date": None,
            "medium": None,
            "metadata": '{"b":"","z":"1"}',
            "reason": None,
            "detail": None,
        }
    ]


def test_quoted_fields_hold_delimiters_newlines_and_doubled_quotes(tmp_path: Path) -> None:
    content = b'id,text\r\n1,"a,b\nc ""d""\r\n\r\n"\r\n"2",""""\n'
    assert texts(tmp_path, content) == ['a,b\nc "d"\r\n\r\n', '"']


def test_quotes_inside_a_field_and_behind_a_quoted_one_stand_for_themselves(tmp_path: Path) -> None:
    content = b'id,text\n1,5" disk\n2,"a" b "c"\n3, "x"\n'
    assert texts(tmp_path, content) == ['5" disk', 'a b "c"', ' "x"']


def test_the_position_is_the_byte_at_which_the_row_starts(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbftext\r\n"a\nb"\r\n\r\nc\r\nd'
    table = read(write(tmp_path, "a.csv", content))
    assert table["text"].to_pylist() == ["a\nb", "c", "d"]
    assert table["position"].to_pylist() == [content.index(b'"a'), content.index(b"c\r"), content.index(b"d")]


def test_tabs_cut_a_tsv_and_commas_do_not(tmp_path: Path) -> None:
    table = read(write(tmp_path, "a.tsv", b'text\tn\na,b\t1\n"c\td"\t2\n'))
    assert table["text"].to_pylist() == ["a,b", "c\td"]
    assert table["metadata"].to_pylist() == ['{"n":"1"}', '{"n":"2"}']


def test_rows_that_cannot_be_used_are_rows_with_a_reason_and_the_next_are_read(tmp_path: Path) -> None:
    rows = [
        b"1,a",
        b"2",
        b"3,a,b",
        b"4,\xff",
        b"\xff,a",
        b"5,",
        b"6, ",
        b"7," + b"x" * 1_000,
        b'8,"' + b"\n" * 1_000 + b'"',
    ]
    table = read(write(tmp_path, "a.csv", b"\n".join([b"id,text", *rows, b"9,z"])))
    few = "wrong_number_of_fields"
    bad, empty, large = "invalid_utf8", "empty_text", "document_too_large"
    assert table["reason"].to_pylist() == [None, few, few, bad, bad, empty, empty, large, large, None]
    assert table["detail"][2].as_py() == "the row has 3 fields, the header 2"
    assert table["text"][9].as_py() == "z"


def test_a_field_longer_than_every_buffer_is_one_row_and_the_next_is_read(tmp_path: Path) -> None:
    content = b'text\n"' + b'a,"",\n' * (1 << 19) + b'"\nb\n'
    table = read(write(tmp_path, "a.csv", content))
    assert table["reason"].to_pylist() == ["document_too_large", None]
    assert table["position"].to_pylist() == [5, len(content) - 2]
    table = read(write(tmp_path, "a.csv", content), ReadOptions(max_document_bytes=1 << 23))
    assert table["text"][0].as_py() == 'a,",\n' * (1 << 19)


def test_a_quote_that_is_never_closed_is_damage_behind_the_rows_before_it(tmp_path: Path) -> None:
    content = b'id,text\n1,a\n2,b\n3,"c\n4,d\n'
    table, damage = read_until_damage(write(tmp_path, "a.csv", content))
    assert table["text"].to_pylist() == ["a", "b"]
    assert damage is not None
    assert damage.position == content.index(b"3,")
    assert "quoted field" in damage.detail


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"\xef\xbb\xbf", b"text\n", b"text"])
def test_a_file_without_rows_has_no_records(tmp_path: Path, content: bytes) -> None:
    assert texts(tmp_path, content) == []


@pytest.mark.parametrize(
    ("header", "word"),
    [
        (b"id,body", "no column text, only id, body"),
        (b"text,id,id", "one name"),
        (b"text,\xff", "UTF-8"),
        (b"x" * 2_000, "longer than"),
        (b"\xff\xfet\0e\0x\0t\0", "UTF-16"),
    ],
)
def test_a_header_that_cannot_be_used_is_damage_at_once(tmp_path: Path, header: bytes, word: str) -> None:
    damage = damage_of(write(tmp_path, "a.csv", header + b"\n1,2,3\n"))
    assert damage.position == 0
    assert word in damage.detail


def test_several_columns_can_be_the_text(tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", b"title,id,body\nT,1,B\n,2,b\n", text_field=("title", "body"))
    assert read(file)["text"].to_pylist() == ["T\n\nB", "b"]


PART = st.sampled_from(["a", "é", ",", '"', '""', "\n", "\r\n", " ", "\t", '"b"', ',"'])


@settings(deadline=None)
@given(st.lists(PART, max_size=30).map("".join), st.sampled_from([",", "\t"]))
def test_any_text_is_cut_as_by_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, content: str, delimiter: str
) -> None:
    name = "a.csv" if delimiter == "," else "a.tsv"
    width = 3
    header = delimiter.join(["text", *(f"c{place}" for place in range(1, width))])
    whole = f"{header}\n{content}"
    rows = [row for row in csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter) if row][1:]
    table, damage = read_until_damage(write(tmp_path_factory.getbasetemp(), name, whole.encode()))
    if damage is not None:  # the csv module takes the open field for the last one
        rows = rows[:-1]
    assert table.num_rows == len(rows)
    for row, record in zip(rows, table.to_pylist(), strict=True):
        assert (record["reason"] == "wrong_number_of_fields") == (len(row) != width)
        if len(row) == width:
            assert json.loads(record["metadata"]) == {"c1": row[1], "c2": row[2]}
            assert record["text"] == (row[0] if row[0].strip() else None)


CELLS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8
)  # Python 3.10 writes no NUL


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8))
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, quoting=csv.QUOTE_ALL).writerows([["text", "b"], *rows])
    table = read(write(tmp_path_factory.getbasetemp(), "a.csv", held.getvalue().encode()), OPTIONS)
    assert [json.loads(value)["b"] for value in table["metadata"].to_pylist()] == [row[1] for row in rows]
    assert table["text"].to_pylist() == [row[0] if row[0].strip() else None for row in rows]
