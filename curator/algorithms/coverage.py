"""Documents in the order in which they cover a concept: each is the one least like all before it (greedy k-center).

Farthest-point traversal (Gonzalez 1985): whatever number is taken from the front, no choice of as many has less than half its
radius. A document only gets nearer to what is chosen, so an old similarity is a bound, and most comparisons are
never made (lazy greedy, Minoux 1978): the order is exact all the same.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.algorithms.whole_vectors import whole_rows, whole_similarity
from curator.text.characters import inlined

_ROW = (1 << 32) - 1
_FARTHEST = 1 - (1 << 31)  # less than any similarity: those lie within +-2^30
_COVERED = (1 << 31) - 1
_NONE = (1 << 63) - 1


def coverage_order(
    embeddings: npt.NDArray[np.floating], *, start: int, cost: npt.NDArray[np.int64], budget: int
) -> npt.NDArray[np.int64]:
    """The rows of `embeddings` (n, d) in the order of a farthest-point traversal by cosine from row `start`, int64 (n,).

    It goes on until the `cost` (n,) of what it has taken reaches `budget`; then the other rows follow, by the distances known
    so far, which are upper bounds. Ties go to the lowest row; vectors that are zero or not finite come last. For m rows taken
    at most n * m dot products, of which early stops spare most; memory: two copies as int16.
    """
    assert len(cost) == len(embeddings) <= _ROW
    whole, empty = whole_rows(embeddings)
    order, heap = np.empty(len(whole), np.int64), np.empty(len(whole) + 2, np.int64)
    taken = _traverse(whole, empty, start, cost, budget, order, heap)
    order[taken:] = np.sort(heap[: len(whole) - taken]) & _ROW
    return order


@inlined
def _coded(similarity: int, row: int) -> np.int64:
    """Both in one number that orders by similarity, then row."""
    return np.int64(similarity) << np.int64(32) | np.int64(row)


@inlined
def _sift(heap: npt.NDArray[np.int64], place: int, size: int) -> None:
    """Let the number at `place` sink below smaller ones."""
    sinking = heap[place]
    child = 2 * place + 1
    while child < size:
        child += heap[child + 1] < heap[child]
        if sinking <= heap[child]:
            break
        heap[place] = heap[child]
        place, child = child, 2 * child + 1
    heap[place] = sinking


@numba.njit(cache=True, nogil=True)
def _traverse(
    whole: npt.NDArray[np.int16],
    empty: npt.NDArray[np.bool_],
    start: int,
    cost: npt.NDArray[np.int64],
    budget: int,
    order: npt.NDArray[np.int64],
    heap: npt.NDArray[np.int64],
) -> int:
    """`heap`: rows not taken yet, by their highest similarity to the first `seen` of the `centres`, the lowest first."""
    left = len(whole)
    heap[left:] = _NONE
    for row in range(left):
        heap[row] = _coded(_COVERED if empty[row] else _FARTHEST - (row == start), row)
    for place in range(left // 2 - 1, -1, -1):
        _sift(heap, place, left)
    seen, centres = np.zeros(left, np.int64), np.empty_like(whole)
    taken, spent = 0, 0
    while left and spent < budget:
        code, following = heap[0], min(heap[1], heap[2])
        row = code & _ROW
        while seen[row] < taken and code < following:
            code = max(code, _coded(whole_similarity(whole[row], centres[seen[row]]), row))
            seen[row] += 1
        heap[0] = code
        if code < following:
            order[taken] = row
            for place in range(whole.shape[1]):
                centres[taken, place] = whole[row, place]
            taken, spent, left = taken + 1, spent + cost[row], left - 1
            heap[0], heap[left] = heap[left], _NONE
        _sift(heap, 0, left)
    return taken
