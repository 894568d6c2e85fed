"""Bits per byte of held-out documents under a decoder: no tokenizer changes its unit (DataDecide, Magnusson 2025)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from curator.models.batches import length_batches, longest_first
from curator.models.decoder import Decoder, autocast

Integers = npt.NDArray[np.int64]


def bits_per_byte(
    model: Decoder,
    documents: Sequence[npt.NDArray[np.integer[Any]]],
    byte_counts: Sequence[int],
    *,
    sequence: int,
    batch_tokens: int,
    device: str,
) -> float:
    """All bits over all bytes: each document's tokens predicted from its first, a begin-of-text token, on.

    A document longer than `sequence` is read in windows that begin half a window apart; each token is predicted once, in the
    window that shows it the most of what comes before. `byte_counts` are the UTF-8 bytes of the documents, at least 1 in all;
    `batch_tokens` counts padded tokens, and changes the result by rounding only.
    """
    windows = _windows(np.array([len(document) for document in documents], np.int64), sequence)
    tokens = np.concatenate([*documents, np.zeros(1, np.int64)]).astype(np.int64)
    with torch.inference_mode(), autocast(device):
        bits = sum(_batch_bits(model, tokens, batch, device) for batch in _batches(windows, batch_tokens))
    return float(bits / sum(byte_counts))


@dataclass(frozen=True)
class _Windows:
    """Where each window begins in the flat tokens, how many tokens it predicts from, and how many of those only give context."""

    starts: Integers
    lengths: Integers
    context: Integers


def _windows(sizes: Integers, sequence: int) -> _Windows:
    """The windows of documents of so many tokens."""
    step = max(1, sequence // 2)
    predicted = np.maximum(sizes - 1, 0)
    counts = np.where(predicted > 0, 1 + -(-np.maximum(predicted - sequence, 0) // step), 0)
    document = np.repeat(np.arange(len(sizes)), counts)
    within = (np.arange(len(document)) - (np.cumsum(counts) - counts)[document]) * step
    lengths = np.minimum(sequence, predicted[document] - within)
    return _Windows((np.cumsum(sizes) - sizes)[document] + within, lengths, np.where(within > 0, sequence - step, 0))


def _batches(windows: _Windows, batch_tokens: int) -> Iterator[_Windows]:
    """Windows of similar length together, so that little is padding."""
    order = longest_first(windows.lengths)
    for batch in length_batches(windows.lengths[order], batch_tokens):
        some = order[batch]
        yield _Windows(windows.starts[some], windows.lengths[some], windows.context[some])


def _batch_bits(model: Decoder, tokens: Integers, batch: _Windows, device: str) -> float:
    """The bits of what one batch predicts. Padding stands behind each window, where a causal model does not see it."""
    columns = np.arange(batch.lengths[0])
    places = np.minimum(batch.starts[:, None] + columns, len(tokens) - 2)
    asked = (columns >= batch.context[:, None]) & (columns < batch.lengths[:, None])
    inputs, wanted, mask = (torch.from_numpy(array).to(device) for array in (tokens[places], tokens[places + 1], asked))
    logits = model.logits(model.states(inputs)[mask]).float()
    losses = F.cross_entropy(logits, wanted[mask], reduction="none")
    return float(losses.double().sum()) / math.log(2)
