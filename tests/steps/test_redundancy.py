"""Semantic groups of every cell in the order of the keeper rule, however the documents are cut into shards and exchanged."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.cluster import ray_cluster
from curator.config.concepts import Redundancy
from curator.config.duplicates import Duplicates
from curator.config.schema import Resources
from curator.steps import redundancy as step
from curator.steps.exchange import InMemory
from curator.steps.redundancy import CellRows, cells_meet, choose_similarity, groups_of_cells, write_groups
from curator.steps.step import Job
from curator.steps.survivors import drops_table
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_column
from tests.steps.near_corpus import job

LONGEST = Duplicates(keep=("length",))
NAMES = itertools.count()
Row = tuple[int, int, float, int, int]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


class Corpus:
    """Documents in shards of the given sizes, each with a cell, an embedding and a length; some are gone, some `near` kept."""

    def __init__(
        self,
        folder: Path,
        sizes: Sequence[int],
        cells: Sequence[int],
        embeddings: npt.NDArray[np.float32],
        lengths: Sequence[int],
        dropped: Sequence[int] = (),
        followers: Sequence[int] = (),
    ) -> None:
        self.folder, self.shards = folder, [shard_number(unit, 0) for unit in range(len(sizes))]
        self.documents = np.concatenate(
            [document_ids(shard, size) for shard, size in zip(self.shards, sizes, strict=True)]
        )
        self.cells, self.lengths = np.asarray(cells, np.uint32), np.asarray(lengths, np.int64)
        self.embeddings = embeddings
        self.gone, self.follows = (np.isin(np.arange(len(cells)), list(which)) for which in (dropped, followers))
        names = ("ingest", "near", "embed", "cells")
        self.inputs = {name: StepFolder(Folder(str(folder / name))) for name in names}
        bounds = np.cumsum([0, *sizes]).tolist()
        for shard, first, last in zip(self.shards, bounds[:-1], bounds[1:], strict=True):
            self._write(shard, np.arange(first, last))
        for name in names:
            found = Commit(name="centroids", shards=(), counts={"centroids": len(np.unique(cells))})
            self.inputs[name].finish([found, *(self._commit(shard) for shard in self.shards)])

    def _commit(self, shard: int) -> Commit:
        left = int(((self.documents >> np.uint64(24) == shard) & ~self.gone).sum())
        return Commit(name=shard_name(shard), shards=(shard,), counts={"documents_out": left})

    def _write(self, shard: int, rows: npt.NDArray[np.int64]) -> None:
        documents, alive = self.documents[rows], rows[~self.gone[rows]]
        lengths, date = pa.array(self.lengths[rows]), pa.nulls(len(rows), pa.timestamp("s"))
        statistics = {"doc_id": documents, "bytes": lengths, "characters": lengths, "date": date}
        self.inputs["ingest"].write("statistics", shard, pa.table(statistics))
        gone = documents[self.gone[rows]]
        self.inputs["near"].write("drops", shard, drops_table(gone, "near_duplicate", np.ones(len(gone)), None))
        kept = self.documents[rows[self.follows[rows]]]
        leader = np.full(len(kept), np.iinfo(np.uint64).max)
        groups = pa.table({"doc_id": kept, "group": leader, "size": np.full(len(kept), 2)})
        self.inputs["near"].write("groups", shard, groups)
        embeddings = {"doc_id": self.documents[alive], "embedding": to_column(self.embeddings[alive])}
        self.inputs["embed"].write("embeddings", shard, pa.table(embeddings))
        assigned = {"doc_id": self.documents[alive], "cell": self.cells[alive]}
        self.inputs["cells"].write("assignments", shard, pa.table(assigned))

    @property
    def rows(self) -> CellRows:
        return CellRows.of(self.inputs, LONGEST, self.embeddings.shape[1])

    def job(self, name: str, exchange_bytes: int = 1 << 40) -> Job:
        return job("redundancy", self.folder / name, self.inputs, exchange_bytes)

    def groups(self, similarity: float) -> list[Row]:
        found = InMemory().exchange(cells_meet(self.rows, self.shards, len(self.documents), similarity))
        return rows_of([found.of_shard(shard) for shard in self.shards])

    def expected(self, similarity: float) -> list[Row]:
        """By brute force, document by document."""
        half = self.embeddings.astype(np.float16).astype(np.float32)
        lengths = np.linalg.norm(half.astype(np.float64), axis=1, keepdims=True).astype(np.float32)
        unit = (half / np.maximum(lengths, np.float32(1e-30))).astype(np.float64)
        alive = np.flatnonzero(~self.gone & ~self.follows)
        groups: dict[int, list[tuple[int, float]]] = {}
        for row in sorted(alive.tolist(), key=lambda row: (-self.lengths[row], self.documents[row])):
            cosines = {
                lead: round(float(unit[lead] @ unit[row]), 5) for lead in groups if self.cells[lead] == self.cells[row]
            }
            nearest = max(cosines, key=cosines.__getitem__, default=row)
            if cosines.get(nearest, -1.0) >= similarity:
                groups[nearest].append((row, cosines[nearest]))
            else:
                groups[row] = [(row, 1.0)]
        id_of = self.documents.tolist()
        found = [
            (id_of[row], id_of[leader], float(np.float32(cosine)), place, len(members))
            for leader, members in groups.items()
            for place, (row, cosine) in enumerate(members)
            if len(members) > 1
        ]
        return sorted(found)


def rows_of(tables: list[pa.Table]) -> list[Row]:
    rows = pa.concat_tables(tables)
    assert rows.schema.equals(step.SEMANTIC_GROUPS)
    return list(zip(*(rows[name].to_pylist() for name in step.SEMANTIC_GROUPS.names), strict=True))


def scattered(
    seed: int, sizes: Sequence[int], folder: Path, *, cells: int = 4, noise: float = 0.2, zeros: int = 0
) -> Corpus:
    """Documents round a few centres of each cell; many lengths are equal."""
    rng, count = np.random.default_rng(seed), sum(sizes)
    cell = rng.integers(0, cells, count)
    embeddings = rng.normal(size=(cells, 3, 8))[cell, rng.integers(0, 3, count)] + noise * rng.normal(size=(count, 8))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    embeddings[rng.permutation(count)[:zeros]] = 0
    gone, follows = rng.random(count) < 0.1, rng.random(count) < 0.1
    return Corpus(
        folder,
        sizes,
        cell.tolist(),
        embeddings.astype(np.float32),
        rng.integers(0, 5, count).tolist(),
        np.flatnonzero(gone).tolist(),
        np.flatnonzero(follows).tolist(),
    )


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    noise=st.sampled_from([0.0, 0.1, 0.3]),
    similarity=st.sampled_from([0.8, 0.95, 1.0]),
    zeros=st.integers(0, 5),
)
def test_the_groups_are_those_of_the_definition(
    tmp_path_factory: pytest.TempPathFactory, seed: int, sizes: list[int], noise: float, similarity: float, zeros: int
) -> None:
    corpus = scattered(seed, sizes, tmp_path_factory.mktemp("corpus"), noise=noise, zeros=min(zeros, sum(sizes)))
    assert corpus.groups(similarity) == corpus.expected(similarity)


def line(cosines: Sequence[float]) -> npt.NDArray[np.float32]:
    """A first unit vector, and others that have these cosines with it and less with each other."""
    rows = np.zeros((len(cosines) + 1, len(cosines) + 1), np.float32)
    rows[0, 0] = 1
    for place, cosine in enumerate(cosines, 1):
        rows[place, 0], rows[place, place] = cosine, np.sqrt(1 - cosine**2)
    return rows


def test_the_best_document_leads_and_places_follow_the_keeper_rule(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [2, 2], [7] * 4, line([0.9, 0.91, 0.92]), [9, 3, 5, 5])
    first, second, third, fourth = corpus.documents.tolist()
    found = [(document, group, place, size) for document, group, _, place, size in corpus.groups(0.9)]
    assert found == [(first, first, 0, 4), (second, first, 3, 4), (third, first, 1, 4), (fourth, first, 2, 4)]


def test_the_centre_of_a_group_joins_one_leader_where_it_is_not_the_best(tmp_path: Path) -> None:
    corpus = Corpus(
        tmp_path, [4], [7] * 4, line([0.9, 0.91, 0.92]), [1, 3, 5, 5]
    )  # the first is like all, and the worst
    first, fourth = corpus.documents.tolist()[0], corpus.documents.tolist()[3]
    assert [row[:2] for row in corpus.groups(0.9)] == [(first, fourth), (fourth, fourth)]


def test_documents_of_different_cells_do_not_meet(tmp_path: Path) -> None:
    same = np.ones((4, 2), np.float32)
    corpus = Corpus(tmp_path, [4], [1, 1, 2, 3], same, [1] * 4)
    assert [row[0] for row in corpus.groups(0.9)] == corpus.documents[:2].tolist()


def test_what_near_kept_on_purpose_neither_leads_nor_follows(tmp_path: Path) -> None:
    same = np.ones((4, 2), np.float32)
    corpus = Corpus(tmp_path, [4], [1] * 4, same, [1, 9, 9, 1], followers=[1, 2])
    first, _, _, last = corpus.documents.tolist()
    assert corpus.groups(0.9) == [(first, first, 1.0, 0, 2), (last, first, 1.0, 1, 2)]


def test_groups_do_not_depend_on_what_else_is_in_a_partition(tmp_path: Path) -> None:
    corpus = scattered(3, [40, 40], tmp_path)
    rows = pa.concat_tables([corpus.rows.emit(shard) for shard in corpus.shards]).combine_chunks()
    whole = groups_of_cells(rows, similarity=0.9)
    keys = rows["key"].to_numpy()
    shuffled = rows.take(pa.array(np.random.default_rng(0).permutation(rows.num_rows)))
    alone = [groups_of_cells(rows.filter(pa.array(keys == key)), similarity=0.9) for key in np.unique(keys)]
    assert whole.num_rows
    assert pa.concat_tables(alone).combine_chunks().equals(whole)
    assert groups_of_cells(shuffled.combine_chunks(), similarity=0.9).equals(whole)


def test_a_shard_counts_its_leaders_and_followers_and_all_documents_stay(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [3, 2], [1] * 5, np.ones((5, 2), np.float32), [1, 2, 9, 4, 5], dropped=[0])
    found = InMemory().exchange(cells_meet(corpus.rows, corpus.shards, 5, 0.9))
    folder, upstream = StepFolder(Folder(str(tmp_path / "own"))), corpus.rows.ranking.upstream
    first, second = (
        write_groups(shard, found.of_shard(shard), folder=folder, upstream=upstream) for shard in corpus.shards
    )
    assert first.counts == {
        "documents_in": 2,
        "bytes_in": 11,
        "documents_out": 2,
        "bytes_out": 11,
        "semantic_groups": 1,
        "semantic_followers": 1,
    }
    assert (second.counts["semantic_groups"], second.counts["semantic_followers"]) == (0, 2)
    assert folder.read("groups", corpus.shards[1]).equals(found.of_shard(corpus.shards[1]))


def planted(folder: Path, cosine: float, pairs: int, cells: int) -> Corpus:
    """Pairs of documents of that cosine; documents of different pairs have nothing in common."""
    axes = np.eye(pairs, 2 * pairs)
    embeddings = np.vstack([axes, cosine * axes + np.sqrt(1 - cosine**2) * np.eye(pairs, 2 * pairs, k=pairs)])
    return Corpus(
        folder, [pairs, pairs], [*(np.arange(pairs) % cells)] * 2, embeddings.astype(np.float32), [1] * 2 * pairs
    )


def chosen(corpus: Corpus, redundancy: Redundancy) -> dict[str, float]:
    folder = StepFolder(Folder(str(corpus.folder / "own")))
    rows = pa.concat_tables([corpus.rows.emit(shard) for shard in corpus.shards]).combine_chunks()
    commit = choose_similarity(rows, folder=folder, redundancy=redundancy)
    written: dict[str, float] = json.loads(folder.read_bytes("similarity.json"))
    assert commit.name == "similarity"
    assert commit.counts == {name: written[name] for name in ("sample_cells", "sample_documents")}
    assert step.read_similarity(folder) == written["similarity"]
    return written


def test_a_similarity_is_chosen_for_a_share(tmp_path: Path) -> None:
    found = chosen(planted(tmp_path, 0.9, 40, 5), Redundancy(distinct_share=0.55))
    assert 0.89 < found["similarity"] <= 0.9
    assert found["distinct_share"] == 0.5
    assert (found["sample_cells"], found["sample_documents"]) == (5, 80)


def test_a_sample_holds_whole_cells_and_not_many_more_documents_than_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "SAMPLE_DOCUMENTS", 30)
    found = chosen(planted(tmp_path, 0.9, 40, 8), Redundancy(distinct_share=0.55))
    assert (found["sample_cells"], found["sample_documents"]) == (3, 30)


def test_without_documents_the_similarity_is_that_of_the_configuration(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [1], [0], np.ones((1, 2), np.float32), [1], followers=[0])
    assert chosen(corpus, Redundancy(similarity=0.97, distinct_share=0.5))["similarity"] == 0.97


def test_no_documents_need_no_work(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [2], [0, 0], np.ones((2, 2), np.float32), [1, 1], dropped=[0, 1])
    work = corpus.job("own")
    step.run(work, redundancy=Redundancy(distinct_share=0.5), duplicates=LONGEST, dimensions=2)
    assert not work.commits


def files(folder: Path) -> dict[str, bytes]:
    """The names and bytes of what the step leaves for others."""
    kept = [*folder.glob("groups/*.parquet"), *folder.glob("similarity.json")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(kept)}


def test_the_shuffle_leaves_the_same_bytes_as_one_task_and_a_killed_run_goes_on(cluster: None, tmp_path: Path) -> None:
    corpus = scattered(5, [30, 30, 30], tmp_path, cells=6, zeros=3)
    wanted = Redundancy(distinct_share=0.6)
    for name, exchange_bytes in (("held", 1 << 40), ("staged", 0)):
        step.run(corpus.job(name, exchange_bytes), redundancy=wanted, duplicates=LONGEST, dimensions=8)
    held = files(tmp_path / "held")
    assert len(held) == 4
    assert files(tmp_path / "staged") == held
    similarity = json.loads(held["similarity.json"])["similarity"]
    assert rows_of([corpus.job("held").folder.read("groups", shard) for shard in corpus.shards]) == corpus.expected(
        similarity
    )
    last = shard_name(corpus.shards[-1])
    for path in (
        f"groups/{last}.parquet",
        f"commits/{last}.json",
        "similarity.json",
    ):  # what is chosen is not chosen again
        if path != "similarity.json":
            (tmp_path / "staged" / path).unlink()
    step.run(corpus.job("staged", 0), redundancy=wanted, duplicates=LONGEST, dimensions=8)
    assert files(tmp_path / "staged") == held
