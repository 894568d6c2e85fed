"""The Ray Data graphs that every step is made of: one task a shard, or all shards in one task where that is enough."""

from __future__ import annotations

import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import ray.data
from ray.util.annotations import RayDeprecationWarning

from curator.steps.step import Job
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

Work = Callable[[int], Commit]
MAX_RETRIES = 3  # Ray Data's own default is without limit: a shard that kills its worker would be tried for ever
COMMIT = pa.schema([("commit", pa.string())])


def over_shards(
    job: Job, shards: Sequence[int], work: Work, *, name: Callable[[int], str] = shard_name, gpus: float = 0.0
) -> None:
    """Run `work` on every shard that has no commit yet, one task a shard, and commit each as it ends; `gpus` are of a task."""
    undone = [shard for shard in shards if name(shard) not in job.commits]
    if undone:
        on_shard = partial(_work_on_shard, work=work, folder=job.folder)
        graph = mapped(shard_rows(undone), on_shard, batch_size=1, num_gpus=gpus or None)
        collect(job, graph, expected=len(shards))


def in_one_task(job: Job, work: Callable[[], Iterator[Commit]], *, expected: int, gpus: int = 0) -> None:
    """Run `work` in one task; each commit that it yields is made valid before the next is begun."""
    graph = mapped(
        shard_rows([0]),
        partial(_work_at_once, work=work, folder=job.folder),
        batch_size=1,
        num_gpus=gpus or None,
    )
    collect(job, graph, expected=expected)


def shard_rows(shards: Sequence[int]) -> ray.data.Dataset:
    """A dataset of one block for each shard number, column `shard`."""
    return ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))


def mapped(graph: ray.data.Dataset, function: Any, *, batch_size: int | None, **options: Any) -> ray.data.Dataset:
    """`map_batches` on Arrow tables with a limit on retries, which Ray Data takes as a remote argument only."""
    remote: dict[str, Any] = {"max_task_retries" if "compute" in options else "max_retries": MAX_RETRIES}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RayDeprecationWarning)  # Ray 2.64 drops these arguments: see pyproject.toml
        return graph.map_batches(function, batch_size=batch_size, batch_format="pyarrow", **remote, **options)


def collect(job: Job, graph: ray.data.Dataset, *, expected: int) -> None:
    """Run the graph and take in its commits as they come; nothing else passes through the driver."""
    for row in graph.iter_rows():
        job.add(Commit.from_json(row["commit"]), expected)


def commit_now(folder: StepFolder, commit: Commit, started: float) -> pa.Table:
    """Make a commit valid, with what it cost, and give it back as a row for the driver."""
    measured = replace(commit, started=started, ended=time.time(), peak_bytes=peak_memory())
    folder.commit(measured)
    return pa.table({"commit": [measured.to_json()]}, schema=COMMIT)


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _work_on_shard(batch: pa.Table, *, work: Work, folder: StepFolder) -> pa.Table:
    started = time.time()
    (shard,) = batch["shard"].to_pylist()
    return commit_now(folder, work(shard), started)


def _work_at_once(batch: pa.Table, *, work: Callable[[], Iterator[Commit]], folder: StepFolder) -> Iterator[pa.Table]:
    started = time.time()
    for commit in work():
        yield commit_now(folder, commit, started)
        started = time.time()
