"""One shard of the result: the documents that stay with what was found out about them, and a ledger that adds up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.duplicates import Duplicates
from curator.steps.curate import curate_shard, curated_rows
from curator.steps.rebalance import COPIES
from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.steps.survivors import drops_table
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from curator.store.tables import to_parquet


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def group(document: int, size: int) -> pa.Table:
    return pa.table({"doc_id": ids(document), "group": ids(document), "size": [size]})


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    """Documents 0 to 4: 1 is an exact copy of 0, 2 is like 0, 3 follows 0 in meaning, and the budgets have no room for 4."""
    names = ("ingest", "filter", "exact", "near", "redundancy", "concepts", "complexity", "budgets", "rebalance")
    folders = {name: StepFolder(Folder(str(tmp_path / name))) for name in names}
    every, strings = ids(0, 1, 2, 3, 4), [f"text {number}" for number in range(5)]
    texts = dict.fromkeys(("text", "url", "source", "metadata", "licence", "robots"), strings)
    folders["ingest"].write("documents", 0, pa.table({"doc_id": every, **texts}))
    folders["ingest"].write("statistics", 0, pa.table({"doc_id": every, "bytes": [6] * 5, "language": ["en"] * 5}))
    folders["ingest"].write(
        "origins", 0, pa.table({"doc_id": every, "source": ["web"] * 5, "file": ["a"] * 5, "position": range(5)})
    )
    folders["filter"].write("quality", 0, pa.table({"doc_id": every, "quality": np.full(5, 0.5, np.float32)}))
    folders["exact"].write("drops", 0, drops_table(ids(1), "exact_duplicate", [2.0], ids(0)))
    folders["exact"].write("groups", 0, pa.table({"doc_id": ids(0), "size": [2]}))
    folders["near"].write("drops", 0, drops_table(ids(2), "near_duplicate", [0.9], ids(0)))
    folders["near"].write("groups", 0, group(0, 3))
    assignments = {"doc_id": ids(0, 3, 4), "concept_id": np.array([7, 5, 5], np.uint32)}
    folders["concepts"].write("assignments", 0, pa.table(assignments))
    themes = {"concept_id": np.array([5, 7], np.uint32), "theme_id": np.array([1, 0], np.uint32)}
    folders["complexity"].write_bytes("complexity.parquet", to_parquet(pa.table(themes)).to_pybytes())
    columns = (ids(0, 3), ids(0, 0), [1.0, 0.996], [0, 1], [2, 2])
    groups = [pa.array(values, field.type) for values, field in zip(columns, SEMANTIC_GROUPS, strict=True)]
    folders["redundancy"].write("groups", 0, pa.table(groups, schema=SEMANTIC_GROUPS))
    folders["budgets"].write("drops", 0, drops_table(ids(4), "over_quota", [1.0], None))
    folders["rebalance"].write("copies", 0, pa.table([ids(0, 3), pa.array([2, 1], pa.int32())], schema=COPIES))
    return folders


def test_the_kept_documents_of_a_shard_know_their_groups(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    folder = StepFolder(Folder(str(tmp_path / "curate")))
    commit = curate_shard(0, folder=folder, inputs=inputs, duplicates=Duplicates(soft_exponent=1.0))
    rows = folder.read("curated", 0)
    assert rows.column_names == [
        "doc_id", "text", "url", "source", "language", "quality", "concept_id", "theme_id", "semantic_group",
        "semantic_duplicates", "duplicate_group", "duplicates", "weight", "copies", "licence", "robots", "metadata",
    ]  # fmt: skip
    assert rows.select(rows.column_names[6:14]).drop_columns(["weight"]).to_pydict() == {
        "concept_id": [7, 5], "theme_id": [0, 1], "semantic_group": [0, 0], "semantic_duplicates": [2, 2],
        "duplicate_group": [0, 3], "duplicates": [3, 1], "copies": [2, 1],
    }  # fmt: skip
    assert rows["weight"].to_pylist() == pytest.approx([2 / 3, 1.0])
    assert commit.counts == {
        "documents_in": 2, "documents_out": 2, "bytes_in": 12, "bytes_out": 12, "copies": 3,
        "ledger.documents": 5, "ledger.kept": 2, "ledger.exact.exact_duplicate": 1, "ledger.near.near_duplicate": 1,
        "ledger.budgets.over_quota": 1,
    }  # fmt: skip
    assert folder.read("ledger", 0).num_rows == 5


def test_a_document_that_is_like_no_other_is_its_own_group(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    (tmp_path / "redundancy" / "groups" / "00000000-00000.parquet").unlink()
    rows = curated_rows(0, inputs, Duplicates())
    assert rows["semantic_group"].to_pylist() == [0, 3]
    assert rows["semantic_duplicates"].to_pylist() == [1, 1]
    types = {"semantic_group": "uint64", "semantic_duplicates": "int64", "theme_id": "uint32", "copies": "int32"}
    assert {name: str(rows[name].type) for name in types} == types


def test_an_empty_corpus_has_no_concepts_at_all(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    inputs["filter"].write("drops", 0, drops_table(ids(0, 3), "language", [0.0, 0.0], None))
    for table in ("concepts", "complexity", "redundancy", "rebalance"):
        inputs[table] = StepFolder(Folder(str(tmp_path / "nothing")))
    schema = curated_rows(0, inputs, Duplicates()).schema
    assert (str(schema.field("theme_id").type), str(schema.field("copies").type)) == ("uint32", "int32")


def test_a_shard_of_which_nothing_stays_has_a_ledger_and_no_curated_file(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    inputs["rebalance"].write("drops", 0, drops_table(ids(0, 3), "rebalanced", [0.2, 0.4], None))
    folder = StepFolder(Folder(str(tmp_path / "curate")))
    commit = curate_shard(0, folder=folder, inputs=inputs, duplicates=Duplicates())
    assert commit.counts["documents_out"] == commit.counts["copies"] == 0
    assert not (tmp_path / "curate" / "curated").exists()
    assert folder.read("ledger", 0).num_rows == 5
