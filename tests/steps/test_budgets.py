"""Quotas and allowances are kept to the document and the token, as plain Python would, in memory and through the shuffle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.allowances import allowances
from curator.algorithms.quotas import quotas, shares
from curator.cluster import ray_cluster
from curator.config.concepts import Budgets
from curator.config.schema import Resources
from curator.steps import budget_rows
from curator.steps import budgets as step
from curator.steps.budget_rows import BudgetRows, added_up
from curator.steps.budgets import OVER, QUOTAS, conclude, drop_beyond, over_quota
from curator.steps.complexity import COMPLEXITY
from curator.steps.exchange import InMemory, Meeting, Source
from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.steps.step import Job, Step
from curator.steps.survivors import shards_with_documents
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet
from curator.store.vectors import to_column

MEASURES = (
    "intra_distance",
    "inter_distance",
    "product",
    "participation_ratio",
    "bits_per_letter",
    "vocabulary_growth",
)
DIMENSIONS = 8
INPUTS = ("ingest", "filter", "embed", "redundancy", "concepts", "complexity")


@dataclass
class Document:
    """What the steps before have found out about one document; `leader` is the number of the one that leads its group."""

    concept: int
    bytes: int
    distance: float
    quality: float
    leader: int
    place: int = 0
    size: int = 1
    doc_id: int = 0


def documents(seed: int, count: int, concepts: int) -> list[Document]:
    """Random documents; about half are in groups, a few of which lie in two concepts."""
    rng = np.random.default_rng(seed)
    found = [
        Document(
            concept=int(rng.integers(0, concepts) ** 2),
            bytes=int(rng.integers(0, 400)),
            distance=float(np.float32(rng.choice([0.1, 0.25, rng.random()]))),
            quality=float(np.float32(rng.random())),
            leader=number,
        )
        for number in range(count)
    ]
    for number in range(1, count):
        leader = found[int(rng.integers(0, number))].leader
        if rng.random() < 0.5:
            found[number].leader = leader
            if rng.random() < 0.8:
                found[number].concept = found[leader].concept
    for leader, size in Counter(document.leader for document in found).items():
        for place, member in enumerate(one for one in found if one.leader == leader):
            member.place, member.size = place, size
    return found


class Corpus:
    """Documents in shards of the given sizes, as the folders of the steps before, and the step's own folder."""

    def __init__(self, folder: Path, found: Sequence[Document], sizes: Sequence[int]) -> None:
        self.documents = found
        self.inputs = {name: StepFolder(Folder(str(folder)) / name) for name in INPUTS}
        self.own = StepFolder(Folder(str(folder)) / "own")
        self.shards = [shard_number(unit, 0) for unit in range(len(sizes))]
        ids = [
            int(number) for shard, size in zip(self.shards, sizes, strict=True) for number in document_ids(shard, size)
        ]
        for document, number in zip(found, ids, strict=True):
            document.doc_id = number
        bounds = np.cumsum([0, *sizes]).tolist()
        commits = []
        for shard, first, last in zip(self.shards, bounds[:-1], bounds[1:], strict=True):
            counts = {"documents_out": last - first}
            commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
            if first < last:
                self._write(shard, found[first:last])
        self.inputs["ingest"].finish(commits)
        self.inputs["filter"].finish(commits)
        self._write_complexity()

    def _write(self, shard: int, rows: Sequence[Document]) -> None:
        ids = pa.array([row.doc_id for row in rows], pa.uint64())
        columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in ("bytes", "distance")}
        self.inputs["ingest"].write("statistics", shard, pa.table({"doc_id": ids, "bytes": columns["bytes"]}))
        texts = [" ".join(f"word{(row.leader * number) % 97}" for number in range(row.bytes // 6)) for row in rows]
        self.inputs["ingest"].write("documents", shard, pa.table({"doc_id": ids, "text": pa.array(texts)}))
        quality = pa.array([row.quality for row in rows], pa.float32())
        self.inputs["filter"].write("quality", shard, pa.table({"doc_id": ids, "quality": quality}))
        concept = pa.array([row.concept for row in rows], pa.uint32())
        distance = pa.array(columns["distance"], pa.float32())
        self.inputs["concepts"].write(
            "assignments", shard, pa.table({"doc_id": ids, "concept_id": concept, "distance": distance})
        )
        vectors = np.random.default_rng(shard).normal(size=(len(rows), DIMENSIONS)).astype(np.float32)
        self.inputs["embed"].write("embeddings", shard, pa.table({"doc_id": ids, "embedding": to_column(vectors)}))
        grouped = [row for row in rows if row.size > 1]
        if grouped:
            groups = [
                [row.doc_id for row in grouped],
                [self.documents[row.leader].doc_id for row in grouped],
                [0.5 if row.place else 1.0 for row in grouped],
                [row.place for row in grouped],
                [row.size for row in grouped],
            ]
            arrays = [pa.array(column, field.type) for column, field in zip(groups, SEMANTIC_GROUPS, strict=True)]
            self.inputs["redundancy"].write("groups", shard, pa.table(arrays, schema=SEMANTIC_GROUPS))

    def _write_complexity(self) -> None:
        sizes = sorted(Counter(document.concept for document in self.documents).items())
        columns = {"concept_id": pa.array([concept for concept, _ in sizes], pa.uint32())}
        columns["documents"] = pa.array([size for _, size in sizes], pa.int64())
        columns["effective_documents"] = pa.array([effective(concept) for concept, _ in sizes], pa.float64())
        for place, name in enumerate(MEASURES):
            columns[name] = pa.array([0.1 + (concept * (place + 1)) % 7 for concept, _ in sizes], pa.float64())
        content = to_parquet(pa.table(columns)).to_pybytes()
        self.inputs["complexity"].write_bytes(COMPLEXITY, content)

    def job(self, exchange_bytes: int = 1 << 40) -> Job:
        return Job(
            step=Step(name="budgets", settings={}, version=1, work=lambda job: None),
            folder=self.own,
            inputs=self.inputs,
            exchange_bytes=exchange_bytes,
            watch=lambda event: None,
            commits=self.own.committed(),
        )

    def rows(self, budgets: Budgets, measure: str = "product") -> BudgetRows:
        return BudgetRows.of(self.job(), budgets, measure, DIMENSIONS)

    def run(self, budgets: Budgets, measure: str = "product") -> list[Commit]:
        """All that the step does, without Ray."""
        rows = self.rows(budgets, measure)
        shards = shards_with_documents(rows.upstream.last)
        commits = [conclude(added_up(pa.concat_tables([rows.amounts(shard) for shard in shards])), of=rows)]
        source = Source(tasks=shards, emit=rows.candidates, rows=1)
        meeting = Meeting("over", [source], partial(over_quota, of=rows), schema=OVER, row_bytes=1, to_shards=True)
        over = InMemory().exchange(meeting)
        return commits + [drop_beyond(shard, over.of_shard(shard), of=rows) for shard in shards]

    def drops(self) -> list[dict[str, Any]]:
        return [row for shard in self.shards for row in self.own.drops(shard).to_pylist()]

    def kept(self) -> list[Document]:
        gone = {row["doc_id"] for row in self.drops()}
        return [document for document in self.documents if document.doc_id not in gone]

    def quotas(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = read_parquet(self.own.folder, QUOTAS).to_pylist()
        return rows


def effective(concept: int) -> float:
    return 1.5 + concept * 5 % 4


def tokens(document: Document) -> int:
    return -(-document.bytes // 4)


def expected(found: Sequence[Document], budgets: Budgets) -> dict[int, tuple[str, float]]:
    """By the definition: reason and value of each document that goes. Fill is farthest, and complexity product."""
    concepts = sorted({document.concept for document in found})
    complexity = np.array([0.1 + concept * 3 % 7 for concept in concepts])
    allowed = dict(zip(concepts, allowances(complexity, most=budgets.max_repeats).tolist(), strict=True))
    gone = {
        document.doc_id: ("semantic_duplicate", 0.5)
        for document in found
        if document.place >= allowed[document.concept]
    }
    eligible = defaultdict(list)
    for document in found:
        if document.doc_id not in gone:
            eligible[document.concept].append(document)
    cost = (lambda document: 1) if budgets.keep_tokens is None else tokens
    caps = np.array([sum(cost(document) for document in eligible[concept]) for concept in concepts], np.int64)
    asked = budgets.keep_tokens or budgets.keep_documents or max(1, round(budgets.keep_share * len(found)))
    total = min(asked, int(caps.sum()))
    floors = np.minimum(caps, int(budgets.floor * total / len(concepts)))
    share = shares(complexity, ratio=budgets.share_ratio) * [effective(concept) for concept in concepts]
    granted = quotas(share / share.sum(), total, floors, caps)
    for concept, quota in zip(concepts, granted.tolist(), strict=True):
        order = sorted(eligible[concept], key=lambda document: (document.place, -document.distance, document.doc_id))
        for place, document in enumerate(order, 1):
            if cost(document) > quota:
                gone[document.doc_id] = ("over_quota", place)
            else:
                quota -= cost(document)
    return gone


BUDGETS = st.builds(
    Budgets,
    keep_share=st.sampled_from([0.05, 0.3, 0.6, 1.0]),
    share_ratio=st.sampled_from([1.0, 10.0]),
    floor=st.sampled_from([0.0, 0.5]),
    max_repeats=st.integers(1, 4),
    fill=st.just("farthest"),
) | st.builds(Budgets, keep_tokens=st.integers(1, 3000), max_repeats=st.integers(1, 4), fill=st.just("farthest"))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60), budgets=BUDGETS, data=st.data())
def test_what_goes_is_what_the_definition_says(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int, budgets: Budgets, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, count))
    corpus = Corpus(tmp_path_factory.mktemp("corpus"), documents(seed, count, 4), (first, count - first))
    commits = corpus.run(budgets)
    found = {row["doc_id"]: (row["reason"], row["value"]) for row in corpus.drops()}
    assert found == expected(corpus.documents, budgets)
    assert sum(commit.counts.get("documents_out", 0) for commit in commits) == count - len(found)


@pytest.mark.parametrize("fill", ["farthest", "nearest", "random", "quality", "coverage", "density"])
def test_a_quota_of_documents_is_met_exactly_and_one_of_tokens_never_exceeded(tmp_path: Path, fill: Any) -> None:
    for number, budgets in enumerate((Budgets(keep_share=0.4, fill=fill), Budgets(keep_tokens=4000, fill=fill))):
        corpus = Corpus(tmp_path / str(number), documents(3, 300, 5), (100, 0, 200))
        corpus.run(budgets)
        cost = tokens if budgets.keep_tokens else (lambda document: 1)
        spent, left = Counter[int](), defaultdict(list)
        for document in corpus.kept():
            spent[document.concept] += cost(document)
        for row in corpus.drops():
            if row["reason"] == "over_quota":
                document = next(one for one in corpus.documents if one.doc_id == row["doc_id"])
                left[document.concept].append(cost(document))
        assert sum(row["quota"] for row in corpus.quotas()) == (4000 if budgets.keep_tokens else 120)
        for row in corpus.quotas():
            room = row["quota"] - spent[row["concept_id"]]
            assert 0 <= room < min(left[row["concept_id"]], default=room + 1)


def test_repeats_stay_only_beside_all_distinct_documents(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(5, 300, 3), (300,))
    corpus.run(Budgets(keep_share=0.7, fill="random"))
    kept = {document.doc_id for document in corpus.kept()}
    for concept in {document.concept for document in corpus.documents}:
        members = [document for document in corpus.documents if document.concept == concept]
        last = max(document.place for document in members if document.doc_id in kept)
        assert all(document.doc_id in kept for document in members if document.place < last)
    assert any(document.place for document in corpus.kept())


def test_each_drop_says_why(tmp_path: Path) -> None:
    rows = [Document(concept=6, bytes=8, distance=number / 8, quality=1.0, leader=number) for number in range(5)]
    for place in (1, 2, 3):
        rows.append(Document(6, 8, 0.01, 1.0, leader=0, place=place, size=4))
    rows[0].size = 4
    corpus = Corpus(tmp_path, rows, (8,))
    corpus.run(Budgets(keep_documents=5, max_repeats=3, fill="farthest"))  # one concept: two of a group may stay
    assert [(row["reason"], row["value"], row["kept_doc_id"], row["detail"]) for row in corpus.drops()] == [
        ("over_quota", 6.0, None, "place 6 of concept 6, whose quota is 5 documents"),
        ("semantic_duplicate", 0.5, 0, "repeat 3 of 4 in concept 6, which may keep 2"),
        ("semantic_duplicate", 0.5, 0, "repeat 4 of 4 in concept 6, which may keep 2"),
    ]
    corpus = Corpus(tmp_path / "tokens", rows, (8,))
    corpus.run(Budgets(keep_tokens=11, max_repeats=3, fill="farthest"))
    assert corpus.drops()[0]["detail"] == "place 6 of concept 6, whose quota of 11 tokens has no room for its 2"
    assert corpus.quotas() == [
        {
            "concept_id": 6, "complexity": pytest.approx(4.1), "share": 1.0, "allowance": 2, "eligible": 6,
            "eligible_tokens": 12, "quota": 11,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("budgets", "note"),
    [
        (Budgets(keep_documents=100), "the budget asks for 100 documents, but only 6"),
        (Budgets(keep_tokens=10**13), "the budget asks for 10,000,000,000,000 tokens, but only"),
        (Budgets(keep_share=1.0, max_repeats=1), "the budget asks for 10 documents, but only"),
    ],
)
def test_a_target_out_of_reach_is_said_and_everything_eligible_stays(
    tmp_path: Path, budgets: Budgets, note: str
) -> None:
    corpus = Corpus(tmp_path, documents(8, 10, 2), (10,))
    (said, *_) = corpus.run(budgets)
    assert len(said.notes) == 1
    assert said.notes[0].startswith(note)
    assert said.counts["contested"] == 0
    assert {row["reason"] for row in corpus.drops()} <= {"semantic_duplicate"}
    name = "eligible_tokens" if budgets.keep_tokens else "eligible"
    assert all(row["quota"] == row[name] for row in corpus.quotas())


def test_a_target_within_reach_has_no_note(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(8, 10, 2), (10,))
    assert corpus.run(Budgets(keep_documents=4))[0].notes == ()


@pytest.mark.parametrize("fill", ["farthest", "coverage", "density"])
def test_a_large_concept_is_cut_into_parts_that_keep_groups_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill: Any
) -> None:
    budgets = Budgets(keep_share=0.4, fill=fill)
    corpus = Corpus(tmp_path, documents(9, 400, 2), (150, 250))
    row_bytes = corpus.rows(budgets).row_bytes
    monkeypatch.setattr(budget_rows, "PARTITION_BYTES", 60 * row_bytes)
    rows = corpus.rows(budgets)
    eligible = pa.concat_tables([rows.eligible(shard) for shard in corpus.shards])
    parts = Counter(eligible["key"].to_pylist())
    assert len(parts) > 4
    assert max(parts.values()) < 90
    part_of = dict(zip(eligible["doc_id"].to_pylist(), eligible["key"].to_pylist(), strict=True))
    for document in corpus.documents:
        leader = corpus.documents[document.leader]
        if document.doc_id in part_of and leader.doc_id in part_of and document.concept == leader.concept:
            assert part_of[document.doc_id] == part_of[leader.doc_id]
    corpus.run(budgets)
    kept = Counter(document.concept for document in corpus.kept())
    assert {row["concept_id"]: row["quota"] for row in corpus.quotas()} == dict(kept)
    assert sum(kept.values()) == 160
    details = [row["detail"] for row in corpus.drops() if row["reason"] == "over_quota"]
    assert all(detail.startswith("place ") and " of part " in detail for detail in details)


def test_measures_are_columns_of_the_complexity(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(1, 30, 4), (30,))
    for measure, name in zip(
        ("intra", "inter", "product", "participation", "bits_per_letter", "vocabulary_growth"), MEASURES, strict=True
    ):
        found = corpus.rows(Budgets(), measure).concepts
        table = read_parquet(corpus.inputs["complexity"].folder, COMPLEXITY)
        assert found["complexity"].equals(table[name])


def test_temperature_takes_the_place_of_the_ratio(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(1, 200, 4), (200,))
    corpus.run(Budgets(temperature=0.5))
    rows = corpus.quotas()
    complexity = np.array([row["complexity"] for row in rows])
    weights = np.exp((complexity - complexity.mean()) / complexity.std() / 0.5)
    weights *= [effective(row["concept_id"]) for row in rows]
    assert [row["share"] for row in rows] == pytest.approx(weights / weights.sum())


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run_step(corpus: Corpus, budgets: Budgets, exchange_bytes: int) -> dict[str, Commit]:
    job = corpus.job(exchange_bytes)
    step.run(job, budgets=budgets, measure="product", dimensions=DIMENSIONS)
    return job.commits


def test_the_step_gives_the_same_in_one_task_and_through_a_shuffle_and_is_not_done_twice(
    cluster: None, tmp_path: Path
) -> None:
    budgets = Budgets(keep_share=0.4, fill="coverage")
    plain, held, staged = (
        Corpus(tmp_path / name, documents(3, 300, 5), (100, 0, 200)) for name in ("plain", "held", "staged")
    )
    plain.run(budgets)
    one, other = run_step(held, budgets, 1 << 30), run_step(staged, budgets, 0)
    assert set(other) - set(one) == {"over"}
    assert all(one[name].counts == other[name].counts for name in one)
    assert plain.drops() == held.drops() == staged.drops() != []
    assert plain.quotas() == held.quotas() == staged.quotas()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "staged" / "own").rglob("*.*")}
    run_step(staged, budgets, 0)
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "staged" / "own").rglob("*.*")}


def test_no_exchange_is_made_where_everything_eligible_stays(cluster: None, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(3, 60, 5), (20, 40))
    assert set(run_step(corpus, Budgets(keep_share=1.0), 0)) == {"quotas", *map(shard_name, corpus.shards)}
    assert {row["reason"] for row in corpus.drops()} == {"semantic_duplicate"}


def test_one_document_stays_and_no_document_needs_nothing(cluster: None, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "one", documents(3, 1, 1), (0, 1))
    commits = run_step(corpus, Budgets(keep_share=0.01, fill="coverage"), 1 << 30)
    assert set(commits) == {"quotas", shard_name(corpus.shards[1])}
    assert corpus.drops() == []
    empty = Corpus(tmp_path / "none", [], (0,))
    assert run_step(empty, Budgets(), 1 << 30) == {}
