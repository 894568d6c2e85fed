"""Groups of near duplicates from the pairs that are alike: which document stays, and for which one each other goes."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.components import components
from curator.algorithms.keepers import Ids, best_first, first_of_group, is_pinned, keepers

Places = npt.NDArray[np.int64]
Similarities = npt.NDArray[np.float32]


def greedy_groups(
    documents: Ids, high: Ids, low: Ids, left: Places, right: Places, similarity: Similarities
) -> tuple[Ids, Similarities]:
    """For each of the distinct documents (n,) the one kept for it, and the similarity of the two.

    In the order of `best_first` a document is kept unless a document before it is kept and alike; of several such
    the best stands for it. A kept document stands for itself, with NaN, and so do all pinned ones. So every dropped
    document is like its keeper: A ~ B ~ C without A ~ C keeps A and C. Pairs (m,) are places in `documents`, in any
    order and either way round. This is the lexicographically first maximal independent set, which is unique.
    Time of a sort of the pairs.
    """
    order = best_first(np.zeros_like(documents), high, low, documents)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    before, after = np.minimum(place[left], place[right]), np.maximum(place[left], place[right])
    pairs = np.lexsort((-similarity, before, after))
    keeper = np.arange(len(order))
    value = np.full(len(order), np.nan, np.float32)
    first = int(is_pinned(documents).sum())
    _drop(before[pairs], after[pairs], similarity[pairs], first, keeper, value)
    return documents[order][keeper[place]], value[place]


@numba.njit(cache=True, nogil=True)
def _drop(
    before: Places, after: Places, similarity: Similarities, first: int, keeper: Places, value: Similarities
) -> None:
    """Pairs sorted by (after, before): what is before has been decided when a document's turn comes."""
    for pair in range(before.size):
        one, other = before[pair], after[pair]
        if other >= first and one < other and keeper[other] == other and keeper[one] == one:
            keeper[other] = one
            value[other] = similarity[pair]


def component_groups(
    documents: Ids, high: Ids, low: Ids, left: Places, right: Places, similarity: Similarities
) -> tuple[Ids, Similarities]:
    """As `greedy_groups`, but whole chains go: a connected component of these pairs keeps its best document and all pinned ones.

    The value is the largest similarity of the document to any other of its group, which need not be the kept one.
    """
    alone = np.arange(len(documents), dtype=np.uint64)
    _, root = components(np.append(alone, left.astype(np.uint64)), np.append(alone, right.astype(np.uint64)))
    kept = np.where(is_pinned(documents), documents, keepers(root, high, low, documents))
    value = np.full(len(documents), -np.inf, np.float32)
    np.maximum.at(value, left, similarity)
    np.maximum.at(value, right, similarity)
    value[kept == documents] = np.nan
    return kept, value


def rank_in_group(kept: Ids, high: Ids, low: Ids, documents: Ids) -> Places:
    """The place 0, 1, ... of each document (n,) among those with the same keeper; the kept one has 0."""
    order = best_first(kept, high, low, documents)
    first = first_of_group(kept[order])
    start = np.flatnonzero(first)[np.cumsum(first) - 1]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - start
    return place
