"""Which documents of a concept fill its quota: all distinct documents before second members of their groups, then third ones."""

from __future__ import annotations

from typing import Literal

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.coverage import coverage_order
from curator.algorithms.keepers import first_of_group, runs

Ids = npt.NDArray[np.uint64]
Whole = npt.NDArray[np.int64]
Merit = npt.NDArray[np.float64]


def merit(
    fill: Literal["farthest", "nearest", "random", "quality"],
    *,
    hashed: Ids,
    distance: npt.NDArray[np.float32] | None = None,
    quality: npt.NDArray[np.float32] | None = None,
) -> Merit:
    """A number for each document (n,): in a concept the smallest goes first, NaN last.

    farthest, nearest: by `distance` to the centroid; hard examples first pay when data are abundant, easy ones when they are
    scarce (Sorscher 2022; D4, Tirumala 2023). random: by the hashed id. quality: sampled without replacement with probabilities
    in proportion to `quality` (keys -log(u) / w, Efraimidis and Spirakis 2006; u is the hashed id), those of quality 0 last.
    """
    if fill == "farthest":
        assert distance is not None
        return -distance.astype(np.float64)
    if fill == "nearest":
        assert distance is not None
        return distance.astype(np.float64)
    uniform = ((hashed >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    if fill == "random":
        return uniform
    assert quality is not None
    with np.errstate(divide="ignore"):
        return -np.log(uniform) / np.maximum(quality.astype(np.float64), 0.0)


def coverage_merit(
    concept: Ids,
    place: npt.NDArray[np.integer],
    document: Ids,
    embeddings: npt.NDArray[np.floating],
    distance: npt.NDArray[np.float32],
    cost: Whole,
    quota: Whole,
) -> Merit:
    """The rank (n,) of each document in a traversal that covers its concept, among the documents of its `place`.

    It starts at the document nearest the centroid. Only as far as the quota (n,) reaches it is exact: see `coverage_order`.
    What is within its quota anyway, or beyond it, is ordered by id.
    """
    order = np.lexsort((document, place, concept))
    found = np.empty(len(order))
    for members in runs(concept[order]):
        spent, rows = 0, order[members]
        for of_place in runs(place[rows].astype(np.uint64)):
            peers = rows[of_place]
            left, needed = int(quota[peers[0]]) - spent, int(cost[peers].sum())
            if 0 < left < needed:
                start = int(np.argmin(distance[peers]))
                peers = peers[coverage_order(embeddings[peers], start=start, cost=cost[peers], budget=left)]
            found[peers] = np.arange(len(peers))
            spent += needed
    return found


def in_order(concept: Ids, place: npt.NDArray[np.integer], merit: Merit, document: Ids) -> Whole:
    """The order (n,) in which documents fill the quotas of their concepts; ties go to the lowest id."""
    return np.lexsort((document, merit, place, concept))


def fitting(concept: Ids, cost: Whole, quota: Whole) -> npt.NDArray[np.bool_]:
    """Which rows (n,), in order and those of a concept together, stay: each that still fits the quota (n,) of its concept.

    `cost` is 1, or the document's tokens. One that does not fit is passed over and later ones are tried, so that one long document
    does not end a concept: what stays of a quota is less than the shortest one passed over, and it is never exceeded.
    """
    return np.asarray(_fitting(concept, cost, quota))


@numba.njit(cache=True, nogil=True)
def _fitting(concept: Ids, cost: Whole, quota: Whole) -> npt.NDArray[np.bool_]:
    stays = np.zeros(len(concept), np.bool_)
    spent = 0
    for row in range(len(concept)):
        if row > 0 and concept[row] != concept[row - 1]:
            spent = 0
        if spent + cost[row] <= quota[row]:
            stays[row] = True
            spent += cost[row]
    return stays


def places(concept: Ids) -> Whole:
    """The place 1, 2, ... (n,) of each row among those of its concept, which stand together."""
    rows = np.arange(len(concept))
    return rows - np.maximum.accumulate(np.where(first_of_group(concept), rows, 0)) + 1
