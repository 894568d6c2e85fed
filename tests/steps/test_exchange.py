"""An exchange gives the same rows in one task and through Ray Data's shuffle."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.schema import Resources
from curator.steps.exchange import PARTITION_BYTES, Exchange
from curator.store.ids import document_ids, shard_number
from curator.store.vectors import to_column

SHARDS = [shard_number(unit, 0) for unit in range(5)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def emit(shard: int) -> pa.Table:
    rows = 400
    rng = np.random.default_rng(shard)
    return pa.table(
        {
            "key": rng.integers(0, 50, rows).astype(np.uint64),
            "doc_id": document_ids(shard, rows),
            "sketch": pa.array([bytes([row % 256] * 4) for row in range(rows)], pa.binary(4)),
            "vector": to_column(rng.normal(size=(rows, 8)).astype(np.float32)),
        }
    )


def smallest_of_key(rows: pa.Table) -> pa.Table:
    keys, documents = rows["key"].to_numpy(), rows["doc_id"].to_numpy()
    order = np.lexsort((documents, keys))
    distinct, first = np.unique(keys[order], return_index=True)
    chosen = order[first]
    sums = [float(np.sum(rows["vector"][int(place)].as_py())) for place in chosen]
    return pa.table(
        {"key": distinct, "doc_id": documents[chosen], "sum": sums, "sketch": rows["sketch"].take(pa.array(chosen))}
    )


def sort_all(rows: pa.Table) -> pa.Table:
    assert rows.num_rows == 50, "finish must see everything that was reduced"
    return rows.sort_by("key")


def test_the_shuffle_gives_the_same_rows_as_one_task(cluster: None) -> None:
    exchange = Exchange(emit=emit, reduce=smallest_of_key, row_bytes=PARTITION_BYTES // 400)
    expected = exchange.at_once(SHARDS).sort_by("key")
    found = pa.concat_tables(
        list(exchange.shuffled(SHARDS, documents=2000).iter_batches(batch_size=None, batch_format="pyarrow"))
    )
    assert found.sort_by("key").equals(expected)


def test_what_was_reduced_meets_in_one_place(cluster: None) -> None:
    exchange = Exchange(emit=emit, reduce=smallest_of_key, finish=sort_all, row_bytes=PARTITION_BYTES // 400)
    (found,) = exchange.shuffled(SHARDS, documents=2000).iter_batches(batch_size=None, batch_format="pyarrow")
    assert found.equals(exchange.at_once(SHARDS))
