"""Bringing what every shard emits to one place, where it is concluded: samples to fit on, sums to decide by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pyarrow as pa

from curator.steps.exchange import Exchange, Source, emitted
from curator.steps.graph import collect, commit_now, in_one_task
from curator.steps.shuffle import in_one_partition, on_partitions, partitions_for, spread_of
from curator.steps.step import Job
from curator.store.step_folder import Commit, StepFolder

Conclude = Callable[[pa.Table], Commit]


def unchanged(rows: pa.Table) -> pa.Table:
    """The reduce function of an exchange that only brings rows together."""
    return rows


def gather(
    job: Job, exchange: Exchange, shards: Sequence[int], conclude: Conclude, documents: int, *, gpus: int = 0
) -> None:
    """Bring the exchange's result to one place, where `conclude` writes it and names its commit."""
    if documents * exchange.row_bytes <= job.exchange_bytes:
        in_one_task(job, partial(_conclude_at_once, exchange, shards, conclude), expected=1, gpus=gpus)
        return
    partitions = partitions_for(documents * exchange.row_bytes)
    rows = emitted([Source(tasks=shards, emit=exchange.emit, rows=documents)], partitions, spread_of)
    reduced = in_one_partition(on_partitions(rows, partitions, partial(_reduced, reduce=exchange.reduce)))
    concluded = on_partitions(reduced, 1, partial(_conclude, conclude=conclude, folder=job.folder), gpus=gpus)
    collect(job, concluded, expected=1)


def _conclude_at_once(exchange: Exchange, shards: Sequence[int], conclude: Conclude) -> Iterator[Commit]:
    yield conclude(exchange.reduce(together(exchange.emit, shards)))


def together(emit: Callable[[int], pa.Table], shards: Sequence[int]) -> pa.Table:
    """What all shards emit, in this process."""
    return pa.concat_tables([emit(shard) for shard in shards]).combine_chunks()


def _reduced(partition: int, rows: pa.Table, *, reduce: Callable[[pa.Table], pa.Table]) -> pa.Table:
    return reduce(rows)


def _conclude(partition: int, rows: pa.Table, *, conclude: Conclude, folder: StepFolder) -> pa.Table:
    started = time.time()
    return commit_now(folder, conclude(rows), started)
