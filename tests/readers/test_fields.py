"""Which fields of a record are its text, address and source."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.readers.listing import InputFile
from curator.readers.records import ReadOptions
from curator.readers.units import Unit, plan_units
from tests.readers.reading import OPTIONS, damage_of, read, write


def jsonl(folder: Path, *records: dict[str, Any], **how: Any) -> InputFile:
    return write(folder, "a.jsonl", b"".join(orjson.dumps(record) + b"\n" for record in records), **how)


def parquet(folder: Path, columns: dict[str, Any], **how: Any) -> InputFile:
    pq.write_table(pa.table(columns), folder / "x")
    return write(folder, "a.parquet", (folder / "x").read_bytes(), **how)


def options(**fields: Any) -> ReadOptions:
    return ReadOptions(max_document_bytes=1_000, **fields)


DOTTED = options(text_field="data.body.text", url_field="meta.url", source_field="meta.set")


def test_a_dotted_name_leads_into_nested_objects_and_takes_the_field_out_of_them(tmp_path: Path) -> None:
    record = {"data": {"body": {"text": "a", "n": 1}}, "meta": {"url": "u", "set": "s"}, "id": 5}
    (row,) = read(jsonl(tmp_path, record), DOTTED).to_pylist()
    assert (row["text"], row["url"], row["source"]) == ("a", "u", "s")
    assert json.loads(row["metadata"]) == {"data": {"body": {"n": 1}}, "meta": {}, "id": 5}


def test_a_field_with_the_dot_in_its_name_wins(tmp_path: Path) -> None:
    record = {"text": "a", "meta.url": "u", "meta": {"url": "v"}}
    (row,) = read(jsonl(tmp_path, record), options(url_field="meta.url")).to_pylist()
    assert (row["url"], row["metadata"]) == ("u", '{"meta":{"url":"v"}}')
    (row,) = read(jsonl(tmp_path, {"text": "a", "meta": {"a.url": "u"}}), options(url_field="meta.a.url")).to_pylist()
    assert row["url"] == "u"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"data": {"body": {}}}, "missing_text"),
        ({"data": {"body": "text"}}, "missing_text"),
        ({"data": None}, "missing_text"),
        ({"text": "a"}, "missing_text"),
        ({"data": {"body": {"text": None}}}, "null_text"),
        ({"data": {"body": {"text": {}}}}, "text_not_a_string"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_reason(tmp_path: Path, record: dict[str, Any], reason: str) -> None:
    assert read(jsonl(tmp_path, record), DOTTED)["reason"].to_pylist() == [reason]


def test_several_texts_are_joined_by_a_blank_line_and_those_that_say_nothing_left_out(tmp_path: Path) -> None:
    records = [
        {"title": "T", "text": "B"},
        {"title": None, "text": "B"},
        {"title": " ", "text": "B"},
        {"text": "B"},
        {"title": "T", "text": None},
        {"title": "T"},
        {"title": "", "text": ""},
        {"title": "T", "text": None, "id": 1},
        {},
        {"title": None, "text": None},
        {"title": 5, "text": "B"},
    ]
    table = read(jsonl(tmp_path, *records), options(text_field=("title", "text")))
    assert table["text"].to_pylist()[:7] == ["T\n\nB", "B", "B", "B", "T", "T", None]
    reasons = [*[None] * 6, "empty_text", None, "missing_text", "null_text", "text_not_a_string"]
    assert table["reason"].to_pylist() == reasons


def test_structs_of_parquet_are_nested_objects_too(tmp_path: Path) -> None:
    data = [{"body": {"text": "a", "n": 1}}, {"body": {"text": None, "n": 2}}, {"body": None}, None]
    meta = [{"url": "u", "set": "s"}, {"url": "", "set": None}, None, {"url": "v", "set": "t"}]
    table = read(parquet(tmp_path, {"data": data, "meta": meta, "id": range(4)}), DOTTED)
    assert table["text"].to_pylist() == ["a", None, None, None]
    assert table["reason"].to_pylist() == [None, "null_text", "null_text", "null_text"]
    assert table["url"].to_pylist() == ["u", None, None, "v"]
    assert table["source"].to_pylist() == ["s", "web", "web", "t"]
    assert [json.loads(value) for value in table["metadata"].to_pylist()] == [
        {"data": {"body": {"n": 1}}, "id": 0, "meta": {}},
        {"data": {"body": {"n": 2}}, "id": 1, "meta": {}},
        {"data": {"body": None}, "id": 2, "meta": None},
        {"data": None, "id": 3, "meta": {}},
    ]


def test_a_column_with_the_dot_in_its_name_wins(tmp_path: Path) -> None:
    columns = {"text": ["a"], "meta.url": ["u"], "meta": [{"url": "v"}]}
    (row,) = read(parquet(tmp_path, columns), options(url_field="meta.url")).to_pylist()
    assert (row["url"], row["metadata"]) == ("u", '{"meta":{"url":"v"}}')


def test_a_text_beside_bytes_in_a_struct_is_found_and_the_bytes_left_out(tmp_path: Path) -> None:
    columns = {"page": [{"text": "a", "image": b"\xff"}], "id": [1]}
    (row,) = read(parquet(tmp_path, columns), options(text_field="page.text")).to_pylist()
    assert (row["text"], row["metadata"]) == ("a", '{"id":1}')


def test_several_text_columns_are_joined_by_a_blank_line(tmp_path: Path) -> None:
    columns = {"title": ["T", None, " ", None, "", "x" * 600], "text": ["B", "B", "B", None, None, "y" * 600]}
    table = read(parquet(tmp_path, columns), options(text_field=("title", "text")))
    assert table["text"].to_pylist() == ["T\n\nB", "B", "B", None, None, None]
    assert table["reason"].to_pylist() == [None, None, None, "null_text", "empty_text", "document_too_large"]
    assert table["metadata"].to_pylist() == ["{}"] * 6


def test_a_missing_part_of_a_path_names_the_columns(tmp_path: Path) -> None:
    assert "no column a.b.c" in damage_of(parquet(tmp_path, {"a": [{"b": "x"}]}), options(text_field="a.b.c")).detail


def test_the_fields_of_a_source_go_before_the_general_ones(tmp_path: Path) -> None:
    file = jsonl(tmp_path, {"title": "T", "body": "B", "link": "u"}, text_field=("title", "body"), url_field="link")
    (row,) = read(file, OPTIONS).to_pylist()
    assert (row["text"], row["url"], row["metadata"]) == ("T\n\nB", "u", "{}")


def test_a_changed_mapping_makes_another_unit_that_survives_json(tmp_path: Path) -> None:
    plain = jsonl(tmp_path, {"text": "a"})
    mapped = jsonl(tmp_path, {"text": "a"}, text_field=("title", "text"))
    (unit,) = plan_units([mapped], unit_bytes=100)
    assert plain != mapped
    assert Unit.from_json(json.loads(json.dumps(asdict(unit)))) == unit
