"""Step `write`: the end of a run that only looks for duplicates. What stays is written as it was read, and so is the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from curator.config.duplicates import Duplicates
from curator.steps.curate import write_shard
from curator.steps.duplicate_columns import duplicate_columns
from curator.steps.graph import over_shards
from curator.steps.step import Job
from curator.steps.survivors import Upstream
from curator.store.step_folder import Commit, StepFolder

VERSION = 1
FAST = 1  # zstd at twice the speed of level 3, for an eighth more bytes: packing is most of what this step does


def run(job: Job, *, duplicates: Duplicates, media: bool) -> None:
    """Write `curated` and `ledger` for every shard; with a column `medium` where records have `media`."""
    work = partial(write_unique, folder=job.folder, inputs=dict(job.inputs), duplicates=duplicates, media=media)
    over_shards(job, job.inputs["ingest"].shards(), work)


def write_unique(
    shard: int, *, folder: StepFolder, inputs: Mapping[str, StepFolder], duplicates: Duplicates, media: bool
) -> Commit:
    """Write one shard of both tables."""
    return write_shard(shard, unique_rows(shard, inputs, duplicates, media), folder, inputs, level=FAST)


def unique_rows(shard: int, inputs: Mapping[str, StepFolder], duplicates: Duplicates, media: bool) -> pa.Table:
    """The documents of a shard that stay: doc_id, text, url, source, date, what they stand for, metadata."""
    upstream = Upstream.of(inputs)
    medium = ("medium",) if media else ()
    rows = upstream.documents(shard, ("doc_id", "text", "url", "source", *medium, "metadata"))
    columns = {name: rows[name] for name in ("doc_id", "text", "url", "source")}
    columns["date"] = upstream.statistics(shard, ("date",))["date"].cast(pa.timestamp("s", tz="UTC"))
    columns |= duplicate_columns(shard, rows["doc_id"].to_numpy(), inputs, duplicates)
    return pa.table(columns | {name: rows[name] for name in (*medium, "metadata")})
