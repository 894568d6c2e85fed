"""The tokens that a training run reads, as `data` wrote them, and the controls that are made of the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.evaluation import COPIED
from curator.evaluation.corpora import copied
from curator.evaluation.data import SEED, Data
from curator.evaluation.tokenizer import TextTokenizer
from curator.store.arrays import from_npz

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Tokens of documents, one after another; document i is tokens[offsets[i]:offsets[i + 1]] and is there copies[i] times."""

    tokens: npt.NDArray[Any]
    offsets: Numbers
    copies: Numbers


@dataclass(frozen=True, kw_only=True)
class HeldOutSet:
    """The tokens of each document of a set, and the UTF-8 bytes of its text."""

    documents: list[npt.NDArray[Any]]
    byte_counts: list[int]


def vocabulary_size(data: Data) -> int:
    """How many different tokens there may be."""
    return int(TextTokenizer(data.content(data.tokenizer)).size)


def read_documents(data: Data, corpus: str, *, baseline: str, tokens: int) -> Documents:
    """A corpus to train `tokens` tokens on; the controls are made of the baseline."""
    name = data.corpora.get(corpus, data.corpora[baseline])
    documents = Documents(**from_npz(data.content(f"{name}.npz")))
    return _half_copied(documents, tokens) if corpus == COPIED else documents


def _half_copied(documents: Documents, tokens: int) -> Documents:
    """Half of the documents that so many tokens read, as copies of the other half: more would hide that text is missing."""
    read = 1 + int(np.searchsorted(np.cumsum(np.diff(documents.offsets) * documents.copies), tokens))
    count = min(read, len(documents.copies))
    rows = pa.table({"row": np.arange(count), "copies": documents.copies[:count]})
    left = copied(rows, seed=SEED)
    lengths = np.diff(documents.offsets)[left["row"].to_numpy()]
    starts = documents.offsets[left["row"].to_numpy()]
    parts = [documents.tokens[start : start + length] for start, length in zip(starts, lengths, strict=True)]
    return Documents(
        tokens=np.concatenate(parts),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        copies=left["copies"].to_numpy(),
    )


def read_sets(data: Data, names: list[str]) -> dict[str, HeldOutSet]:
    """The held-out sets by name."""
    arrays = from_npz(data.content(data.heldout))
    return {
        name: HeldOutSet(
            documents=np.split(arrays[f"{name}.tokens"], arrays[f"{name}.offsets"][1:-1]),
            byte_counts=arrays[f"{name}.bytes"].tolist(),
        )
        for name in names
    }
