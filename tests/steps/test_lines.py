"""What stands in many documents is cut out of them, as a count by brute force says, however the documents are cut into shards."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.cluster import ray_cluster
from curator.config.duplicates import Duplicates, Lines
from curator.config.schema import Resources
from curator.steps import lines as step
from curator.steps.exchange import InMemory
from curator.steps.lines import FOUND, Settings, cut_shard, distinct_lines, repeated, repeated_rows
from curator.steps.ranks import Ranking
from curator.steps.shuffle import spread_of
from curator.steps.step import Job, Step
from curator.steps.survivors import Upstream, drops_table
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.text.line_cuts import apply_cuts, cut_sizes

PARAGRAPHS = ("one notice", "two notices", "ab", "## one notice", "its own words", "")
DOCUMENTS = st.lists(st.lists(st.sampled_from(PARAGRAPHS), max_size=5).map("\n\n".join), max_size=9)
NAMES = itertools.count()


class Corpus:
    """Texts in shards of the given sizes, as an ingest folder and a step behind it that dropped some; and the step's own folder."""

    def __init__(self, folder: Path, texts: Sequence[str], sizes: Sequence[int], dropped: Sequence[int] = ()) -> None:
        self.texts, self.sizes, self.dropped = texts, sizes, set(dropped)
        self.shards = [shard_number(unit, 0) for unit in range(len(sizes))]
        self.ingest, self.near, self.own = (
            StepFolder(Folder(str(folder)) / name) for name in ("ingest", "near", "own")
        )
        bounds = np.cumsum([0, *sizes]).tolist()
        assert bounds[-1] == len(texts)
        for shard, first, last in zip(self.shards, bounds[:-1], bounds[1:], strict=True):
            self._write(shard, first, texts[first:last])
        commits = [Commit(name=shard_name(shard), shards=(shard,), counts={"bytes_out": 1000}) for shard in self.shards]
        self.ingest.finish(commits)
        self.near.finish(commits)

    def _write(self, shard: int, first: int, texts: Sequence[str]) -> None:
        documents = document_ids(shard, len(texts))
        self.ingest.write(
            "documents", shard, pa.table({"doc_id": documents, "text": pa.array(texts, pa.large_string())})
        )
        columns = {"bytes": [len(text.encode()) for text in texts], "characters": [len(text) for text in texts]}
        date = pa.nulls(len(texts), pa.timestamp("s"))
        sizes = {name: pa.array(values, pa.int64()) for name, values in columns.items()}
        self.ingest.write("statistics", shard, pa.table({"doc_id": documents, **sizes, "date": date}))
        gone = documents[[first + row in self.dropped for row in range(len(texts))]]
        if len(gone):
            self.near.write("drops", shard, drops_table(gone, "near_duplicate", np.ones(len(gone)), None))

    def settings(self, lines: Lines) -> Settings:
        upstream = Upstream(ingest=self.ingest, droppers=(self.near,))
        ranking = Ranking(upstream=upstream, inputs={}, duplicates=Duplicates(keep=("length",)))
        return Settings(folder=self.own, upstream=upstream, ranking=ranking if lines.keep_first else None, lines=lines)

    def run(self, lines: Lines) -> list[Commit]:
        settings = self.settings(lines)
        found = repeated(InMemory(), shards=self.shards, rows=10, row_bytes=20, settings=settings)
        return [cut_shard(shard, found.of_shard(shard), settings=settings) for shard in self.shards]

    def results(self) -> list[str | None]:
        """The text of every document after the step, None where it is gone."""
        after: list[str | None] = []
        for shard, size in zip(self.shards, self.sizes, strict=True):
            rows = self.settings(Lines()).upstream.documents(shard, ("doc_id", "text"))
            drops = set(self.own.drops(shard)["doc_id"].to_pylist())
            left = apply_cuts(rows, self.cuts(shard))
            texts = dict(zip(left["doc_id"].to_pylist(), left["text"].to_pylist(), strict=True))
            after += [None if number in drops else texts.get(number) for number in document_ids(shard, size).tolist()]
        return after

    def cuts(self, shard: int) -> pa.Table:
        _, path = self.own.folder.at(f"cuts/{shard_name(shard)}.parquet")
        return self.own.read("cuts", shard) if Path(path).exists() else step.cut(pa.array([]), np.empty(0), no_units())


def no_units() -> Any:
    return step.hash_units(pa.array([], pa.large_string()), paragraphs=True, min_letters=1)


def expected_results(corpus: Corpus, lines: Lines) -> list[str | None]:
    """By brute force: paragraphs are strings, and a heading stays."""
    alive = [number for number in range(len(corpus.texts)) if number not in corpus.dropped]
    best_first = sorted(alive, key=lambda number: (-len(corpus.texts[number]), number))
    held = {number: [part for part in corpus.texts[number].split("\n\n") if part] for number in alive}
    results: list[str | None] = [None] * len(corpus.texts)
    for number in alive:
        kept = []
        for part in held[number]:
            key, letters = part.removeprefix("## "), sum(character.isalpha() for character in part)
            owners = [other for other in best_first if key in {own.removeprefix("## ") for own in held[other]}]
            many = letters >= lines.min_letters and len(owners) >= lines.min_documents
            stays = part.startswith("## ") or (lines.keep_first and owners[0] == number)
            kept += [part] * (not many or stays)
        before = corpus.texts[number]
        text = before if kept == held[number] else "\n\n".join(kept)
        lost = (len(before) - len(text)) / max(len(before), 1)
        results[number] = None if lost > lines.max_removed_share or (before and not text) else text
    return results


def clean(texts: list[str]) -> list[str]:
    """Paragraphs with one blank line between them, as `clean_text` leaves them."""
    return ["\n\n".join(part for part in text.split("\n\n") if part) for text in texts]


