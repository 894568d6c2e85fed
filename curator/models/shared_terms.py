"""How much of a word is to be expected of a text once its neighbours are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

NEIGHBOURS = 20
TEXTS_AT_ONCE = 500


def shared_with_neighbours(has: Any, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """For each term the probability, 0 to 1, that a near neighbour of a text that has it has it too.

    `has` is a scipy CSR matrix (texts, terms), float32, 1 where a text has a term. Near are the 20 texts of the greatest cosine of
    `vectors` (texts, d; rows of length 1), each weighted by its cosine squared: of a language with five texts, four count.
    Function words of any language come out near 1, what is a text's own near 0.
    """
    texts, terms = has.shape
    nearest = min(NEIGHBOURS, texts - 1)
    together, possible = np.zeros(terms), np.zeros(terms)
    for first in range(0, texts if nearest > 0 else 0, TEXTS_AT_ONCE):
        some = np.arange(first, min(first + TEXTS_AT_ONCE, texts))
        neighbours, nearness = _neighbours(vectors, some, nearest)
        together += _weight_shared(has, some, neighbours, nearness)
        possible += has[some].T @ nearness.sum(axis=1, dtype=np.float64)
    return np.divide(together, possible, out=np.zeros(terms), where=possible > 0).astype(np.float32)


def _neighbours(
    vectors: npt.NDArray[np.float32], some: npt.NDArray[np.int64], nearest: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The nearest others of some texts, and how near each is; both (some, nearest)."""
    with threadpool_limits(1):
        cosines = vectors[some] @ vectors.T
    cosines[np.arange(len(some)), some] = -2  # nobody is their own neighbour
    neighbours = np.argpartition(-cosines, nearest - 1, axis=1)[:, :nearest]
    return neighbours, np.maximum(np.take_along_axis(cosines, neighbours, axis=1), 0) ** 2


def _weight_shared(
    has: Any, some: npt.NDArray[np.int64], neighbours: npt.NDArray[np.int64], nearness: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """For each term, the nearness of all pairs of one of these texts and a neighbour that have it both."""
    from scipy.sparse import csr_matrix

    starts = np.arange(0, neighbours.size + 1, neighbours.shape[1])
    beside = csr_matrix((nearness.ravel(), neighbours.ravel(), starts), shape=(len(some), has.shape[0]))
    both = (beside @ has).multiply(has[some])
    return np.asarray(both.sum(axis=0, dtype=np.float64)).ravel()
