"""Candidate pairs of a MinHash bucket, verified: a star around each bucket's best document, never all pairs.

Unverified buckets chain: one false pair joins two groups for good (Marin saw 859,092 documents become 2).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.algorithms.keepers import best_first, first_of_group
from curator.algorithms.minhash import estimated_jaccard

_PAIRS_AT_ONCE = 1 << 16  # sketches gathered for one comparison: a few megabytes, whatever the bucket's size

Edges = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.float32]]


def verified_edges(
    keys: npt.NDArray[np.uint64],
    documents: npt.NDArray[np.uint64],
    quality: npt.NDArray[np.float32],
    length: npt.NDArray[np.integer],
    sketches: npt.NDArray[np.uint8],
    *,
    min_similarity: float,
    rounds: int = 8,
) -> Edges:
    """Edges (centres, members, similarities) of near duplicates among rows (m,) of band key and document.

    In every group of equal keys the best document (`best_first`) is the centre; members whose estimated Jaccard with it
    is at least `min_similarity` become edges, the others try again among themselves, at most `rounds` times. Work and
    memory are linear in the rows per round. Edges come sorted by (centre, member), once each, in any order of the rows.
    """
    left = best_first(keys, quality, length, documents)
    centres, members, similarities = [left[:0]], [left[:0]], [np.empty(0, np.float32)]
    for _ in range(rounds):
        left, centre = _apart_from_centres(keys, left)
        similarity = _similarities(sketches, centre, left)
        alike = similarity >= np.float32(min_similarity)
        centres.append(centre[alike])
        members.append(left[alike])
        similarities.append(similarity[alike])
        left = left[~alike]
    return _once_each(
        documents[np.concatenate(centres)], documents[np.concatenate(members)], np.concatenate(similarities)
    )


def _apart_from_centres(
    keys: npt.NDArray[np.uint64], left: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows that are not the first of their group, and for each the row that is."""
    first = first_of_group(keys[left])
    centre = left[first][np.cumsum(first) - 1]
    return left[~first], centre[~first]


def _similarities(
    sketches: npt.NDArray[np.uint8], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Estimated Jaccard of pairs of rows, in blocks."""
    similarity = np.empty(len(left), np.float32)
    for start in range(0, len(left), _PAIRS_AT_ONCE):
        block = slice(start, start + _PAIRS_AT_ONCE)
        similarity[block] = estimated_jaccard(sketches[left[block]], sketches[right[block]])
    return similarity


def _once_each(
    centres: npt.NDArray[np.uint64], members: npt.NDArray[np.uint64], similarities: npt.NDArray[np.float32]
) -> Edges:
    """Sorted by (centre, member), with the largest similarity of a pair's bands; no edge from a document to itself."""
    order = np.lexsort((-similarities, members, centres))
    order = order[centres[order] != members[order]]
    centres, members, similarities = centres[order], members[order], similarities[order]
    first = first_of_group(centres) | first_of_group(members)
    return centres[first], members[first], similarities[first]
