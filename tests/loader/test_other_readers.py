"""Folders of sequences are plain Parquet: other libraries read the same rows in the same order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.dataset
import pytest
import ray.data

from curator.cluster import ray_cluster
from curator.config.schema import Resources
from tests.loader.sequence_folders import Packed, drawn_sequences, to_table, write_folder

COLUMNS = ["input_ids", "cu_seqlens", "doc_ids", "copies", "offsets"]


@pytest.fixture(scope="module")
def sequences() -> Packed:
    return drawn_sequences(40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sequences: Packed) -> Path:
    path = tmp_path_factory.mktemp("sequences")
    write_folder(path, sequences)
    return path


def files(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.parquet"))]


def test_pyarrow_reads_the_sequences(folder: Path, sequences: Packed) -> None:
    assert pyarrow.dataset.dataset(files(folder)).to_table().equals(to_table(sequences))


def test_datasets_reads_the_sequences(folder: Path, sequences: Packed, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install datasets")
    read = datasets.load_dataset("parquet", data_files=files(folder), split="train", cache_dir=str(tmp_path))
    assert read.to_list() == to_table(sequences).to_pylist()
    streamed = datasets.load_dataset("parquet", data_files=files(folder), split="train", streaming=True)
    assert list(streamed) == to_table(sequences).to_pylist()


def test_duckdb_reads_the_sequences(folder: Path, sequences: Packed) -> None:
    duckdb = pytest.importorskip("duckdb", reason="pip install duckdb")
    read = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [files(folder)]).fetchall()
    assert [dict(zip(COLUMNS, row, strict=True)) for row in read] == to_table(sequences).to_pylist()


def test_polars_reads_the_sequences(folder: Path, sequences: Packed) -> None:
    polars = pytest.importorskip("polars", reason="pip install polars")
    assert polars.read_parquet(files(folder)).to_dicts() == to_table(sequences).to_pylist()
    assert polars.scan_parquet(files(folder)).collect().height == len(sequences)


def test_ray_data_reads_the_sequences(folder: Path, sequences: Packed) -> None:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        read = ray.data.read_parquet(files(folder)).take_all()
    rows = [{name: np.asarray(values).tolist() for name, values in row.items()} for row in read]
    assert sorted(rows, key=lambda row: row["doc_ids"]) == to_table(sequences).to_pylist()  # blocks come in any order
