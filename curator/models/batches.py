"""Micro-batches of texts of similar length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Lengths = npt.NDArray[np.int64]


def list_lengths(lists: pa.ListArray) -> Lengths:
    """int64 (n,): how many items each of the lists has."""
    counts: Lengths = pc.list_value_length(lists).to_numpy().astype(np.int64)
    return counts


def longest_first(lengths: Lengths) -> Lengths:
    """The indices of the texts that have tokens, from the longest to the shortest, equal ones in their own order."""
    order = np.argsort(-lengths, kind="stable")
    return order[: np.count_nonzero(lengths)]


def length_batches(lengths: Lengths, batch_tokens: int) -> Iterator[slice]:
    """Cuts descending `lengths` where the padded size of a batch would pass `batch_tokens` (a longer text goes alone)."""
    start = 0
    while start < len(lengths):
        stop = start + max(1, batch_tokens // max(1, int(lengths[start])))
        yield slice(start, min(stop, len(lengths)))
        start = stop
