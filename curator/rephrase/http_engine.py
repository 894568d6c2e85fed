"""The engine behind HTTP: any server that speaks OpenAI's chat completions. Needs the package aiohttp, once something is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from curator.config.engines import HttpEngine
from curator.rephrase.requests import Request, Response

Batch = list[tuple[int, Response]]


@dataclass(frozen=True)
class HttpClient:
    """Asks an endpoint. Holds no connection and no key, so it travels to workers as it is."""

    config: HttpEngine

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """One response for each request, in their order; those without an answer are `failed: ` and why.

        Raises EngineError where the endpoint cannot be used at all.
        """
        return asyncio.run(self._all(requests))

    async def _all(self, requests: Sequence[Request]) -> list[Response]:
        found: dict[int, Response] = {}
        async with aclosing(self.stream(_one_by_one(requests))) as batches:
            async for batch in batches:
                found.update(batch)
        return [found[place] for place in range(len(requests))]

    async def stream(self, requests: AsyncIterable[Request]) -> AsyncGenerator[Batch, None]:
        """Responses as they come, with the place of their request: half as many as may be in flight, or those of half a second.

        `concurrency` requests are in flight while there are so many. One that waits to be tried again leaves its slot to
        another. No more than three times `concurrency` requests are held, answers that nobody has taken included, and the next
        is taken only when there is room. What was answered comes out before an EngineError does; a failure comes out when
        something was answered that was sent after it, or at the end.
        """
        from curator.rephrase.http_endpoint import Endpoint
        from curator.rephrase.http_exchange import Exchange
        from curator.rephrase.http_session import session_for

        async with session_for(self.config) as session:
            exchange = Exchange(self.config, Endpoint(self.config, session), requests)
            working = asyncio.create_task(exchange.run())
            working.add_done_callback(lambda _: exchange.came.set())
            try:
                while not working.done() or exchange.answered:
                    await exchange.came.wait()
                    if batch := exchange.take():
                        yield batch
                        exchange.give_room(len(batch))
                await working
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def _one_by_one(requests: Iterable[Request]) -> AsyncIterator[Request]:
    for request in requests:
        yield request
