"""Cells of more than `max_cell_documents` are clustered again, each into parts, so that no worker has too many pairs to compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import runs
from curator.config.concepts import Concepts
from curator.models.clustering import nearest_in_range, spherical_kmeans
from curator.steps.exchange import Exchange
from curator.steps.gather import gather
from curator.steps.samples import drawn
from curator.steps.step import Job
from curator.store.arrays import from_npz, to_npz
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_matrix

SIZES, SPLITS = "sizes.npz", "splits.npz"
Arrays = Mapping[str, npt.NDArray[Any]]


def split_cells(job: Job, shards: Sequence[int], *, concepts: Concepts, dimensions: int) -> None:
    """Write `splits.npz` where any cell is too large: the centroids of the parts of those cells."""
    largest = sum(commit.counts.get("largest_cell", 0) for commit in job.commits.values())
    if largest <= concepts.max_cell_documents:
        return
    if "sizes" not in job.commits:
        _find_large(job, shards, concepts)
    members = job.commits["sizes"].counts["members"]
    if members and "splits" not in job.commits:
        _fit_splits(job, shards, concepts, members, row_bytes=2 * dimensions + 16)


def _find_large(job: Job, shards: Sequence[int], concepts: Concepts) -> None:
    rows = sum(commit.counts.get("cells", 0) for commit in job.commits.values())
    exchange = Exchange(emit=partial(_sizes, folder=job.folder), reduce=_added_up, row_bytes=16)
    gather(job, exchange, shards, partial(_write_large, folder=job.folder, concepts=concepts), rows)


def _fit_splits(job: Job, shards: Sequence[int], concepts: Concepts, members: int, row_bytes: int) -> None:
    emit = partial(_members, folder=job.folder, embed=job.inputs["embed"], seed=concepts.seed)
    reduce = partial(_fit_parts, folder=job.folder, concepts=concepts)
    exchange = Exchange(emit=emit, reduce=reduce, row_bytes=row_bytes)
    gather(job, exchange, shards, partial(_write_splits, folder=job.folder), members)


def _sizes(shard: int, *, folder: StepFolder) -> pa.Table:
    cell, documents = np.unique(folder.read("assignments", shard)["cell"].to_numpy(), return_counts=True)
    return pa.table({"key": cell.astype(np.uint64), "documents": documents})


def _added_up(rows: pa.Table) -> pa.Table:
    sums = rows.group_by("key").aggregate([("documents", "sum")])
    return pa.table({"key": sums["key"], "documents": sums["documents_sum"]})


def _write_large(rows: pa.Table, *, folder: StepFolder, concepts: Concepts) -> Commit:
    """Write the cells that are too large, into how many parts each goes, and the share of its members that these are fitted on."""
    rows = rows.filter(pc.greater(rows["documents"], concepts.max_cell_documents)).sort_by("key")
    documents = rows["documents"].to_numpy()
    parts = -(-2 * documents // concepts.max_cell_documents)
    share = np.minimum(1.0, parts * concepts.sample_per_concept / documents)
    folder.write_bytes(SIZES, to_npz(cells=rows["key"].to_numpy(), parts=parts, share=share))
    counts = {"large_cells": rows.num_rows, "members": int(np.ceil(share * documents).sum())}
    return Commit(name="sizes", shards=(), counts=counts)


def _members(shard: int, *, folder: StepFolder, embed: StepFolder, seed: int) -> pa.Table:
    """A sample of the members of large cells."""
    large, rows = read_arrays(folder, SIZES), folder.read("assignments", shard)
    documents = rows["doc_id"].to_numpy()
    place, inside = _places(rows["cell"].to_numpy(), large["cells"])
    chosen = np.flatnonzero(inside)
    chosen = chosen[drawn(documents[chosen], large["share"][place[chosen]], seed=seed)]
    embedding = embed.read("embeddings", shard)["embedding"].take(pa.array(chosen))
    return pa.table({"key": large["cells"][place[chosen]], "doc_id": documents[chosen], "embedding": embedding})


def _fit_parts(rows: pa.Table, *, folder: StepFolder, concepts: Concepts) -> pa.Table:
    """The centroids of the parts of all cells in `rows`: one where all members are equal, none where they have no direction."""
    large = read_arrays(folder, SIZES)
    rows = rows.sort_by([("key", "ascending"), ("doc_id", "ascending")])
    keys, embeddings = rows["key"].to_numpy(), to_matrix(rows["embedding"])
    found = [(keys[:0], np.empty(0, np.int64), embeddings[:0])]
    for members in runs(keys):
        cell = keys[members][0]
        count = int(large["parts"][np.searchsorted(large["cells"], cell)])
        centroids = spherical_kmeans(
            embeddings[members], count=count, iterations=concepts.iterations, seed=concepts.seed
        )
        found.append((np.full(len(centroids), cell), np.arange(len(centroids)), centroids))
    key, part, centroid = (np.concatenate(column) for column in zip(*found, strict=True))
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(centroid.reshape(-1)), embeddings.shape[1])
    return pa.table({"key": key, "part": part, "embedding": vectors})


def _write_splits(rows: pa.Table, *, folder: StepFolder) -> Commit:
    rows = rows.sort_by([("key", "ascending"), ("part", "ascending")])
    cells, first = np.unique(rows["key"].to_numpy(), return_index=True)
    bounds = np.append(first, rows.num_rows)
    folder.write_bytes(SPLITS, to_npz(cells=cells, bounds=bounds, centroids=to_matrix(rows["embedding"])))
    return Commit(name="splits", shards=(), counts={"split_cells": len(cells), "parts": rows.num_rows})


def part_of(
    cells: npt.NDArray[np.uint32], embeddings: Callable[[], pa.Table], splits: Arrays
) -> npt.NDArray[np.uint64]:
    """The part of its cell that each document is in; `embeddings` reads their column, which few shards may need."""
    part = np.zeros(len(cells), np.uint64)
    place, inside = _places(cells, splits["cells"])
    if inside.any():
        first, last = (splits["bounds"][place[inside] + more] for more in (0, 1))
        rows = to_matrix(embeddings()["embedding"].filter(pa.array(inside)))
        part[inside] = nearest_in_range(rows, splits["centroids"], first, last) - first
    return part


def _places(
    cells: npt.NDArray[np.uint32], among: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The place of each cell in a sorted array, and whether it is there."""
    place = np.searchsorted(among, cells.astype(np.uint64))
    place[place == len(among)] = 0
    return place, among[place] == cells if len(among) else np.zeros(len(cells), np.bool_)


def read_arrays(folder: StepFolder, name: str) -> Arrays:
    """Arrays by name of a file that the step has written; nothing where it had no reason to."""
    content = folder.folder.get(name)
    return {} if content is None else from_npz(content)
