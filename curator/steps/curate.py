"""Step `curate`: all decisions are applied at once. Text is read a last time; curated shards and the ledger are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ReconciliationError
from curator.steps.graph import over_shards
from curator.steps.step import Job
from curator.steps.survivors import DROPPERS, Upstream, aligned, quality_of, total
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

VERSION = 2
Folders = Mapping[str, StepFolder]


def run(job: Job) -> None:
    """Write `curated` and `ledger` for every shard."""
    over_shards(job, job.inputs["ingest"].shards(), partial(curate_shard, folder=job.folder, inputs=dict(job.inputs)))


def curate_shard(shard: int, *, folder: StepFolder, inputs: Folders) -> Commit:
    kept = curated_rows(shard, inputs)
    ledger = ledger_rows(shard, inputs)
    if kept.num_rows:
        folder.write("curated", shard, kept)
    folder.write("ledger", shard, ledger)
    sizes = Upstream.of(inputs).statistics(shard, ("bytes",))
    size = total(sizes["bytes"])
    counts = {"documents_in": kept.num_rows, "documents_out": kept.num_rows, "bytes_in": size, "bytes_out": size}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts | ledger_counts(ledger))


def curated_rows(shard: int, inputs: Folders) -> pa.Table:
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
            "copies": pa.array(np.ones(len(documents), np.int32)),
            "licence": rows["licence"],
            "robots": rows["robots"],
            "metadata": rows["metadata"],
        }
    )


def ledger_rows(shard: int, inputs: Folders) -> pa.Table:
    """One row for every input document of a shard: where it came from, and what became of it, by which step and why."""
    origins = inputs["ingest"].read("origins", shard)
    drops = _all_drops(shard, inputs)
    documents, gone = origins["doc_id"].to_numpy(), drops["doc_id"].to_numpy()
    if len(np.unique(gone)) != len(gone) or not np.isin(gone, documents).all():
        raise ReconciliationError(f"shard {shard_name(shard)}: a document was dropped twice, or never came in")
    place = np.full(len(documents), -1, dtype=np.int64)
    place[np.searchsorted(documents, gone)] = np.arange(len(gone))
    decisions = drops.drop_columns(["doc_id"]).take(pa.array(place, mask=place < 0))
    outcome = np.where(place < 0, "kept", "dropped")
    columns = {name: origins[name] for name in ("doc_id", "source", "file", "position")}
    decided = {name: decisions[name] for name in ("step", "reason", "value", "kept_doc_id", "detail")}
    return pa.table({**columns, "outcome": outcome, **decided})


def _all_drops(shard: int, inputs: Folders) -> pa.Table:
    """What every step dropped from a shard, with the name of the step."""
    found = []
    for name in ("ingest", *(name for name in DROPPERS if name in inputs)):
        drops = inputs[name].drops(shard)
        found.append(drops.append_column("step", pa.array([name] * drops.num_rows, pa.string())))
    return pa.concat_tables(found).combine_chunks()


def ledger_counts(ledger: pa.Table) -> dict[str, int]:
    """Rows of the ledger by outcome: `ledger.kept`, `ledger.<step>.<reason>`."""
    kept = ledger["step"].null_count
    causes = pc.binary_join_element_wise("ledger", ledger["step"], ledger["reason"], ".").drop_null()
    tally = {item["values"]: item["counts"] for item in causes.value_counts().to_pylist()}
    return {"ledger.documents": ledger.num_rows, "ledger.kept": kept, **dict(sorted(tally.items()))}
