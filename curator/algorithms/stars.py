"""Connected components over exchanges: alternating large-star and small-star (Kiveris et al., SoCC 2014).

These are the pure parts of a round, in which the edges of all partitions meet twice:

    forest -> large_star_rows -> (meet by key) -> large_star -> converged?
    forest -> small_star_rows -> (meet by key) -> small_star

When they have converged, each edge (node, root) names the smallest node of the component. `forest` leaves fewer edges than nodes
before they travel, and shortens every path inside a partition to one edge at once.
"""

from __future__ import annotations

import numpy as np

from curator.algorithms.components import components
from curator.algorithms.keepers import Ids, first_of_group

Edges = tuple[Ids, Ids]

MAX_ROUNDS = 64
"""A step that has not converged after so many rounds must fail. They grow with the logarithm of the longest path: random graphs
take up to 7, a chain of 10^6 nodes 20 where neighbours lie in different partitions, and so one of 10^12 nodes about 40."""


def forest(left: Ids, right: Ids) -> Edges:
    """Edges (node, smallest node of its component) that connect what the edges (m,) connect: at most one for a node."""
    nodes, root = components(left, right)
    inner = nodes != root
    return nodes[inner], root[inner]


def large_star_rows(left: Ids, right: Ids) -> Edges:
    """Rows (key, neighbour) for `large_star`: every edge at both of its ends."""
    return np.append(left, right), np.append(right, left)


def large_star(key: Ids, neighbour: Ids) -> Edges:
    """Every neighbour larger than its node is tied to the smallest neighbour of the node (the node itself may be it).

    Rows of a key must be all here. If a node is neither a centre nor a leaf of a star whose centre is its smallest node,
    one such node is returned as an edge to itself: see `converged`.
    """
    key, neighbour, begin, node = _neighbourhoods(key, neighbour)
    smallest = np.minimum(neighbour[begin], key[begin])
    larger = neighbour > key
    count = np.diff(np.append(begin, len(key)))
    above = np.add.reduceat(larger, begin, dtype=np.int64) if len(begin) else count
    unsettled = key[begin][(above < count) & (count > 1)][:1]
    return np.append(neighbour[larger], unsettled), np.append(smallest[node][larger], unsettled)


def converged(left: Ids, right: Ids) -> bool:
    """Whether these edges, given by `large_star` to any partition, hold no sign that a further round is needed.

    If that is so of all partitions, the edges are stars around the smallest node of every component.
    """
    return not bool((left == right).any())


def small_star_rows(left: Ids, right: Ids) -> Edges:
    """Rows (key, neighbour) for `small_star`: every edge at its larger end."""
    return np.maximum(left, right), np.minimum(left, right)


def small_star(key: Ids, neighbour: Ids) -> Edges:
    """Every node and its smaller neighbours are tied to the smallest of them. Rows of a key must be all here."""
    key, neighbour, begin, node = _neighbourhoods(key, neighbour)
    smallest = neighbour[begin]
    other = neighbour != smallest[node]
    return np.append(key[begin], neighbour[other]), np.append(smallest, smallest[node][other])


def _neighbourhoods(key: Ids, neighbour: Ids) -> tuple[Ids, Ids, np.ndarray, np.ndarray]:
    """The distinct rows but those of a node with itself, sorted; where each key begins; the number of the key of each row."""
    order = np.lexsort((neighbour, key))
    order = order[key[order] != neighbour[order]]
    key, neighbour = key[order], neighbour[order]
    distinct = first_of_group(key) | first_of_group(neighbour)
    key, neighbour = key[distinct], neighbour[distinct]
    first = first_of_group(key)
    return key, neighbour, np.flatnonzero(first), np.cumsum(first) - 1
