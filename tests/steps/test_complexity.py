"""How varied concepts are is the same by the definition, in one task and through the shuffle, and after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.algorithms.complexity import inter_distances, intra_distance
from curator.cluster import ray_cluster
from curator.config.concepts import Complexity, Redundancy
from curator.config.schema import Resources
from curator.steps import complexity as step
from curator.steps.centroids import CENTROIDS, write_array
from curator.steps.concepts import THEMES
from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.steps.shuffle import spread_of
from curator.steps.step import Job
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet
from curator.store.vectors import to_column
from tests.steps.near_corpus import job

WIDTH = 16
INPUTS = ("ingest", "embed", "redundancy", "concepts")
TOPICS = (
    ("otters", "rivers", "fishing", "den", "whiskers"),
    ("flour", "yeast", "dough", "oven", "crust"),
    ("court", "statute", "appeal", "verdict", "judge"),
)
ALL = Complexity(sample_documents=1_000, sample_characters=100)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


@dataclass
class Document:
    """A text of a concept at a place in space; `follows` is the number of the one that leads its group."""

    concept: int
    text: str
    embedding: np.ndarray
    follows: int | None = None
    doc_id: int = 0


def planted(concept: int, count: int, seed: int, spread: float = 1.0) -> list[Document]:
    """Documents around the axis of their number, with words of the concept's topic."""
    rng = np.random.default_rng([seed, concept])
    found = []
    for _ in range(count):
        vector = rng.normal(size=WIDTH) * spread / WIDTH**0.5
        vector[concept] += 2
        words = " and ".join(rng.choice(TOPICS[concept % len(TOPICS)], 4))
        found.append(Document(concept, f"The {words} of day {rng.integers(1000)}.", vector / np.linalg.norm(vector)))
    return found


