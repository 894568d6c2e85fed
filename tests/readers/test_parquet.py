from __future__ import annotations

import datetime
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.listing import InputFile
from curator.readers.pieces import read_piece
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import Piece

OPTIONS = ReadOptions(max_document_bytes=1_000)
EMPTY = pa.Table.from_pylist([], schema=RAW)


def described(path: Path) -> InputFile:
    size = path.stat().st_size
    return InputFile(path=str(path), source="web", format="parquet", compression="", size=size, modified_ns=0)


def write(folder: Path, columns: dict[str, Any], **how: Any) -> InputFile:
    pq.write_table(pa.table(columns), folder / "web.parquet", **how)
    return described(folder / "web.parquet")


def read(file: InputFile, options: ReadOptions = OPTIONS, start: int = 0, stop: int | None = None) -> pa.Table:
    piece = Piece(file, start, file.size if stop is None else stop)
    return pa.concat_tables([EMPTY, *read_piece(piece, 7, options)])


def damage_of(file: InputFile) -> DamagedFile:
    with pytest.raises(DamagedFile) as caught:
        read(file)
    return caught.value


def test_rows_become_records_with_the_other_columns_as_sorted_metadata(tmp_path: Path) -> None:
    file = write(
        tmp_path, {"z": [1, None], "url": ["u", None], "text": ["a", "é"], "source": ["", "s"], "b": [[1], []]}
    )
    first, second = read(file).to_pylist()
    assert first == {
        "file": 7,
        "position": 0,
        "text": "a",
        "html": None,
        "content_type_charset": None,
        "url": "u",
        "source": "web",
        "date": None,
        "medium": None,
        "metadata": '{"b":[1],"z":1}',
        "reason": None,
        "detail": None,
    }
    assert (second["position"], second["text"], second["url"], second["source"]) == (1, "é", None, "s")
    assert second["metadata"] == '{"b":[],"z":null}'


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_kind_of_string_column_is_a_text_column(tmp_path: Path, kind: pa.DataType) -> None:
    table = read(write(tmp_path, {"text": pa.array(["a", "b", "a"]).cast(kind)}))
    assert table.schema.equals(RAW)
    assert table["text"].to_pylist() == ["a", "b", "a"]
    assert table["metadata"].to_pylist() == ["{}"] * 3


def test_texts_that_cannot_be_used_are_rows_with_a_reason(tmp_path: Path) -> None:
    texts = pa.array([b"a", None, b"", b" \n\xe3\x80\x80", b"\xff", b"x" * 1_000, b"x" * 1_001], pa.binary())
    table = read(write(tmp_path, {"text": texts.view(pa.string()), "id": list(range(7))}))
    reasons = [None, "null_text", "empty_text", "empty_text", "invalid_utf8", None, "document_too_large"]
    assert table["reason"].to_pylist() == reasons
    assert [text is None for text in table["text"].to_pylist()] == [reason is not None for reason in reasons]
    assert [detail is None for detail in table["detail"].to_pylist()] == [reason is None for reason in reasons]
    assert table["metadata"].to_pylist() == [f'{{"id":{row}}}' for row in range(7)]


def test_values_that_json_does_not_know_are_written_as_text_and_bytes_left_out(tmp_path: Path) -> None:
    columns = {
        "text": ["a"],
        "day": [datetime.date(2020, 1, 2)],
        "time": pa.array([1_577_934_245_000_000_001], pa.timestamp("ns")),
        "price": [Decimal("1.50")],
        "share": [float("nan")],
        "image": [b"\xff"],
        "images": [[{"bytes": b"\xff"}]],
        "broken": pa.array([b"\xff"]).view(pa.string()),
    }
    (row,) = read(write(tmp_path, columns)).to_pylist()
    assert json.loads(row["metadata"]) == {
        "broken": None,
        "day": "2020-01-02",
        "price": "1.50",
        "share": None,
        "time": "2020-01-02 03:04:05.000000001",
    }


