"""Semantic duplicates within one cell: documents whose embeddings almost coincide (SemDeDup, Abbas 2023).

SemDeDup's code drops a row that is similar to any earlier row, even to a dropped one. Here rows are compared with leaders
only (greedy), which makes more groups: every follower has a leader within the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.products import exact_product

Matrix = npt.NDArray[np.float32]

_DECIMALS = 1e5  # cosines are rounded to 5 decimals: float32 embeddings of length 1 are not more exact
_ROUNDING = 1e-5  # twice what that moves a cosine
_STRIP = 128  # products that are held against a bound at once, without a branch
_GRID = 10_000  # similarities are chosen in steps of 1e-4
_LOWEST = 5_000  # and from 0.5 on: below, nothing is a repeat


def semantic_groups(
    embeddings: Matrix, *, threshold: float, block: int = 256
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For unit rows (n, d), best row first: the place of each row's leader (n,) and the cosine with it (n,).

    Row i follows the leader j < i of the highest cosine (ties: the lowest j) if that is >= `threshold`, else it leads itself,
    with 1. Zero vectors always lead. Matrix products of `block` x `block` rows only find the pairs that may be near enough;
    these are decided by a float64 sum in fixed order, rounded to 5 decimals. So results depend neither on `block` nor on
    the linear algebra library. Memory: one copy of the leaders. Time: n x leaders x d, so linear where one leads all.
    """
    assert 0 < threshold <= 1, f"threshold is a cosine and cannot be {threshold}"
    leader, cosine = np.arange(len(embeddings)), np.full(len(embeddings), -np.inf)
    leaders, places, count = np.empty_like(embeddings), np.empty(len(embeddings), np.int64), 0
    for start in range(0, len(embeddings), block):
        rows = embeddings[start : start + block]
        for first in range(0, count, block):
            known = slice(first, min(first + block, count))
            _follow(rows @ leaders[known].T, rows, start, leaders[known], places[known], threshold, leader, cosine)
        alone = np.flatnonzero(cosine[start : start + block] < threshold)
        _follow(rows @ rows[alone].T, rows, start, rows[alone], start + alone, threshold, leader, cosine)
        new = alone[cosine[start + alone] < threshold]
        leaders[count : count + new.size], places[count : count + new.size] = rows[new], start + new
        count += new.size
    leader[places[:count]], cosine[places[:count]] = places[:count], 1.0
    return leader, cosine.astype(np.float32)


def share_of_distinct(cells: Sequence[Matrix], *, similarity: float) -> float:
    """The share of the rows of some cells, each (n, d) as `semantic_groups` takes it, that lead a group; 1 of no rows."""
    distinct, rows = 0, 0
    for cell in cells:
        leader, _ = semantic_groups(cell, threshold=similarity)
        distinct += int(np.count_nonzero(leader == np.arange(len(cell))))
        rows += len(cell)
    return distinct / rows if rows else 1.0


def similarity_for_share(cells: Sequence[Matrix], *, distinct_share: float) -> float:
    """The similarity, in steps of 1e-4 from 0.5 to 1, at which about `distinct_share` of the rows of some cells is distinct.

    Bisection keeps a similarity with less than that share below one with at least that share until they are neighbours (13
    steps), then gives the one whose share is nearer, if equal the higher. So the share is as near as steps of 1e-4 allow, also
    where it does not rise everywhere, as that of a greedy choice may not. Copies are repeats at 1 still: a share out of
    reach gives 1, and one that is surpassed at 0.5 gives 0.5.
    """
    low, high = _LOWEST, _GRID
    less, enough = (share_of_distinct(cells, similarity=end / _GRID) for end in (low, high))
    if less >= distinct_share or enough < distinct_share:
        return (low if less >= distinct_share else high) / _GRID
    while high - low > 1:
        middle = (low + high) // 2
        share = share_of_distinct(cells, similarity=middle / _GRID)
        if share < distinct_share:
            low, less = middle, share
        else:
            high, enough = middle, share
    return (low if distinct_share - less < enough - distinct_share else high) / _GRID


@numba.njit(cache=True, nogil=True)
def _cosine(left: Matrix, right: Matrix) -> float:
    return float(np.rint(exact_product(left, right) * _DECIMALS) / _DECIMALS)


@numba.njit(cache=True, nogil=True)
def _follow(
    products: Matrix,
    rows: Matrix,
    start: int,
    others: Matrix,
    places: npt.NDArray[np.int64],
    threshold: float,
    leader: npt.NDArray[np.int64],
    cosine: npt.NDArray[np.float64],
) -> None:
    """Raise the cosine of each row, and name its leader, where one of `others` is nearer, is before it and leads itself."""
    margin = rows.shape[1] * 2.0**-24 + _ROUNDING  # the worst error of a float32 product of unit rows (Higham 2002)
    before = 0
    for row in range(len(rows)):
        place = start + row
        while before < len(places) and places[before] < place:
            before += 1
        for first in range(0, before, _STRIP):
            last = min(first + _STRIP, before)
            bound = np.float32(max(threshold, cosine[place]) - margin)
            near = 0
            for other in range(first, last):
                near += products[row, other] >= bound
            if near == 0:
                continue
            for other in range(first, last):
                if products[row, other] >= bound and cosine[places[other]] < threshold:
                    found = _cosine(rows[row], others[other])
                    if found > cosine[place]:
                        cosine[place], leader[place] = found, places[other]
