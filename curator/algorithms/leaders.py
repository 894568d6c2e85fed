"""The pairs of a bucket that are alike: its documents are compared with its leaders only, never all with all."""

from __future__ import annotations

from typing import Literal, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.keepers import PINNED, Ids, best_first, first_of_group
from curator.algorithms.shingles import containment_of_sorted, jaccard_of_sorted
from curator.algorithms.sketches import SKETCH_WORDS, as_words, sketch_similarity
from curator.text.characters import inlined

Number = TypeVar("Number", bound=np.generic)
Places = npt.NDArray[np.int64]
Edges = tuple[Places, Places, npt.NDArray[np.float32]]
Payload = tuple[npt.NDArray[np.uint64], Ids, Places, int]
"""What rows are compared by: sketches as words; shingle hashes and where each row's begin; and which of them, by what measure."""

MAX_LEADERS = 1_000
_SKETCH, _JACCARD, _CONTAINMENT = range(3)


def star_edges_by_sketch(
    bucket: Ids,
    document: Ids,
    high: Ids,
    low: Ids,
    sketches: npt.NDArray[np.uint8],
    *,
    min_similarity: float,
    max_leaders: int = MAX_LEADERS,
) -> Edges:
    """Pairs of rows (centre, member, similarity) of documents (n,) of a bucket whose sketches (n, 256) are alike.

    Leader clustering (Hartigan 1975): in the order of `best_first` each document of a bucket goes to the first leader with an
    estimated Jaccard of at least `min_similarity`, or becomes a leader. Pinned ones lead without a comparison. A bucket
    has at most `max_leaders`; what is like none of them is passed over then. A pair of documents is given once, whatever
    buckets it shares, and pairs are sorted by (document of the centre, of the member).
    """
    payload = (as_words(sketches), np.empty(0, np.uint64), np.empty(0, np.int64), _SKETCH)
    return _star_edges(bucket, document, high, low, payload, min_similarity, max_leaders)


def star_edges_by_shingles(
    bucket: Ids,
    document: Ids,
    high: Ids,
    low: Ids,
    hashes: Ids,
    starts: Places,
    *,
    measure: Literal["jaccard", "containment"],
    min_similarity: float,
    max_leaders: int = MAX_LEADERS,
) -> Edges:
    """As `star_edges_by_sketch`, by the sorted distinct shingle hashes of the rows: those of row i begin at starts[i] (n + 1,)."""
    words = np.empty((0, SKETCH_WORDS), np.uint64)
    payload = (words, hashes, starts, _JACCARD if measure == "jaccard" else _CONTAINMENT)
    return _star_edges(bucket, document, high, low, payload, min_similarity, max_leaders)


def _star_edges(
    bucket: Ids, document: Ids, high: Ids, low: Ids, payload: Payload, min_similarity: float, max_leaders: int
) -> Edges:
    assert max_leaders >= 1, f"a bucket of at most {max_leaders} leaders has no pairs"
    order = best_first(bucket, high, low, document)
    centre, similarity = np.full(len(order), -1), np.empty(len(order), np.float32)
    words, hashes, starts, measure = payload
    payload = (_read_only(words), _read_only(hashes), _read_only(starts), measure)
    leaders = np.empty(min(max_leaders, len(order)), np.int64)
    bucket, document = _read_only(bucket), _read_only(document)
    _lead(order, bucket, document, payload, np.float32(min_similarity), leaders, centre, similarity)
    member = np.flatnonzero(centre >= 0)
    member = member[np.lexsort((document[member], document[centre[member]]))]
    distinct = first_of_group(document[centre[member]]) | first_of_group(document[member])
    member = member[distinct]
    return centre[member], member, similarity[member]


@numba.njit(cache=True, nogil=True)
def _lead(
    order: Places,
    bucket: Ids,
    document: Ids,
    payload: Payload,
    min_similarity: np.float32,
    leaders: Places,
    centre: Places,
    similarity: npt.NDArray[np.float32],
) -> None:
    """Write the leader's row and the similarity for every row that follows one. `leaders` is space for those of a bucket."""
    count = 0
    for place in range(order.size):
        row = order[place]
        if place == 0 or bucket[row] != bucket[order[place - 1]]:
            count = 0
        elif document[row] == document[order[place - 1]]:
            continue  # the same bucket came from two partitions
        if document[row] < PINNED:
            for leader in range(count):
                alike = _similarity(payload, leaders[leader], row)
                if alike >= min_similarity:
                    centre[row] = leaders[leader]
                    similarity[row] = alike
                    break
        if centre[row] < 0 and count < leaders.size:
            leaders[count] = row
            count += 1


@inlined
def _similarity(payload: Payload, left: int, right: int) -> np.float32:
    words, hashes, starts, measure = payload
    if measure == _SKETCH:
        similarity: np.float32 = sketch_similarity(words, left, right)
    elif measure == _JACCARD:
        similarity = jaccard_of_sorted(hashes, starts, left, right)
    else:
        similarity = containment_of_sorted(hashes, starts, left, right)
    return similarity


def _read_only(array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """What comes from Arrow cannot be written to, and numba would compile the kernel again for what can."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
