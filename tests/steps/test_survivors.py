"""A step may drop what it was given, once, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.errors import ReconciliationError
from curator.steps.survivors import Upstream, aligned, apply_drops, check_drops, drops_table, funnel_counts
from curator.store.files import Folder
from curator.store.step_folder import StepFolder


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def statistics(count: int) -> pa.Table:
    return pa.table({"doc_id": np.arange(count, dtype=np.uint64), "bytes": np.full(count, 10, np.int64)})


def test_survivors_are_what_no_step_has_dropped(tmp_path: Path) -> None:
    ingest, first, second = (StepFolder(Folder(str(tmp_path)) / name) for name in ("ingest", "first", "second"))
    ingest.write("statistics", 0, statistics(6))
    first.write("drops", 0, drops_table(ids(1), "a", [1.0], None))
    second.write("drops", 0, drops_table(ids(4, 5), "b", [1.0, 2.0], ids(0, 0)))
    upstream = Upstream(ingest=ingest, droppers=(first, second))
    assert upstream.statistics(0, ("doc_id",))["doc_id"].to_pylist() == [0, 2, 3]


def test_counts_add_up_by_reason() -> None:
    drops = pa.concat_tables([drops_table(ids(0), "a", [1.0], None), drops_table(ids(2, 3), "b", [1.0, 1.0], None)])
    assert funnel_counts(statistics(5), drops) == {
        "documents_in": 5, "bytes_in": 50, "documents_out": 2, "bytes_out": 20, "dropped.a": 1, "dropped.b": 2,
    }  # fmt: skip


@pytest.mark.parametrize("drops", [ids(1, 1), ids(9)])
def test_a_drop_of_nothing_or_twice_fails(drops: np.ndarray) -> None:
    with pytest.raises(ReconciliationError, match="dropped a document twice, or one that was gone"):
        check_drops(ids(0, 1, 2), drops, "00")


def test_nothing_is_written_for_a_shard_that_loses_nothing(tmp_path: Path) -> None:
    folder = StepFolder(Folder(str(tmp_path)))
    folder.write("statistics", 0, statistics(3))
    commit = apply_drops(folder, Upstream(ingest=folder), 0, drops_table(ids(), "a", [], None))
    assert commit.counts["documents_out"] == 3
    assert not (tmp_path / "drops").exists()


def test_aligning_finds_rows_by_id_and_misses_none() -> None:
    table = pa.table({"doc_id": ids(2, 4, 6), "x": ["a", "b", "c"]})
    assert aligned(table, ids(2, 6))["x"].to_pylist() == ["a", "c"]
    assert aligned(table, ids())["x"].to_pylist() == []
    with pytest.raises(ReconciliationError, match="lacks documents"):
        aligned(table, ids(2, 5))
    with pytest.raises(ReconciliationError, match="lacks documents"):
        aligned(table, ids(7))
