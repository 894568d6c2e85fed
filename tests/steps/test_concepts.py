"""Concepts are found among the documents that follow no other; all documents are assigned; concepts have themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.concepts import Concepts
from curator.config.schema import Resources
from curator.steps import concepts as concepts_step
from curator.steps.centroids import assign, read_centroids
from curator.steps.concepts import read_themes, themes_of
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import StepFolder
from tests.steps.embedded import Embeddings, Matrix, by_shard, embedded, grouped, planted, unit
from tests.steps.near_corpus import job

SHARDS = [shard_number(unit_number, 0) for unit_number in range(3)]
NOTHING: Mapping[int, Mapping[int, int]] = {}


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run(
    folder: Path,
    embeddings: Embeddings,
    leaders: Mapping[int, Mapping[int, int]],
    concepts: Concepts,
    exchange_bytes: int = 1 << 40,
) -> StepFolder:
    inputs = {
        "embed": embedded(folder / "embed", embeddings),
        "redundancy": grouped(folder / "redundancy", leaders),
    }
    work = job("concepts", folder / "concepts", inputs, exchange_bytes)
    concepts_step.run(work, concepts=concepts, dimensions=16)
    return work.folder


def assignments(folder: StepFolder) -> pa.Table:
    return pa.concat_tables([folder.read("assignments", shard) for shard in SHARDS])


def with_copies(embeddings: Embeddings) -> tuple[dict[int, Matrix], dict[int, dict[int, int]]]:
    """Behind the documents of each shard 200 copies of its first, and the document that each of them follows."""
    more = {shard: np.concatenate([rows, np.repeat(rows[:1], 200, axis=0)]) for shard, rows in embeddings.items()}
    leaders = {}
    for shard, rows in embeddings.items():
        documents = document_ids(shard, len(more[shard])).tolist()
        leaders[shard] = dict.fromkeys(documents[len(rows) :], documents[0])
    return more, leaders


@pytest.mark.parametrize("exchange_bytes", [0, 1 << 40])
def test_followers_do_not_move_concepts_and_have_one(cluster: None, tmp_path: Path, exchange_bytes: int) -> None:
    embeddings = by_shard(planted(1, clusters=6, members=30), SHARDS)
    alone = run(tmp_path / "alone", embeddings, NOTHING, Concepts())
    more, leaders = with_copies(embeddings)
    among = run(tmp_path / "among", more, leaders, Concepts(), exchange_bytes)
    assert read_centroids(alone).shape == (13 + 1, 16)
    assert np.array_equal(read_centroids(among), read_centroids(alone))
    assert np.array_equal(read_themes(among), read_themes(alone))
    for shard in SHARDS:
        rows = among.read("assignments", shard)
        first, rest = rows.slice(0, len(embeddings[shard])), rows.slice(len(embeddings[shard]))
        assert first.equals(alone.read("assignments", shard))
        assert set(rest["concept_id"].to_pylist()) == {rows["concept_id"][0].as_py()}
        assert set(rest["distance"].to_pylist()) == {rows["distance"][0].as_py()}


def test_documents_without_a_direction_have_a_concept_and_a_theme_of_their_own(cluster: None, tmp_path: Path) -> None:
    rows = planted(2, clusters=4, members=30)
    rows[::7] = 0
    embeddings = by_shard(rows, SHARDS)
    folder = run(tmp_path, embeddings, NOTHING, Concepts(count=5))
    table, seen = assignments(folder), np.concatenate([embeddings[shard] for shard in SHARDS])
    nowhere = ~seen.any(axis=1)
    assert table.schema.types == [pa.uint64(), pa.uint32(), pa.float32()]
    assert np.array_equal(table["concept_id"].to_numpy() == 5, nowhere)
    assert (table["distance"].to_numpy()[nowhere] == 0).all()
    centroids = read_centroids(folder)
    cosine = np.einsum("ij,ij->i", seen, centroids[table["concept_id"].to_numpy()])
    assert np.allclose(table["distance"].to_numpy()[~nowhere], 1 - cosine[~nowhere], atol=2e-3)  # float16
    assert read_themes(folder)[5] not in read_themes(folder)[:5]
    assert folder.committed()["centroids"].counts == {"concepts": 5, "themes": 2}


@pytest.mark.parametrize(
    "rows", [np.zeros((3, 16), np.float32), planted(1, clusters=1, members=1)], ids=["zero", "one"]
)
def test_a_corpus_of_hardly_anything_has_a_concept(cluster: None, tmp_path: Path, rows: Matrix) -> None:
    folder = run(tmp_path, {SHARDS[0]: rows}, NOTHING, Concepts())
    assert folder.read("assignments", SHARDS[0])["concept_id"].to_pylist() == [0] * len(rows)
    assert folder.read("assignments", SHARDS[0])["distance"].to_numpy().max() < 1e-6


def test_without_documents_nothing_is_written(tmp_path: Path) -> None:
    run(tmp_path, {}, NOTHING, Concepts())
    assert not (tmp_path / "concepts").exists()


def test_a_killed_run_goes_on_with_the_centroids_it_has(cluster: None, tmp_path: Path) -> None:
    embeddings = by_shard(planted(1, clusters=6, members=30), SHARDS)
    whole = run(tmp_path, embeddings, NOTHING, Concepts())
    before, centroids = assignments(whole), tmp_path / "concepts/centroids.npy"
    changed = centroids.stat().st_mtime_ns
    for shard in SHARDS[1:]:
        (tmp_path / f"concepts/commits/{shard_name(shard)}.json").unlink()
        (tmp_path / f"concepts/assignments/{shard_name(shard)}.parquet").unlink()
    assert assignments(run(tmp_path, embeddings, NOTHING, Concepts())).equals(before)
    assert centroids.stat().st_mtime_ns == changed


def with_last(centroids: Matrix) -> Matrix:
    return np.concatenate([centroids, np.zeros((1, 16), np.float32)])


def test_themes_hold_concepts_that_are_near_each_other_beside_what_all_have_in_common() -> None:
    directions = unit(np.random.default_rng(4).normal(size=(4, 16)))
    theme = np.repeat(np.arange(4), 6)
    apart = 0.1 * unit(np.random.default_rng(5).normal(size=(24, 16)))
    concepts = unit(3 * np.ones(16) / 4 + directions[theme] + apart)
    sample = unit(np.repeat(concepts, 20, axis=0) + 0.02 * unit(np.random.default_rng(6).normal(size=(480, 16))))
    themes = themes_of(with_last(concepts), sample, Concepts(themes=4))
    assert len(set(zip(themes[:-1].tolist(), theme.tolist(), strict=True))) == 4
    assert (themes.dtype, themes[-1]) == (np.uint32, 4)


@pytest.mark.parametrize(
    ("concepts", "asked", "expected"),
    [(0, None, 0), (1, None, 1), (2, None, 1), (30, None, 5), (30, 30, 30), (7, 90, 7)],
)
def test_there_are_about_as_many_themes_as_the_root_of_the_concepts(
    concepts: int, asked: int | None, expected: int
) -> None:
    rows = unit(np.random.default_rng(1).normal(size=(concepts, 16)))
    themes = themes_of(with_last(rows), rows, Concepts(themes=asked))
    assert sorted(set(themes.tolist())) == list(range(expected + 1))
    assert (themes == expected).sum() == 1


def test_rows_opposite_to_all_centroids_still_go_to_the_nearest() -> None:
    centroid = unit(np.ones((1, 16), np.float32))
    concept, distance = assign(np.concatenate([-centroid, 0 * centroid]), with_last(centroid))
    assert concept.tolist() == [0, 1]
    assert distance.tolist() == [2, 0]
