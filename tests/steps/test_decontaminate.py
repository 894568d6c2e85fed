"""The functions of the step `decontaminate` on folders as other steps leave them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.decontamination import Decontamination
from curator.errors import InputError
from curator.steps.contamination_tables import HITS, drops_of
from curator.steps.decontaminate import check_benchmarks, screen_shard, settings_of, write_index, write_summary
from curator.steps.survivors import Upstream, drops_table
from curator.store.files import Folder
from curator.store.ids import document_ids
from curator.store.step_folder import Commit, StepFolder

SONG = "Row your boat gently down the stream merrily merrily merrily merrily life is but a dream they sang all day"
RHYME = "Humpty Dumpty sat on a wall and Humpty Dumpty had a great fall and all the horses of the king came too late"
PARTS = " and so on ".join([" ".join(RHYME.split()[:9]), " ".join(RHYME.split()[10:19])])


def write_benchmarks(folder: Path) -> Decontamination:
    folder.mkdir()
    quiz = [
        {"id": "quiz/0", "query": "Why?", "choices": ["this", "that"]},
        {"id": "quiz/1", "query": f"Who says: {SONG}?"},
    ]
    (folder / "quiz.jsonl").write_text("".join(json.dumps(item) + "\n" for item in quiz))
    (folder / "rhymes.jsonl").write_text(json.dumps({"context": RHYME, "answer": "the king"}))
    return Decontamination(path=str(folder))


class Run:
    """An ingest folder with two shards, a step before that dropped document 1 of the first, and the step's own folder."""

    def __init__(self, folder: Path) -> None:
        self.settings = write_benchmarks(folder / "bench")
        self.ingest, self.near, self.own = (
            StepFolder(Folder(str(folder)) / name) for name in ("ingest", "near", "own")
        )
        self.write_documents(0, ["nothing at all", SONG.upper(), f"He sang: {SONG}. {PARTS}", "", "almost " + RHYME])
        self.write_documents(1, ["plain", "words"])
        self.near.write("drops", 0, drops_table(document_ids(0, 2)[1:], "near_duplicate", [1.0], None))

    def write_documents(self, shard: int, texts: list[str]) -> None:
        documents = document_ids(shard, len(texts))
        self.ingest.write(
            "documents", shard, pa.table({"doc_id": documents, "text": pa.array(texts, pa.large_string())})
        )
        sizes = np.array([len(text) for text in texts], np.int64)
        self.ingest.write("statistics", shard, pa.table({"doc_id": documents, "bytes": sizes}))

    def index(self) -> Iterator[Commit]:
        digest = settings_of(self.settings)["benchmarks"]
        return write_index(folder=self.own, decontamination=self.settings, digest=digest)

    def screen(self, shard: int) -> Commit:
        upstream = Upstream(ingest=self.ingest, droppers=(self.near,))
        return screen_shard(shard, folder=self.own, upstream=upstream, item_share=self.settings.item_share)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run(tmp_path)
    assert [commit.counts for commit in made.index()] == [{"benchmark_items": 3}]
    return made


def test_survivors_that_contain_an_item_are_dropped_with_the_item_named(run: Run) -> None:
    commit = run.screen(0)
    first, *_, last = document_ids(0, 5)
    assert run.own.drops(0).to_pylist() == [
        {"doc_id": first + 2, "reason": "contamination.ngram13", "value": 8.0, "kept_doc_id": None, "detail": "quiz:1"},
        {"doc_id": last, "reason": "contamination.ngram13", "value": 11.0, "kept_doc_id": None, "detail": "rhymes:0"},
    ]
    assert commit.counts["documents_out"] == 2
    assert commit.counts["dropped.contamination.ngram13"] == 2


def test_the_table_says_what_was_hit(run: Run) -> None:
    assert run.screen(0).counts["hits"] == 3
    rows = run.own.read("contamination", 0)
    assert rows.schema.equals(HITS)
    hit = [(row["doc_id"], row["benchmark"], row["item"], row["rule"], row["ngrams"]) for row in rows.to_pylist()]
    assert hit == [(2, "quiz", 1, "ngram13", 8), (2, "rhymes", 0, "item_share", 0), (4, "rhymes", 0, "ngram13", 11)]


def test_a_shard_without_hits_has_no_tables(run: Run) -> None:
    commit = run.screen(1)
    assert (commit.counts["hits"], commit.counts["documents_out"], run.own.drops(1).num_rows) == (0, 2, 0)
    assert not (run.own.folder / "contamination").names()


def test_the_summary_counts_items_and_documents_by_benchmark(run: Run) -> None:
    run.screen(0)
    (commit,) = write_summary(folder=run.own, shards=[0])
    assert commit.counts == {"benchmark_items_hit": 2}
    assert json.loads(run.own.read_bytes("contamination.json")) == [
        {
            "benchmark": "quiz", "items": 2, "items_looked_for": 1, "items_hit": 1,
            "documents": 1, "documents_ngram13": 1, "documents_item_share": 0,
        },
        {
            "benchmark": "rhymes", "items": 1, "items_looked_for": 1, "items_hit": 1,
            "documents": 2, "documents_ngram13": 1, "documents_item_share": 1,
        },
    ]  # fmt: skip


def test_a_document_is_dropped_for_the_item_that_it_holds_most_of() -> None:
    rows = [
        (7, "a", 0, "item_share", 0, 0.9), (7, "a", 3, "ngram13", 2, 0.1), (7, "b", 1, "ngram13", 2, 0.4),
        (9, "a", 1, "item_share", 0, 0.7), (9, "a", 2, "item_share", 0, 0.7),
    ]  # fmt: skip
    drops = drops_of(pa.Table.from_pylist([dict(zip(HITS.names, row, strict=True)) for row in rows], schema=HITS))
    assert [(row["doc_id"], row["reason"], row["value"], row["detail"]) for row in drops.to_pylist()] == [
        (7, "contamination.ngram13", 2.0, "b:1"),
        (9, "contamination.item_share", 0.7, "a:1"),
    ]


def test_a_changed_benchmark_changes_the_settings_and_another_path_does_not(tmp_path: Path) -> None:
    decontamination = write_benchmarks(tmp_path / "bench")
    before = settings_of(decontamination)
    (tmp_path / "bench").rename(tmp_path / "moved")
    moved = decontamination.model_copy(update={"path": str(tmp_path / "moved")})
    assert settings_of(moved) == before
    (tmp_path / "moved" / "quiz.jsonl").write_text('{"q": "another"}')
    assert settings_of(moved) != before


def test_files_that_change_under_a_run_are_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bench" / "quiz.jsonl").write_text('{"q": "another"}')
    with pytest.raises(InputError, match="have changed since the run began; run again"):
        list(write_index(folder=run.own, decontamination=run.settings, digest="of before"))


def test_benchmarks_with_nothing_to_look_for_are_an_error(tmp_path: Path) -> None:
    decontamination = write_benchmarks(tmp_path / "bench")
    check_benchmarks(decontamination)
    with pytest.raises(
        InputError, match=r"no item under .*bench has a text of .* \(8\) words or more .*check decontamination"
    ):
        check_benchmarks(decontamination.model_copy(update={"fields": ("id", "answer")}))
