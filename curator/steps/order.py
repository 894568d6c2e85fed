"""Step `order`: every copy of every curated document gets a key, its place in the order in which a model is to read.

Rounds: where the YAML asks for it texts are measured (`order_measure`), and quantiles of a sample are found; sums of tokens by
group decide the mixture of every slice of the order; then shards place their copies one by one. Only where concepts are
interleaved or chained must documents meet, as narrow rows. Sums over the keys tell where output shards begin, and what the
mixtures have come to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from curator.algorithms.curriculum import slice_edges, slice_weights
from curator.algorithms.mixture import fit_mixture, shortfall
from curator.config.sequence import MEETS_BY_CONCEPT
from curator.config.sequence import Sequence as TrainingOrder
from curator.steps.draws import Draw
from curator.steps.exchange import Exchange, Exchanger, InMemory, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.gather import Sample, gather, gather_sample, together
from curator.steps.graph import in_one_task, over_shards
from curator.steps.order_cuts import Cuts
from curator.steps.order_files import Curriculum
from curator.steps.order_measure import Measuring
from curator.steps.order_places import Places
from curator.steps.order_rows import OrderRows
from curator.steps.step import Job
from curator.steps.sums import tokens_by_key
from curator.steps.survivors import shards_with_documents
from curator.steps.synthetic_tables import written
from curator.store.ids import shard_name
from curator.store.step_folder import Commit

VERSION = 3
SAMPLE_DOCUMENTS = 200_000
VALUES_BYTES, SUMS_BYTES = 32, 16
TOLD = 0.001  # of a stage: what fills up less is not worth a sentence


def run(job: Job, *, sequence: TrainingOrder, shard_tokens: int, dimensions: int) -> None:
    """Write the table `order`, `cuts.npy` for output shards of about `shard_tokens`, and `order.json`."""
    curate = written(job.inputs)
    shards, documents, copies = shards_with_documents(curate), curate.total("documents_out"), curate.total("copies")
    if not shards or "cuts" in job.commits:
        return
    rows = OrderRows(folder=job.folder, inputs=dict(job.inputs), sequence=sequence)
    places = Places(rows=rows, dimensions=dimensions)
    work = Work(
        rows=rows, places=places, shards=tuple(shards), shard_tokens=shard_tokens, documents=documents, copies=copies
    )
    if rows.text_measure:
        Measuring(rows=rows, documents=documents).run(job, shards)
    if copies * (places.row_bytes + VALUES_BYTES) <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, frozenset(job.commits)), expected=len(shards) + 3)
    else:
        work.staged(job)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    rows: OrderRows
    places: Places
    shards: tuple[int, ...]
    shard_tokens: int
    documents: int
    copies: int

    @property
    def meets(self) -> bool:
        return self.rows.sequence.order in MEETS_BY_CONCEPT

    @property
    def sample(self) -> Sample:
        return Sample(wanted=SAMPLE_DOCUMENTS, of=self.documents, seed=self.rows.sequence.seed + Draw.RANK_SAMPLE)

    def at_once(self, done: frozenset[str]) -> Iterator[Commit]:
        """All rounds in this process, but what `done` names."""
        if self.rows.ranked and "quantiles" not in done:
            yield self.rows.conclude_quantiles(together(self.sampled, self.shards))
        if "curriculum" not in done:
            yield self.conclude_curriculum(tokens_by_key(together(self.sums, self.shards)))
        met = self.meet(InMemory()) if self.meets else None
        for shard in self.shards:
            if shard_name(shard) not in done:
                yield self.places.place(shard, met.of_shard(shard) if met else None)
        yield self.conclude_cuts(tokens_by_key(together(self.cut_sums, self.shards)))

    def staged(self, job: Job) -> None:
        """Round after round as graphs."""
        if self.rows.ranked and "quantiles" not in job.commits:
            conclude = self.rows.conclude_quantiles
            gather_sample(job, self.sample, self.sampled, self.shards, conclude, row_bytes=VALUES_BYTES)
        sums = partial(Exchange, reduce=tokens_by_key, row_bytes=SUMS_BYTES)
        if "curriculum" not in job.commits:
            most = min(self.documents, len(self.shards) * self.rows.groups.count)
            gather(job, sums(emit=self.sums), self.shards, self.conclude_curriculum, most)
        if self.meets:
            size = self.copies * self.places.row_bytes
            exchange_then_apply(job, self.meet, self.places.place, self.shards, size_bytes=size)
        else:
            over_shards(job, self.shards, self.places.place)
        gather(job, sums(emit=self.cut_sums), self.shards, self.conclude_cuts, self.copies)

    def meet(self, exchanger: Exchanger) -> Tables:
        return self.places.meet(exchanger, shards=list(self.shards), copies=self.copies)

    def sampled(self, shard: int) -> pa.Table:
        return self.sample.rows(self.rows.values(shard))

    def sums(self, shard: int) -> pa.Table:
        """Tokens, with copies, of each group (the key) in a shard."""
        rows = self.rows.documents(shard)
        tokens = pc.multiply(rows["tokens"], rows["copies"].cast(pa.int64()))
        return tokens_by_key(pa.table({"key": self.rows.group_numbers(shard).astype(np.uint64), "tokens": tokens}))

    def conclude_curriculum(self, sums: pa.Table) -> Commit:
        """Write the mixture of each slice, from the tokens of each group."""
        stages = self.rows.sequence.stages
        starts, groups = np.array([start for start, _ in stages]), self.rows.groups
        supply = np.zeros(groups.count)
        supply[sums["key"].to_numpy().astype(np.int64)] = sums["tokens"].to_numpy()
        edges = slice_edges(starts)
        weights = slice_weights(
            starts, groups.weights([mixture for _, mixture in stages]), edges, self.rows.sequence.transition
        )
        with threadpool_limits(1):
            fitted = fit_mixture(weights, supply, edges)
        mixture = fitted.astype(np.float32).astype(np.float64)  # the last bits are the linear algebra library's
        Curriculum(edges=edges, mixture=mixture).write(self.rows.folder)
        notes = tuple(
            f"stage {start:g}: {short:.1%} of it is text of weight 0, for there is not enough of the rest"
            for start, short in zip(starts, shortfall(mixture, weights, edges, starts), strict=True)
            if short >= TOLD
        )
        return Commit(name="curriculum", shards=(), notes=notes)

    @property
    def cuts(self) -> Cuts:
        tokens = int(Curriculum.read(self.rows.folder).mixture.sum().round())
        return Cuts.of(self.rows.folder, self.rows.groups, tokens=tokens, shard_tokens=self.shard_tokens)

    def cut_sums(self, shard: int) -> pa.Table:
        return self.cuts.sums(shard)

    def conclude_cuts(self, sums: pa.Table) -> Commit:
        return self.cuts.conclude(sums)
