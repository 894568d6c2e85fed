"""The mixture of a curriculum: tokens of each group in each slice of the training order, as asked for and as measured.

Every token stands somewhere exactly once, so weights cannot give a slice what other slices have used up: the mixture is the one
nearest to the weights (in relative entropy) of all that use every slice and every group up (iterative proportional fitting,
Deming and Stephan 1940).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FLOOR = 1e-9  # of the largest weight of a slice: what a weight of 0 stands for, so that the rest fills up where text runs out
_ROUNDS = 100  # 3,000 random patterns, most with zeros, took 25 at most
_EXACT = 1e-13
_LONGEST = (
    8.0  # powers of e that one round may change a scale by: where patterns hardly touch, Newton's step has no bound
)
_RIDGE = 1e-14
_NOISE = 1e-13  # relative: what the objective cannot tell


def fit_mixture(weights: Floats, supply: Floats, edges: Floats) -> Floats:
    """Tokens of each group in each slice (slices, groups), in proportion to weights * supply up to a factor per slice and group.

    `weights` (slices, groups) are not negative, `supply` (groups) is tokens, `edges` (slices + 1) rise from 0 to 1. Rows add up
    to the length of the slice times all tokens, columns to the supply, both to float64's exactness. A weight below FLOOR of
    the largest in its slice is raised to it; a slice that asks for nothing there is asks for everything alike. Groups without
    supply are all 0. The last bits may depend on the linear algebra library: fit once, then hand the numbers on.
    """
    assert weights.shape == (len(edges) - 1, len(supply)), f"weights of shape {weights.shape}"
    assert (weights >= 0).all() and (supply >= 0).all(), "weights and supply cannot be negative"  # noqa: PT018
    stocked, mixture = np.flatnonzero(supply > 0), np.zeros(weights.shape)
    if len(stocked):
        asked, total = weights[:, stocked], supply.sum()
        largest = asked.max(axis=1, keepdims=True)
        floored = np.where(largest > 0, np.maximum(asked, FLOOR * largest), 1.0)
        mixture[:, stocked] = total * _fitted(np.log(floored), np.diff(edges), supply[stocked] / total)
    return mixture


def _fitted(logs: Floats, rows: Floats, columns: Floats) -> Floats:
    """exp(logs) scaled to the margins, by Newton's method on the logarithms of the scales of the rows.

    The scales of the columns follow from them, so columns are exact in every round. Plain alternation needs 1e5 rounds where
    margins can just be met without the zeros; the objective is the same and convex.
    """
    scales = np.zeros(len(rows))
    fitted, value = _columns_met(logs, scales, rows, columns)
    for _ in range(_ROUNDS):
        excess = fitted.sum(axis=1) - rows
        if (np.abs(excess) <= _EXACT * rows).all():
            break
        curvature = np.diag(fitted.sum(axis=1) + _RIDGE * rows) - (fitted / columns) @ fitted.T + np.outer(rows, rows)
        step = -np.linalg.solve(curvature, excess)
        step *= min(1.0, _LONGEST / np.abs(step).max())
        before = value
        while True:
            fitted, value = _columns_met(logs, scales + step, rows, columns)
            if value <= before + _NOISE * (1 + abs(before)):
                break
            step /= 2
        scales += step
    return _corrected(fitted, rows, columns)


def _columns_met(logs: Floats, scales: Floats, rows: Floats, columns: Floats) -> tuple[Floats, float]:
    """The mixture with these logarithms of the scales of its rows, and the objective: its gradient is by what rows are too long."""
    scaled = logs + scales[:, None]
    largest = scaled.max(axis=0)
    powers = np.exp(scaled - largest)
    sums = powers.sum(axis=0)
    return powers * (columns / sums), float(columns @ (largest + np.log(sums)) - rows @ scales)


def _corrected(fitted: Floats, rows: Floats, columns: Floats) -> Floats:
    """What is left of both margins added in proportion to both: they are exact (Altschuler, Weed, Rigollet 2017, algorithm 2)."""
    fitted = fitted * np.minimum(1.0, rows / fitted.sum(axis=1))[:, None]
    fitted = fitted * np.minimum(1.0, columns / fitted.sum(axis=0))
    short_rows = np.maximum(rows - fitted.sum(axis=1), 0.0)
    short_columns = np.maximum(columns - fitted.sum(axis=0), 0.0)
    missing = short_rows.sum()
    return np.asarray(fitted + np.outer(short_rows, short_columns) / missing) if missing > 0 else fitted


def shortfall(mixture: Floats, weights: Floats, edges: Floats, starts: Floats) -> Floats:
    """Of each stage (stages,) the share of its tokens from groups that have a weight of 0 where they stand: what filled up.

    `mixture` and `weights` are of slices; a slice of a linear transition, where the weight is above 0 already, asks for it.
    """
    filled = np.where(weights == 0, mixture, 0.0).sum(axis=1)
    stage = np.searchsorted(starts, edges[:-1], side="right") - 1
    tokens = np.bincount(stage, mixture.sum(axis=1), len(starts))
    return np.divide(np.bincount(stage, filled, len(starts)), tokens, out=np.zeros(len(starts)), where=tokens > 0)


def measured_mixture(
    group: npt.NDArray[np.int32],
    tokens: npt.NDArray[np.int64],
    edges: Floats,
    groups: int,
    *,
    before: int = 0,
    total: int | None = None,
) -> Floats:
    """Tokens of each group in each slice (len(edges) - 1, groups) of documents (n,) that stand in training order.

    A slice is cut by tokens of the stream; a document across an edge counts on both sides. Of a part of the stream, one output
    shard, `before` is how many of the `total` tokens stand before it: the sum over the parts is that of the whole.
    """
    ends = before + np.cumsum(tokens)
    last = int(ends[-1]) if len(ends) else before
    bounds = edges * (last if total is None else total)
    cuts = np.sort(np.concatenate([ends.astype(np.float64), np.clip(bounds, before, last)]))
    lengths = np.diff(cuts, prepend=float(before))
    real = lengths > 0
    middles = cuts[real] - lengths[real] / 2
    cell = (np.searchsorted(bounds, middles) - 1) * groups + group[np.searchsorted(ends, middles)]
    slices = len(edges) - 1
    return np.bincount(cell, lengths[real], slices * groups).astype(np.float64).reshape(slices, groups)


def largest_deviation(measured: Floats, asked: Floats) -> float:
    """By how much the share of a group in a slice differs at most between two mixtures (slices, groups), 0 to 1."""
    return float(np.abs(_shares(measured) - _shares(asked)).max(initial=0.0))


def _shares(mixture: Floats) -> Floats:
    tokens = mixture.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(mixture, tokens, out=np.zeros(mixture.shape), where=tokens > 0))
