"""Exchanges: rows of all tasks meet by key. In one task's memory where they fit it, else in stages with Ray Data's keyed shuffle.

Only narrow rows (ids, hashes, bands, distances, sketches, embeddings) are exchanged, never text. What a reduce function gives
depends on the rows of its keys only, so the number of partitions, and which of the two ways is taken, never shows in a result.
A staged exchange leaves one table of files, and a commit when it is whole: that is where a killed run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import ray.data

from curator.steps.exchange_tables import ByShard, FileTables, HeldTables, Tables, group_bits, write_part
from curator.steps.graph import in_one_task, mapped, over_shards
from curator.steps.shuffle import Reduce, on_partitions, partitions_for, range_of, spread_of, with_partition
from curator.steps.step import Job
from curator.steps.survivors import Upstream, apply_drops
from curator.store.ids import shard_name, shard_of
from curator.store.step_folder import Commit
from curator.store.tables import DROPS

TASKS_A_CORE = 4
Emit = Callable[[int], pa.Table]
Tally = Callable[[pa.Table], int]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Tasks (numbers of shards, or of parts of earlier tables), the rows with a uint64 `key` that each gives, and how many."""

    tasks: Sequence[int]
    emit: Emit
    rows: int


@dataclass(frozen=True)
class Meeting:
    """One exchange: the rows of all `sources` meet by `key`, and what `reduce` makes of them, which has `schema`, is kept.

    `row_bytes` are those of an emitted row. With `to_shards` the result, which has a column `doc_id`, goes back to the shards
    of its documents. A partition is a range of keys where `ranged`, and one for all keys where `alone`. What `unsettled`
    counts in the result, added up, is told with it.
    """

    name: str
    sources: Sequence[Source]
    reduce: Reduce
    _: KW_ONLY
    schema: pa.Schema
    row_bytes: int
    to_shards: bool = False
    ranged: bool = False
    alone: bool = False
    unsettled: Tally | None = None

    @property
    def size_bytes(self) -> int:
        return sum(source.rows for source in self.sources) * self.row_bytes


class Exchanger(Protocol):
    """One of the two ways to do exchanges. An algorithm made of several is written once, as a function of an exchanger."""

    def exchange(self, meeting: Meeting) -> Tables: ...


@dataclass(frozen=True)
class InMemory:
    """Exchanges inside this process: what one worker's memory holds needs no shuffle."""

    def exchange(self, meeting: Meeting) -> Tables:
        emitted = [source.emit(task) for source in meeting.sources for task in source.tasks]
        rows = pa.concat_tables(emitted).combine_chunks() if emitted else meeting.schema.empty_table()
        reduced = meeting.reduce(rows) if rows.num_rows else meeting.schema.empty_table()
        table = reduced.sort_by("doc_id") if meeting.to_shards else reduced
        return HeldTables(table, meeting.unsettled(table) if meeting.unsettled else 0)


@dataclass(frozen=True)
class Staged:
    """Exchanges as Ray Data graphs, one after another; each leaves its result as files in the step's folder."""

    job: Job
    shards: Sequence[int]

    def exchange(self, meeting: Meeting) -> Tables:
        name = meeting.name
        bits = group_bits(self.shards, meeting.size_bytes) if meeting.to_shards else None
        if name not in self.job.commits:
            given = any(len(source.tasks) for source in meeting.sources)
            started = time.time()
            self._commit(name, list(self._graph(meeting, bits).iter_rows()) if given else [], started)
        return FileTables.of(self.job.folder, name, meeting.schema, self.job.commits[name], bits)

    def _graph(self, meeting: Meeting, bits: int | None) -> ray.data.Dataset:
        """What writes the files of a meeting: partition by partition, or, where `bits` are given, group by group of shards."""
        partitions = 1 if meeting.alone else partitions_for(meeting.size_bytes)
        graph = emitted(meeting.sources, partitions, range_of if meeting.ranged else spread_of)
        write = partial(
            write_part,
            folder=self.job.folder,
            name=meeting.name,
            sort="doc_id" if meeting.to_shards else None,
            tally=meeting.unsettled,
        )
        if bits is None:
            return on_partitions(graph, partitions, partial(_reduce_and_write, reduce=meeting.reduce, write=write))
        reduced = on_partitions(graph, partitions, partial(_reduce_and_group, reduce=meeting.reduce, bits=bits))
        return on_partitions(reduced, len({shard >> bits for shard in self.shards}), write)

    def _commit(self, name: str, parts: Sequence[Mapping[str, Any]], started: float) -> None:
        counts = {f"{name}.{count}": sum(part[count] for part in parts) for count in ("rows", "unsettled")}
        peak = max((part["peak_bytes"] for part in parts), default=0)
        commit = Commit(name=name, shards=(), counts=counts, started=started, ended=time.time(), peak_bytes=peak)
        self.job.folder.commit(commit)
        self.job.add(commit, len(self.job.commits) + len(self.shards))


