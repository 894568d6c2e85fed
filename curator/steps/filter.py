"""Step `filter`: language and heuristic rules over the narrow statistics. The text is not read: thresholds are cheap to change."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.filters import Filters
from curator.config.schema import Language
from curator.steps.graph import over_shards
from curator.steps.step import Job
from curator.steps.survivors import funnel_counts
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.heuristics import heuristic_quality, judge

VERSION = 1


def run(job: Job, *, language: Language | None, filters: Filters) -> None:
    """Write `drops` and, for every ingested document, its heuristic `quality`."""
    ingest = job.inputs["ingest"]
    work = partial(filter_shard, folder=job.folder, ingest=ingest, language=language, filters=filters)
    over_shards(job, ingest.shards(), work)


def filter_shard(
    shard: int, *, folder: StepFolder, ingest: StepFolder, language: Language | None, filters: Filters
) -> Commit:
    statistics = ingest.read("statistics", shard)
    drops = decide(statistics, language, filters)
    quality = pa.array(heuristic_quality(statistics, filters))
    folder.write("quality", shard, pa.table({"doc_id": statistics["doc_id"], "quality": quality}))
    if drops.num_rows:
        folder.write("drops", shard, drops)
    return Commit(name=shard_name(shard), shards=(shard,), counts=funnel_counts(statistics, drops))


def decide(statistics: pa.Table, language: Language | None, filters: Filters) -> pa.Table:
    """The documents that language or a heuristic drops (schema DROPS): the first rule that fails, language first."""
    judged = judge(statistics, filters)
    reason, value = judged["reason"], judged["value"]
    if language is not None:
        foreign = pa.array(_foreign(statistics, language))
        reason = pc.if_else(foreign, "language", reason)
        value = pc.if_else(foreign, pc.cast(statistics["language_probability"], pa.float64()), value)
    failed = pc.is_valid(reason)
    dropped = statistics["doc_id"].filter(failed)
    nothing = pa.nulls(len(dropped), pa.uint64())
    detail = _details(statistics, language).filter(failed)
    return pa.table([dropped, reason.filter(failed), value.filter(failed), nothing, detail], schema=DROPS)


def _foreign(statistics: pa.Table, language: Language) -> npt.NDArray[np.bool_]:
    wanted = pc.is_in(statistics["language"], pa.array(language.keep)).to_numpy(zero_copy_only=False)
    sure = statistics["language_probability"].to_numpy() >= np.float32(language.min_probability)
    found: npt.NDArray[np.bool_] = ~(wanted & sure)
    return found


def _details(statistics: pa.Table, language: Language | None) -> pa.ChunkedArray:
    """For documents of another language: which one was found."""
    if language is None:
        return pa.chunked_array([pa.nulls(statistics.num_rows, pa.string())])
    foreign = pa.array(_foreign(statistics, language))
    return pc.if_else(foreign, statistics["language"], pa.scalar(None, pa.string()))
