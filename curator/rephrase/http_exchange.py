"""One exchange with a server: requests are taken, sent, tried again and given up, and a server that is of no use is recognised."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator

from curator.config.engines import HttpEngine
from curator.rephrase.http_answers import failed, payload
from curator.rephrase.http_endpoint import Endpoint, NoAnswer
from curator.rephrase.pace import Pace
from curator.rephrase.requests import Request, Response

GATHERED_SECONDS = 0.5  # an answer waits so long for others, with which it is one file on the disk
LONGEST_WAIT = 120.0  # seconds between two attempts
UNREACHED = 8  # requests in a row that could not be sent: nobody is there
IN_VAIN = 256  # requests in a row without any answer: whoever is there will not give one

Batch = list[tuple[int, Response]]


class Exchange:
    """Requests on their way. `answered` and `came` are for whoever takes the answers.

    A failure is kept back until the server has answered something that was sent after it: a server that goes away still answers
    what it has. So when an outage ends the exchange, what it has felled has no response, and the next run asks for it.
    """

    def __init__(self, config: HttpEngine, endpoint: Endpoint, requests: AsyncIterable[Request]) -> None:
        self.answered: Batch = []
        self.came = asyncio.Event()
        self.pace = Pace(config.concurrency)
        self._config, self._endpoint = config, endpoint
        self._requests = _numbered(requests)
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(config.concurrency)
        self._kept_back: list[tuple[float, tuple[int, Response]]] = []  # each with the time of its failure
        self._alive = 0.0  # when the last of the requests was sent that were answered
        self._unreached = self._in_vain = 0

    def take(self) -> Batch:
        """All that was answered since the last time. `came` is set again when there is enough, or some of it has waited."""
        taken, self.answered = self.answered, []
        self.came.clear()
        return taken

    def give_room(self, answers: int) -> None:
        """So many answers are with the one who took them: as many more may come."""
        for _ in range(answers):
            self._room.release()

    async def run(self) -> None:
        """Answer all requests. Raises EngineError, and what making the requests raises; what was answered is there even then."""
        # twice as many as may be in flight, so that a request stands ready for each slot that becomes free
        workers = [asyncio.create_task(self._work()) for _ in range(2 * self._config.concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        if self._unreached:
            self._unreachable()
        self.answered += [failure for _, failure in self._kept_back]

    async def _work(self) -> None:
        """Take requests and answer them, one at a time, until there are none."""
        while (given := await self._next()) is not None:
            place, request = given
            response = await self._answer(request)
            if response.failed and self._in_vain:
                self._kept_back.append((asyncio.get_running_loop().time(), (place, response)))
            else:
                await self._hand_over([(place, response), *self._proven()])

    def _proven(self) -> Batch:
        """The failures that are no outage's."""
        proven = [failure for since, failure in self._kept_back if since <= self._alive]
        del self._kept_back[: len(proven)]
        return proven

    async def _hand_over(self, responses: Batch) -> None:
        """Give answers at once, and then wait until there is room for as many more."""
        if not self.answered:
            asyncio.get_running_loop().call_later(GATHERED_SECONDS, self.came.set)
        self.answered += responses
        if 2 * len(self.answered) >= self._config.concurrency:
            self.came.set()
        for _ in responses:
            await self._room.acquire()

    async def _next(self) -> tuple[int, Request] | None:
        async with self._turn:
            try:
                return await anext(self._requests)  # its default ends in a SystemError in Python 3.11
            except StopAsyncIteration:
                return None

    async def _answer(self, request: Request) -> Response:
        body, attempt = payload(request), 1
        while True:
            async with self.pace:
                found = await self._attempt(request, body, attempt)
            if isinstance(found, Response):
                return found
            if found.final or attempt == self._config.attempts:
                self._count_in_vain(found)
                return failed(request.key, found.reason)
            await asyncio.sleep(self._wait(request, attempt, found))
            attempt += 1

    async def _attempt(self, request: Request, body: bytes, attempt: int) -> Response | NoAnswer:
        sent = asyncio.get_running_loop().time()
        found = await self._endpoint.ask(request.key, body)
        if isinstance(found, Response):
            self._unreached = self._in_vain = 0
            self._alive = max(self._alive, sent)
            self.pace.speed_up()
            return found
        if found.reached:
            self._unreached = 0
        if found.too_many:
            self.pace.slow_down(sent, self._wait(request, attempt, found))
        return found

    def _wait(self, request: Request, attempt: int, last: NoAnswer) -> float:
        """Seconds: doubled each time, more or less by chance that the request decides, and never less than the server asks for."""
        chance = int(hashlib.sha256(f"{request.key} {attempt}".encode()).hexdigest()[:8], 16) / 2**32
        own = self._config.backoff_seconds * 2.0 ** min(attempt - 1, 30) * (0.5 + chance / 2)
        return min(LONGEST_WAIT, max(own, last.wait or 0.0))

    def _count_in_vain(self, last: NoAnswer) -> None:
        self._in_vain += 1
        self._unreached += not last.reached
        if self._unreached >= UNREACHED:
            self._unreachable()
        if self._in_vain >= IN_VAIN:
            reason = f"has answered none of the last {IN_VAIN} requests (of the last one: {last.reason})"
            self._endpoint.give_up(reason, "look at its log, and run again: what was answered is kept")

    def _unreachable(self) -> None:
        mend = "start it or mend rephrase.http.url, and run again: what was answered is kept"
        self._endpoint.give_up("cannot be connected to", mend)


async def _numbered(requests: AsyncIterable[Request]) -> AsyncIterator[tuple[int, Request]]:
    place = 0
    async for request in requests:
        yield place, request
        place += 1
