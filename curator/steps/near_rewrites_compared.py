"""What `near_rewrites` compares: the rewrites by what the engine wrote, and the curated documents, pinned.

An appended answer stands behind its source, and the document of both would be like that source by its making: so answers are
signed, not documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import PINNED
from curator.config.duplicates import Duplicates
from curator.steps.earlier_nights import FIRST_SHARD
from curator.steps.near_compared import Ids, pinned_sides
from curator.steps.ranks import Ranking
from curator.steps.survivors import aligned, shards_with_documents
from curator.steps.verify_answers import answers_of
from curator.store.step_folder import StepFolder


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """Accepted rewrites, each as good as its source by the keeper rule, and all documents of the shards `curated`, pinned.

    `folder` holds `signatures` of the rewrites, `rewrites` their number by shard. Where there is none, nothing is read.
    """

    folder: StepFolder
    verify: StepFolder
    ranking: Ranking
    curated: tuple[int, ...]
    rewrites: Mapping[int, int]

    @staticmethod
    def of(folder: StepFolder, inputs: Mapping[str, StepFolder], duplicates: Duplicates) -> Rewritten:
        commits = inputs["verify"].manifest() or ()
        accepted = {shard: commit.counts["accepted"] for commit in commits for shard in commit.shards}
        return Rewritten(
            folder=folder,
            verify=inputs["verify"],
            ranking=Ranking.of(inputs, duplicates),
            curated=tuple(shards_with_documents(inputs["curate"])),
            rewrites={shard: count for shard, count in accepted.items() if count},
        )

    @property
    def documents(self) -> int:
        curated = self.ranking.upstream.last.total("documents_out")
        return curated + sum(self.rewrites.values()) if self.rewrites else 0

    @property
    def senders(self) -> list[int]:
        pinned = [FIRST_SHARD + shard for shard in self.curated]
        return [*sorted(self.rewrites), *pinned] if self.rewrites else []

    @property
    def shards(self) -> list[int]:
        return self.senders

    def signatures(self, shard: int, columns: Sequence[str]) -> pa.Table:
        if shard < FIRST_SHARD:
            return self.folder.read("signatures", shard, columns)
        return _pinned(self.ranking.upstream.signatures(shard - FIRST_SHARD, columns))

    def with_silent(self, rows: pa.Table) -> pa.Table:
        return rows

    def sides(self, shard: int, documents: Ids) -> pa.Table:
        if shard >= FIRST_SHARD:
            return pinned_sides(documents)
        accepted = aligned(self.verify.read("synthetic", shard, ["doc_id", "source_doc_id"]), documents)
        ranks = aligned(self.ranking.rows(shard), accepted["source_doc_id"].to_numpy())
        ranks = ranks.set_column(0, "doc_id", accepted["doc_id"])
        return ranks.append_column("size", pa.array(np.ones(len(documents), np.int64)))

    def sketches(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        return aligned(self.signatures(shard, ("doc_id", "sketch")), documents)["sketch"]

    def texts(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        if shard >= FIRST_SHARD:
            rows = _pinned(self.ranking.upstream.documents(shard - FIRST_SHARD, ("doc_id", "text")))
        else:
            rows = accepted_answers(self.verify, shard)
        return rows.filter(pc.is_in(rows["doc_id"], pa.array(documents, pa.uint64())))["text"]


def accepted_answers(verify: StepFolder, shard: int) -> pa.Table:
    """The accepted rewrites of a shard but those of captions, doc_id and as text what the engine wrote."""
    accepted = verify.read("synthetic", shard, ["doc_id", "source_doc_id", "strategy"])
    accepted = accepted.filter(pc.not_equal(accepted["doc_id"], accepted["source_doc_id"]))
    checked = verify.read("checked", shard, ["source_doc_id", "strategy", "answer"])
    return pa.table({"doc_id": accepted["doc_id"], "text": answers_of(accepted, checked)})


def _pinned(rows: pa.Table) -> pa.Table:
    return rows.set_column(0, "doc_id", pa.array(rows["doc_id"].to_numpy() | PINNED))
