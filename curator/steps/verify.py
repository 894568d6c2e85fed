"""Step `verify`: what the engine answered becomes documents, each held against its source before it may enter the corpus.

Rounds: every shard parses its answers and checks them, part by part and then together; openings of all shards are counted, for a
model that begins every text alike has collapsed into a template; every shard leaves out what is too much of one opening; a sample
says how varied the rest is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.rephrase.diversity import Pair, report
from curator.rephrase.openings import too_frequent
from curator.rephrase.strategy import Strategy, load_strategies
from curator.steps.assign_plan import PLAN
from curator.steps.draws import Draw
from curator.steps.exchange import Exchange
from curator.steps.gather import Sample, gather, gather_sample, together
from curator.steps.graph import in_one_task, over_shards
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.survivors import shards_with_documents, total
from curator.steps.synthetic_tables import ACCEPTED, REJECTED, REJECTED_COUNT
from curator.steps.verify_answers import CHECKED, answers_of, checked_answers, passed
from curator.steps.verify_openings import documents_by_opening, openings_of, without_collapsed
from curator.steps.verify_standards import Standards
from curator.store.ids import shard_name, synthetic_ids
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet
from curator.text.buffers import first_characters

VERSION = 3
OPENINGS, REPORT = "openings.parquet", "synthetic.json"
OPENING_BYTES = 40
SAMPLE_DOCUMENTS, SAMPLE_CHARACTERS = 5_000, 2_000


def run(job: Job, *, standards: Standards) -> None:
    """Write `synthetic` (ACCEPTED), `rejected` (REJECTED) and `left_out` for the shards that have any, and `synthetic.json`."""
    curate, assigned = job.inputs["curate"], job.inputs["assign"].total("assigned")
    shards = shards_with_documents(curate)
    if not shards:
        return
    work = Work(folder=job.folder, inputs=dict(job.inputs), standards=standards, assigned=assigned)
    over_shards(job, shards, work.check, name=checked_name, gpus=standards.gpus)
    if assigned * OPENING_BYTES <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, shards, frozenset(job.commits)), expected=2 * len(shards) + 2)
        return
    if "openings" not in job.commits:
        openings = Exchange(emit=work.openings, reduce=documents_by_opening, row_bytes=OPENING_BYTES)
        gather(job, openings, shards, work.conclude_openings, assigned)
    over_shards(job, shards, work.accept)
    if "report" not in job.commits:
        gather_sample(job, work.sample, work.sampled, shards, work.conclude_report, row_bytes=2 * SAMPLE_CHARACTERS)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    standards: Standards
    assigned: int

    def at_once(self, shards: list[int], done: frozenset[str]) -> Iterator[Commit]:
        """The rounds after the checks in this process, but what `done` names."""
        if "openings" not in done:
            yield self.conclude_openings(documents_by_opening(together(self.openings, shards)))
        yield from (self.accept(shard) for shard in shards if shard_name(shard) not in done)
        if "report" not in done:
            yield self.conclude_report(together(self.sampled, shards))

    def check(self, shard: int) -> Commit:
        """Write the tables `checked` of a shard: every rewrite, and why it is not accepted; and LEFT_OUT of its parts."""
        rows, left_out = checked_answers(shard, self.inputs, self.standards)
        for name, found in (("checked", rows), ("left_out", left_out)):
            if found.num_rows:
                self.folder.write(name, shard, found)
        counts = {"parts": total(rows["parts"]), "parts_left_out": left_out.num_rows}
        return Commit(name=checked_name(shard), shards=(), counts=counts)

    def openings(self, shard: int) -> pa.Table:
        """How often each opening occurs in a shard."""
        return openings_of(self._checked(shard))

    def conclude_openings(self, rows: pa.Table) -> Commit:
        """Write the openings of which there are too many, and what share of them stays."""
        checks = self.standards.rephrase.checks
        found = too_frequent(rows.sort_by("key"), share=checks.collapse_share, least=checks.collapse_least)
        self.folder.write_bytes(OPENINGS, memoryview(to_parquet(found)))
        return Commit(name="openings", shards=(), counts={"collapsed_openings": found.num_rows})

    def accept(self, shard: int) -> Commit:
        """Write what a shard gives to the corpus, and what not, and why."""
        rows = without_collapsed(self._checked(shard), self._collapsed, self.standards.rephrase.seed)
        accepted, rejected = passed(rows), rows.filter(pc.is_valid(rows["reason"]))
        accepted = accepted.append_column("doc_id", pa.array(self._ids(shard, accepted))).sort_by("doc_id")
        rejected = rejected.rename_columns({"source_doc_id": "doc_id"})
        for name, found, schema in (("synthetic", accepted, ACCEPTED), ("rejected", rejected, REJECTED)):
            if found.num_rows:
                self.folder.write(name, shard, found.select(schema.names).cast(schema))
        came = self.inputs["curate"].read("curated", shard, ["doc_id", "text"])
        size = total(pc.binary_length(came["text"]))
        counts = {"documents_in": len(came), "documents_out": len(came), "bytes_in": size, "bytes_out": size}
        reasons = Counter(f"{REJECTED_COUNT}{reason}" for reason in rejected["reason"].to_pylist())
        told = {"rewrites": rows.num_rows, "accepted": accepted.num_rows, **dict(sorted(reasons.items()))}
        return Commit(name=shard_name(shard), shards=(shard,), counts=counts | told)

    @property
    def sample(self) -> Sample:
        seed = self.standards.rephrase.seed + Draw.REPORT_SAMPLE
        return Sample(wanted=SAMPLE_DOCUMENTS, of=max(1, self.assigned), seed=seed)

    def sampled(self, shard: int) -> pa.Table:
        """Beginnings of what the engine wrote of sampled documents, and of these: key (doc_id), strategy, text, source, concept."""
        rows = self.sample.rows(self.folder.sparse("synthetic", shard, ACCEPTED))
        columns = ["doc_id", "text", *(["concept_id"] if "concepts" in self.inputs else [])]
        sources = self.inputs["curate"].read("curated", shard, columns)
        sources = sources.take(pc.index_in(rows["source_doc_id"], sources["doc_id"].combine_chunks()))
        none = pa.nulls(rows.num_rows, pa.uint32())
        return pa.table(
            {
                "key": rows["key"],
                "strategy": rows["strategy"],
                "text": first_characters(answers_of(rows, self._checked(shard)), SAMPLE_CHARACTERS).cast(
                    pa.large_string()
                ),
                "source": first_characters(sources["text"], SAMPLE_CHARACTERS).cast(pa.large_string()),
                "concept": sources["concept_id"] if "concept_id" in columns else none,
            }
        )

    def conclude_report(self, rows: pa.Table) -> Commit:
        """Write `synthetic.json`: how varied the sample is, and what to beware of."""
        order = np.argsort(
            mixed(rows["key"].to_numpy(), self.standards.rephrase.seed + Draw.REPORT_ORDER), kind="stable"
        )
        found = rows.take(pa.array(order)).drop_columns(["key"]).to_pylist()
        plan = json.loads(self.inputs["assign"].read_bytes(PLAN))["strategies"]
        assigned = {name: told["assigned"] for name, told in plan.items()}
        conversations = [strategy.name for strategy in self._strategies if strategy.style == "conversation"]
        told = report([Pair(**row) for row in found], assigned, conversations)
        self.folder.write_bytes(REPORT, json.dumps(told, indent=1).encode())
        return Commit(name="report", shards=(), notes=tuple(told["warnings"]))

    def _ids(self, shard: int, accepted: pa.Table) -> npt.NDArray[np.uint64]:
        """A number of its own for each, but for captions: what they become takes their place."""
        captions = [strategy.name for strategy in self._strategies if strategy.for_captions]
        ids, sources = synthetic_ids(shard, accepted.num_rows), accepted["source_doc_id"].to_numpy()
        return np.where(np.isin(accepted["strategy"].to_numpy(), captions), sources, ids)

    def _checked(self, shard: int) -> pa.Table:
        return self.folder.sparse("checked", shard, CHECKED)

    @cached_property
    def _strategies(self) -> tuple[Strategy, ...]:
        return load_strategies(self.standards.rephrase)

    @cached_property
    def _collapsed(self) -> pa.Table:
        return read_parquet(self.folder.folder, OPENINGS)


def checked_name(shard: int) -> str:
    return f"checked-{shard_name(shard)}"
