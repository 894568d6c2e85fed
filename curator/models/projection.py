"""Sparse counts of terms to dense vectors: the kernel of the TF-IDF embedder."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.text.terms import Counts

REPEATS = 0.5
_SUBLINEAR = np.concatenate([[0], 1 + REPEATS * np.log(np.arange(1, 1024))]).astype(np.float32)
"""The weight of a term that a text has so often; more often counts no more."""


def sublinear(times: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """1 + log(times) / 2 of how often a text has a term, at most 1,023 times (Salton & Buckley 1988, without the half)."""
    weights: npt.NDArray[np.float32] = _SUBLINEAR[np.minimum(times, len(_SUBLINEAR) - 1)]
    return weights


def project(counts: Counts, rows: npt.NDArray[np.float32], vectors: npt.NDArray[np.float32]) -> None:
    """Add the texts' terms in `rows` (terms, d), each `sublinear` times, to `vectors` float32 (texts, d).

    In the order of the text and on one thread: the same counts give the same bytes.
    """
    _project(counts, rows, _SUBLINEAR, vectors)


@numba.njit(cache=True, nogil=True)
def _project(
    counts: Counts,
    rows: npt.NDArray[np.float32],
    sublinear: npt.NDArray[np.float32],
    vectors: npt.NDArray[np.float32],
) -> None:
    for text in range(vectors.shape[0]):
        vector = vectors[text]
        for place in range(counts.starts[text], counts.starts[text + 1]):
            row = rows[counts.terms[place]]
            weight = sublinear[min(counts.times[place], sublinear.size - 1)]
            for dimension in range(vector.size):
                vector[dimension] += weight * row[dimension]
