"""A lane: one worker that answers shard after shard. Over HTTP it never waits for a disk, nor for the last answer of a shard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from functools import cache
from queue import SimpleQueue
from typing import Any

from curator.rephrase.http_engine import Batch, HttpClient
from curator.rephrase.requests import Engine, Request, Response
from curator.steps.rephrase_shards import Desk, OpenShard
from curator.store.step_folder import Commit

HELD_CHARACTERS = 100_000_000  # of the prompts of open shards: the next one is read when it is less

Done = Callable[[Commit], None]


def in_batches(load: Callable[[], Engine], desk: Desk, shards: Sequence[int], *, size: int) -> Iterator[Commit]:
    """Answer shards one after the other, `size` requests at a time. The engine is loaded once something is to be asked."""
    engine = cache(load)
    for shard in shards:
        opened = desk.open(shard)
        waiting = list(opened.waiting.values())
        for start in range(0, len(waiting), size):
            opened.receive(engine().answer(waiting[start : start + size]))
        yield desk.close(opened)


def over_http(client: HttpClient, desk: Desk, shards: Sequence[int]) -> Iterator[Commit]:
    """Answer shards with as many requests in flight as the engine allows, and give back each shard as its last answer comes.

    Their order is that in which they are done.
    """

    async def work(done: Done) -> None:
        await HttpLane(client, desk, done).run(shards)

    return from_a_loop(work)


class HttpLane:
    """Requests of one shard follow those of the one before without a gap; the next shard is read meanwhile."""

    def __init__(self, client: HttpClient, desk: Desk, done: Done) -> None:
        self._client, self._desk, self._done = client, desk, done
        self._owners: dict[int, OpenShard] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._held = 0
        self._freed = asyncio.Event()

    async def run(self, shards: Sequence[int]) -> None:
        """Give every shard to `done`. Shards that are complete are given too when an error follows."""
        try:
            async with aclosing(self._client.stream(self._requests(shards))) as batches:
                async for batch in batches:
                    await self._receive(batch)
        finally:
            await asyncio.gather(*self._closing, return_exceptions=True)
        self._check_closed()

    async def _requests(self, shards: Sequence[int]) -> AsyncIterator[Request]:
        left = iter(shards)
        ahead = self._read_ahead(next(left, None))
        places = 0
        try:
            while ahead is not None:
                opened = await ahead
                ahead = self._read_ahead(next(left, None))
                requests = list(opened.waiting.values())
                if not requests:
                    self._close(opened)
                for request in requests:
                    self._owners[places] = opened
                    places += 1
                    yield request
        finally:
            if ahead is not None:
                ahead.cancel()

    def _read_ahead(self, shard: int | None) -> asyncio.Task[OpenShard] | None:
        return None if shard is None else asyncio.create_task(self._open(shard))

    async def _open(self, shard: int) -> OpenShard:
        while self._held >= HELD_CHARACTERS:
            self._freed.clear()
            await self._freed.wait()
        opened = await asyncio.to_thread(self._desk.open, shard)
        self._held += opened.characters
        return opened

    async def _receive(self, batch: Batch) -> None:
        """Answers that come while these are written are the next batch: few files when they come fast."""
        by_shard: dict[int, tuple[OpenShard, list[Response]]] = {}
        for place, response in batch:
            owner = self._owners.pop(place)
            by_shard.setdefault(owner.shard, (owner, []))[1].append(response)
        for opened, responses in by_shard.values():
            await asyncio.to_thread(opened.receive, responses)
            if opened.complete:
                self._close(opened)
        self._check_closed()

    def _close(self, opened: OpenShard) -> None:
        self._closing.add(asyncio.create_task(self._closed(opened)))

    async def _closed(self, opened: OpenShard) -> None:
        try:
            self._done(await asyncio.to_thread(self._desk.close, opened))
        finally:
            self._held -= opened.characters
            self._freed.set()

    def _check_closed(self) -> None:
        """Raise what closing a shard has raised."""
        for task in [task for task in self._closing if task.done()]:
            self._closing.remove(task)
            task.result()


def from_a_loop(work: Callable[[Done], Coroutine[Any, Any, None]]) -> Iterator[Commit]:
    """What an asynchronous function gives to its argument, while it runs in an event loop of its own, in a thread.

    So it goes on while whoever takes the commits is busy. It is stopped when they are no longer wanted; its error is raised at
    the end of what it gave.
    """
    found: SimpleQueue[Commit | None] = SimpleQueue()
    loop = asyncio.new_event_loop()
    running = loop.create_task(work(found.put))
    running.add_done_callback(lambda _: found.put(None))
    thread = threading.Thread(target=_run, args=(loop, running), daemon=True)
    thread.start()
    try:
        while (commit := found.get()) is not None:
            yield commit
    finally:
        loop.call_soon_threadsafe(running.cancel)
        thread.join()
        loop.close()
    running.result()


def _run(loop: asyncio.AbstractEventLoop, running: asyncio.Task[None]) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(asyncio.wait([running]))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
