"""Where the engine is vLLM: a graph of `ray.data.llm` puts the answers to all that is open into the cache, where lanes find them.

Requests of a shard are made in one task, answered wherever there is room, and written in blocks, each to the cache of its shard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import pyarrow as pa

from curator.config.engines import VllmEngine
from curator.rephrase.cache import ResponseCache
from curator.rephrase.http_answers import failed
from curator.rephrase.requests import Request, Response
from curator.rephrase.vllm_engine import answered, request_row
from curator.steps.actors import IO_CPUS
from curator.steps.graph import mapped, shard_rows
from curator.steps.rephrase_lane import in_batches
from curator.steps.rephrase_shards import Desk, cache_folder
from curator.store.step_folder import Commit, StepFolder

AT_ONCE = 256  # answers in a file of the cache
REFUSED = "refused"


def fill_cache(desk: Desk, shards: Sequence[int], engine: VllmEngine) -> Counter[int]:
    """Answer what no run has asked yet; how many answers each shard got. What fails is not kept: another run asks again."""
    requests = mapped(shard_rows(shards), partial(open_requests, desk=desk), batch_size=1, num_cpus=IO_CPUS)
    keep = partial(kept, folder=desk.folder)
    filled: Counter[int] = Counter()
    for row in mapped(answered(requests, engine), keep, batch_size=AT_ONCE, num_cpus=IO_CPUS).iter_rows():
        filled[row["shard"]] += row["answers"]
    return filled


def open_requests(batch: pa.Table, *, desk: Desk) -> Iterator[pa.Table]:
    """Rows of the requests of a shard that the cache does not know; none where it knows all."""
    (shard,) = batch["shard"].to_pylist()
    rows = [request_row(request, shard) for request in desk.open(shard).waiting.values()]
    if rows:
        yield pa.Table.from_pylist(rows)


def kept(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    """Put answers into the caches of their shards, and those that failed beside the step; how many of a shard were answered."""
    by_shard: dict[int, list[Response]] = {}
    for row in rows.to_pylist():
        by_shard.setdefault(row.pop("shard"), []).append(Response(**row))
    for shard, responses in sorted(by_shard.items()):
        ResponseCache(cache_folder(folder.folder), shard).put(responses)
        ResponseCache(folder.folder / REFUSED, shard).put_failed(responses)
    good = [sum(not response.failed for response in by_shard[shard]) for shard in sorted(by_shard)]
    return pa.table({"shard": pa.array(sorted(by_shard), pa.int64()), "answers": pa.array(good, pa.int64())})


def after_the_graph(desk: Desk, shards: Sequence[int]) -> Iterator[Commit]:
    """Close shards after `fill_cache`. What has no answer now has none: it is told why, or that the graph gave none."""
    for shard in shards:
        refused = ResponseCache(desk.folder.folder / REFUSED, shard).load()
        yield from in_batches(partial(NoEngine, refused), desk, [shard], size=AT_ONCE)


class NoEngine:
    """Knows the responses to requests that have failed, and answers none."""

    def __init__(self, refused: Mapping[str, Response]) -> None:
        self._refused = refused

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        return [self._refused.get(request.key) or failed(request.key, "no answer") for request in requests]
