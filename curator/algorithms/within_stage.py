"""Where a document stands inside a stage, its rank in [0, 1): by a difficulty measure, or so that neighbours differ.

Ranks of a measure need quantiles only, which one pass over the corpus gives; interleaving needs the documents of a concept.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.algorithms.curriculum import LAST, Floats, Ids, as_fraction
from curator.algorithms.keepers import first_of_group

Values = npt.NDArray[np.float32]

_LOWEST, _HIGHEST = -(2.0**31), 2.0**31


def quantile_edges(values: Values, tokens: npt.NDArray[np.int64], count: int = 1024) -> Values:
    """The values at which 1, 2, ..., count - 1 of `count` equal parts of the tokens are reached, float32 (count - 1,).

    Values that are not numbers do not count. Without any, all edges are 0.
    """
    known = np.flatnonzero(~np.isnan(values))
    if len(known) == 0:
        return np.zeros(count - 1, np.float32)
    order = known[np.argsort(values[known], kind="stable")]
    reached = np.cumsum(tokens[order], dtype=np.float64)
    wanted = np.arange(1, count) * (reached[-1] / count)
    return np.asarray(values[order[np.minimum(np.searchsorted(reached, wanted), len(order) - 1)]])


def ranks_of(values: Values, hashed: Ids, edges: Values) -> Floats:
    """The share of tokens (n,) in [0, 1) that have less than each value (n,): rises with the value. `edges`: `quantile_edges`.

    Between two edges ranks follow the float32 numbers there are between them, so values outside a sample, also infinite ones,
    have their order, and outliers do not press the others together. Equal values stand in the order of `hashed` (n,) between
    the rank of the value and that of the next float32 number: a value that fills several quantiles is spread over all of
    them. What has no value (NaN) stands anywhere, by `hashed`.
    """
    bounds = np.concatenate([[_LOWEST], _ordinals(edges), [_HIGHEST]])
    ordinals, drawn = _ordinals(values), as_fraction(hashed)
    low, high = _reached(ordinals, bounds), _reached(ordinals + 1, bounds)
    ranks = np.minimum(low + drawn * (high - low), LAST)
    return np.where(np.isnan(values), drawn, ranks)


def descending(ranks: Floats) -> Floats:
    """The ranks (n,) of the opposite order, in [0, 1) as well."""
    return LAST - ranks


def _ordinals(values: Values) -> Floats:
    """Whole numbers that order like the floats, next to each other where these are; -0 and 0 are one."""
    bits = (values + np.float32(0)).view(np.int32).astype(np.float64)
    return np.where(bits < 0, _LOWEST - bits, bits)


def _reached(ordinals: Floats, bounds: Floats) -> Floats:
    """The share of tokens below each number, linear between bounds; of equal bounds the first counts."""
    place = np.clip(np.searchsorted(bounds, ordinals), 1, len(bounds) - 1)
    below, above = bounds[place - 1], bounds[place]
    return np.asarray((place - 1 + (ordinals - below) / (above - below)) / (len(bounds) - 1))


def interleaved(concept: Ids, hashed: Ids) -> Floats:
    """The ranks (n,) of documents (n,) by which those of a concept stand evenly spaced, in the order of `hashed`.

    `concept` is a hash of the concept, which also says where in the first of its n equal parts it begins. All documents of a
    concept must be among the rows. Members are exactly 1 / n apart, so between two of them stands one of every concept at
    least as large: neighbours can only be of the same concept if it is the largest, and of its n documents at most n less
    the size of the second largest are followed by one of their own.
    """
    order = np.lexsort((hashed, concept))
    first = first_of_group(concept[order])
    start, run = np.flatnonzero(first), np.cumsum(first) - 1
    sizes = np.diff(start, append=len(order))
    ranks = np.empty(len(order))
    ranks[order] = (np.arange(len(order)) - start[run] + as_fraction(concept[order])) / sizes[run]
    return np.minimum(ranks, LAST)
