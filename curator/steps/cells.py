"""Step `cells`: spherical k-means over all survivors, only so that semantic duplicates meet: each cell is searched by itself."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa

from curator.config.concepts import Concepts
from curator.models.clustering import Matrix
from curator.steps.cell_splits import SPLITS, part_of, read_arrays, split_cells
from curator.steps.centroids import CENTROIDS, assign, fit_centroids, read_centroids, write_array
from curator.steps.graph import over_shards
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.survivors import shards_with_documents
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_matrix

VERSION = 1
PART_BITS = 32
WITHOUT_DIRECTION = 1024
"""Cells after the last for documents whose embedding is zero: equal to none, they only need to be shared out evenly."""


def run(job: Job, *, concepts: Concepts, dimensions: int) -> None:
    """Write `centroids.npy`, `assignments` (doc_id, cell) by shard and, where cells are too large, `splits.npz`."""
    embed = job.inputs["embed"]
    shards, documents = shards_with_documents(embed), embed.total("documents_out")
    if not shards:
        return
    conclude = partial(_write_centroids, folder=job.folder)
    rows = partial(embed.read, "embeddings")
    fit_centroids(job, rows, conclude, concepts=concepts, dimensions=dimensions, documents=documents)
    over_shards(job, shards, partial(assign_shard, folder=job.folder, embed=embed, seed=concepts.seed))
    split_cells(job, shards, concepts=concepts, dimensions=dimensions)


def _write_centroids(centroids: Matrix, sample: Matrix, *, folder: StepFolder) -> Commit:
    write_array(folder, CENTROIDS, centroids)
    return Commit(name="centroids", shards=(), counts={"centroids": len(centroids) - 1})


def assign_shard(shard: int, *, folder: StepFolder, embed: StepFolder, seed: int) -> Commit:
    """Write the cell of each document of a shard; the commit tells the size of the largest cell."""
    rows, centroids = embed.read("embeddings", shard), read_centroids(folder)
    cell, _ = assign(to_matrix(rows["embedding"]), centroids)
    nowhere = cell == len(centroids) - 1
    cell[nowhere] += (mixed(rows["doc_id"].to_numpy()[nowhere], seed) % WITHOUT_DIRECTION).astype(np.uint32)
    folder.write("assignments", shard, pa.table({"doc_id": rows["doc_id"], "cell": cell}))
    sizes = np.bincount(cell)
    counts = {"documents_in": rows.num_rows, "documents_out": rows.num_rows}
    counts |= {"cells": int(np.count_nonzero(sizes)), "largest_cell": int(sizes.max())}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts)


def read_cells(folder: StepFolder, shard: int, embed: StepFolder) -> pa.Table:
    """Where the documents of a shard meet others: doc_id and the uint64 `key`, cell << 32 | part of the cell."""
    rows = folder.read("assignments", shard)
    key = rows["cell"].to_numpy().astype(np.uint64) << np.uint64(PART_BITS)
    splits = read_arrays(folder, SPLITS)
    if splits:
        key |= part_of(rows["cell"].to_numpy(), partial(embed.read, "embeddings", shard, ["embedding"]), splits)
    return pa.table({"doc_id": rows["doc_id"], "key": key})
