"""The medium of a record is its address, its bytes, or both, from files of any format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.readers.listing import list_input
from curator.readers.media import MEDIUM, medium_bytes
from curator.readers.pieces import read_piece
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import plan_units


def read(path: Path, **options: Any) -> list[dict[str, Any]]:
    (unit,) = plan_units(list_input(str(path), source="s", format=None), unit_bytes=1 << 30)
    settings = ReadOptions(**{"max_document_bytes": 1_000, "medium_field": "image", **options})
    tables = list(read_piece(unit.pieces[0], 0, settings))
    assert all(table.schema.equals(RAW) for table in tables)
    return pa.concat_tables(tables).to_pylist()


def parquet(folder: Path, image: pa.Array) -> Path:
    pq.write_table(
        pa.table({"text": ["a"] * len(image), "image": image, "more": [1] * len(image)}), folder / "x.parquet"
    )
    return folder / "x.parquet"


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (pa.array(["u", "", None]), [{"bytes": None, "path": "u"}, None, None]),
        (pa.array([b"\xff\x00", b"", None]), [{"bytes": b"\xff\x00", "path": None}, None, None]),
        (
            pa.array([{"bytes": b"\xff", "path": "u"}, {"bytes": None, "path": ""}, None], MEDIUM),
            [{"bytes": b"\xff", "path": "u"}, None, None],
        ),
    ],
)
def test_a_column_of_addresses_of_bytes_or_of_both_is_the_medium(
    tmp_path: Path, image: pa.Array, found: list[object]
) -> None:
    rows = read(parquet(tmp_path, image))
    assert [row["medium"] for row in rows] == found
    assert {row["metadata"] for row in rows} == {'{"more":1}'}


def test_a_field_of_an_object_may_be_the_address_of_the_medium(tmp_path: Path) -> None:
    lines = [{"text": "a", "image": {"url": "u"}}, {"text": "a"}, {"text": "a", "image": {"url": 5}}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)))
    rows = read(tmp_path / "x.jsonl", medium_field="image.url")
    assert [row["medium"] for row in rows] == [{"bytes": None, "path": "u"}, None, None]
    assert [row["metadata"] for row in rows] == ['{"image":{}}', "{}", '{"image":{"url":5}}']


def test_without_a_field_for_them_there_are_no_media(tmp_path: Path) -> None:
    (row,) = read(parquet(tmp_path, pa.array(["u"])), medium_field=None)
    assert (row["medium"], row["metadata"]) == (None, '{"image":"u","more":1}')


def test_a_medium_that_is_longer_than_a_document_may_be_is_a_record_with_its_reason(tmp_path: Path) -> None:
    rows = read(parquet(tmp_path, pa.array([b"x" * 998, b"x" * 1_000])))
    assert [row["reason"] for row in rows] == [None, "document_too_large"]


def test_a_column_of_numbers_is_no_medium_and_the_message_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(
        DamagedFile, match=r"its column image holds int64, and not addresses.*; set input\.medium_field"
    ):
        read(parquet(tmp_path, pa.array([1])))


def test_the_bytes_of_a_medium_are_counted() -> None:
    media = pa.array([{"bytes": b"abc", "path": "u"}, {"bytes": None, "path": "u"}, None], MEDIUM)
    assert medium_bytes(media).to_pylist() == [3, 0, 0]
