"""Arrow IPC streams and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readers.listing import InputFile
from curator.readers.pieces import read_piece
from curator.readers.records import ReadOptions
from curator.readers.units import Piece
from tests.readers.reading import damage_of, read, read_until_damage, write

WRITERS = {"stream": pa.ipc.new_stream, "file": pa.ipc.new_file}


def packed(table: pa.Table, kind: str, rows: int = 10, **how: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with WRITERS[kind](sink, table.schema, **how) as writer:
        writer.write_table(table, max_chunksize=rows)
    return bytes(sink.getvalue())


def arrow_file(folder: Path, columns: dict[str, Any], kind: str = "stream", **how: Any) -> InputFile:
    return write(folder, "a.arrow", packed(pa.table(columns), kind, **how))


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_become_records_with_the_other_columns_as_metadata(tmp_path: Path, kind: str) -> None:
    columns = {"text": [f"t{row}" for row in range(35)], "id": range(35), "image": [b"\xff"] * 35}
    table = read(arrow_file(tmp_path, columns, kind))
    assert table["text"].to_pylist() == columns["text"]
    assert table["position"].to_pylist() == list(range(35))
    assert table["metadata"].to_pylist() == [f'{{"id":{row}}}' for row in range(35)]


def test_feather_files_are_read(tmp_path: Path) -> None:
    pa.feather.write_feather(pa.table({"text": ["a", "b"]}), tmp_path / "x.feather", compression="lz4")
    file = write(tmp_path, "a.feather", (tmp_path / "x.feather").read_bytes())
    assert read(file)["text"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize(
    "type", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_kind_of_string_column_is_a_text_column(tmp_path: Path, type: pa.DataType) -> None:
    assert read(arrow_file(tmp_path, {"text": pa.array(["a", None, "b"]).cast(type)}))["text"].to_pylist() == [
        "a",
        None,
        "b",
    ]


def test_texts_that_cannot_be_used_are_rows_with_a_reason(tmp_path: Path) -> None:
    texts = pa.array([b"a", None, b"", b"\xff", b"x" * 1_001], pa.binary()).view(pa.string())
    table = read(arrow_file(tmp_path, {"text": texts}))
    assert table["reason"].to_pylist() == [None, "null_text", "empty_text", "invalid_utf8", "document_too_large"]


def test_big_batches_are_converted_in_slices(tmp_path: Path) -> None:
    file = arrow_file(tmp_path, {"text": ["x" * 500] * 5_000}, rows=5_000)
    tables = list(read_piece(Piece(file, 0, file.size), 0, ReadOptions(max_document_bytes=1_000, batch_bytes=100_000)))
    assert len(tables) > 10
    assert sum(table.num_rows for table in tables) == 5_000


def test_a_file_without_the_text_column_is_damaged_at_once(tmp_path: Path) -> None:
    assert "no column text" in damage_of(arrow_file(tmp_path, {"body": ["a"]})).detail
    assert "not strings" in damage_of(arrow_file(tmp_path, {"text": [1]})).detail


@pytest.mark.parametrize(
    "content", [b"", b"ARROW1", b"FEA1 old feather", b"no arrow at all", b"ARROW1\0\0" + bytes(64)]
)
def test_what_is_not_arrow_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert "not Arrow IPC" in damage_of(write(tmp_path, "a.arrow", content)).detail


def test_at_every_cut_a_stream_yields_the_batches_before_it(tmp_path: Path) -> None:
    table = pa.table({"text": [f"t{row}" for row in range(30)]})
    content = packed(table, "stream")
    rows_read = set()
    for stop in range(0, len(content), 3):
        found, damage = read_until_damage(write(tmp_path, "a.arrow", content[:stop]))
        assert found["text"].to_pylist() == table["text"].to_pylist()[: found.num_rows]
        assert found.num_rows % 10 == 0
        assert damage is None or damage.position == found.num_rows
        rows_read.add(found.num_rows)
    assert rows_read == {0, 10, 20, 30}


def test_every_cut_of_a_file_with_a_footer_is_damage(tmp_path: Path) -> None:
    content = packed(pa.table({"text": ["a", "b"]}), "file")
    for stop in range(0, len(content), 7):
        damage_of(write(tmp_path, "a.arrow", content[:stop]))


def test_offsets_that_lead_out_of_the_text_are_damage(tmp_path: Path) -> None:
    content = bytearray(packed(pa.table({"text": ["abcdefgh", "b"]}), "stream"))
    place = content.rindex((8).to_bytes(4, "little") + (9).to_bytes(4, "little"))
    content[place : place + 4] = (1 << 20).to_bytes(4, "little")
    assert "not Arrow IPC" in damage_of(write(tmp_path, "a.arrow", bytes(content))).detail


def test_a_name_that_is_not_utf8_is_damage(tmp_path: Path) -> None:
    content = packed(pa.table({"text": ["a"], "other": ["b"]}), "stream").replace(b"other", b"oth\xffr")
    assert "name" in damage_of(write(tmp_path, "a.arrow", content)).detail


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_changed_bytes_cost_at_most_the_file(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    columns = {"text": ["a", "bc"] * 10, "meta": [{"url": "u", "tags": ["x"]}] * 20}
    content = bytearray(packed(pa.table(columns), data.draw(st.sampled_from(sorted(WRITERS)))))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=3)):
        content[place] = data.draw(st.integers(0, 255))
    table, _ = read_until_damage(write(tmp_path_factory.getbasetemp(), "changed.arrow", bytes(content)))
    table.validate(full=True)
