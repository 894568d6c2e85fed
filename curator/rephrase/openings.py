"""Openings of synthetic texts: a model that begins many texts with the same words writes templates, not rephrasings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.rephrase.diversity import opening_of


def opening_keys(strategies: Sequence[str], texts: Sequence[str | None]) -> npt.NDArray[np.uint64]:
    """A hash of strategy and opening, the first words, of each text (n,); a missing text counts as empty."""
    named = (f"{name}\n{opening_of(text or '')}".encode() for name, text in zip(strategies, texts, strict=True))
    digests = b"".join(hashlib.blake2b(one, digest_size=8).digest() for one in named)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def too_frequent(openings: pa.Table, *, share: float, least: int) -> pa.Table:
    """Of `openings` (key, strategy, documents) those that more than `share` of the documents of their strategy have, and more
    than `least`: key, documents, and `kept`, the share of them that may stay.
    """
    totals = openings.group_by("strategy", use_threads=False).aggregate([("documents", "sum")])
    of_strategy = dict(zip(*(totals[name].to_pylist() for name in ("strategy", "documents_sum")), strict=True))
    documents = openings["documents"].to_numpy().astype(np.float64)
    limits = np.array([max(least, share * of_strategy[name]) for name in openings["strategy"].to_pylist()])
    frequent = documents > limits
    kept = np.divide(limits, documents, out=np.ones(len(documents)), where=documents > 0)
    found = openings.select(["key", "documents"]).append_column("kept", pa.array(kept))
    return found.filter(pa.array(frequent))