def exchange_then_apply(
    job: Job,
    find: Callable[[Exchanger], ByShard],
    apply: Callable[[int, pa.Table], Commit],
    shards: Sequence[int],
    *,
    size_bytes: int,
) -> None:
    """`apply(shard, rows)` on every shard that has no commit yet, with its rows of what `find` gives (back to shards).

    `find` runs in one task where `size_bytes`, about what it exchanges, fit a worker. Else it runs in the driver and
    may only pass tables on from exchange to exchange.
    """
    undone = [shard for shard in shards if shard_name(shard) not in job.commits]
    if not undone:
        return
    if size_bytes <= job.exchange_bytes:
        in_one_task(job, partial(_find_and_apply, find, apply, undone), expected=len(shards))
    else:
        found = find(Staged(job, shards))
        over_shards(job, shards, partial(_apply_found, found=found, apply=apply))


def _find_and_apply(
    find: Callable[[Exchanger], ByShard], apply: Callable[[int, pa.Table], Commit], undone: Sequence[int]
) -> Iterator[Commit]:
    found = find(InMemory())
    for shard in undone:
        yield apply(shard, found.of_shard(shard))


def _apply_found(shard: int, *, found: ByShard, apply: Callable[[int, pa.Table], Commit]) -> Commit:
    return apply(shard, found.of_shard(shard))


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The plain case, one exchange: `emit(shard)` gives rows with a uint64 column `key`, `row_bytes` a document."""

    emit: Emit
    reduce: Reduce
    row_bytes: int


def drop_by_exchange(job: Job, exchange: Exchange, upstream: Upstream, shards: Sequence[int], documents: int) -> None:
    """Run an exchange whose result is rows of DROPS, check them against the survivors, and commit them shard by shard."""
    source = Source(tasks=shards, emit=exchange.emit, rows=documents)
    exchange_then_apply(
        job,
        partial(_drops, source=source, reduce=exchange.reduce, row_bytes=exchange.row_bytes),
        partial(apply_drops, job.folder, upstream),
        shards,
        size_bytes=documents * exchange.row_bytes,
    )


def _drops(exchanger: Exchanger, *, source: Source, reduce: Reduce, row_bytes: int) -> Tables:
    return exchanger.exchange(Meeting("found", [source], reduce, schema=DROPS, row_bytes=row_bytes, to_shards=True))


def emitted(
    sources: Sequence[Source],
    partitions: int,
    partition_of: Callable[[npt.NDArray[np.uint64], int], npt.NDArray[np.int64]],
) -> ray.data.Dataset:
    """What the tasks of all sources emit, with the partition of each row. Ray runs several small ones as one: each costs 0.1 s."""
    tasks = [{"source": place, "task": task} for place, source in enumerate(sources) for task in source.tasks]
    blocks = min(len(tasks), max(TASKS_A_CORE * _cores(), 2 * partitions))
    emit = partial(_emit, emits=[source.emit for source in sources], partitions=partitions, partition_of=partition_of)
    return mapped(ray.data.from_items(tasks, override_num_blocks=blocks), emit, batch_size=None)


def _cores() -> int:
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return max(1, int(resources.get("CPU", 1)))


def _emit(
    batch: pa.Table,
    *,
    emits: Sequence[Emit],
    partitions: int,
    partition_of: Callable[[npt.NDArray[np.uint64], int], npt.NDArray[np.int64]],
) -> pa.Table:
    tasks = zip(batch["source"].to_pylist(), batch["task"].to_pylist(), strict=True)
    rows = pa.concat_tables([emits[source](task) for source, task in tasks]).combine_chunks()
    return with_partition(rows, partition_of(rows["key"].to_numpy(), partitions))


def _reduce_and_write(
    partition: int, rows: pa.Table, *, reduce: Reduce, write: Callable[[int, pa.Table], pa.Table]
) -> pa.Table:
    return write(partition, reduce(rows))


def _reduce_and_group(partition: int, rows: pa.Table, *, reduce: Reduce, bits: int) -> pa.Table:
    reduced = reduce(rows)
    groups = shard_of(reduced["doc_id"].to_numpy()) >> np.uint64(bits)
    return with_partition(reduced, groups.astype(np.int64))
