"""Streams hold what was put into them, and say where they are damaged; Parquet bytes follow from the table alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from curator.errors import StoreError
from curator.store.files import Folder
from curator.store.tables import read_parquet, read_stream, to_parquet, to_stream

TABLE = pa.table(
    {"key": pa.array(range(1000), pa.uint64()), "text": pa.array([f"text {n}" for n in range(1000)], pa.large_string())}
)


def test_a_stream_holds_a_slice_of_a_table_and_no_more(tmp_path: Path) -> None:
    part = to_stream(TABLE.slice(100, 10))
    Folder(str(tmp_path)).put("part.arrow", memoryview(part))
    assert read_stream(Folder(str(tmp_path)), "part.arrow").equals(TABLE.slice(100, 10))
    assert part.size < to_stream(TABLE).size / 5


def test_the_same_rows_give_the_same_stream() -> None:
    assert to_stream(TABLE.slice(3, 50)).equals(to_stream(TABLE.slice(3, 50)))


@pytest.mark.parametrize("content", [b"", b"no stream at all", None])
def test_a_stream_that_is_damaged_or_gone_is_named_with_its_path(tmp_path: Path, content: bytes | None) -> None:
    folder = Folder(str(tmp_path))
    if content is not None:
        folder.put("part.arrow", content)
    with pytest.raises(StoreError, match=r"part\.arrow.*delete its step folder"):
        read_stream(folder, "part.arrow")


def test_parquet_bytes_follow_from_the_table(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.put("table.parquet", memoryview(to_parquet(TABLE)))
    assert read_parquet(folder, "table.parquet", ["key"]).equals(TABLE.select(["key"]))
    assert to_parquet(TABLE).equals(to_parquet(TABLE))
