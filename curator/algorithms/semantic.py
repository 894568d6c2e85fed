"""Semantic duplicates within one concept: documents whose embeddings almost coincide (SemDeDup, Abbas 2023).

SemDeDup's code drops a row that is similar to any earlier row, even to a dropped one. Here rows are compared with kept
rows only (greedy), which keeps more: every dropped document has a kept one within the threshold.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

_DECIMALS = 1e5  # cosines are rounded to 5 decimals: float32 embeddings of length 1 are not more exact
# How far a float32 matrix product may be from the exact cosine: its worst case, d * 2^-24, is 0.00024 at d = 4096.
_MARGIN = 1e-3


def semantic_duplicates(
    embeddings: npt.NDArray[np.float32], *, threshold: float, block: int = 1024
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For normalised embeddings (n, d), best row first: each row's representative (n,) and the cosine with it (n,).

    Row i duplicates the kept row j < i of the highest cosine (ties: the lowest j) if that is >= `threshold`, else it is
    kept: itself, with 1. Zero vectors are always kept. Matrix products of `block` x `block` rows only find the
    pairs near the threshold; these are decided by a float64 sum in fixed order, rounded to 5 decimals. So results
    depend neither on `block` nor on the linear algebra library. Memory: one copy of the embeddings.
    """
    assert 0 < threshold <= 1, f"threshold is a cosine and cannot be {threshold}"
    count = len(embeddings)
    kept, kept_rows = np.empty_like(embeddings), np.empty(count, np.int64)
    filled = 0
    representative, cosine = np.arange(count), np.full(count, -np.inf)
    for start in range(0, count, block):
        part = slice(start, start + block)
        rows, best, partner = embeddings[part], cosine[part], representative[part]
        for first in range(0, filled, block):
            others = kept[first : min(first + block, filled)]
            _match_kept(rows @ others.T, rows, others, kept_rows[first:], threshold, best, partner)
        _match_within(rows @ rows.T, rows, start, threshold, best, partner)
        new = np.flatnonzero(best < threshold)
        kept[filled : filled + new.size] = rows[new]
        kept_rows[filled : filled + new.size] = start + new
        filled += new.size
    representative[kept_rows[:filled]] = kept_rows[:filled]
    cosine[kept_rows[:filled]] = 1.0
    return representative, cosine.astype(np.float32)


@numba.njit(cache=True, nogil=True)
def _cosine(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> float:
    total = 0.0
    for place in range(left.size):
        total += np.float64(left[place]) * np.float64(right[place])
    return float(np.rint(total * _DECIMALS) / _DECIMALS)


@numba.njit(cache=True, nogil=True)
def _match_kept(
    products: npt.NDArray[np.float32],
    rows: npt.NDArray[np.float32],
    others: npt.NDArray[np.float32],
    other_rows: npt.NDArray[np.int64],
    threshold: float,
    best: npt.NDArray[np.float64],
    partner: npt.NDArray[np.int64],
) -> None:
    """Raise each row's best cosine and its partner where a kept row of an earlier block is closer."""
    for row in range(len(rows)):
        for other in range(len(others)):
            if products[row, other] >= max(threshold, best[row]) - _MARGIN:
                cosine = _cosine(rows[row], others[other])
                if cosine > best[row]:
                    best[row], partner[row] = cosine, other_rows[other]


@numba.njit(cache=True, nogil=True)
def _match_within(
    products: npt.NDArray[np.float32],
    rows: npt.NDArray[np.float32],
    start: int,
    threshold: float,
    best: npt.NDArray[np.float64],
    partner: npt.NDArray[np.int64],
) -> None:
    """The same for the kept rows of the block itself: those before a row whose own best stayed below the threshold."""
    for row in range(len(rows)):
        for other in range(row):
            if best[other] < threshold and products[row, other] >= max(threshold, best[row]) - _MARGIN:
                cosine = _cosine(rows[row], rows[other])
                if cosine > best[row]:
                    best[row], partner[row] = cosine, start + other
