"""Step `near_rewrites`: rewrites that are near duplicates do not enter the corpus.

A rewrite goes iff a curated document, or a better rewrite that stays, shares a band with it and is like it: the search of step
`near`, with its settings. Curated documents are pinned: what is alike among them has been decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import PINNED
from curator.config.duplicates import Duplicates, Near
from curator.steps.exchange import exchange_then_apply
from curator.steps.graph import over_shards
from curator.steps.ingest_tables import signatures
from curator.steps.near_rewrites_compared import Rewritten, accepted_answers
from curator.steps.near_search import Search
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, funnel_counts
from curator.steps.synthetic_tables import ACCEPTED, REJECTED, REJECTED_COUNT
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS

VERSION = 1
REASON = "near_duplicate"


def run(job: Job, *, near: Near, duplicates: Duplicates) -> None:
    """Write `rejected` (REJECTED) for the shards that have any; the value is the similarity to the document that stays."""
    compared = Rewritten.of(job.folder, job.inputs, duplicates)
    search = Search(compared=compared, near=near, alone_bytes=job.exchange_bytes)
    work = Work(folder=job.folder, inputs=dict(job.inputs), near=near)
    over_shards(job, sorted(compared.rewrites), work.sign, name=signed_name)
    exchange_then_apply(job, search.groups, work.reject, compared.curated, size_bytes=search.size_bytes)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is done to each shard. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    near: Near

    def sign(self, shard: int) -> Commit:
        """Write the signatures of the accepted rewrites of a shard, made as those of documents are."""
        self.folder.write("signatures", shard, signatures(accepted_answers(self.inputs["verify"], shard), self.near))
        return Commit(name=signed_name(shard), shards=())

    def reject(self, shard: int, rows: pa.Table) -> Commit:
        """Write which rewrites of a shard do not stay, by its rows of GROUPS."""
        accepted = self.inputs["verify"].sparse("synthetic", shard, ACCEPTED)
        rejected = rejected_rows(rows, accepted)
        if rejected.num_rows:
            self.folder.write("rejected", shard, rejected)
        survivors = Upstream.of(self.inputs).statistics(shard, ("doc_id", "bytes"))
        counts = funnel_counts(survivors, DROPS.empty_table())
        told = {"rewrites": accepted.num_rows, "accepted": accepted.num_rows - rejected.num_rows}
        told |= {f"{REJECTED_COUNT}{REASON}": rejected.num_rows} if rejected.num_rows else {}
        return Commit(name=shard_name(shard), shards=(shard,), counts=counts | told)


def rejected_rows(groups: pa.Table, accepted: pa.Table) -> pa.Table:
    """REJECTED of the rewrites that another document is kept for."""
    gone = groups.filter(pc.not_equal(groups["doc_id"], groups["kept_doc_id"]))
    found = aligned(accepted, gone["doc_id"].to_numpy())
    kept = (gone["kept_doc_id"].to_numpy() & ~PINNED).tolist()
    columns = {
        "doc_id": found["source_doc_id"],
        "strategy": found["strategy"],
        "reason": pa.repeat(REASON, gone.num_rows),
        "value": gone["similarity"],
        "detail": [f"document {document} was kept for it" for document in kept],
    }
    return pa.table(columns, schema=REJECTED)


def signed_name(shard: int) -> str:
    return f"signed-{shard_name(shard)}"
