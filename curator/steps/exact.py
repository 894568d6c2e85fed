"""Step `exact`: documents with the same words in the same order, found by a 128-bit content hash; the best one stays."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.keepers import keepers
from curator.steps.exchange import Exchange, drop_by_exchange
from curator.steps.step import Job
from curator.steps.survivors import Upstream, drops_table, quality_of
from curator.store.step_folder import StepFolder

VERSION = 1
ROW_BYTES = 40


def run(job: Job) -> None:
    """Drop every exact duplicate but the keeper of its group; the value is the size of the group."""
    upstream = Upstream.of(job.inputs)
    exchange = Exchange(
        emit=partial(hashes, upstream=upstream, quality=job.inputs["filter"]), reduce=duplicates, row_bytes=ROW_BYTES
    )
    drop_by_exchange(job, exchange, upstream, upstream.ingest.shards(), upstream.last.total("documents_out"))


def hashes(shard: int, *, upstream: Upstream, quality: StepFolder) -> pa.Table:
    """Content hash and rank of every survivor of a shard."""
    rows = upstream.statistics(shard, ("doc_id", "content_hash_high", "content_hash_low", "characters"))
    return pa.table(
        {
            "key": rows["content_hash_high"],
            "low": rows["content_hash_low"],
            "doc_id": rows["doc_id"],
            "quality": quality_of(quality, shard, rows["doc_id"]),
            "length": rows["characters"],
        }
    )


def duplicates(rows: pa.Table) -> pa.Table:
    """Rows with equal hashes but the keeper's, as DROPS."""
    high, low, document = (rows[name].to_numpy() for name in ("key", "low", "doc_id"))
    group = _groups(high, low)
    kept = keepers(group, rows["quality"].to_numpy(), rows["length"].to_numpy(), document)
    drop = kept != document
    size = np.bincount(group.astype(np.int64))[group.astype(np.int64)].astype(np.float64)
    return drops_table(document[drop], "exact_duplicate", size[drop], kept[drop])


def _groups(high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A number for each pair (high, low), equal where the pairs are."""
    order = np.lexsort((low, high))
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)
    group = np.empty(len(order), dtype=np.uint64)
    group[order] = np.cumsum(starts) - 1
    return group
