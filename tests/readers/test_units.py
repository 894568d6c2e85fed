from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.readers.listing import InputFile, list_input
from curator.readers.parquet import row_group_bytes
from curator.readers.units import Unit, plan_units


def file_of(size: int, name: str = "a.jsonl", compression: str = "", format: str = "jsonl") -> InputFile:
    return InputFile(
        path=f"/nowhere/{name}", source="a", format=format, compression=compression, size=size, modified_ns=0
    )


def ranges(units: list[Unit]) -> list[list[tuple[int, int]]]:
    return [[(piece.start, piece.stop) for piece in unit.pieces] for unit in units]


def test_small_neighbours_are_joined_up_to_the_size_of_a_unit() -> None:
    units = plan_units([file_of(size) for size in (40, 40, 40, 100, 1)], unit_bytes=100)
    assert ranges(units) == [[(0, 40), (0, 40)], [(0, 40)], [(0, 100)], [(0, 1)]]


def test_formats_and_sources_mix_in_a_unit() -> None:
    files = [file_of(10), file_of(10, "b.warc.gz", "gzip", "warc"), file_of(10, "c.parquet", "", "parquet")]
    assert ranges(plan_units(files, unit_bytes=100)) == [[(0, 10), (0, 10), (0, 10)]]


def test_plain_jsonl_above_a_unit_is_cut_into_equal_ranges() -> None:
    assert ranges(plan_units([file_of(250)], unit_bytes=100)) == [[(0, 83)], [(83, 166)], [(166, 250)]]


@pytest.mark.parametrize(
    "file", [file_of(900, "a.jsonl.gz", "gzip"), file_of(900, "a.warc", "", "warc"), file_of(900, "a.wet", "", "wet")]
)
def test_compressed_and_warc_files_stay_whole_and_alone(file: InputFile) -> None:
    assert ranges(plan_units([file_of(1), file, file_of(2)], unit_bytes=100)) == [[(0, 1)], [(0, 900)], [(0, 2)]]


def test_a_unit_holds_at_most_a_thousand_files() -> None:
    units = plan_units([file_of(0)] * 2_500, unit_bytes=100)
    assert [len(unit.pieces) for unit in units] == [1_000, 1_000, 500]


def test_parquet_above_a_unit_is_cut_between_row_groups(tmp_path: Path) -> None:
    rows = [f"{row:05d} " * 50 for row in range(1_000)]
    pq.write_table(pa.table({"text": rows}), tmp_path / "a.parquet", row_group_size=100, compression="none")
    (file,) = list_input(str(tmp_path), source=None, format=None)
    sizes = row_group_bytes(file)
    assert len(sizes) == 10
    units = ranges(plan_units([file], unit_bytes=max(sizes) * 3))
    assert units == [[(0, 3)], [(3, 6)], [(6, 9)], [(9, 10)]]


def test_a_row_group_above_a_unit_is_a_unit(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["x" * 50] * 20}), tmp_path / "a.parquet", row_group_size=10)
    (file,) = list_input(str(tmp_path), source=None, format=None)
    assert ranges(plan_units([file], unit_bytes=1)) == [[(0, 1)], [(1, 2)]]


def test_a_damaged_parquet_file_is_left_whole_for_the_reader_to_report(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no footer here")
    (file,) = list_input(str(tmp_path), source=None, format=None)
    assert ranges(plan_units([file], unit_bytes=5)) == [[(0, 19)]]


def test_no_files_make_no_units() -> None:
    assert plan_units([], unit_bytes=100) == []


@given(st.lists(st.integers(0, 1_000)), st.integers(1, 400))
def test_every_byte_is_in_exactly_one_piece_and_in_order(sizes: list[int], unit_bytes: int) -> None:
    files = [file_of(size, f"{place}.jsonl") for place, size in enumerate(sizes)]
    units = plan_units(files, unit_bytes=unit_bytes)
    pieces = [piece for unit in units for piece in unit.pieces]
    expected = [(file.path, byte) for file in files for byte in range(file.size)]
    assert [(piece.file.path, byte) for piece in pieces for byte in range(piece.start, piece.stop)] == expected
    assert {piece.file.path for piece in pieces} == {file.path for file in files}
    assert all(sum(piece.stop - piece.start for piece in unit.pieces) <= unit_bytes for unit in units)


@given(st.lists(st.integers(0, 1_000), min_size=1))
def test_units_survive_json(sizes: list[int]) -> None:
    for unit in plan_units([file_of(size) for size in sizes], unit_bytes=100):
        assert Unit.from_json(json.loads(json.dumps(asdict(unit)))) == unit