def test_url_and_source_columns_of_other_types_are_metadata(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path, {"text": ["a"], "url": [5], "source": [6]})).to_pylist()
    assert (row["url"], row["source"], row["metadata"]) == (None, "web", '{"source":6,"url":5}')


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    options = ReadOptions(text_field="body", url_field="link", source_field="set", max_document_bytes=1_000)
    (row,) = read(write(tmp_path, {"body": ["a"], "link": ["b"], "set": ["c"], "text": ["d"]}), options).to_pylist()
    assert (row["text"], row["url"], row["source"], row["metadata"]) == ("a", "b", "c", '{"text":"d"}')


@given(st.integers(1, 40), st.lists(st.integers(0, 12), max_size=3))
@settings(deadline=None)
def test_any_split_into_row_groups_yields_every_row_once(
    tmp_path_factory: pytest.TempPathFactory, rows: int, cuts: list[int]
) -> None:
    file = write(tmp_path_factory.getbasetemp(), {"text": [f"t{row}" for row in range(rows)]}, row_group_size=4)
    bounds = [0, *sorted(cuts), file.size]
    pieces = [read(file, OPTIONS, start, stop) for start, stop in pairwise(bounds)]
    assert pa.concat_tables(pieces).equals(read(file))
    assert read(file)["position"].to_pylist() == list(range(rows))


def test_batches_hold_about_what_was_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path, {"text": [f"{row:05d}" * 100 for row in range(5_000)]}, use_dictionary=False)
    tables = list(read_piece(Piece(file, 0, file.size), 0, ReadOptions(max_document_bytes=1_000, batch_bytes=100_000)))
    assert all(100_000 <= table["text"].nbytes < 250_000 for table in tables[:-1])
    assert sum(table.num_rows for table in tables) == 5_000


def test_a_file_without_rows_has_no_records(tmp_path: Path) -> None:
    assert read(write(tmp_path, {"text": pa.array([], pa.string())})).num_rows == 0


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_has_no_footer_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "web.parquet").write_bytes(content)
    assert "footer" in damage_of(described(tmp_path / "web.parquet")).detail


def test_a_file_without_the_text_column_names_its_columns_and_the_setting(tmp_path: Path) -> None:
    detail = damage_of(write(tmp_path, {"body": ["a"], "id": [1]})).detail
    assert "no column text" in detail
    assert "body, id" in detail
    assert "input.text_field" in detail


@pytest.mark.parametrize("values", [[1], [b"a"], [["a"]]])
def test_a_text_column_of_another_type_is_damaged(tmp_path: Path, values: list[Any]) -> None:
    assert "not strings" in damage_of(write(tmp_path, {"text": values})).detail


def test_two_columns_of_one_name_are_damaged(tmp_path: Path) -> None:
    pq.write_table(pa.table([["a"], [1], [2]], names=["text", "id", "id"]), tmp_path / "web.parquet")
    assert "one name" in damage_of(described(tmp_path / "web.parquet")).detail


def test_a_broken_page_is_damaged_after_the_row_groups_before_it(tmp_path: Path) -> None:
    texts = [f"{row} {row**9}" for row in range(3_000)]
    file = write(tmp_path, {"text": texts}, row_group_size=1_000, compression="zstd", use_dictionary=False)
    start = pq.ParquetFile(file.path).metadata.row_group(2).column(0).data_page_offset
    content = bytearray(Path(file.path).read_bytes())
    content[start : start + 2_000] = b"\xff" * 2_000
    Path(file.path).write_bytes(content)
    tables = read_piece(Piece(file, 0, file.size), 0, OPTIONS)
    assert next(tables)["text"].to_pylist() == texts[:2_000]
    with pytest.raises(DamagedFile) as caught:
        next(tables)
    assert caught.value.position == 2_000


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_truncation_is_detected(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    file = write(tmp_path_factory.getbasetemp(), {"text": [f"t{row}" for row in range(50)]}, row_group_size=10)
    content = Path(file.path).read_bytes()
    Path(file.path).write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    damage_of(described(Path(file.path)))
