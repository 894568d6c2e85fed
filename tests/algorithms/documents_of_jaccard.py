"""Pairs of documents whose sets of words have an exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def document_of(members: Iterable[int]) -> str:
    """With shingles of one word a document is the set of its words."""
    return " ".join(f"w{member}" for member in members)


def pairs_of_jaccard(
    similarity: float, count: int, generator: np.random.Generator, union: int = 120
) -> tuple[list[str], list[str], float]:
    """Documents of random sets, two by two, whose Jaccard is exactly shared / union; and that Jaccard."""
    shared = round(similarity * union)
    lefts, rights = [], []
    for _ in range(count):
        members = generator.choice(2**40, union, replace=False)
        cut = shared + (union - shared) // 2
        lefts.append(document_of(members[:cut]))
        rights.append(document_of(np.concatenate([members[:shared], members[cut:]])))
    return lefts, rights, shared / union
