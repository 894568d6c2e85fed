"""How much a rewrite is like its source, on a scale that does not depend on the embedder: 0 as a random pair, 1 as itself.

With one embedder random pairs have a cosine of .62 and questions about a text .88 (RePro); with another both are lower.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def calibrated_similarity(
    sources: Vectors, answers: Vectors, documents: npt.NDArray[np.uint64]
) -> npt.NDArray[np.float64]:
    """(cosine - random) / (1 - random) of each pair of L2-normalised rows (n, dimensions), at most 1 (n,).

    `random` is the mean cosine of the sources with each other, of different `documents`; 0 where there is only one.
    """
    cosine = np.einsum("ij,ij->i", sources, answers, dtype=np.float64)
    random = random_similarity(sources, documents)
    return np.asarray(np.minimum((cosine - random) / (1 - random), 1.0))


def random_similarity(vectors: Vectors, documents: npt.NDArray[np.uint64]) -> float:
    """The mean cosine of two different documents, from the sum of all vectors: every pair counts, in linear time."""
    _, first = np.unique(documents, return_index=True)
    distinct = vectors[first].astype(np.float64)
    count = len(distinct)
    if count < 2:
        return 0.0
    whole = distinct.sum(axis=0)
    pairs = float(whole @ whole - np.einsum("ij,ij->", distinct, distinct))
    return min(0.99, max(0.0, pairs / (count * (count - 1))))
