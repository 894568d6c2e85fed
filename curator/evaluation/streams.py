"""Tokens of documents to the one stream that a model is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.steps.samples import mixed

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Stream:
    """`tokens` (wanted + 1,): what is read and, one further on, what is predicted.

    `unique_tokens` are those of the different documents in it; `epochs` how often it goes through the corpus with its copies
    (below 1: not all of it is read).
    """

    tokens: npt.NDArray[Any]
    unique_tokens: int
    epochs: float


def token_stream(
    tokens: npt.NDArray[Any],
    offsets: Numbers,
    copies: Numbers | None = None,
    *,
    wanted: int,
    seed: int,
    ordered: bool = False,
) -> Stream:
    """The stream of `wanted` + 1 tokens of documents (`tokens[offsets[i]:offsets[i + 1]]` is document i).

    Each epoch has every document once, or as often as `copies` (documents,) says, in an order of its own that follows from the
    seed; the last document is cut. `ordered`: the same tokens of each epoch, the documents as they stand, so that a stream
    shorter than the corpus has all of its order, thinned by the seed. Deterministic, and of the dtype of `tokens`.
    """
    lengths = np.diff(offsets)
    units = np.arange(len(lengths)) if copies is None else np.repeat(np.arange(len(lengths)), copies)
    epoch_tokens = int(lengths[units].sum())
    assert epoch_tokens > 0, "a corpus has at least one token"
    documents = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(tokens))
    parts, left, unique_tokens = list[npt.NDArray[Any]](), wanted + 1, 0
    while left:
        order = units[_shuffled(len(units), epoch=len(parts), seed=seed)]
        order = order[: np.searchsorted(np.cumsum(lengths[order]), left) + 1]
        unique_tokens = unique_tokens or _different(order, lengths, left)
        part = documents.take(pa.array(order)).flatten()[:left]
        parts.append((_as_they_stand(part, order, lengths) if ordered else part).to_numpy())
        left -= len(parts[-1])
    return Stream(tokens=np.concatenate(parts), unique_tokens=unique_tokens, epochs=(wanted + 1) / epoch_tokens)


def _shuffled(count: int, *, epoch: int, seed: int) -> Numbers:
    """The numbers below `count` in an order that follows from epoch and seed, whatever the version of numpy."""
    epoch_seed = int(mixed(np.array([epoch], np.uint64), seed)[0])
    return np.argsort(mixed(np.arange(count, dtype=np.uint64), epoch_seed), kind="stable")


def _as_they_stand(part: pa.Array, order: Numbers, lengths: Numbers) -> pa.Array:
    """The tokens of documents in this order, the last one cut, put in the order of their numbers."""
    edges = np.append(0, np.minimum(np.cumsum(lengths[order]), len(part)))
    return (
        pa.LargeListArray.from_arrays(pa.array(edges), part).take(pa.array(np.argsort(order, kind="stable"))).flatten()
    )


def _different(order: Numbers, lengths: Numbers, most: int) -> int:
    """The tokens of the different documents among the first `most` of documents in this order."""
    ends = np.minimum(np.cumsum(lengths[order]), most)
    _, first = np.unique(order, return_index=True)
    return int(np.diff(ends, prepend=0)[first].sum())
