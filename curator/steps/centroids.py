"""What `cells` and `concepts` share: centroids fitted on a sample of the documents, and the nearest one of every document.

The last centroid is a row of zeros: it stands for the documents whose embedding is one, which have no direction (no word).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.concepts import Concepts
from curator.models.clustering import Matrix, nearest, spherical_kmeans
from curator.steps.gather import Sample, gather_sample
from curator.steps.step import Job
from curator.steps.survivors import shards_with_documents
from curator.store.arrays import from_npy, to_npy
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_matrix

CENTROIDS = "centroids.npy"
Rows = Callable[[int], pa.Table]
Conclude = Callable[[Matrix, Matrix], Commit]


def fit_centroids(
    job: Job, rows: Rows, conclude: Conclude, *, concepts: Concepts, dimensions: int, documents: int
) -> None:
    """Give `conclude` the centroids of a sample of `rows(shard)` (doc_id, embedding), of `documents` in all, unless done before.

    It also gets the sample (n, d) itself, in the order of doc_id, less what has no direction.
    """
    if "centroids" in job.commits:
        return
    count = concepts.count or max(1, round(math.sqrt(documents)))
    sample = Sample(wanted=count * concepts.sample_per_concept, of=documents, seed=concepts.seed)
    emit = partial(_sample, rows=rows, sample=sample)
    fit = partial(_fit, conclude=conclude, count=min(count, documents), concepts=concepts)
    shards = shards_with_documents(job.inputs["embed"])
    gather_sample(job, sample, emit, shards, fit, row_bytes=2 * dimensions + 8, gpus=int(concepts.on_gpu))


def _sample(shard: int, *, rows: Rows, sample: Sample) -> pa.Table:
    return sample.rows(rows(shard))


def _fit(rows: pa.Table, *, conclude: Conclude, count: int, concepts: Concepts) -> Commit:
    order = np.argsort(rows["key"].to_numpy())
    sample = to_matrix(rows["embedding"])[order]
    sample = sample[sample.any(axis=1)]
    found = spherical_kmeans(
        sample, count=count, iterations=concepts.iterations, seed=concepts.seed, on_gpu=concepts.on_gpu
    )
    return conclude(np.concatenate([found, np.zeros((1, sample.shape[1]), np.float32)]), sample)


def assign(embeddings: Matrix, centroids: Matrix) -> tuple[npt.NDArray[np.uint32], Matrix]:
    """The nearest centroid of each row and the cosine distance to it; the last one, at distance 0, for rows of zeros."""
    last = len(centroids) - 1
    if not last:
        return np.zeros(len(embeddings), np.uint32), np.zeros(len(embeddings), np.float32)
    place, distance = nearest(embeddings, centroids[:last])
    nowhere = ~embeddings.any(axis=1)
    place[nowhere], distance[nowhere] = last, 0
    return place, distance


def write_array(folder: StepFolder, name: str, array: npt.NDArray[Any]) -> None:
    folder.write_bytes(name, to_npy(array))


def read_array(folder: StepFolder, name: str) -> npt.NDArray[Any]:
    return from_npy(folder.read_bytes(name))


def read_centroids(folder: StepFolder) -> Matrix:
    """The centroids (k + 1, d) of a finished step, of length 1 and, the last, 0."""
    return read_array(folder, CENTROIDS)
