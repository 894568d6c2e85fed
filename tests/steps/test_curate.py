"""One shard of the result: the documents that stay with what was found out about them, and a ledger that adds up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.duplicates import Duplicates
from curator.steps.curate import curate_shard
from curator.steps.survivors import drops_table
from curator.store.files import Folder
from curator.store.step_folder import StepFolder


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def group(document: int, size: int) -> pa.Table:
    return pa.table({"doc_id": ids(document), "group": ids(document), "size": [size]})


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    """Documents 0 to 3: 1 is an exact copy of 0, 2 is like 0, 3 is alone."""
    names = ("ingest", "filter", "exact", "near", "concepts", "redundancy", "budgets")
    folders = {name: StepFolder(Folder(str(tmp_path / name))) for name in names}
    every, strings = ids(0, 1, 2, 3), [f"text {number}" for number in range(4)]
    texts = dict.fromkeys(("text", "url", "source", "metadata", "licence", "robots"), strings)
    folders["ingest"].write("documents", 0, pa.table({"doc_id": every, **texts}))
    folders["ingest"].write("statistics", 0, pa.table({"doc_id": every, "bytes": [6] * 4, "language": ["en"] * 4}))
    folders["ingest"].write(
        "origins", 0, pa.table({"doc_id": every, "source": ["web"] * 4, "file": ["a"] * 4, "position": [0, 7, 14, 21]})
    )
    folders["filter"].write("quality", 0, pa.table({"doc_id": every, "quality": np.full(4, 0.5, np.float32)}))
    folders["exact"].write("drops", 0, drops_table(ids(1), "exact_duplicate", [2.0], ids(0)))
    folders["exact"].write("groups", 0, pa.table({"doc_id": ids(0), "size": [2]}))
    folders["near"].write("drops", 0, drops_table(ids(2), "near_duplicate", [0.9], ids(0)))
    folders["near"].write("groups", 0, group(0, 3))
    folders["concepts"].write(
        "assignments", 0, pa.table({"doc_id": ids(0, 3), "concept_id": np.array([4, 5], np.uint32)})
    )
    return folders


def test_the_kept_documents_of_a_shard_know_their_groups(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    folder = StepFolder(Folder(str(tmp_path / "curate")))
    commit = curate_shard(0, folder=folder, inputs=inputs, duplicates=Duplicates(rehydrate=((3, 2),)))
    rows = folder.read("curated", 0)
    assert rows.column_names == [
        "doc_id", "text", "url", "source", "language", "quality", "concept_id", "duplicate_group", "duplicates", "weight",
        "copies", "licence", "robots", "metadata",
    ]  # fmt: skip
    assert rows.select(["doc_id", "duplicate_group", "duplicates", "copies"]).to_pydict() == {
        "doc_id": [0, 3], "duplicate_group": [0, 3], "duplicates": [3, 1], "copies": [2, 1],
    }  # fmt: skip
    assert commit.counts == {
        "documents_in": 2, "documents_out": 2, "bytes_in": 12, "bytes_out": 12, "copies": 3,
        "ledger.documents": 4, "ledger.kept": 2, "ledger.exact.exact_duplicate": 1, "ledger.near.near_duplicate": 1,
    }  # fmt: skip
    assert folder.read("ledger", 0).num_rows == 4


def test_a_shard_of_which_nothing_stays_has_a_ledger_and_no_curated_file(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    inputs["budgets"].write("drops", 0, drops_table(ids(0, 3), "over_quota", [1.0, 1.0], None))
    folder = StepFolder(Folder(str(tmp_path / "curate")))
    commit = curate_shard(0, folder=folder, inputs=inputs, duplicates=Duplicates())
    assert commit.counts["documents_out"] == commit.counts["copies"] == 0
    assert not (tmp_path / "curate" / "curated").exists()
    assert folder.read("ledger", 0).num_rows == 4
