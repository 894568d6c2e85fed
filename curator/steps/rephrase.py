"""Step `rephrase`: what was assigned becomes requests, the engine answers those that the cache does not know, once each.

The undone shards are dealt to as many lanes as the engine has actors, each one long task. What comes back is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from curator.config.engines import HttpEngine, TransformersEngine
from curator.config.rephrase import Rephrase
from curator.rephrase.http_engine import HttpClient
from curator.rephrase.strategy import load_strategies
from curator.steps.actors import IO_CPUS
from curator.steps.graph import COMMIT, collect, commit_now, mapped, shard_rows
from curator.steps.rephrase_lane import in_batches, over_http
from curator.steps.rephrase_shards import Desk
from curator.steps.rephrase_vllm import after_the_graph, fill_cache
from curator.steps.step import Job
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

VERSION = 2
SORTED = 16  # batches that are sorted by length together
DECIDES = {"dtype", "engine", "extra"}  # of an engine's settings, beside the model; the others say where and how fast


def settings_of(rephrase: Rephrase) -> dict[str, Any]:
    """What decides the answers, as far as a model's answers are decided by anything. Raises ConfigError as load_strategies does."""
    return {
        "engine": rephrase.engine_name,
        "model": rephrase.engine.model,
        "loaded": rephrase.engine.model_dump(mode="json", include=DECIDES),
        "sampling": rephrase.sampling.model_dump(),
        "strategies": {strategy.name: strategy.version for strategy in load_strategies(rephrase)},
    }


def run(job: Job, *, rephrase: Rephrase) -> None:
    """Write `answers` (schema ANSWERS) for every shard of which something was assigned."""
    documents = documents_of(job.inputs["curate"])
    undone = [shard for shard in documents if shard_name(shard) not in job.commits]
    if not undone:
        return
    desk = Desk(
        curate=job.inputs["curate"],
        assign=job.inputs["assign"],
        folder=job.folder,
        rephrase=rephrase,
        strategies=load_strategies(rephrase),
        documents=documents,
    )
    if rephrase.vllm is not None:
        desk = replace(desk, filled=fill_cache(desk, undone, rephrase.vllm))
    lanes = min(rephrase.engine.actors, len(undone))
    graph = shard_rows(range(lanes))
    graph.context.target_max_block_size = 1  # a commit goes to the driver at once, not at the end of the lane
    gpus = rephrase.transformers.gpus_per_actor if rephrase.transformers is not None else 0.0
    cpus = IO_CPUS if rephrase.transformers is None else None  # a lane that asks elsewhere waits most of the time
    work = partial(_lane, desk=desk, dealt=[undone[lane::lanes] for lane in range(lanes)])
    collect(job, mapped(graph, work, batch_size=1, num_cpus=cpus, num_gpus=gpus or None), expected=len(documents))


def documents_of(curate: StepFolder) -> dict[int, tuple[int, int]]:
    """Documents and text bytes of every curated shard that has documents, by shard, ascending."""
    commits = [commit for commit in curate.manifest() or () if commit.counts.get("documents_out")]
    sizes = {shard: commit.counts for commit in commits for shard in commit.shards}
    return {shard: (sizes[shard]["documents_out"], sizes[shard].get("bytes_out", 0)) for shard in sorted(sizes)}


def answered(desk: Desk, shards: Sequence[int]) -> Iterator[Commit]:
    """Answer all requests of these shards; a shard comes back when its answers are written. Raises EngineError."""
    engine = desk.rephrase.engine
    if isinstance(engine, HttpEngine):
        return over_http(HttpClient(engine), desk, shards)
    if isinstance(engine, TransformersEngine):
        from curator.rephrase.transformers_engine import load_engine

        return in_batches(partial(load_engine, engine), desk, shards, size=SORTED * engine.batch_requests)
    return after_the_graph(desk, shards)


def _lane(batch: pa.Table, *, desk: Desk, dealt: Sequence[Sequence[int]]) -> Iterator[pa.Table]:
    """One row for each commit. A lane that is tried again begins with the rows that it gave before, since Ray counts them."""
    (lane,) = batch["shard"].to_pylist()
    earlier = earlier_commits(desk.folder, dealt[lane])
    for commit in sorted(earlier.values(), key=lambda commit: commit.ended):
        yield pa.table({"commit": [commit.to_json()]}, schema=COMMIT)
    undone = [shard for shard in dealt[lane] if shard_name(shard) not in earlier]
    for commit in answered(desk, undone) if undone else ():
        yield commit_now(desk.folder, commit, commit.started)


def earlier_commits(folder: StepFolder, shards: Sequence[int]) -> Mapping[str, Commit]:
    """The commits of these shards that are there already."""
    there = {name.removesuffix(".json") for name in (folder.folder / "commits").names(".json")}
    found = [folder.commit_of(shard_name(shard)) for shard in shards if shard_name(shard) in there]
    return {commit.name: commit for commit in found if commit is not None}