class Corpus:
    """Documents in shards of the given sizes, as the folders of the steps before."""

    def __init__(self, folder: Path, documents: Sequence[Document], sizes: Sequence[int], concepts: int) -> None:
        self.folder, self.documents = folder, documents
        self.shards = [shard_number(unit, 0) for unit in range(len(sizes))]
        self.inputs = {name: StepFolder(Folder(str(folder / name))) for name in INPUTS}
        vectors = np.zeros((concepts + 1, WIDTH), np.float32)
        vectors[:concepts] = np.eye(WIDTH)[:concepts]
        self.centroids = vectors
        write_array(self.inputs["concepts"], CENTROIDS, vectors)
        write_array(self.inputs["concepts"], THEMES, (np.arange(concepts + 1) // 2).astype(np.uint32))
        ids = [int(one) for shard, size in zip(self.shards, sizes, strict=True) for one in document_ids(shard, size)]
        for document, number in zip(documents, ids, strict=True):
            document.doc_id = number
        starts = np.cumsum([0, *sizes])
        for place, shard in enumerate(self.shards):
            self._write(shard, documents[starts[place] : starts[place + 1]])
        self._finish(sizes, concepts)

    def _write(self, shard: int, rows: Sequence[Document]) -> None:
        ids = pa.array([row.doc_id for row in rows], pa.uint64())
        size = [len(row.text.encode()) for row in rows]
        matrix = np.array([row.embedding for row in rows], np.float32).reshape(-1, WIDTH)
        self.inputs["ingest"].write("statistics", shard, pa.table({"doc_id": ids, "bytes": pa.array(size, pa.int64())}))
        texts = pa.array([row.text for row in rows], pa.large_string())
        self.inputs["ingest"].write("documents", shard, pa.table({"doc_id": ids, "text": texts}))
        self.inputs["embed"].write("embeddings", shard, pa.table({"doc_id": ids, "embedding": to_column(matrix)}))
        concept = np.array([row.concept for row in rows], np.uint32)
        distance = np.where(matrix.any(axis=1), 1 - np.einsum("nd,nd->n", matrix, self.centroids[concept]), 0)
        assigned = {"doc_id": ids, "concept_id": concept, "distance": distance.astype(np.float32)}
        self.inputs["concepts"].write("assignments", shard, pa.table(assigned))
        groups = [self._grouped(row) for row in rows if self._size(row) > 1]
        if groups:
            self.inputs["redundancy"].write("groups", shard, pa.Table.from_pylist(groups, schema=SEMANTIC_GROUPS))

    def _leader(self, row: Document) -> Document:
        return row if row.follows is None else self.documents[row.follows]

    def _size(self, row: Document) -> int:
        return sum(self._leader(other) is self._leader(row) for other in self.documents)

    def _grouped(self, row: Document) -> dict[str, Any]:
        group, size = self._leader(row).doc_id, self._size(row)
        return {
            "doc_id": row.doc_id,
            "group": group,
            "similarity": 1.0,
            "place": int(row.follows is not None),
            "size": size,
        }

    def _finish(self, sizes: Sequence[int], concepts: int) -> None:
        commits = [
            Commit(name=shard_name(shard), shards=(shard,), counts={"documents_out": size})
            for shard, size in zip(self.shards, sizes, strict=True)
        ]
        for name in INPUTS:
            self.inputs[name].finish(commits)
        last = Commit(name="centroids", shards=(), counts={"concepts": concepts})
        self.inputs["concepts"].finish([*commits, last])

    def job(self, name: str, exchange_bytes: int = 1 << 40) -> Job:
        return job("complexity", self.folder / name, self.inputs, exchange_bytes)


def rounds(work: Job, complexity: Complexity = ALL) -> step.Work:
    inputs = work.inputs
    return step.Work(
        folder=work.folder,
        upstream=step.Upstream.of(inputs),
        embed=inputs["embed"],
        redundancy=inputs["redundancy"],
        concepts=inputs["concepts"],
        complexity=complexity,
        similarity=0.98,
        terms=4,
    )


def measured(work: Job, complexity: Complexity = ALL) -> list[dict[str, Any]]:
    """The rows of `complexity.parquet` after the step, both rounds in this process."""
    commits = list(rounds(work, complexity).at_once(work.inputs["embed"].shards(), sized=False))
    assert [commit.name for commit in commits] == ["sizes", "complexity"]
    rows: list[dict[str, Any]] = read_parquet(work.folder.folder, step.COMPLEXITY).to_pylist()
    documents = sum(row["documents"] for row in rows)
    assert commits[1].counts["documents_in"] == commits[1].counts["documents_out"] == documents
    return rows


def three_concepts(folder: Path) -> Corpus:
    documents = [*planted(0, 30, 1), *planted(1, 40, 1, spread=0.3), *planted(3, 50, 1)]
    order = np.random.default_rng(1).permutation(len(documents))
    return Corpus(folder, [documents[place] for place in order], [50, 0, 70], concepts=5)


def test_sizes_and_distances_are_those_of_the_definition(tmp_path: Path) -> None:
    corpus = three_concepts(tmp_path)
    rows = measured(corpus.job("own"))
    assert [row["concept_id"] for row in rows] == [0, 1, 3]
    assert [row["theme_id"] for row in rows] == [0, 0, 1]
    assert [row["documents"] for row in rows] == [row["distinct"] for row in rows] == [30, 40, 50]
    inter = inter_distances(corpus.centroids[[0, 1, 3]])
    for row, far in zip(rows, inter.tolist(), strict=True):
        members = [one for one in corpus.documents if one.concept == row["concept_id"]]
        embeddings = np.array([one.embedding for one in members], np.float32)
        assert row["tokens"] == sum(-(-len(one.text) // 4) for one in members)
        assert row["intra_distance"] == pytest.approx(
            intra_distance(embeddings, corpus.centroids[row["concept_id"]]), abs=1e-6
        )
        assert row["inter_distance"] == far
        assert row["product"] == row["intra_distance"] * row["inter_distance"]


def test_names_and_examples_are_those_of_the_concept(tmp_path: Path) -> None:
    corpus = three_concepts(tmp_path)
    for row in measured(corpus.job("own")):
        assert set(row["terms"]) <= set(TOPICS[row["concept_id"] % 3])
        assert len(row["terms"]) == 4
        members = [one for one in corpus.documents if one.concept == row["concept_id"]]
        nearest = sorted(members, key=lambda one: -one.embedding[one.concept])[:3]
        assert row["examples"] == [one.doc_id for one in nearest]


def test_followers_add_to_size_and_tokens_and_to_nothing_else(tmp_path: Path) -> None:
    alone = [*planted(0, 20, 1), *planted(1, 20, 1)]
    repeats = [
        Document(alone[leader].concept, alone[leader].text, alone[leader].embedding, leader) for leader in (3, 3, 25)
    ]
    first = measured(Corpus(tmp_path / "alone", alone, [40], concepts=2).job("own"))
    second = measured(Corpus(tmp_path / "both", [*alone, *repeats], [40, 3], concepts=2).job("own"))
    assert [row["documents"] for row in second] == [22, 21]
    sizes = ("documents", "tokens")
    for before, after in zip(first, second, strict=True):
        assert after["tokens"] > before["tokens"]
        assert {k: v for k, v in before.items() if k not in sizes} == {k: v for k, v in after.items() if k not in sizes}


def test_a_concept_ten_times_as_large_measures_about_the_same(tmp_path: Path) -> None:
    documents = [*planted(0, 150, 1), *planted(3, 1_500, 2)]
    few, many = measured(Corpus(tmp_path, documents, [1_000, 650], 4).job("own"), Complexity(sample_documents=128))
    assert many["documents"] == 10 * few["documents"]
    assert many["intra_distance"] == pytest.approx(few["intra_distance"], rel=0.05)
    assert many["participation_ratio"] == pytest.approx(few["participation_ratio"], rel=0.15)
    assert many["bits_per_letter"] == pytest.approx(few["bits_per_letter"], rel=0.05)
    assert many["vocabulary_growth"] == pytest.approx(few["vocabulary_growth"], abs=0.05)


def test_a_sample_has_about_as_many_documents_of_each_concept_as_asked_for(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [*planted(0, 900, 1), *planted(1, 20, 1)], [920], concepts=2)
    work, complexity = corpus.job("own"), Complexity(sample_documents=64, sample_characters=100)
    measured(work, complexity)
    sample = rounds(work, complexity).sample(corpus.shards[0])
    large, small = np.bincount(sample["key"].to_numpy()).tolist()
    assert 40 <= large <= 90
    assert small == 20


def test_one_document_has_finite_measures_and_an_example(tmp_path: Path) -> None:
    (row,) = measured(Corpus(tmp_path, planted(0, 1, 1), [1], concepts=1).job("own"))
    numbers = [value for value in row.values() if isinstance(value, float)]
    assert len(numbers) == 7
    assert np.isfinite(numbers).all()
    assert (row["participation_ratio"], row["inter_distance"], row["documents"]) == (0, 1, 1)
    assert len(row["examples"]) == 1


def test_documents_without_a_direction_and_without_text_vary_by_nothing(tmp_path: Path) -> None:
    nothing = [Document(2, "", np.zeros(WIDTH)) for _ in range(12)]
    rows = measured(Corpus(tmp_path, [*planted(0, 5, 1), *planted(1, 5, 1), *nothing], [22], concepts=2).job("own"))
    last = rows[-1]
    assert last["concept_id"] == 2
    measures = (
        "intra_distance",
        "inter_distance",
        "product",
        "participation_ratio",
        "bits_per_letter",
        "vocabulary_growth",
    )
    assert [last[name] for name in measures] == [0] * 6
    assert last["terms"] == []
    assert rows[0]["inter_distance"] == 1


def test_a_concept_of_followers_alone_has_zeros_and_no_examples(tmp_path: Path) -> None:
    leader = planted(0, 1, 1)[0]
    follower = Document(1, leader.text, leader.embedding, follows=0)
    rows = measured(Corpus(tmp_path, [leader, follower], [1, 1], concepts=2).job("own"))
    assert (rows[1]["documents"], rows[1]["distinct"], rows[1]["examples"], rows[1]["terms"]) == (1, 0, [], [])
    assert (rows[1]["intra_distance"], rows[1]["bits_per_letter"]) == (0, 0)


def test_no_documents_need_nothing_done(tmp_path: Path) -> None:
    work = Corpus(tmp_path, [], [0, 0], concepts=1).job("own")
    step.run(work, complexity=ALL, redundancy=Redundancy(), terms=4, dimensions=WIDTH)
    assert work.commits == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_in_which_order_and_partitions_rows_meet_leaves_the_same_bytes(tmp_path: Path, seed: int) -> None:
    corpus = three_concepts(tmp_path)
    at_once, met = corpus.job("at_once"), corpus.job("met")
    measured(at_once)
    work = rounds(met)
    work.conclude_sizes(meet([work.sums(shard) for shard in corpus.shards], step.added_up, seed))
    work.conclude(meet([work.sample(shard) for shard in corpus.shards], work.measures, seed))
    for name in (step.SIZES, step.COMPLEXITY):
        assert met.folder.read_bytes(name) == at_once.folder.read_bytes(name)


def meet(emitted: Sequence[pa.Table], reduce: Callable[[pa.Table], pa.Table], seed: int) -> pa.Table:
    """What a shuffle makes of rows: in any order, by two partitions, whose results come in any order."""
    rows = pa.concat_tables(emitted)
    rows = rows.take(pa.array(np.random.default_rng(seed).permutation(rows.num_rows))).combine_chunks()
    partition = spread_of(rows["key"].to_numpy(), 2)
    reduced = [reduce(rows.filter(pa.array(partition == number))) for number in (seed % 2, 1 - seed % 2)]
    return pa.concat_tables(reduced).combine_chunks()


def test_the_shuffle_gives_the_same_bytes_as_one_task_and_goes_on_after_a_kill(cluster: None, tmp_path: Path) -> None:
    corpus = three_concepts(tmp_path)
    at_once = corpus.job("at_once")
    step.run(at_once, complexity=ALL, redundancy=Redundancy(), terms=4, dimensions=WIDTH)
    shuffled = corpus.job("shuffled", exchange_bytes=0)
    step.run(shuffled, complexity=ALL, redundancy=Redundancy(), terms=4, dimensions=WIDTH)
    resumed = corpus.job("resumed", exchange_bytes=0)
    resumed.folder.write_bytes(step.SIZES, at_once.folder.read_bytes(step.SIZES))
    resumed.commits["sizes"] = at_once.commits["sizes"]
    step.run(resumed, complexity=ALL, redundancy=Redundancy(), terms=4, dimensions=WIDTH)
    for work in (shuffled, resumed):
        assert sorted(work.commits) == ["complexity", "sizes"]
        assert work.commits["complexity"].counts == {"documents_in": 120, "documents_out": 120, "concepts": 3}
        assert work.folder.read_bytes(step.COMPLEXITY) == at_once.folder.read_bytes(step.COMPLEXITY)
