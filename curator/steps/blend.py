"""Step `blend`: synthetic documents beside the curated ones, up to their share of the tokens, each marked with where it is from.
Captions that are expanded take the place of what they are made of.

How much goes in follows from sums of tokens by hash, so the share is a bound and not an expectation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.rephrase import Rephrase
from curator.steps.blend_rows import synthetic_rows, with_marks
from curator.steps.draws import Draw
from curator.steps.exchange import Exchange
from curator.steps.gather import gather, together
from curator.steps.graph import in_one_task, over_shards
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.sums import tokens_by_key
from curator.steps.survivors import shards_with_documents, total
from curator.steps.synthetic_tables import SIZES, accepted_rewrites
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.text.token_estimate import tokens_of_bytes

VERSION = 3
BLEND = "blend.json"
BUCKET_BITS = 12  # of the hash by which documents are taken: the share is met within 1 / 4,096 of what there is
SUMS_BYTES = 16


def settings_of(rephrase: Rephrase) -> dict[str, Any]:
    """What decides the result: the share, and what the marks say."""
    engine = {"engine": rephrase.engine_name, "model": rephrase.engine.model, "sampling": rephrase.sampling.seed}
    return {**rephrase.model_dump(include={"share", "in_output", "seed"}), **engine}


def run(job: Job, *, rephrase: Rephrase) -> None:
    """Write `curated` and `sizes` (SIZES) for every shard with documents, and `blend.json`: what was mixed."""
    shards = shards_with_documents(job.inputs["curate"])
    if not shards:
        return
    work = Work(folder=job.folder, inputs=dict(job.inputs), rephrase=rephrase)
    most = len(shards) << BUCKET_BITS
    if most * SUMS_BYTES <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, shards, frozenset(job.commits)), expected=len(shards) + 1)
        return
    if "share" not in job.commits:
        gather(job, Exchange(emit=work.sums, reduce=tokens_by_key, row_bytes=SUMS_BYTES), shards, work.decide, most)
    over_shards(job, shards, work.blend)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    rephrase: Rephrase

    def at_once(self, shards: list[int], done: frozenset[str]) -> Iterator[Commit]:
        """All rounds in this process, but what `done` names."""
        if "share" not in done:
            yield self.decide(tokens_by_key(together(self.sums, shards)))
        yield from (self.blend(shard) for shard in shards if shard_name(shard) not in done)

    def sums(self, shard: int) -> pa.Table:
        """Tokens of a shard by key: curated ones with their copies have 0, synthetic ones their bucket and 1."""
        rows = self.inputs["curate"].read("curated", shard, ["text", "copies"])
        accepted, _ = self._rewrites(shard)
        tokens = np.append(np.dot(_tokens(rows["text"]), rows["copies"].to_numpy()), _tokens(accepted["text"]))
        key = np.append(0, self._buckets(accepted) + 1).astype(np.uint64)
        return tokens_by_key(pa.table({"key": key, "tokens": tokens}))

    def decide(self, sums: pa.Table) -> Commit:
        """Write how many buckets go in: as many as keep the share."""
        tokens = np.zeros((1 << BUCKET_BITS) + 1)
        tokens[sums["key"].to_numpy().astype(np.int64)] = sums["tokens"].to_numpy()
        share, reached = self.rephrase.share, np.cumsum(tokens[1:])
        room = tokens[0] * share / (1 - share) if self.rephrase.in_output else 0.0
        buckets = int(np.searchsorted(reached, room, side="right"))
        taken = float(reached[buckets - 1]) if buckets else 0.0
        told = {
            "buckets": buckets,
            "original_tokens": int(tokens[0]),
            "accepted_tokens": int(reached[-1]),
            "synthetic_tokens": int(taken),
            "share": taken / max(1.0, taken + tokens[0]),
        }
        self.folder.write_bytes(BLEND, json.dumps(told, indent=1).encode())
        return Commit(name="share", shards=())

    def blend(self, shard: int) -> Commit:
        """Write the documents of a shard: those that people wrote, and behind them the synthetic ones."""
        came = self.inputs["curate"].read("curated", shard)
        accepted, expanded = self._rewrites(shard)
        accepted = accepted.filter(pa.array(self._buckets(accepted) < self._taken))
        originals = with_marks(came, expanded, self.rephrase)
        rows = pa.concat_tables([originals, synthetic_rows(originals, accepted, self.rephrase)])
        origin = np.append(originals["doc_id"].to_numpy(), accepted["source_doc_id"].to_numpy())
        sizes = [rows["doc_id"], pc.binary_length(rows["text"]).cast(pa.int64()), pa.chunked_array([pa.array(origin)])]
        self.folder.write("curated", shard, rows.combine_chunks())
        self.folder.write("sizes", shard, pa.table(sizes, schema=SIZES).combine_chunks())
        counts = {"documents_in": came.num_rows, "documents_out": came.num_rows}
        counts |= {"bytes_in": _size(came), "bytes_out": _size(originals), "captions_expanded": expanded.num_rows}
        added = {"copies": total(rows["copies"]), "copies_added": accepted.num_rows}
        return Commit(name=shard_name(shard), shards=(shard,), counts=counts | added)

    def _rewrites(self, shard: int) -> tuple[pa.Table, pa.Table]:
        """Rewrites that become documents, and those that take the place of captions."""
        rows = accepted_rewrites(self.inputs, shard)
        in_place = pc.equal(rows["doc_id"], rows["source_doc_id"])
        expanded = rows.filter(in_place) if self.rephrase.in_output else rows.slice(0, 0)
        return rows.filter(pc.invert(in_place)), expanded

    def _buckets(self, accepted: pa.Table) -> npt.NDArray[np.int64]:
        """The bucket of each accepted document, by hash."""
        hashed = mixed(accepted["doc_id"].to_numpy(), self.rephrase.seed + Draw.BLENDED)
        return (hashed >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)

    @cached_property
    def _taken(self) -> int:
        return int(json.loads(self.folder.read_bytes(BLEND))["buckets"])


def _size(rows: pa.Table) -> int:
    return total(pc.binary_length(rows["text"]))


def _tokens(text: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return tokens_of_bytes(pc.binary_length(text).to_numpy())
