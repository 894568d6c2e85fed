"""Step `rebalance`: rates of repetition become whole copies, and what every concept has come to is written down.

Three rounds: sums of all shards decide the rates (only where something is to be rebalanced), every shard counts its copies, and
sums of all shards make `concepts.parquet`. What is small takes one task for all three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.repetition import effective_tokens, whole_copies
from curator.config.concepts import Rebalance
from curator.config.duplicates import Duplicates
from curator.steps.exchange import Exchange
from curator.steps.gather import gather, together
from curator.steps.graph import in_one_task, over_shards
from curator.steps.rebalance_concepts import concept_sums, conclude_concepts, sums_of
from curator.steps.rebalance_groups import Selected, added_up
from curator.steps.rebalance_mixture import conclude_mixture, passes_in_words, rates_of
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.survivors import apply_drops, drops_table, shards_with_documents
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS

VERSION = 1
REASON = "rebalanced"
ROW_BYTES = 48  # of the sums of a document that shares them with no other
COPIES = pa.schema([("doc_id", pa.uint64()), ("copies", pa.int32())])
"""`copies`: the documents that stay, and how often each is to be read."""


def run(job: Job, *, rebalance: Rebalance | None, duplicates: Duplicates) -> None:
    """Write `copies` and drop what gets none (the value is the expected number of copies), then `concepts.parquet`.

    With `rebalance` None copies are what `duplicates.rehydrate` says, and nothing is dropped.
    """
    work = Work(
        folder=job.folder, selected=Selected(inputs=dict(job.inputs), duplicates=duplicates), rebalance=rebalance
    )
    survivors = work.selected.upstream.last
    shards, documents = shards_with_documents(survivors), survivors.total("documents_out")
    if not shards or "concepts" in job.commits:
        return
    if documents * ROW_BYTES <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, shards, frozenset(job.commits)), expected=len(shards) + 2)
        return
    if rebalance is not None and "mixture" not in job.commits:
        sums = Exchange(emit=work.group_sums, reduce=added_up, row_bytes=ROW_BYTES)
        gather(job, sums, shards, work.conclude_mixture, documents)
    over_shards(job, shards, work.copy_shard)
    rows = sum(commit.counts.get("concept_rows", 0) for commit in job.commits.values())
    gather(job, Exchange(emit=work.sums, reduce=concept_sums, row_bytes=ROW_BYTES), shards, work.conclude, rows)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    folder: StepFolder
    selected: Selected
    rebalance: Rebalance | None

    def at_once(self, shards: Sequence[int], done: frozenset[str]) -> Iterator[Commit]:
        """All rounds in this process, but what `done` names."""
        if self.rebalance is not None and "mixture" not in done:
            yield self.conclude_mixture(together(self.group_sums, shards))
        yield from (self.copy_shard(shard) for shard in shards if shard_name(shard) not in done)
        yield self.conclude(concept_sums(together(self.sums, shards)))

    def group_sums(self, shard: int) -> pa.Table:
        """SUMS of a shard by group."""
        assert self.rebalance is not None
        return self.selected.sums(shard, self.rebalance)

    def conclude_mixture(self, rows: pa.Table) -> Commit:
        assert self.rebalance is not None
        return conclude_mixture(rows, folder=self.folder, rebalance=self.rebalance)

    def copy_shard(self, shard: int) -> Commit:
        """Write the copies, the drops and the sums by concept of a shard."""
        rows, drops = self.selected.rows(shard), DROPS.empty_table()
        if self.rebalance is not None:
            rows, drops = self._rebalanced(shard, rows, self.rebalance)
        stay = rows.filter(pc.greater(rows["copies"], 0))
        sums = sums_of(stay)
        self.folder.write("copies", shard, stay.select(COPIES.names))
        self.folder.write("sums", shard, sums)
        commit = apply_drops(self.folder, self.selected.upstream, shard, drops)
        return replace(commit, counts=commit.counts | token_counts(rows) | {"concept_rows": sums.num_rows})

    def _rebalanced(self, shard: int, rows: pa.Table, rebalance: Rebalance) -> tuple[pa.Table, pa.Table]:
        """The rows with new `copies`, and DROPS of those that get none."""
        names = self.selected.group_names(shard, rows, rebalance)
        group, rates = rates_of(self.folder, names, self.selected.quality_steps(shard, rows, rebalance))
        expected = rates * rows["copies"].to_numpy()
        documents = rows["doc_id"].to_numpy()
        # hashed twice, because a selection at random keeps those of small hash, to which this must not be related
        copies = whole_copies(expected, mixed(mixed(documents, rebalance.seed), rebalance.seed))
        gone = copies == 0
        detail = passes_in_words(self.folder, group[gone], rebalance.by)
        drops = drops_table(documents[gone], REASON, expected[gone], None, detail)
        return rows.set_column(rows.column_names.index("copies"), "copies", pa.array(copies)), drops

    def sums(self, shard: int) -> pa.Table:
        """CONCEPT_SUMS of a shard whose copies are counted."""
        return self.folder.read("sums", shard)

    def conclude(self, rows: pa.Table) -> Commit:
        """Write `concepts.parquet` from the CONCEPT_SUMS of all shards."""
        return conclude_concepts(rows, folder=self.folder, inputs=self.selected.inputs)


def token_counts(rows: pa.Table) -> dict[str, int]:
    """Tokens of these documents once each, copies, tokens with copies, and what those are worth as new tokens."""
    tokens, copies = rows["tokens"].to_numpy(), rows["copies"].to_numpy()
    return {
        "tokens": int(tokens.sum()),
        "copies": int(copies.sum()),
        "copies_tokens": int((tokens * copies).sum()),
        "effective_tokens": round(float(effective_tokens(tokens, copies).sum())),
    }
