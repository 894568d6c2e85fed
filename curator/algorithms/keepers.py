"""Which document of a duplicate group stays: the one rule of keeping, for exact and near duplicates alike."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt


def best_first(
    group: npt.NDArray[np.uint64],
    quality: npt.NDArray[np.float32],
    length: npt.NDArray[np.integer],
    document: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """The order (n,) that puts rows of a group together, best first.

    Best is the highest quality (NaN is the lowest), then the greatest length, then the lowest id. The rule is a total
    order over documents, so results do not depend on the order of the rows.
    """
    return np.lexsort((document, ~length, -quality, group))  # ~ turns an integer order round without overflow


def first_of_group(group: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Mask (n,) of the rows that begin a run of equal values."""
    first = np.ones(len(group), np.bool_)
    first[1:] = group[1:] != group[:-1]
    return first


def keepers(
    group: npt.NDArray[np.uint64],
    quality: npt.NDArray[np.float32],
    length: npt.NDArray[np.integer],
    document: npt.NDArray[np.uint64],
) -> npt.NDArray[np.uint64]:
    """For every row (n,) the document that its group keeps: the best by the rule of `best_first`."""
    order = best_first(group, quality, length, document)
    first = first_of_group(group[order])
    kept = np.empty_like(document)
    kept[order] = document[order][first][np.cumsum(first) - 1]
    return kept


def runs(values: npt.NDArray[np.uint64]) -> Iterator[slice]:
    """The slices of equal values in a sorted array, in order."""
    bounds = np.append(np.flatnonzero(first_of_group(values)), len(values))
    for start, stop in pairwise(bounds.tolist()):
        yield slice(start, stop)
