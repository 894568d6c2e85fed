"""Where the engine is vLLM: a graph of `ray.data.llm` puts the answers to all that is open into the cache, where lanes find them.

Requests of a shard are made in one task, answered wherever there is room, and written in blocks, each to the cache of its shard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import pyarrow as pa

from curator.config.rephrase import VllmEngine
from curator.rephrase.cache import ResponseCache
from curator.rephrase.requests import Response
from curator.rephrase.vllm_engine import answered, request_row
from curator.steps.actors import IO_CPUS
from curator.steps.graph import mapped, shard_rows
from curator.steps.rephrase_shards import Desk, cache_folder
from curator.store.step_folder import StepFolder

AT_ONCE = 256  # answers in a file of the cache


def fill_cache(desk: Desk, shards: Sequence[int], engine: VllmEngine) -> None:
    """Answer what no run has asked yet. What fails is not kept: its row of the answers says so, and another run asks again."""
    requests = mapped(shard_rows(shards), partial(open_requests, desk=desk), batch_size=1, num_cpus=IO_CPUS)
    keep = partial(kept, folder=desk.folder)
    for _ in mapped(answered(requests, engine), keep, batch_size=AT_ONCE, num_cpus=IO_CPUS).iter_batches():
        pass  # the graph is lazy


def open_requests(batch: pa.Table, *, desk: Desk) -> Iterator[pa.Table]:
    """Rows of the requests of a shard that the cache does not know; none where it knows all."""
    (shard,) = batch["shard"].to_pylist()
    rows = [request_row(request, shard) for request in desk.open(shard).waiting.values()]
    if rows:
        yield pa.Table.from_pylist(rows)


def kept(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    """Put answers into the caches of their shards; how many there were."""
    for shard in sorted(set(rows["shard"].to_pylist())) if rows.num_rows else ():
        of_shard = [row for row in rows.to_pylist() if row["shard"] == shard]
        answers = [Response(**{name: row[name] for name in row if name != "shard"}) for row in of_shard]
        ResponseCache(cache_folder(folder.folder), shard).put(answers)
    return pa.table({"answers": [rows.num_rows]})
