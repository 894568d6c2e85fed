"""Which documents of a shard are rephrased, how often, and by which strategies: systematic sampling, twice.

A chance is how often a document is expected to be drawn. Chances and portions are whole numbers of 2^-32, so their sums are
exact: no document is drawn more often than it may be, nor twice for one strategy.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from curator.algorithms.quotas import split
from curator.algorithms.rebalance import fill_parts

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

BITS = 32
WHOLE = 1 << BITS


def portions(eligible: Bools, shares: Floats, most: int) -> Floats:
    """How often each strategy is taken for a document of each set that is drawn 0, 1, ..., `most` times: (sets, most + 1, s).

    `eligible` is (sets, s), `shares` (s,). A row adds up to how often the document is drawn; no portion is above 1, so what a
    large share would have beyond that goes to the others in proportion. Where a set has fewer strategies, all are 1.
    """
    once = np.ones(eligible.shape[1], np.int64)
    rows = [
        [fill_parts(once, np.where(members, shares, 0.0), times, max_passes=1.0) for times in range(most + 1)]
        for members in eligible
    ]
    return np.array(rows, np.float64).reshape(len(eligible), most + 1, len(shares))


def portion_ends(portioned: Floats) -> Integers:
    """Where the portions of `portions` end, one behind the other, in units of 2^-32. Rows add up exactly, none is above 1."""
    rows = [_exact(row) for row in portioned.reshape(-1, portioned.shape[-1])]
    return np.cumsum(np.array(rows, np.int64).reshape(portioned.shape), axis=-1)


def _exact(row: Floats) -> list[int]:
    times = round(float(row.sum()))
    return split(times * WHOLE, [ceil(portion * WHOLE) for portion in row.tolist()])


def ceilings(eligible: Bools, rates: Floats, most: int) -> Floats:
    """How often a document of each set may be expected at most (sets,): `most`, or the sum of the strategies' own `rates`."""
    return np.asarray(np.minimum(float(most), (eligible * rates).sum(axis=1)))


def chances(weight: Floats, ceiling: Floats, rate: float) -> Integers:
    """min(ceiling, rate * weight) (n,) in units of 2^-32."""
    return np.asarray(np.floor(np.minimum(ceiling, rate * weight) * WHOLE), dtype=np.int64)


def times_drawn(chance: Integers, start: int) -> Integers:
    """How often each row (n,) is drawn: how many whole numbers its stretch of the running sum from `start`, below 2^32, ends on.

    Every run of rows is drawn its sum of chances, less than one more or less, and every row its own.
    """
    ends = np.cumsum(chance) + start
    return (ends >> BITS) - ((ends - chance) >> BITS)


@dataclass(frozen=True, kw_only=True, eq=False)
class Documents:
    """Documents (n,) of a shard: their concept, the row of their set of strategies, their chance and a hash to order them by."""

    concept: Ids
    eligible: Integers
    chance: Integers
    hashed: Ids


def draw(documents: Documents, ends: Integers, start: int) -> tuple[Integers, Integers]:
    """The rows that are drawn, ascending, each as often as it is, and for each time its strategy, ascending.

    `ends` are `portion_ends`. Documents of one set and concept, drawn equally often, walk in the order of their hashes through
    the strategies: the j-th of n stands at (j + u) / n of every whole stretch, u being the low bits of the first one's hash. So
    each strategy has n times its portion, less than one more or less, and the stretches of a document differ in it.
    """
    times, order = _times(documents, start)
    drawn, eligible = times[order], documents.eligible[order]
    begin, size = _runs(eligible, documents.concept[order], drawn)
    offset = (documents.hashed[order[begin]] & np.uint64(WHOLE - 1)).astype(np.int64)
    place = ((np.arange(len(order)) - begin) * WHOLE + offset) // size
    rows, strategies = [order[:0]], [order[:0]]
    for turn in range(int(drawn.max(initial=0))):
        again = drawn > turn
        passed = ends[eligible[again], drawn[again]] <= (place[again] + turn * WHOLE)[:, None]
        rows.append(order[again])
        strategies.append(passed.sum(axis=1))
    row, strategy = np.concatenate(rows), np.concatenate(strategies)
    by_row = np.lexsort((strategy, row))
    return row[by_row], strategy[by_row]


def _times(documents: Documents, start: int) -> tuple[Integers, Integers]:
    """How often each document is drawn, and those that are in the order in which they walk."""
    order = np.lexsort((documents.hashed, documents.concept, documents.eligible))
    times = np.zeros(len(order), np.int64)
    times[order] = times_drawn(documents.chance[order], start)
    order = order[times[order] > 0]
    walking = np.lexsort((times[order], documents.concept[order], documents.eligible[order]))  # stable: by hash as well
    return times, order[walking]


def _runs(*columns: npt.NDArray[np.uint64] | npt.NDArray[np.int64]) -> tuple[Integers, Integers]:
    """Where the run of rows alike in all columns begins that each row belongs to, and how long it is."""
    first = np.ones(len(columns[0]), np.bool_)
    first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    begins, run = np.flatnonzero(first), np.cumsum(first) - 1
    return begins[run], np.diff(begins, append=len(first))[run]
