"""What a selection still covers: topics by their labels, and, without labels or embedder, distinct words and word 3-grams."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

RARE = 30  # a topic of fewer documents is rare
FIGURES = ("topics5", "topics20", "reach5", "rare5", "rare_kept", "effective_topics", "words", "trigrams", "documents")
_WORD = re.compile(r"\w+")

Terms = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Topic (n,) of each document, and its distinct words and word 3-grams as whole numbers."""

    topic: npt.NDArray[np.int64]
    terms: Sequence[Terms]


def terms_of(texts: pa.Array) -> list[Terms]:
    numbers: dict[str, int] = {}
    return [_terms(text, numbers) for text in texts.to_pylist()]


def _terms(text: str, numbers: dict[str, int]) -> Terms:
    words = [numbers.setdefault(word, len(numbers)) for word in _WORD.findall(text.lower())]
    row = np.array(words, np.int64)
    return np.unique(row), np.unique((row[:-2] << 42) + (row[1:-1] << 21) + row[2:])


def figures(kept: npt.NDArray[np.bool_], truth: Truth) -> dict[str, float]:
    """topics5, topics20: mean over topics of min(1, kept / m), where a topic of fewer than m needs only those it has.

    reach5: share of the topics of 5 or more that keep 5. rare5: topics5 of rare topics; rare_kept: the share of their documents
    that stays. effective_topics: exp of the entropy of the topics kept. words, trigrams: thousands of distinct ones kept.
    """
    sizes = np.bincount(truth.topic)
    left = np.bincount(truth.topic[kept], minlength=len(sizes))
    rare, share = sizes < RARE, left[left > 0] / left.sum()
    five = np.minimum(1, left / np.minimum(sizes, 5))
    return {
        "topics5": five.mean(),
        "topics20": np.minimum(1, left / np.minimum(sizes, 20)).mean(),
        "reach5": (left[sizes >= 5] >= 5).mean(),
        "rare5": five[rare].mean() if rare.any() else np.nan,
        "rare_kept": left[rare].sum() / sizes[rare].sum() if rare.any() else np.nan,
        "effective_topics": np.exp(-share @ np.log(share)),
        "words": _distinct(kept, truth, 0),
        "trigrams": _distinct(kept, truth, 1),
        "documents": float(kept.sum()),
    }


def _distinct(kept: npt.NDArray[np.bool_], truth: Truth, kind: int) -> float:
    return len(np.unique(np.concatenate([truth.terms[row][kind] for row in np.flatnonzero(kept).tolist()]))) / 1_000
