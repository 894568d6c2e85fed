"""Spherical k-means on a sample with faiss (on the GPU where faiss has one), and the nearest centroid of every row, exactly."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from curator.algorithms.products import exact_product

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.uint32]

START_ROWS = 16
"""Rows a centroid among which starts are drawn: on documents of 46 sources (k = 342) such a start raises the mean cosine from .858
(random rows) to .865, for 5 % of the time; drawing among all rows or one at a time gives .866."""
DRAWN_AT_ONCE = 1 / 16
"""Of the rows drawn so far: one by one, 1,000 starts take 5 s where the processor's cache is shared, so 0.6 s."""
SAME = 1e-6  # float32 cosines of equal vectors differ from 1 by less
BLOCK_ROWS, BLOCK_PRODUCTS = (
    512,
    1 << 24,
)  # up to 2 MB at 1,000 centroids, which a core's own cache holds, and 64 MB at any number


def spherical_kmeans(embeddings: Matrix, *, count: int, iterations: int, seed: int, on_gpu: bool = False) -> Matrix:
    """At most `count` centroids of length 1 (k, d) of the directions of embeddings (n, d) (Dhillon & Modha 2001; SemDeDup uses it).

    Rows of zeros have no direction and take no part. There are fewer centroids where rows have fewer directions, none where they
    have none. One thread on the CPU, so that the same sample gives the same centroids on any number of cores.
    """
    import faiss  # half a second, and only the worker that fits needs it

    rows = _directions(embeddings)
    with threadpool_limits(1):
        start = _spread_start(rows, count, seed)
        if not len(start):
            return start
        kmeans = faiss.Kmeans(
            rows.shape[1],
            len(start),
            niter=iterations,
            seed=seed % 2**31,
            spherical=True,
            gpu=on_gpu,
            min_points_per_centroid=1,
            max_points_per_centroid=len(rows),
        )
        kmeans.train(rows, init_centroids=start)
    assert kmeans.centroids is not None
    return np.asarray(kmeans.centroids, dtype=np.float32)


def _directions(embeddings: Matrix) -> Matrix:
    """The rows that are not zero, at length 1."""
    lengths = np.sqrt(np.einsum("ij,ij->i", embeddings, embeddings))
    rows = embeddings[lengths > 0] / lengths[lengths > 0, None]
    return np.asarray(rows, dtype=np.float32)


def _spread_start(rows: Matrix, count: int, seed: int) -> Matrix:
    """Rows drawn with chances that grow with the distance to those before (k-means++, Arthur 2007; at once: Bahmani 2012)."""
    random = np.random.default_rng(seed)
    rows = rows[random.permutation(len(rows))[: START_ROWS * count]]
    start, distance = np.empty(0, np.int64), np.ones(len(rows), np.float32)
    while len(start) < count and distance.any():
        reach = np.cumsum(distance, dtype=np.float64)
        wanted = min(count - len(start), max(1, int(DRAWN_AT_ONCE * len(start))))
        drawn = np.unique(np.searchsorted(reach / reach[-1], random.random(wanted), side="right"))
        alike = rows[drawn] @ rows[drawn].T > 1 - SAME
        drawn = drawn[~np.tril(alike, -1).any(axis=1)]
        farther = 1 - (rows @ rows[drawn].T).max(axis=1)
        np.minimum(distance, np.where(farther > SAME, farther, 0), out=distance)
        start = np.concatenate([start, drawn])
    chosen: Matrix = rows[start]
    return chosen


def nearest(embeddings: Matrix, centroids: Matrix) -> tuple[Places, Matrix]:
    """The nearest centroid (n,) of each row of embeddings (n, d), and the cosine distance to it (n,), at least 0.

    `centroids` (k, d), k >= 1, have length 1. A float32 matrix product finds the centroids that may be nearest; where there are
    several, sums of float64 in fixed order decide, and equal ones go to the first. So the result depends neither on
    the linear algebra library, nor on its threads, nor on how rows are cut into blocks. A row of zeros gets (0, 1).
    """
    rows, centroids = (np.ascontiguousarray(matrix, np.float32) for matrix in (embeddings, centroids))
    place, distance = np.empty(len(rows), np.uint32), np.empty(len(rows), np.float32)
    height = min(BLOCK_ROWS, max(1, BLOCK_PRODUCTS // len(centroids)))
    products = np.empty((height, len(centroids)), np.float32)
    with threadpool_limits(1):
        for start in range(0, len(rows), height):
            part = slice(start, start + height)
            block = np.matmul(rows[part], centroids.T, out=products[: len(rows[part])])
            _settle(block, block.argmax(axis=1), rows[part], centroids, place[part], distance[part])
    return place, distance


def nearest_in_range(
    embeddings: Matrix, centroids: Matrix, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """As `nearest`, for row i among centroids[first[i] : last[i]] only, of which there is at least one."""
    place = np.empty(len(embeddings), np.int64)
    rows, centroids = (np.ascontiguousarray(matrix, np.float32) for matrix in (embeddings, centroids))
    _nearest_in_range(rows, centroids, first, last, place)
    return place


@numba.njit(cache=True, nogil=True)
def _settle(
    products: Matrix, guess: npt.NDArray[np.int64], rows: Matrix, centroids: Matrix, place: Places, distance: Matrix
) -> None:
    """Decide between all centroids whose product is within the worst error of float32 sums (d * 2^-24 each) of the largest."""
    for row in range(len(rows)):
        length = np.sqrt(exact_product(rows[row], rows[row]))
        best = guess[row]
        highest = exact_product(rows[row], centroids[best])
        bound = np.float32(products[row, best] - rows.shape[1] * 2.0**-22 * length)
        rivals = 0
        for other in range(len(centroids)):  # without a branch, for SIMD
            rivals += products[row, other] >= bound
        if rivals > 1 and length > 0:
            best, highest = 0, -np.inf
            for other in range(len(centroids)):
                if products[row, other] >= bound:
                    product = exact_product(rows[row], centroids[other])
                    if product > highest:
                        best, highest = other, product
        place[row] = best
        distance[row] = max(0.0, 1 - highest / length) if length > 0 else 1.0


@numba.njit(cache=True, nogil=True)
def _nearest_in_range(
    rows: Matrix,
    centroids: Matrix,
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
) -> None:
    for row in range(len(rows)):
        highest = -np.inf
        for other in range(first[row], last[row]):
            product = exact_product(rows[row], centroids[other])
            if product > highest:
                place[row], highest = other, product