@settings(deadline=None, max_examples=60)
@given(texts=DOCUMENTS, draw=st.data(), keep_first=st.booleans(), share=st.sampled_from([0.0, 0.5, 0.8, 1.0]))
def test_texts_are_those_of_a_count_by_brute_force(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], draw: st.DataObject, keep_first: bool, share: float
) -> None:
    texts = clean(texts)
    first = draw.draw(st.integers(0, len(texts)))
    dropped = draw.draw(st.sets(st.integers(0, max(len(texts) - 1, 0)), max_size=2))
    lines = Lines(min_documents=3, min_letters=3, keep_first=keep_first, max_removed_share=share)
    folder = tmp_path_factory.mktemp("corpus")
    corpus = Corpus(folder, texts, (first, len(texts) - first), sorted(dropped))
    commits = corpus.run(lines)
    results = corpus.results()
    shutil.rmtree(folder)
    assert results == expected_results(corpus, lines)
    kept = [text for text in results if text is not None]
    assert sum(commit.counts["bytes_out"] for commit in commits) == sum(len(text.encode()) for text in kept)


def texts_of(count: int) -> list[str]:
    rng = np.random.default_rng(3)
    return [f"document {number} of many\n\n" + "\n\n".join(rng.choice(PARAGRAPHS[:5], 3)) for number in range(count)]


@pytest.mark.parametrize("keep_first", [False, True])
@pytest.mark.parametrize("sizes", [(24,), (1, 0, 20, 3), (8, 8, 8)])
def test_shards_and_partitions_make_no_difference(tmp_path: Path, sizes: tuple[int, ...], keep_first: bool) -> None:
    lines = Lines(min_documents=9, min_letters=3, keep_first=keep_first)
    whole, parts = (Corpus(tmp_path / name, texts_of(24), cut) for name, cut in (("whole", (24,)), ("parts", sizes)))
    whole.run(lines)
    settings = parts.settings(lines)
    rows = pa.concat_tables([distinct_lines(shard, settings=settings) for shard in parts.shards])
    partition = spread_of(rows["key"].to_numpy(), 4)
    pieces = [rows.filter(pa.array(partition == place)).combine_chunks() for place in range(4)]
    found = pa.concat_tables([repeated_rows(piece, min_documents=9) for piece in pieces])
    assert found.schema == FOUND
    for shard in parts.shards:
        mine = found.filter(pa.array(found["doc_id"].to_numpy() >> np.uint64(24) == shard))
        cut_shard(shard, mine, settings=settings)
    assert parts.results() == whole.results()
    assert parts.results() != texts_of(24)


def test_counts_and_drops_say_what_was_done(tmp_path: Path) -> None:
    notice = "a notice that stands everywhere"
    texts = [f"words of {number} and more of them, and more\n\n{notice}" for number in range(3)] + [
        f"short\n\n{notice}"
    ]
    corpus = Corpus(tmp_path, texts, (4,))
    (commit,) = corpus.run(Lines(min_documents=4, min_letters=10, keep_first=False))
    size = len(notice) + 2
    assert commit.counts["lines_cut"] == commit.counts["documents_edited"] == 3
    assert commit.counts["bytes_cut"] == 3 * size
    assert commit.counts["bytes_out"] == sum(len(text) - size for text in texts[:3])
    assert commit.counts["documents_out"] == 3
    (drop,) = corpus.own.drops(0).to_pylist()
    assert (drop["reason"], drop["value"], drop["kept_doc_id"]) == ("repeated_lines", size / len(texts[3]), None)
    statistics = corpus.settings(Lines()).upstream.statistics(0, ("doc_id", "bytes", "characters"))
    assert cut_sizes(statistics, corpus.cuts(0))["bytes"].to_pylist()[:3] == [len(text) - size for text in texts[:3]]


def test_a_line_many_times_in_one_document_is_not_in_many_documents(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, ["again and again\n\n" * 50, "again and again", "other"], (2, 1))
    corpus.run(Lines(min_documents=3, min_letters=5))
    assert corpus.results() == corpus.texts
    rows = distinct_lines(corpus.shards[0], settings=corpus.settings(Lines(min_letters=5)))
    assert rows["documents"].to_pylist() == [2]


def test_nothing_is_written_for_a_shard_that_loses_nothing(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, ["one", "", "two"], (2, 1))
    commits = corpus.run(Lines())
    assert [commit.counts["documents_out"] for commit in commits] == [2, 1]
    assert not (tmp_path / "own").exists()


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run_step(corpus: Corpus, lines: Lines, exchange_bytes: int) -> dict[str, Commit]:
    job = Job(
        step=Step(name="lines", settings={}, version=1, work=lambda job: None),
        folder=corpus.own,
        inputs={"ingest": corpus.ingest, "near": corpus.near},
        exchange_bytes=exchange_bytes,
        watch=lambda event: None,
    )
    step.run(job, lines=lines, duplicates=Duplicates(keep=("length",)))
    return job.commits


@pytest.mark.parametrize("keep_first", [False, True])
def test_the_step_gives_the_same_in_one_task_and_through_a_shuffle(
    cluster: None, tmp_path: Path, keep_first: bool
) -> None:
    lines = Lines(min_documents=9, min_letters=3, keep_first=keep_first)
    held, staged = (Corpus(tmp_path / name, texts_of(24), (10, 0, 14)) for name in ("held", "staged"))
    one, other = run_step(held, lines, 1 << 30), run_step(staged, lines, 0)
    assert set(other) - set(one) == {"repeated"}
    assert all(one[name].counts == other[name].counts for name in one)
    assert held.results() == staged.results() == expected_results(held, lines)
