"""What the step `decontaminate` says about its hits: rows by document and item, drops, and the summary by benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.contamination import Index
from curator.store.tables import DROPS

ITEM_SHARE = "item_share"
HITS = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("benchmark", pa.string()),
        ("item", pa.int32()),
        ("rule", pa.string()),
        ("ngrams", pa.int32()),
        ("share", pa.float64()),
    ]
)
"""One row for each benchmark item in each document. `item` counts the items of the benchmark's file from 0, `ngrams` the distinct
long n-grams that are shared; `share` is how much of its most covered text shared short n-grams cover; `rule` the first that holds.
"""


def ngram_rule(index: Index) -> str:
    """The name of the rule of shared n-grams, such as `ngram13`."""
    return f"ngram{index.sizes[-1]}"


def hit_rows(found: pa.Table, documents: pa.ChunkedArray, index: Index) -> pa.Table:
    """What a Finder found in the documents of these ids, as HITS."""
    item = found["item"].to_numpy()
    benchmark = np.searchsorted(index.first_items, item, side="right") - 1
    columns = [
        documents.combine_chunks().take(found["document"].combine_chunks()),
        pa.array(index.benchmarks, pa.string()).take(pa.array(benchmark)),
        pa.array((item - index.first_items[benchmark]).astype(np.int32)),
        pc.if_else(pc.greater(found["ngrams"], 0), ngram_rule(index), ITEM_SHARE),
        found["ngrams"],
        found["share"],
    ]
    return pa.table(columns, schema=HITS)


def drops_of(hits: pa.Table) -> pa.Table:
    """One row of DROPS for each document, for the item that it holds most of: `detail` is `benchmark:item`.

    That is the one with the most shared n-grams, then the largest share, then the first. The value is the number of
    shared n-grams, or, where the document shares none, the share.
    """
    order = np.lexsort((-hits["share"].to_numpy(), -hits["ngrams"].to_numpy(), hits["doc_id"].to_numpy()))
    ordered = hits.take(pa.array(order))
    _, first = np.unique(ordered["doc_id"].to_numpy(), return_index=True)
    worst = ordered.take(pa.array(first))
    by_share = pc.equal(worst["rule"], ITEM_SHARE)
    columns = [
        worst["doc_id"],
        pc.binary_join_element_wise("contamination", worst["rule"], "."),
        pc.if_else(by_share, worst["share"], worst["ngrams"].cast(pa.float64())),
        pa.nulls(worst.num_rows, pa.uint64()),
        pc.binary_join_element_wise(worst["benchmark"], worst["item"].cast(pa.string()), ":"),
    ]
    return pa.table(columns, schema=DROPS)


class Summary:
    """Hits by benchmark, added up shard by shard; memory is a byte for each benchmark item."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._hit = [np.zeros(count, np.bool_) for count in np.diff(index.first_items).tolist()]
        self._documents = [dict.fromkeys(("", ngram_rule(index), ITEM_SHARE), 0) for _ in index.benchmarks]

    def add(self, hits: pa.Table) -> None:
        """Take in the hits of one shard. No document is in two shards, so documents add up."""
        for number, name in enumerate(self._index.benchmarks):
            mine = hits.filter(pc.equal(hits["benchmark"], name))
            self._hit[number][mine["item"].to_numpy()] = True
            for rule in self._documents[number]:
                some = mine.filter(pc.equal(mine["rule"], rule)) if rule else mine
                self._documents[number][rule] += pc.count_distinct(some["doc_id"]).as_py()

    def rows(self) -> list[dict[str, Any]]:
        """For each benchmark: its items, those with n-grams to look for, those hit, and the documents hit, all and by rule.

        A document may hold one item by one rule and another by the other.
        """
        looked_for = self._looked_for()
        return [
            {
                "benchmark": name,
                "items": len(self._hit[number]),
                "items_looked_for": int(looked_for[number]),
                "items_hit": int(self._hit[number].sum()),
                **{f"documents_{rule}".rstrip("_"): count for rule, count in self._documents[number].items()},
            }
            for number, name in enumerate(self._index.benchmarks)
        ]

    def _looked_for(self) -> npt.NDArray[np.int64]:
        """How many items of each benchmark have an n-gram in the index."""
        index = self._index
        items = np.unique(index.text_items[np.unique(index.long.places)])
        return np.diff(np.searchsorted(items, index.first_items))
