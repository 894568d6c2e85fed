"""Ray Data's keyed shuffle, as exchanges use it: rows get a partition by their key, and a function sees every partition whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import ray.data
from ray.data.context import ShuffleStrategy

from curator.steps.graph import mapped

PARTITION_BYTES = (
    32_000_000  # a worker holds a partition's narrow rows some twenty times over: Ray sorts them, then we do
)
SMALL_SHUFFLE_PARTITIONS = 64
"""Below about 2 GB sorting is the faster shuffle: made of plain tasks, it takes 0.4 s where HASH_SHUFFLE starts actors for 2 s and
SHUFFLE_V2 waits for 5 s (Ray 2.60, 2 cores, 6,000 rows)."""
Reduce = Callable[[pa.Table], pa.Table]


def partitions_for(size_bytes: int) -> int:
    """How many partitions hold `size_bytes` of rows: a power of two, so that a partition can be a range of keys."""
    return max(2, 1 << max(0, -(-size_bytes // PARTITION_BYTES) - 1).bit_length())


def range_of(keys: npt.NDArray[np.uint64], partitions: int) -> npt.NDArray[np.int64]:
    """The partition of each key where partitions are ranges of uint64, as many as a power of two."""
    bits = partitions.bit_length() - 1
    return (keys >> np.uint64(64 - bits)).astype(np.int64) if bits else np.zeros(len(keys), np.int64)


def spread_of(keys: npt.NDArray[np.uint64], partitions: int) -> npt.NDArray[np.int64]:
    """The partition of each key, spread evenly whatever the keys are (Knuth's multiplicative hash)."""
    return range_of(keys * np.uint64(0x9E3779B97F4A7C15), partitions)


def with_partition(rows: pa.Table, partition: npt.NDArray[np.int64]) -> pa.Table:
    return rows.append_column("partition", pa.array(partition, pa.int64()))


def in_one_partition(graph: ray.data.Dataset) -> ray.data.Dataset:
    """All rows of a graph in partition 0."""
    return mapped(graph, _with_zero, batch_size=None)


def _with_zero(rows: pa.Table) -> pa.Table:
    return with_partition(rows, np.zeros(rows.num_rows, np.int64))


def on_partitions(
    graph: ray.data.Dataset, partitions: int, function: Callable[[int, pa.Table], pa.Table], *, gpus: int = 0
) -> ray.data.Dataset:
    """`function(partition, rows)` on every partition whole: `map_groups` never cuts a group, whatever its size."""
    context = ray.data.DataContext.get_current()
    small = partitions <= SMALL_SHUFFLE_PARTITIONS
    context.shuffle_strategy = ShuffleStrategy.SORT_SHUFFLE_PULL_BASED if small else ShuffleStrategy.SHUFFLE_V2
    grouped = graph.groupby("partition", num_partitions=partitions)
    work = partial(_on_partition, function=function)
    return grouped.map_groups(work, batch_format="pyarrow", num_gpus=gpus or None)


def _on_partition(rows: pa.Table, *, function: Callable[[int, pa.Table], pa.Table]) -> pa.Table:
    partition = int(rows["partition"][0].as_py())
    return function(partition, rows.drop_columns(["partition"]).combine_chunks())
