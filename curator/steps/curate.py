"""Step `curate`: all decisions are applied at once. Text is read a last time; curated shards and the ledger are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from curator.config.duplicates import Duplicates
from curator.steps.duplicate_columns import duplicate_columns
from curator.steps.graph import over_shards
from curator.steps.ledger import ledger_counts, ledger_rows
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, quality_of, total
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

VERSION = 3
Folders = Mapping[str, StepFolder]


def run(job: Job, *, duplicates: Duplicates) -> None:
    """Write `curated` and `ledger` for every shard."""
    work = partial(curate_shard, folder=job.folder, inputs=dict(job.inputs), duplicates=duplicates)
    over_shards(job, job.inputs["ingest"].shards(), work)


def curate_shard(shard: int, *, folder: StepFolder, inputs: Folders, duplicates: Duplicates) -> Commit:
    """Write one shard of both tables."""
    return write_shard(shard, curated_rows(shard, inputs, duplicates), folder, inputs)


def write_shard(shard: int, kept: pa.Table, folder: StepFolder, inputs: Folders, *, level: int = 3) -> Commit:
    """Write the documents of a shard that stay (with a column `copies`; no file where none stays), and its ledger.

    `level` is that of zstd.
    """
    ledger = ledger_rows(shard, inputs)
    if kept.num_rows:
        folder.write("curated", shard, kept, level=level)
    folder.write("ledger", shard, ledger)
    size = total(Upstream.of(inputs).statistics(shard, ("bytes",))["bytes"])
    counts = {"documents_in": kept.num_rows, "documents_out": kept.num_rows, "bytes_in": size, "bytes_out": size}
    copies = {"copies": total(kept["copies"])}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts | copies | ledger_counts(ledger))


def curated_rows(shard: int, inputs: Folders, duplicates: Duplicates) -> pa.Table:
    """The documents of a shard that stay, with all that was found out about them."""
    upstream = Upstream.of(inputs)
    rows = upstream.documents(shard, ("doc_id", "text", "url", "source", "metadata", "licence", "robots"))
    documents = rows["doc_id"].to_numpy()
    concepts = (
        aligned(inputs["concepts"].read("assignments", shard), documents)["concept_id"]
        if len(documents)
        else pa.array([], pa.uint32())
    )
    return pa.table(
        {
            "doc_id": rows["doc_id"],
            "text": rows["text"],
            "url": rows["url"],
            "source": rows["source"],
            "language": upstream.statistics(shard, ("language",))["language"],
            "quality": quality_of(inputs["filter"], shard, rows["doc_id"]),
            "concept_id": concepts,
            **duplicate_columns(shard, documents, inputs, duplicates),
            "licence": rows["licence"],
            "robots": rows["robots"],
            "metadata": rows["metadata"],
        }
    )
