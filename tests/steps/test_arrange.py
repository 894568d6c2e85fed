"""Content moves into the order through any number of levels, to the same bytes, and goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.config.sequence import Sequence as TrainingOrder
from curator.steps import arrange
from curator.steps.arrange import Work, copies_in_shard, remembered_task_bytes, sizes_of, write_texts
from curator.steps.arrange_layout import Layout
from curator.steps.order_files import read_cuts
from curator.steps.step import Job, Step
from curator.store import tables
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet
from tests.steps.ordered import Corpus, documents

SIZES = (40, 0, 25, 30, 5, 60)
Task = tuple[str, Callable[[], Commit]]


@dataclass
class Arranged:
    """The step's folder and what it works on; `reads` counts how often each curated shard was read."""

    folder: StepFolder
    corpus: Corpus
    reads: list[int] = field(default_factory=list)

    def work(self, task_bytes: int, fan_out: int = 2) -> Work:
        cuts, sizes = read_cuts(self.corpus.own), sizes_of(self.corpus.inputs["curate"])
        layout = Layout.of(sizes, len(cuts) + 1, task_bytes=task_bytes, fan_out=fan_out)
        return Work(folder=self.folder, content=self.content, write=write_texts, cuts=cuts, layout=layout)

    def content(self, shard: int) -> pa.Table:
        self.reads.append(shard)
        return copies_in_shard(shard, documents=self.corpus.inputs["curate"], table="curated", order=self.corpus.own)

    def files(self) -> dict[str, bytes]:
        names = (self.folder.folder / "curated").names()
        return {name: self.folder.read_bytes(f"curated/{name}") for name in names}

    def rows(self) -> list[list[dict[str, Any]]]:
        """The rows of each output shard in the order of their names."""
        names = (self.folder.folder / "curated").names()
        return [read_parquet(self.folder.folder, f"curated/{name}").to_pylist() for name in names]

    def leftovers(self) -> list[str]:
        root = Path(self.folder.folder.uri)
        return [str(path) for path in root.rglob("*.arrow") if "pieces" in str(path)]


def in_files(work: Work) -> Iterator[Task]:
    """All tasks in the order in which `run` does them, by the names of their commits."""
    for level in range(work.layout.levels):
        for task in range(work.layout.tasks(level)):
            yield arrange.spread_commit(level, task), lambda level=level, task=task: work.spread(level, task)
    for shard in range(work.layout.shards):
        yield arrange.shard_commit(shard), lambda shard=shard: work.put_in_order(shard)
    for level in range(work.layout.levels):
        for task in range(work.layout.tasks(level)):
            yield arrange.sweep_commit(level, task), lambda level=level, task=task: work.sweep(level, task)


def done(work: Work) -> list[Commit]:
    commits = []
    for name, task in in_files(work):
        commits.append(task())
        assert commits[-1].name == name
    return commits


