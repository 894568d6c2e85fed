"""Documents of a concept one after the other so that neighbours are alike: chains of In-Context Pretraining (Shi, ICLR 2024).

Greedy, as there: from a document to the one most like it that is not yet in the chain. One core chains 8,192 documents of 384
dimensions in 0.6 s; larger concepts are cut, so that time grows with their size and not with its square.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.curriculum import Floats, Ids, Places
from curator.algorithms.keepers import runs
from curator.algorithms.whole_vectors import Whole, whole_rows, whole_similarity

LONGEST = 8_192  # documents that are compared with one another


def chain_order(embeddings: npt.NDArray[np.floating], *, longest: int = LONGEST) -> Places:
    """The rows of `embeddings` (n, d) in the order of a greedy chain by cosine, int64 (n,).

    It begins at the row nearest to the mean of all; ties go to the lowest row; rows that are zero or not finite come last.
    More than `longest` rows are halved until they are few enough, by how like they are to the row least like the mean, and the
    chain goes through one part before it enters the next. At most n * longest / 2 dot products; memory: two copies as int16.
    """
    whole, empty = whole_rows(embeddings)
    full = np.flatnonzero(~empty)
    parts = _parts(whole, full, longest)
    order = np.concatenate([*parts, np.flatnonzero(empty)])
    bounds = np.cumsum([0, *(len(part) for part in parts)])
    _walk(whole[order[: len(full)]], bounds, _mean(whole, full), order)
    return order


def chain_places(
    concept: Ids, document: Ids, embeddings: npt.NDArray[np.floating], tokens: npt.NDArray[np.int64]
) -> Floats:
    """The share of its concept's tokens, [0, 1), that stand before each document (n,) in the concept's chain.

    All documents of a concept must be among the rows; ties go to the lowest id. An empty document counts as one token: all have
    places of their own.
    """
    order = np.lexsort((document, concept))
    counted, places = np.maximum(tokens, 1), np.empty(len(order))
    for members in runs(concept[order]):
        rows = order[members]
        chain = rows[chain_order(embeddings[rows])]
        reached = np.cumsum(counted[chain])
        places[chain] = (reached - counted[chain]) / reached[-1]
    return places


def _parts(whole: Whole, rows: Places, longest: int) -> list[Places]:
    """Neighbouring halves of halves of at most `longest` rows."""
    if len(rows) <= longest:
        return [rows]
    far = rows[np.argmin(_similarities(whole, rows, _mean(whole, rows)))]
    by_likeness = rows[np.argsort(-_similarities(whole, rows, whole[far]), kind="stable")]
    middle = len(rows) // 2
    return _parts(whole, by_likeness[:middle], longest) + _parts(whole, by_likeness[middle:], longest)


def _mean(whole: Whole, rows: Places) -> Whole:
    return np.asarray(whole_rows(whole[rows].sum(axis=0, dtype=np.int64)[None])[0][0])


def _similarities(whole: Whole, rows: Places, vector: Whole) -> npt.NDArray[np.int64]:
    return np.asarray(np.einsum("nd,d->n", whole[rows], vector, dtype=np.int64))


@numba.njit(cache=True, nogil=True)
def _walk(left: Whole, bounds: Places, current: Whole, order: Places) -> None:
    """Order the rows of each part: always the one most like `current`, which it then is. Those `left` are kept together."""
    for part in range(bounds.size - 1):
        stop = bounds[part + 1]
        for place in range(bounds[part], stop):
            nearest, best = place, whole_similarity(current, left[place])
            for other in range(place + 1, stop):
                alike = whole_similarity(current, left[other])
                if alike > best or (alike == best and order[other] < order[nearest]):
                    nearest, best = other, alike
            for column in range(current.size):
                current[column] = left[nearest, column]
                left[nearest, column] = left[place, column]
            order[place], order[nearest] = order[nearest], order[place]
