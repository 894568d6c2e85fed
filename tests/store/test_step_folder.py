"""A step's folder counts only what is committed."""

from pathlib import Path

import pyarrow as pa
import pytest

from curator.errors import StoreError
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS, to_parquet


@pytest.fixture
def folder(tmp_path: Path) -> StepFolder:
    return StepFolder(Folder(str(tmp_path)))


def test_a_written_shard_reads_back(folder: StepFolder) -> None:
    table = pa.table({"doc_id": pa.array([1, 2], pa.uint64()), "x": ["a", None]})
    folder.write("things", 3, table)
    assert folder.read("things", 3).equals(table)
    assert folder.read("things", 3, ["x"]).column_names == ["x"]


def test_a_folder_is_finished_only_by_its_manifest(folder: StepFolder) -> None:
    commit = Commit(name="a", shards=(2, 1), counts={"documents_out": 5}, notes=("n",))
    folder.commit(commit)
    assert folder.committed() == {"a": commit}
    assert folder.manifest() is None
    folder.finish([commit])
    assert folder.manifest() == (commit,)
    assert folder.shards() == [1, 2]
    assert folder.total("documents_out") == 5


def test_a_shard_that_lost_nothing_needs_no_file(folder: StepFolder) -> None:
    assert folder.drops(7).equals(DROPS.empty_table())


def test_a_lost_table_is_named_with_its_mend(folder: StepFolder) -> None:
    with pytest.raises(StoreError, match=r"things/.*parquet.*delete its step folder"):
        folder.read("things", 3)


def test_the_same_table_gives_the_same_bytes() -> None:
    table = pa.table({"x": list(range(1000))})
    assert to_parquet(table).equals(to_parquet(pa.table({"x": list(range(1000))})))
