"""A graph with a pool of actors in its middle, so that a GPU never waits for a disk or a tokenizer: tasks read and prepare, actors
that hold a model work, tasks write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import ray
import ray.data

from curator.steps.graph import mapped, shard_rows

IO_CPUS = 0.25  # reading and writing tasks must find room beside actors that hold the cores
Batches = Callable[[pa.Table], pa.Table]


def through_actors(
    shards: Sequence[int],
    read: Batches,
    actor: type,
    arguments: tuple[Any, ...],
    write: Batches,
    *,
    actors: int,
    gpus: float,
    prepares: bool,
) -> ray.data.Dataset:
    """`read` is given a table of one `shard` and gives one table, `actor` and `write` are given that of one shard.

    `actors` is the most there are, `gpus` of each. `prepares`: reading takes a whole core where actors have GPUs.
    """
    graph = shard_rows(shards)
    graph.context.target_max_block_size = (
        None  # a shard of short documents has vectors above 128 MiB, and must stay whole
    )
    given = mapped(graph, read, batch_size=1, num_cpus=1 if gpus > 0 and prepares else IO_CPUS)
    done = mapped(
        given,
        actor,
        fn_constructor_args=arguments,
        batch_size=None,
        compute=ray.data.ActorPoolStrategy(min_size=_actors_now(actors, gpus), max_size=actors),
        num_gpus=gpus or None,
        num_cpus=None if gpus > 0 else 1 - IO_CPUS,
    )
    return mapped(done, write, batch_size=None, num_cpus=IO_CPUS)


def _actors_now(actors: int, gpus: float) -> int:
    """How many actors the cluster has room for as it is; an autoscaler may add the others."""
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    room = resources.get("GPU", 0) / gpus if gpus > 0 else resources.get("CPU", 0)
    return max(1, min(actors, int(room)))
