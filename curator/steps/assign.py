"""Step `assign`: which curated documents are rephrased, and by which strategies, so that synthetic text comes to its share.

A document's chance is its weight times one rate for all: weights of language, source and class of quality, times what its
concept lacks. Rounds: quantiles of quality from a sample; sums over documents alike in weight and in the strategies that apply
to them give the rate; as what is really drawn scatters, its sums at rates around this one are gathered, and the best that keeps
every bound is taken; then shards draw one by one. So bounds hold for the plan itself, and not for what is expected of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.assignment_rates import fit_rates
from curator.config.rephrase import Rephrase
from curator.errors import ConfigError
from curator.rephrase.strategy import Strategy, load_strategies
from curator.steps.assign_captions import caption_rate
from curator.steps.assign_draw import ORIGINALS, drawn, drawn_sums, group_sums, supply_of, supply_rows
from curator.steps.assign_plan import MEASURES, PLAN, REQUESTS, TOKENS, Planned, bounds_of, plan_of, shortcoming, totals
from curator.steps.assign_rows import MOST_STRATEGIES, AssignRows
from curator.steps.draws import Draw
from curator.steps.exchange import Exchange
from curator.steps.gather import Sample, gather, gather_sample, together
from curator.steps.graph import in_one_task, over_shards
from curator.steps.order import SAMPLE_DOCUMENTS, VALUES_BYTES
from curator.steps.step import Job
from curator.steps.survivors import shards_with_documents, total
from curator.store.ids import shard_name
from curator.store.step_folder import Commit

VERSION = 2
NEAR = tuple(0.001 * 2**step for step in range(8))
RUNGS = (*(1 + step for step in NEAR), 1.0, *(1 - step for step in NEAR), 0.75, 0.5, 0.25, 0.0)
"""What the rate is multiplied by: what is drawn differs from what is expected by 1 / sqrt(documents) or so."""
SUMS_BYTES = 80
GROUPS_OF_A_SHARD = 4_096


def settings_of(rephrase: Rephrase) -> Mapping[str, Any]:
    """What decides: all but the engine and what is done with its answers, and of the strategies what they are and weigh."""
    others = {"http", "transformers", "vllm", "sampling", "checks", "in_output", "strategies", "own_strategies"}
    used = {strategy.name: [strategy.version, strategy.weight] for strategy in load_strategies(rephrase)}
    return {**rephrase.model_dump(mode="json", exclude=others), "strategies": used}


def run(job: Job, *, rephrase: Rephrase, strategies: Sequence[Strategy] | None = None) -> None:
    """Write the table `assigned` (ASSIGNED), and `plan.json`: what is planned, by strategy, and what limits it."""
    curate = job.inputs["curate"]
    shards, documents = shards_with_documents(curate), curate.total("documents_out")
    if not shards:
        return
    used = tuple(load_strategies(rephrase) if strategies is None else strategies)
    if len(used) > MOST_STRATEGIES:
        raise ConfigError(
            f"rephrase.strategies: {len(used)} are in use, at most {MOST_STRATEGIES} can be; leave some out"
        )
    rows = AssignRows(folder=job.folder, inputs=dict(job.inputs), rephrase=rephrase, strategies=used)
    work = Work(rows=rows, shards=tuple(shards), documents=documents)
    if documents * len(used) * SUMS_BYTES <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, frozenset(job.commits)), expected=len(shards) + 3)
    else:
        work.staged(job)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    rows: AssignRows
    shards: tuple[int, ...]
    documents: int

    @property
    def sample(self) -> Sample:
        return Sample(wanted=SAMPLE_DOCUMENTS, of=self.documents, seed=self.rows.rephrase.seed + Draw.RANK_SAMPLE)

    def at_once(self, done: frozenset[str]) -> Iterator[Commit]:
        """All rounds in this process, but what `done` names."""
        if "quantiles" not in done:
            yield self.rows.ranking.conclude_quantiles(together(self.sampled, self.shards))
        if "rates" not in done:
            yield self.conclude_rates(group_sums(together(self.supply, self.shards)))
        if "plan" not in done:
            yield self.conclude_plan(drawn_sums(together(self.drawn_at_rungs, self.shards)))
        yield from (self.assign(shard) for shard in self.shards if shard_name(shard) not in done)

    def staged(self, job: Job) -> None:
        """Round after round as graphs."""
        if "quantiles" not in job.commits:
            conclude = self.rows.ranking.conclude_quantiles
            gather_sample(job, self.sample, self.sampled, self.shards, conclude, row_bytes=VALUES_BYTES)
        if "rates" not in job.commits:
            supply = Exchange(emit=self.supply, reduce=group_sums, row_bytes=SUMS_BYTES)
            strategies = len(self.rows.strategies)
            most = min(self.documents, len(self.shards) * GROUPS_OF_A_SHARD) * strategies
            gather(job, supply, self.shards, self.conclude_rates, most)
        if "plan" not in job.commits:
            rungs = Exchange(emit=self.drawn_at_rungs, reduce=drawn_sums, row_bytes=SUMS_BYTES)
            most = len(self.shards) * len(RUNGS) * len(self.rows.strategies)
            gather(job, rungs, self.shards, self.conclude_plan, most)
        over_shards(job, self.shards, self.assign)

    def sampled(self, shard: int) -> pa.Table:
        return self.sample.rows(self.rows.ranking.values(shard))

    def supply(self, shard: int) -> pa.Table:
        return supply_rows(self.rows.curated(shard), self.rows.strategies, self.rows.rephrase)

    def conclude_rates(self, sums: pa.Table) -> Commit:
        """Write the rates at which all bounds are expected to be kept."""
        rephrase, strategies = self.rows.rephrase, self.rows.strategies
        tokens = total(sums.filter(pc.equal(sums["strategy"], ORIGINALS))["tokens"])
        captions, bounds = caption_rate(sums, bounds_of(rephrase, tokens))
        supply = supply_of(sums.filter(pc.greater_equal(sums["strategy"], 0)), strategies, rephrase.choice.variants)
        rates = fit_rates(supply, bounds, TOKENS, rephrase.conversation_share)
        Planned(rates=rates, captions=captions, original_tokens=tokens).write(self.rows.folder)
        return Commit(name="rates", shards=())

    def drawn_at_rungs(self, shard: int) -> pa.Table:
        """What is drawn of a shard at each rung (the key), by strategy: documents, assigned and MEASURES."""
        found, planned = self.rows.curated(shard), Planned.read(self.rows.folder)
        return pa.concat_tables(
            drawn(self.rows, found, shard, planned.times(rung), key=number)[1] for number, rung in enumerate(RUNGS)
        )

    def conclude_plan(self, sums: pa.Table) -> Commit:
        """Write `plan.json`: of the rungs at which all bounds are kept, that with the most synthetic text."""
        rephrase, planned = self.rows.rephrase, Planned.read(self.rows.folder)
        bounds = bounds_of(rephrase, planned.original_tokens)
        by_rung = [sums.filter(pc.equal(sums["key"], number)) for number in range(len(RUNGS))]
        kept = [number for number, found in enumerate(by_rung) if all(bound.keeps(totals(found)) for bound in bounds)]
        rung = max(kept, key=lambda number: (totals(by_rung[number])[[TOKENS, REQUESTS]].tolist(), -number))
        plan = plan_of(planned.times(RUNGS[rung]), by_rung[rung], rephrase, self.rows.strategies)
        self.rows.folder.write_bytes(PLAN, json.dumps(plan, indent=1).encode())
        return Commit(name="plan", shards=(), notes=shortcoming(plan, rephrase))

    def assign(self, shard: int) -> Commit:
        """Write the table `assigned` of a shard."""
        found = self.rows.curated(shard)
        assigned, sums = drawn(self.rows, found, shard, Planned.read(self.rows.folder, PLAN))
        if assigned.num_rows:
            self.rows.folder.write("assigned", shard, assigned)
        counts = {"documents_in": len(found.doc_id), "documents_out": len(found.doc_id), "assigned": assigned.num_rows}
        planned = {f"planned_{name}": total(sums[name]) for name in MEASURES}
        return Commit(name=shard_name(shard), shards=(shard,), counts=counts | planned)
