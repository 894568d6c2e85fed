"""Bringing what every shard emits to one place, where it is concluded: samples to fit on, sums to decide by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from curator.steps.exchange import Exchange, Source, emitted
from curator.steps.graph import collect, commit_now, in_one_task
from curator.steps.samples import sampled
from curator.steps.shuffle import in_one_partition, on_partitions, partitions_for, spread_of
from curator.steps.step import Job
from curator.store.step_folder import Commit, StepFolder
from curator.text.buffers import first_characters

Conclude = Callable[[pa.Table], Commit]
LOOKED_AT = (
    16  # of 500 MB 30 million documents, 1,500 shards: half a minute of one task on a disk, minutes on an object store
)


def unchanged(rows: pa.Table) -> pa.Table:
    """The reduce function of an exchange that only brings rows together."""
    return rows


def gather(
    job: Job, exchange: Exchange, shards: Sequence[int], conclude: Conclude, documents: int, *, gpus: int = 0
) -> None:
    """Bring the exchange's result to one place, where `conclude` writes it and names its commit."""
    before = len(job.commits)
    if documents * exchange.row_bytes > job.exchange_bytes:
        _gather_staged(job, exchange, shards, conclude, documents, gpus=gpus)
    if len(job.commits) == before:  # it fits one task, or no shard has emitted a row: then nothing came to be concluded
        in_one_task(job, partial(_conclude_at_once, exchange, shards, conclude), expected=1, gpus=gpus)


def _gather_staged(
    job: Job, exchange: Exchange, shards: Sequence[int], conclude: Conclude, documents: int, *, gpus: int
) -> None:
    partitions = partitions_for(documents * exchange.row_bytes)
    rows = emitted([Source(tasks=shards, emit=exchange.emit, rows=documents)], partitions, spread_of)
    reduced = in_one_partition(on_partitions(rows, partitions, partial(_reduced, reduce=exchange.reduce)))
    concluded = on_partitions(reduced, 1, partial(_conclude, conclude=conclude, folder=job.folder), gpus=gpus)
    collect(job, concluded, expected=1)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A uniform sample of about `wanted` out of `of` documents; all of them where `wanted >= of`. Travels to workers."""

    wanted: int
    of: int
    seed: int

    def rows(self, table: pa.Table) -> pa.Table:
        """The rows of a table with a doc_id, from now on the `key`, whose documents belong to the sample."""
        chosen = sampled(table["doc_id"].to_numpy(), wanted=self.wanted, of=self.of, seed=self.seed)
        return table.filter(pa.array(chosen)).rename_columns({"doc_id": "key"})

    def beginnings(self, documents: pa.Table, characters: int) -> pa.Table:
        """The same of a table of doc_id and text, at most so many characters of each text."""
        rows = self.rows(documents)
        return pa.table({"key": rows["key"], "text": first_characters(rows["text"], characters)})


def gather_sample(
    job: Job,
    sample: Sample,
    emit: Callable[[int], pa.Table],
    shards: Sequence[int],
    conclude: Conclude,
    *,
    row_bytes: int,
    gpus: int = 0,
) -> None:
    """Bring the rows of a sample to one place, where `conclude` is given them in any order; `row_bytes` are those of one.

    One task looks through all documents where their rows fit it; one that is hardly ever drawn counts LOOKED_AT bytes.
    """
    document_bytes = max(LOOKED_AT, -(-min(sample.wanted, sample.of) * row_bytes // sample.of))
    exchange = Exchange(emit=emit, reduce=unchanged, row_bytes=document_bytes)
    gather(job, exchange, shards, conclude, sample.of, gpus=gpus)


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
