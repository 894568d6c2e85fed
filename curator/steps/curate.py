"""Step `curate`: all decisions are applied at once. Text is read a last time; curated shards and the ledger are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.duplicates import Duplicates
from curator.steps.duplicate_columns import duplicate_columns, sparse_values
from curator.steps.graph import over_shards
from curator.steps.ledger import ledger_counts, ledger_rows
from curator.steps.rebalance import COPIES
from curator.steps.rebalance_groups import themes_of
from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, quality_of, total
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

VERSION = 4
Folders = Mapping[str, StepFolder]
Ids = npt.NDArray[np.uint64]


def run(job: Job, *, duplicates: Duplicates, media: bool) -> None:
    """Write `curated` and `ledger` for every shard; with a column `medium` where records have `media`."""
    work = partial(curate_shard, folder=job.folder, inputs=dict(job.inputs), duplicates=duplicates, media=media)
    over_shards(job, job.inputs["ingest"].shards(), work)


def curate_shard(
    shard: int, *, folder: StepFolder, inputs: Folders, duplicates: Duplicates, media: bool = False
) -> Commit:
    """Write one shard of both tables."""
    return write_shard(shard, curated_rows(shard, inputs, duplicates, media), folder, inputs)


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


def curated_rows(shard: int, inputs: Folders, duplicates: Duplicates, media: bool = False) -> pa.Table:
    """The documents of a shard that stay, with all that was found out about them."""
    upstream = Upstream.of(inputs)
    medium = ("medium",) if media else ()
    rows = upstream.documents(shard, ("doc_id", "text", "url", "source", *medium, "metadata", "licence", "robots"))
    documents = rows["doc_id"].to_numpy()
    return pa.table(
        {
            "doc_id": rows["doc_id"],
            "text": rows["text"],
            "url": rows["url"],
            "source": rows["source"],
            "language": upstream.statistics(shard, ("language",))["language"],
            "quality": quality_of(inputs, shard, rows["doc_id"]),
            **_concept_columns(shard, documents, inputs),
            **duplicate_columns(shard, documents, inputs, duplicates),
            **_copies(shard, documents, inputs),
            **{name: rows[name] for name in medium},
            "licence": rows["licence"],
            "robots": rows["robots"],
            "metadata": rows["metadata"],
        }
    )


def _copies(shard: int, documents: Ids, inputs: Folders) -> dict[str, pa.ChunkedArray]:
    """The column copies where the run rebalances; else it is that of the duplicates."""
    if "rebalance" not in inputs:
        return {}
    return {"copies": aligned(inputs["rebalance"].sparse("copies", shard, COPIES), documents)["copies"]}


def _concept_columns(shard: int, documents: Ids, inputs: Folders) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Columns concept_id, theme_id (uint32), semantic_group (uint64: the document that leads it) and semantic_duplicates (int64).

    A document that is like no other of its cell is its own group, of one. None of them where no concepts were looked for.
    """
    if "concepts" not in inputs:
        return {}
    concept = theme = pa.array([], pa.uint32())
    if len(documents):  # of a shard without any, the steps on concepts write nothing
        concept = aligned(inputs["concepts"].read("assignments", shard), documents)["concept_id"]
        theme = themes_of(inputs["complexity"], concept)
    groups = inputs["redundancy"].sparse("groups", shard, SEMANTIC_GROUPS)
    return {
        "concept_id": concept,
        "theme_id": theme,
        "semantic_group": pa.array(sparse_values(groups, "group", documents, documents)),
        "semantic_duplicates": pa.array(sparse_values(groups, "size", documents, np.ones(len(documents), np.int64))),
    }
