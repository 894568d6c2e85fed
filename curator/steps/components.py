"""Connected components over exchanges: the rounds of `algorithms.stars`, one table each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import stars
from curator.errors import StoreError
from curator.steps.exchange import Exchanger, Meeting, Source
from curator.steps.exchange_tables import Tables

NODES = pa.schema([("left", pa.uint64()), ("right", pa.uint64())])
Pair = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]


def components(exchanger: Exchanger, name: str, sources: Sequence[Source]) -> Tables:
    """NODES: each node (left) but the smallest of its component, with that one (right). Sources emit edges, NODES.

    Raises StoreError where the rounds do not end, which they do in less than twice the logarithm of the nodes.
    """
    edges = sources
    for number in range(stars.MAX_ROUNDS):
        large = _star(exchanger, f"{name}-large-{number}", edges, stars.large_star_rows, stars.large_star)
        if not large.unsettled:
            return large
        source = Source(tasks=large.parts, emit=large.read, rows=large.rows)
        small = _star(exchanger, f"{name}-small-{number}", [source], stars.small_star_rows, stars.small_star)
        edges = [Source(tasks=small.parts, emit=small.read, rows=small.rows)]
    raise StoreError(
        f"connected components have not converged after {stars.MAX_ROUNDS} rounds; please report this corpus"
    )


def _star(
    exchanger: Exchanger,
    name: str,
    edges: Sequence[Source],
    rows: Callable[..., Pair],
    star: Callable[..., Pair],
) -> Tables:
    sources = [
        Source(tasks=source.tasks, emit=partial(_neighbours, edges=source, rows=rows), rows=2 * source.rows)
        for source in edges
    ]
    reduce = partial(_stars, star=star)
    return exchanger.exchange(Meeting(name, sources, reduce, schema=NODES, row_bytes=16, unsettled=_unsettled))


def _neighbours(task: int, *, edges: Source, rows: Callable[..., Pair]) -> pa.Table:
    table = edges.emit(task)
    key, neighbour = rows(*stars.forest(table["left"].to_numpy(), table["right"].to_numpy()))
    return pa.table({"key": key, "neighbour": neighbour})


def _stars(rows: pa.Table, *, star: Callable[..., Pair]) -> pa.Table:
    left, right = star(rows["key"].to_numpy(), rows["neighbour"].to_numpy())
    return pa.table([left, right], schema=NODES)


def _unsettled(edges: pa.Table) -> int:
    return int(not stars.converged(edges["left"].to_numpy(), edges["right"].to_numpy()))
