"""Connected components of the duplicate graph, on one thread and in memory linear in its edges."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


def components(
    left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The nodes of the edges left-right (m,), sorted, and for each the smallest node of its component.

    Union-find with path halving (Tarjan & van Leeuwen 1984), exact in one pass whatever the diameter.
    """
    nodes, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    parent = np.arange(len(nodes), dtype=np.int64)
    _join(parent, places[: len(left)], places[len(left) :])
    return nodes, nodes[parent]


@numba.njit(cache=True, nogil=True)
def _join(parent: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> None:
    """Point every node at the smallest of its component. The smaller root wins, so no parent exceeds its node."""
    for edge in range(left.size):
        one, other = _root(parent, left[edge]), _root(parent, right[edge])
        if one < other:
            parent[other] = one
        else:
            parent[one] = other
    for node in range(parent.size):
        parent[node] = parent[parent[node]]  # the parent is smaller, so it points at its root already


@numba.njit(cache=True, nogil=True)
def _root(parent: npt.NDArray[np.int64], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
