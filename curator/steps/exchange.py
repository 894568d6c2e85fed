"""Exchanges: rows of every shard meet by key. One task where they fit its memory, else Ray Data's keyed shuffle.

Only narrow rows (ids, hashes, bands, distances, embeddings) are exchanged, never text. What a reduce function gives depends on
the rows of its keys only, so the number of partitions, and which of the two ways is taken, never shows in a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import ray.data
from ray.data.context import ShuffleStrategy

from curator.steps.graph import collect, commit_now, in_one_task, mapped, over_shards, shard_rows
from curator.steps.step import Job
from curator.steps.survivors import Upstream, apply_drops
from curator.store.ids import PART_BITS, shard_name, shard_of
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS, read_parquet, to_parquet

Emit = Callable[[int], pa.Table]
Reduce = Callable[[pa.Table], pa.Table]
PARTITION_BYTES = 64_000_000  # Ray Data builds a partition in one worker's memory, several times over while it sorts
SMALL_SHUFFLE_PARTITIONS = (
    64  # below about 4 GB Ray's older shuffle is faster: the newer one waits 5-10 s whatever the size
)
GROUP_BITS = PART_BITS + 4  # shards of 16 input units pick up what was found for them from one file


def unchanged(rows: pa.Table) -> pa.Table:
    """The reduce function of an exchange that only brings rows together."""
    return rows


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """`emit(shard)` gives rows with a uint64 column `key`; `reduce` sees all rows of its keys; `finish` sees all that was reduced.

    `row_bytes` are the bytes that one document sends. Where rows reduce to few (edges, sums) `finish` brings them together.
    """

    emit: Emit
    reduce: Reduce
    finish: Reduce | None = None
    row_bytes: int

    def at_once(self, shards: Sequence[int]) -> pa.Table:
        """The whole exchange in this process."""
        reduced = self.reduce(pa.concat_tables([self.emit(shard) for shard in shards]).combine_chunks())
        return self.finish(reduced) if self.finish else reduced

    def shuffled(self, shards: Sequence[int], documents: int) -> ray.data.Dataset:
        """The whole exchange as a Ray Data graph; partitions are sized by the bytes expected."""
        partitions = max(2, -(-documents * self.row_bytes // PARTITION_BYTES))
        emit = partial(_emit_with_partition, emit=self.emit, partitions=partitions)
        graph = mapped(shard_rows(shards), emit, batch_size=1)
        reduced = _grouped(graph, partitions, self.reduce)
        return _grouped(in_one_partition(reduced), 1, self.finish) if self.finish else reduced


def gather(
    job: Job,
    exchange: Exchange,
    shards: Sequence[int],
    conclude: Callable[[pa.Table], Commit],
    documents: int,
    *,
    gpus: int = 0,
) -> None:
    """Bring the exchange's result to one place, where `conclude` writes it and names its commit."""
    if documents * exchange.row_bytes <= job.exchange_bytes:
        in_one_task(job, partial(_conclude_at_once, exchange, shards, conclude), expected=1, gpus=gpus)
        return
    reduced = in_one_partition(exchange.shuffled(shards, documents))
    collect(job, _grouped(reduced, 1, partial(_conclude, conclude=conclude, folder=job.folder), gpus=gpus), expected=1)


def _conclude_at_once(
    exchange: Exchange, shards: Sequence[int], conclude: Callable[[pa.Table], Commit]
) -> Iterator[Commit]:
    yield conclude(exchange.at_once(shards))


def drop_by_exchange(job: Job, exchange: Exchange, upstream: Upstream, shards: Sequence[int], documents: int) -> None:
    """Run an exchange whose result is rows of DROPS, check them against the survivors, and commit them shard by shard."""
    undone = [shard for shard in shards if shard_name(shard) not in job.commits]
    if not undone:
        return
    if documents * exchange.row_bytes <= job.exchange_bytes:
        in_one_task(job, partial(_drop_at_once, job.folder, exchange, upstream, shards, undone), expected=len(shards))
        return
    if "found" not in job.commits:
        _find(job, exchange, shards, documents)
    over_shards(job, shards, partial(_drop_found, folder=job.folder, upstream=upstream))


