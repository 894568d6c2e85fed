"""Connected components by scipy: what every way of ours must give."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def roots_by_scipy(left, right):
    """The nodes, sorted, and the smallest node of the component of each."""
    nodes, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    graph = coo_array((np.ones(len(left)), (places[: len(left)], places[len(left) :])), shape=(len(nodes),) * 2)
    labels = connected_components(graph, directed=False)[1]
    smallest = np.full(labels.max(initial=-1) + 1, 2**64 - 1, np.uint64)
    np.minimum.at(smallest, labels, nodes)
    return nodes, smallest[labels]