def at_once(work: Work) -> list[Commit]:
    return list(work.at_once([shard for batch in work.layout.batches for shard in batch], range(work.layout.shards)))


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """160 documents in order, in about nine output shards."""
    found = documents(11, sum(SIZES))
    found[7].text, found[9].text = "é" * 3000, ""
    corpus = Corpus(tmp_path_factory.mktemp("ordered"), found, SIZES)
    total = sum(document.tokens * document.copies for document in found)
    corpus.put_in_order(TrainingOrder(), shard_tokens=total // 9)
    return corpus


@pytest.fixture
def arranged(ordered: Corpus, tmp_path: Path) -> Callable[[str], Arranged]:
    return lambda name: Arranged(StepFolder(Folder(str(tmp_path / name))), ordered)


@pytest.mark.parametrize(("fan_out", "levels"), [(2, 4), (3, 2), (16, 1)])
def test_shards_read_by_name_are_all_copies_by_their_keys(
    arranged: Callable[[str], Arranged], fan_out: int, levels: int
) -> None:
    found = arranged("files")
    work = found.work(10_000, fan_out)
    assert work.layout.levels == levels
    commits = done(work)
    placed = found.corpus.placed()
    rows = [row for shard in found.rows() for row in shard]
    assert [(row["doc_id"], row["copy"]) for row in rows] == [(row["doc_id"], row["copy"]) for row in placed]
    assert all(row["text"] == one["document"].text for row, one in zip(rows, placed, strict=True))
    assert "key" not in rows[0]
    shards = [read_parquet(found.folder.folder, f"curated/{name}") for name in found.files()]
    first, *others = [table.schema for table in shards]
    curated = found.corpus.inputs["curate"].read("curated", found.corpus.shards[0])
    columns = [field for field in curated.schema if field.name != "copies"]
    assert first == pa.schema([*columns, pa.field("copy", pa.int32())])
    assert all(schema == first for schema in others)
    for counter, expected in (("copies", len(rows)), ("documents_in", sum(SIZES)), ("documents_out", sum(SIZES))):
        assert sum(commit.counts.get(counter, 0) for commit in commits) == expected
    assert found.leftovers() == []
    assert sorted(found.reads) == [shard for shard, size in zip(found.corpus.shards, SIZES, strict=True) if size]


def test_output_shards_begin_at_the_cuts(arranged: Callable[[str], Arranged]) -> None:
    found = arranged("files")
    done(found.work(10_000))
    key = {(row["doc_id"], row["copy"]): row["key"] for row in found.corpus.placed()}
    cuts = read_cuts(found.corpus.own).tolist()
    bounds = zip([0, *cuts], [*cuts, 2**64], found.rows(), strict=True)
    assert all(first <= key[row["doc_id"], row["copy"]] < last for first, last, rows in bounds for row in rows)


def test_the_bytes_are_the_same_through_files_and_in_memory(
    arranged: Callable[[str], Arranged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROW_GROUP_BYTES", 3_000)  # so that a shard has several row groups
    expected = arranged("memory")
    at_once(expected.work(1 << 40))
    assert len(expected.files()) == 9
    for task_bytes, fan_out in ((2_000, 4), (7_000, 2), (20_000, 3), (1 << 40, 256)):
        found = arranged(f"{task_bytes}")
        done(found.work(task_bytes, fan_out))
        assert found.files() == expected.files()


def test_a_step_killed_anywhere_goes_on_without_doing_a_task_again(arranged: Callable[[str], Arranged]) -> None:
    whole = arranged("whole")
    done(whole.work(10_000))
    killed = arranged("killed")
    names = [name for name, _ in in_files(killed.work(10_000))]
    done_by_now: list[str] = []
    while len(done_by_now) < len(names):  # four tasks an attempt, and one more that ends without its commit
        undone = [(name, task) for name, task in in_files(killed.work(10_000)) if name not in done_by_now]
        for _, task in undone[:5]:
            task()
        done_by_now += [name for name, _ in undone[:4]]
    assert done_by_now == names
    assert killed.files() == whole.files()
    assert killed.leftovers() == []


def test_one_task_goes_on_with_the_shards_that_it_has_not_written(arranged: Callable[[str], Arranged]) -> None:
    found = arranged("memory")
    work = found.work(1 << 40)
    at_once(work)
    before = found.files()
    for name in ("00000002.parquet", "00000005.parquet"):
        found.folder.folder.delete(f"curated/{name}")
    again = list(work.at_once([shard for batch in work.layout.batches for shard in batch], [2, 5]))
    assert [commit.name for commit in again] == ["shard-00000002", "shard-00000005"]
    assert found.files() == before


def test_what_a_task_may_hold_is_what_it_was_when_the_step_began(tmp_path: Path) -> None:
    folder = StepFolder(Folder(str(tmp_path)))

    def attempt(exchange_bytes: int) -> int:
        job = Job(
            step=Step(name="arrange", settings={}, version=1, work=lambda job: None),
            folder=folder,
            inputs={},
            exchange_bytes=exchange_bytes,
            watch=lambda event: None,
            commits=folder.committed(),
        )
        return remembered_task_bytes(job)

    assert [attempt(size) for size in (4_000, 1_000_000, 1_000)] == [1_000, 1_000, 1_000]


def test_sizes_count_copies_and_leave_out_shards_without_documents(ordered: Corpus) -> None:
    sizes = sizes_of(ordered.inputs["curate"])
    assert list(sizes) == [shard for shard, size in zip(ordered.shards, SIZES, strict=True) if size]
    total = sum(document.bytes * document.copies for document in ordered.documents)
    assert sum(sizes.values()) == pytest.approx(total, rel=0.1)


def test_documents_without_a_byte_are_moved_as_well(tmp_path: Path) -> None:
    found = documents(2, 30)
    for document in found:
        document.text = ""
    corpus = Corpus(tmp_path, found, (10, 20))
    corpus.put_in_order(TrainingOrder())
    empty = Arranged(StepFolder(Folder(str(tmp_path / "arrange"))), corpus)
    done(empty.work(1_000))
    (rows,) = empty.rows()
    assert len(rows) == sum(document.copies for document in found)


def test_equal_keys_stand_by_document_and_copy() -> None:
    rng = np.random.default_rng(1)
    number = rng.permutation(60)
    columns = {"key": number // 12, "doc_id": number // 3 % 4, "copy": number % 3}
    rows = arrange.in_order(pa.table({name: column.astype(np.uint64) for name, column in columns.items()}))
    found = [tuple(row.values()) for row in rows.to_pylist()]
    assert found == sorted(found)
