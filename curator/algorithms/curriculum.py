"""The training order as positions in [0, 1): from stages with weights to the key of each copy of each document.

The order is cut into slices; `mixture.fit_mixture` says how many tokens of each group stand in each. A copy has a place inside
its group, drawn by hash, and its position is where the group's cumulative tokens reach that share. So shards are placed one by
one, and no process sees more than the mixture.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from curator.algorithms.keepers import first_of_group, runs

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

LAST = 1 - 2.0**-53  # the greatest position
_SLIVER = 1e-6  # of the order: no slice is shorter, so that 0.1 + 0.2 and 3/10 are one edge


def slice_edges(starts: Floats, slices: int = 100) -> Floats:
    """Where slices begin and end, rising from 0 to 1: the starts of the stages, and multiples of 1 / slices not next to one."""
    assert starts[0] == 0, "the first stage starts at 0"
    assert (np.diff(starts) > 0).all() and starts[-1] < 1, f"stages start at {starts}"  # noqa: PT018
    multiples = np.arange(slices + 1) / slices
    near = np.abs(multiples[:, None] - np.append(starts, 1.0)).min(axis=1) < _SLIVER
    return np.sort(np.concatenate([starts, multiples[~near], [1.0]]))


def slice_weights(starts: Floats, weights: Floats, edges: Floats, transition: Literal["step", "linear"]) -> Floats:
    """The weights (slices, groups) of stages (stages, groups) in the middle of each slice.

    A step keeps those of a stage up to the start of the next; linear goes from the one at its start to the other at its start.
    After the last start they stay.
    """
    middles = (edges[:-1] + edges[1:]) / 2
    stage = stages_of(middles, starts)
    if transition == "step":
        return weights[stage]
    following = np.minimum(stage + 1, len(starts) - 1)
    lengths = np.diff(starts, append=np.inf)
    way = ((middles - starts[stage]) / lengths[stage])[:, None]
    return np.asarray(weights[stage] * (1 - way) + weights[following] * way)


def copy_places(hashed: Ids, copy: npt.NDArray[np.int32], copies: npt.NDArray[np.int32]) -> Floats:
    """The place in [0, 1) of copy `copy` (0, 1, ...) of `copies` of a document of this hash: (hash / 2^64 + copy / copies) mod 1.

    Copies are 1 / copies apart, less 2^-53 at most, also round the end: whole numbers of 64 bits wrap of themselves.
    """
    apart = np.uint64(2**64 - 1) // copies.astype(np.uint64)
    return as_fraction(hashed + copy.astype(np.uint64) * apart)


def as_fraction(hashed: Ids) -> Floats:
    """Hashes as numbers in [0, 1): the upper 53 bits, for all 64 would round up to 1."""
    return np.asarray((hashed >> np.uint64(11)) * 2.0**-53)


def positions(group: npt.NDArray[np.int32], place: Floats, mixture: Floats, edges: Floats) -> Floats:
    """Where in the order [0, 1) copies (n,) with these places inside their groups stand: the inverse of cumulative tokens.

    A group of the mixture (slices, groups) is spread evenly inside each slice, so among its copies positions rise with
    places. Two copies of a document are at least as far apart as their places, divided by the greatest density of the group:
    what may only stand in a fifth of the order stands five times as dense. A group without tokens is spread evenly.
    """
    found = np.empty(len(group))
    order = np.argsort(group, kind="stable")
    for members in runs(group[order].astype(np.uint64)):
        rows = order[members]
        tokens = mixture[:, group[rows[0]]]
        reached = np.concatenate([[0.0], np.cumsum(tokens)])
        found[rows] = np.interp(place[rows], reached / reached[-1], edges) if reached[-1] > 0 else place[rows]
    return np.minimum(found, LAST)


def stages_of(position: Floats, starts: Floats) -> Places:
    """The stage (n,) in which each position lies."""
    return np.searchsorted(starts, position, side="right") - 1


def turns_of(document: Ids, stage: Places, position: Floats) -> tuple[Places, Places]:
    """Of each copy (n,) which of its document's copies in its stage it is, 0, 1, ... by position, and of how many.

    All copies of a document must be among the rows.
    """
    order = np.lexsort((position, stage, document))
    first = first_of_group(document[order]) | first_of_group(stage[order].astype(np.uint64))
    start = np.flatnonzero(first)
    run = np.cumsum(first) - 1
    turn, turns = np.empty((2, len(order)), np.int64)
    turn[order] = np.arange(len(order)) - start[run]
    turns[order] = np.diff(start, append=len(order))[run]
    return turn, turns


def in_stages(position: Floats, starts: Floats, rank: Floats, turn: Places, turns: Places) -> Floats:
    """The positions (n,) of copies that are put in order inside their stages; each stays in the stage it was in.

    `rank` in [0, 1) is where the document stands in the order of a stage. A document with several copies in it has them in as
    many equal parts of the stage, at that rank in each: where start + length * (turn + rank) / turns.
    """
    stage, ends = stages_of(position, starts), np.append(starts[1:], 1.0)
    inside = starts[stage] + (ends - starts)[stage] * ((turn + rank) / turns)
    return np.asarray(np.minimum(inside, np.nextafter(ends, 0.0)[stage]))


def moved_apart(document: Ids, position: Floats, distance: float) -> Floats:
    """Positions (n,) of which no two of a document are closer than `distance`, or than 1 / c where it has so many copies c.

    A copy that is too close to the one before goes on behind it, and back where the order ends; the others stay where they are.
    All copies of a document must be among the rows.
    """
    order = np.lexsort((position, document))
    start = np.flatnonzero(first_of_group(document[order]))
    copies = np.diff(start, append=len(order))
    least, found = np.minimum(distance, 1 / np.maximum(copies, 1)), position[order]
    for turn in range(1, copies.max(initial=1)):
        several = np.flatnonzero(copies > turn)
        row = start[several] + turn
        found[row] = np.maximum(found[row], found[row - 1] + least[several])
    behind = np.repeat(start + copies, copies) - 1 - np.arange(len(order))  # copies of the document that come after
    apart = np.empty(len(position))
    apart[order] = np.minimum(found, LAST - behind * np.repeat(least, copies))
    return apart


def order_keys(position: Floats) -> Ids:
    """floor(position * 2^64) as uint64 (n,): keys rise with positions in [0, 1), and the greatest is 2^64 - 2^11."""
    assert ((position >= 0) & (position <= LAST)).all(), "a position lies in [0, 1)"
    return np.ldexp(position, 64).astype(np.uint64)
