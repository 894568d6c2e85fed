"""From the edges of all rounds to groups: which document stays for which. In one worker while the edges fit it.

Above that, connected components tell which edges can influence each other, and every component is resolved on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pyarrow as pa

from curator.algorithms.greedy import component_groups, greedy_groups, rank_in_group
from curator.algorithms.keepers import is_pinned
from curator.steps.components import NODES, components
from curator.steps.exchange import Exchanger, Meeting, Source
from curator.steps.exchange_tables import Tables
from curator.steps.near_compared import SIDE
from curator.steps.near_edges import EDGES

GROUPS = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("kept_doc_id", pa.uint64()),
        ("similarity", pa.float64()),
        ("size", pa.int64()),
        ("place", pa.int64()),
    ]
)
"""Of every document in a pair: the one that leads its group (its own id for those) and the similarity to it, the group's size
with all exact copies, and the document's place in the group, 0 for the one that leads it."""

ROOTED = pa.schema([("root", pa.uint64()), *EDGES])
EDGE_BYTES = 68
Policy = Literal["direct", "components"]


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves edges by `policy`: `direct` keeps what is like no better kept document, `components` one document a chain."""

    policy: Policy
    alone_bytes: int

    def resolve(self, exchanger: Exchanger, number: int, edges: Sequence[Tables]) -> Tables:
        """GROUPS of round `number`."""
        reduce = partial(groups_of, policy=self.policy)
        alone = sum(table.rows for table in edges) * EDGE_BYTES <= self.alone_bytes
        if alone:
            sources = [
                Source(tasks=table.parts, emit=partial(_all_edges, edges=table), rows=table.rows) for table in edges
            ]
        else:
            rooted = self._rooted(exchanger, number, edges)
            sources = [Source(tasks=rooted.parts, emit=partial(_by_root, rooted=rooted), rows=rooted.rows)]
        return exchanger.exchange(
            Meeting(
                f"groups-{number}",
                sources,
                reduce,
                schema=GROUPS,
                row_bytes=EDGE_BYTES,
                to_shards=True,
                alone=alone,
            )
        )

    def _rooted(self, exchanger: Exchanger, number: int, edges: Sequence[Tables]) -> Tables:
        """ROOTED: each edge with the root of its component."""
        sources = [Source(tasks=table.parts, emit=partial(_nodes, edges=table), rows=table.rows) for table in edges]
        roots = components(exchanger, f"components-{number}", sources)
        met = [Source(tasks=table.parts, emit=partial(_by_left, edges=table), rows=table.rows) for table in edges]
        met.append(Source(tasks=roots.parts, emit=partial(_labels, roots=roots), rows=roots.rows))
        return exchanger.exchange(Meeting(f"rooted-{number}", met, with_root, schema=ROOTED, row_bytes=EDGE_BYTES + 16))


def groups_of(edges: pa.Table, *, policy: Policy) -> pa.Table:
    """GROUPS of the documents in these edges, which must be all edges of their components."""
    sides = {
        name: np.concatenate([edges[f"{side}_{name}"].to_numpy() for side in ("left", "right")]) for name, _ in SIDE
    }
    documents, first, places = np.unique(sides["doc_id"], return_index=True, return_inverse=True)
    high, low, size = (sides[name][first] for name in ("rank_high", "rank_low", "size"))
    left, right = places[: edges.num_rows], places[edges.num_rows :]
    resolve = greedy_groups if policy == "direct" else component_groups
    kept, similarity = resolve(documents, high, low, left, right, edges["similarity"].to_numpy())
    leader = np.searchsorted(documents, kept)
    total = np.bincount(leader, weights=size, minlength=len(documents)).astype(np.int64)  # exact: far below 2^53
    value = pa.array(similarity.astype(np.float64), mask=np.isnan(similarity))
    columns = [documents, kept, value, total[leader], rank_in_group(kept, high, low, documents)]
    return pa.table(columns, schema=GROUPS).filter(pa.array(~is_pinned(documents)))


def with_root(rows: pa.Table) -> pa.Table:
    """ROOTED, from edges by their left document and the labels of documents: who has no label is its own root."""
    label = rows["labels"].to_numpy(zero_copy_only=False)
    named = rows.filter(pa.array(label))
    edges = rows.filter(pa.array(~label))
    order = np.argsort(named["key"].to_numpy())
    nodes, roots = named["key"].to_numpy()[order], named["root"].to_numpy()[order]
    left = edges["left_doc_id"].to_numpy()
    place = np.minimum(np.searchsorted(nodes, left), max(0, len(nodes) - 1))
    root = np.where(nodes[place] == left, roots[place], left) if len(nodes) else left
    return pa.table([pa.array(root, pa.uint64()), *(edges[name] for name in EDGES.names)], schema=ROOTED)


def _all_edges(part: int, *, edges: Tables) -> pa.Table:
    rows = edges.read(part)
    return rows.append_column("key", pa.array(np.zeros(rows.num_rows, np.uint64)))


def _by_root(part: int, *, rooted: Tables) -> pa.Table:
    rows = rooted.read(part)
    return rows.rename_columns(["key", *EDGES.names])


def _nodes(part: int, *, edges: Tables) -> pa.Table:
    rows = edges.read(part)
    return pa.table([rows["left_doc_id"], rows["right_doc_id"]], schema=NODES)


def _by_left(part: int, *, edges: Tables) -> pa.Table:
    rows = edges.read(part)
    columns = {"key": rows["left_doc_id"], "root": rows["left_doc_id"], "labels": pa.repeat(False, rows.num_rows)}
    return pa.table(columns | {name: rows[name] for name in EDGES.names})


def _labels(part: int, *, roots: Tables) -> pa.Table:
    rows = roots.read(part)
    columns = {"key": rows["left"], "root": rows["right"], "labels": pa.repeat(True, rows.num_rows)}
    return pa.table(columns | {field.name: pa.nulls(rows.num_rows, field.type) for field in EDGES})