def _drop_at_once(
    folder: StepFolder, exchange: Exchange, upstream: Upstream, shards: Sequence[int], undone: Sequence[int]
) -> Iterator[Commit]:
    drops = exchange.at_once(shards)
    for shard in undone:
        yield apply_drops(folder, upstream, shard, _rows_of(drops, shard))


def _find(job: Job, exchange: Exchange, shards: Sequence[int], documents: int) -> None:
    """Shuffle; keep what was found in files by group of shards, so that every shard can pick up its own rows."""
    drops = mapped(exchange.shuffled(shards, documents), _with_group, batch_size=None)
    groups = len({shard >> GROUP_BITS for shard in shards})
    written = _grouped(drops, groups, partial(_write_found, folder=job.folder), keep_partition=True)
    for _ in written.iter_rows():
        pass
    found = Commit(name="found", shards=())
    job.folder.commit(found)
    job.add(found, len(shards) + 1)


def _drop_found(shard: int, *, folder: StepFolder, upstream: Upstream) -> Commit:
    name = f"found/{shard >> GROUP_BITS}.parquet"
    filesystem, path = folder.folder.at(name)
    found = read_parquet(folder.folder, name) if filesystem.get_file_info(path).is_file else None
    drops = DROPS.empty_table() if found is None else _rows_of(found, shard)
    return apply_drops(folder, upstream, shard, drops)


def _rows_of(drops: pa.Table, shard: int) -> pa.Table:
    """The drops of one shard, sorted by doc_id."""
    mine = shard_of(drops["doc_id"].to_numpy()) == np.uint64(shard)
    return drops.filter(pa.array(mine)).sort_by("doc_id")


def _emit_with_partition(batch: pa.Table, *, emit: Emit, partitions: int) -> pa.Table:
    (shard,) = batch["shard"].to_pylist()
    rows = emit(shard)
    keys = rows["key"].to_numpy() % np.uint64(partitions)
    return rows.append_column("partition", pa.array(keys.astype(np.int64)))


def _grouped(
    graph: ray.data.Dataset, partitions: int, reduce: Reduce, *, keep_partition: bool = False, gpus: int = 0
) -> ray.data.Dataset:
    """`reduce` on every partition whole: `map_groups` never cuts a group, whatever its size."""
    context = ray.data.DataContext.get_current()
    small = partitions <= SMALL_SHUFFLE_PARTITIONS
    context.shuffle_strategy = ShuffleStrategy.HASH_SHUFFLE if small else ShuffleStrategy.SHUFFLE_V2
    function = reduce if keep_partition else partial(_reduce_group, reduce=reduce)
    return graph.groupby("partition", num_partitions=partitions).map_groups(
        function, batch_format="pyarrow", num_gpus=gpus or None
    )


def _reduce_group(rows: pa.Table, *, reduce: Reduce) -> pa.Table:
    return reduce(rows.drop_columns(["partition"]).combine_chunks())


def in_one_partition(graph: ray.data.Dataset) -> ray.data.Dataset:
    return mapped(graph, _with_zero, batch_size=None)


def _with_zero(rows: pa.Table) -> pa.Table:
    return rows.append_column("partition", pa.array(np.zeros(rows.num_rows, dtype=np.int64)))


def _with_group(drops: pa.Table) -> pa.Table:
    groups = shard_of(drops["doc_id"].to_numpy()) >> np.uint64(GROUP_BITS)
    return drops.append_column("partition", pa.array(groups.astype(np.int64)))


def _write_found(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    group = rows["partition"][0].as_py()
    found = rows.drop_columns(["partition"]).combine_chunks()
    folder.write_bytes(f"found/{group}.parquet", to_parquet(found).to_pybytes())
    return pa.table({"group": [group]})


def _conclude(rows: pa.Table, *, conclude: Callable[[pa.Table], Commit], folder: StepFolder) -> pa.Table:
    started = time.time()
    return commit_now(folder, conclude(rows), started)
