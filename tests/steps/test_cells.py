"""Every document has a cell, documents that are alike share it, and no cell is too large to be searched by one worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.concepts import Concepts
from curator.config.schema import Resources
from curator.models.clustering import nearest
from curator.steps import cells
from curator.steps.cells import read_cells
from curator.steps.centroids import read_centroids
from curator.store.files import Folder
from curator.store.ids import shard_number
from curator.store.step_folder import StepFolder
from tests.steps.embedded import Embeddings, Matrix, by_shard, embedded, planted, unit
from tests.steps.near_corpus import job

SHARDS = [shard_number(unit_number, 0) for unit_number in range(4)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run(folder: Path, embeddings: Embeddings, concepts: Concepts, exchange_bytes: int = 1 << 40) -> StepFolder:
    inputs = {"embed": embedded(folder / "embed", embeddings)}
    work = job("cells", folder / "cells", inputs, exchange_bytes)
    cells.run(work, concepts=concepts, dimensions=16)
    return work.folder


def keys_of(folder: Path) -> npt.NDArray[np.uint64]:
    """Where the documents of a run meet, in the order of shards."""
    found, embed = (StepFolder(Folder(str(folder / name))) for name in ("cells", "embed"))
    return pa.concat_tables([read_cells(found, shard, embed) for shard in embed.shards()])["key"].to_numpy()


def files(folder: Path) -> dict[str, bytes]:
    """Every file but the commits, which tell times."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "commits"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def in_order(embeddings: Embeddings) -> Matrix:
    """What the step sees of the embeddings: float16 in the order of shards."""
    return np.concatenate([embeddings[shard] for shard in sorted(embeddings)]).astype(np.float16).astype(np.float32)


def test_documents_go_to_the_nearest_centroid(cluster: None, tmp_path: Path) -> None:
    embeddings = by_shard(planted(1, clusters=9, members=40), SHARDS)
    folder = run(tmp_path, embeddings, Concepts())
    centroids = read_centroids(folder)
    assert centroids.shape == (19 + 1, 16), "about the square root of 360, and one for documents without a direction"
    assert not centroids[-1].any()
    expected, _ = nearest(in_order(embeddings), centroids[:-1])
    assert np.array_equal(keys_of(tmp_path), expected.astype(np.uint64) << np.uint64(32))
    assert set(folder.committed()) == {"centroids", *(f"{number:08d}-00000" for number in range(4))}


def test_a_cell_that_is_too_large_is_split_the_same_way_whichever_way_rows_are_exchanged(
    cluster: None, tmp_path: Path
) -> None:
    embeddings = by_shard(planted(2, clusters=3, members=400), SHARDS)
    concepts = Concepts(count=2, max_cell_documents=150)
    folder = run(tmp_path / "held", embeddings, concepts)
    assert folder.committed()["sizes"].counts["large_cells"] == 2
    cell, size = np.unique(keys_of(tmp_path / "held"), return_counts=True)
    assert size.max() <= 300
    assert len(cell) > 8
    assert set((cell >> np.uint64(32)).tolist()) == {0, 1}
    run(tmp_path / "staged", embeddings, concepts, exchange_bytes=0)
    assert files(tmp_path / "staged/cells") == files(tmp_path / "held/cells")


def test_equal_documents_stay_together_in_a_cell_of_any_size(cluster: None, tmp_path: Path) -> None:
    same = np.repeat(unit(np.random.default_rng(1).normal(size=(1, 16))), 300, axis=0)
    embeddings = by_shard(np.concatenate([same, planted(3, clusters=2, members=50)]), SHARDS)
    folder = run(tmp_path, embeddings, Concepts(count=1, max_cell_documents=100))
    found, rows = keys_of(tmp_path), in_order(embeddings)
    assert folder.committed()["splits"].counts["split_cells"] == 1
    assert len(set(found[(rows == same[0].astype(np.float16).astype(np.float32)).all(axis=1)].tolist())) == 1
    assert len(set(found.tolist())) > 2


def test_documents_without_a_direction_are_shared_out(cluster: None, tmp_path: Path) -> None:
    embeddings = {SHARDS[0]: np.zeros((900, 16), np.float32), SHARDS[1]: np.zeros((0, 16), np.float32)}
    folder = run(tmp_path, embeddings, Concepts(max_cell_documents=100))
    _, size = np.unique(keys_of(tmp_path), return_counts=True)
    assert size.sum() == 900
    assert size.max() < 10
    assert read_centroids(folder).shape == (1, 16)


def test_one_document_has_a_cell(cluster: None, tmp_path: Path) -> None:
    run(tmp_path, {SHARDS[2]: planted(1, clusters=1, members=1)}, Concepts())
    assert keys_of(tmp_path).tolist() == [0]


def test_without_documents_nothing_is_written(tmp_path: Path) -> None:
    run(tmp_path, {SHARDS[0]: np.zeros((0, 16), np.float32)}, Concepts())
    assert not (tmp_path / "cells").exists()


def test_a_run_killed_at_any_commit_ends_with_the_same_files(cluster: None, tmp_path: Path) -> None:
    embeddings, concepts = (
        by_shard(planted(2, clusters=3, members=200), SHARDS),
        Concepts(count=2, max_cell_documents=100),
    )
    run(tmp_path / "whole", embeddings, concepts)
    commits = sorted((tmp_path / "whole/cells/commits").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert [path.stem for path in (commits[0], *commits[-2:])] == ["centroids", "sizes", "splits"]
    for last in (0, 2, len(commits) - 2, len(commits) - 1):
        again = tmp_path / f"again-{last}"
        shutil.copytree(tmp_path / "whole/cells", again / "cells")
        for path in commits[last:]:  # as if the driver had been killed right before this commit
            (again / "cells/commits" / path.name).unlink()
        (again / "cells/splits.npz").unlink()
        run(again, embeddings, concepts)
        assert files(again / "cells") == files(tmp_path / "whole/cells")
