"""Bands and rows of MinHash signatures from a threshold of similarity, as datasketch chooses them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import roots_legendre

_MOST_NODES = 512
"""Of the quadrature. It is exact for polynomials of twice the degree, which is at most `permutations`."""


def bands_of(
    *, bands: int | None, rows: int | None, permutations: int, threshold: float, false_positive_weight: float
) -> tuple[int, int]:
    """(bands, rows) as given, or where they are None the best ones for the threshold."""
    if bands is not None and rows is not None:
        return bands, rows
    return optimal_bands(threshold, permutations=permutations, false_positive_weight=false_positive_weight)


def optimal_bands(threshold: float, *, permutations: int, false_positive_weight: float) -> tuple[int, int]:
    """The (bands, rows) with bands x rows <= permutations whose S-curve errs least around the threshold.

    The error is the area under P(candidate | s) = 1 - (1 - s^rows)^bands below the threshold times `false_positive_weight`
    plus the area over it above the threshold times the rest: the rule of `datasketch.MinHashLSH`. Of equals fewest bands win.
    """
    nodes, weights = roots_legendre(min(permutations // 2 + 1, _MOST_NODES))
    shares, weights = (nodes + 1) / 2, weights / 2
    least, best = np.inf, (0, 0)
    for bands in range(1, permutations + 1):
        rows = np.arange(1, permutations // bands + 1)
        found = threshold * ((1 - _missed(threshold * shares, bands, rows)) @ weights)
        missed = (1 - threshold) * (_missed(threshold + (1 - threshold) * shares, bands, rows) @ weights)
        errors = false_positive_weight * found + (1 - false_positive_weight) * missed
        if errors.min() < least:
            least, best = errors.min(), (bands, int(rows[errors.argmin()]))
    return best


def _missed(similarity: npt.NDArray[np.float64], bands: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Probability that documents of each similarity (s,) meet in no band, for each number of rows (r,): (r, s)."""
    return np.asarray((1 - similarity ** rows[:, None]) ** bands)
