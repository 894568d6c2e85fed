"""How complex a concept is: how widely its documents spread, times how far it lies from other concepts.

Density-based pruning (Abbas, ..., Morcos, ICLR 2024): C = d_intra * d_inter. The paper validated it on images only;
nobody has shown that it fits text, so compare it with other measures before trusting it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_BLOCK = 1024  # centroids compared at once with all others: 400 MB at k = 50,000


def intra_distance(embeddings: npt.NDArray[np.float32], centroid: npt.NDArray[np.floating]) -> float:
    """Mean cosine distance, 0..2, of normalised embeddings (n, d) to their centroid (d,) of any length.

    A zero centroid is at distance 1 from everything. No documents spread by 0.
    """
    if len(embeddings) == 0:
        return 0.0
    mean = embeddings.mean(axis=0, dtype=np.float64)  # the mean of dot products is the dot product of the mean
    return max(0.0, 1.0 - float(mean @ _normalised(centroid[None])[0]))


def inter_distances(centroids: npt.NDArray[np.floating], *, neighbours: int = 20) -> npt.NDArray[np.float64]:
    """Mean cosine distance (k,) of each centroid (k, d) to its `neighbours` nearest others, or to all if k is small.

    A single centroid has no neighbour: its distance is 1, so that complexity is then its spread alone.
    """
    nearest = min(neighbours, len(centroids) - 1)
    if nearest < 1:
        return np.ones(len(centroids))
    directions = _normalised(centroids)
    distances = np.empty(len(centroids))
    for start in range(0, len(centroids), _BLOCK):
        cosines = directions[start : start + _BLOCK] @ directions.T
        places = np.arange(len(cosines))
        cosines[places, start + places] = -np.inf  # itself
        top = np.partition(cosines, -nearest, axis=1)[:, -nearest:]
        distances[start : start + _BLOCK] = 1.0 - np.sort(top, axis=1).mean(axis=1)
    return np.maximum(distances, 0.0)


def _normalised(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Rows of length 1; a zero row stays zero."""
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(lengths > 0, lengths, 1.0)
