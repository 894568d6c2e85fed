"""Concept discovery: spherical k-means with faiss, on the GPU where faiss has one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def spherical_kmeans(embeddings: Matrix, *, count: int, iterations: int, seed: int, on_gpu: bool = False) -> Matrix:
    """Unit-length centroids (count, d) of unit-length embeddings (n, d), n >= count (Dhillon & Modha 2001; SemDeDup uses it).

    One thread on the CPU, so that the same sample gives the same centroids on any number of cores.
    """
    import faiss  # half a second, and only the worker that fits needs it

    assert len(embeddings) >= count, "k-means needs at least one embedding for each concept"
    faiss.omp_set_num_threads(1)
    kmeans = faiss.Kmeans(
        embeddings.shape[1],
        count,
        niter=iterations,
        seed=seed,
        spherical=True,
        gpu=on_gpu,
        min_points_per_centroid=1,
        max_points_per_centroid=len(embeddings),
    )
    kmeans.train(np.ascontiguousarray(embeddings, dtype=np.float32))
    assert kmeans.centroids is not None
    return np.asarray(kmeans.centroids, dtype=np.float32)


def nearest(embeddings: Matrix, centroids: Matrix) -> tuple[npt.NDArray[np.uint32], Matrix]:
    """The nearest centroid of each row (n,) and the cosine distance to it (n,), by matrix products of bounded size."""
    concept = np.empty(len(embeddings), np.uint32)
    distance = np.empty(len(embeddings), np.float32)
    rows = max(1, 64_000_000 // max(1, 4 * len(centroids)))
    for start in range(0, len(embeddings), rows):
        cosine = embeddings[start : start + rows] @ centroids.T
        best = cosine.argmax(axis=1)
        concept[start : start + rows] = best
        distance[start : start + rows] = 1 - np.take_along_axis(cosine, best[:, None], axis=1)[:, 0]
    return concept, distance
