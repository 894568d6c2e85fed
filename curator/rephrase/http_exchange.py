"""One exchange with a server: requests are taken, sent, tried again and given up, and a server that is of no use is recognised."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import NoReturn

import aiohttp
from yarl import URL

from curator.config.rephrase import HttpEngine
from curator.errors import EngineError
from curator.rephrase.http_answers import failed, payload, read_answer, seconds_to_wait
from curator.rephrase.http_session import shown
from curator.rephrase.pace import Pace
from curator.rephrase.requests import Request, Response

LONGEST_BODY = 16 << 20  # bytes of an answer
LONGEST_WAIT = 120.0  # seconds between two attempts
TOO_MANY = 429
AGAIN = (408, 409, 425, TOO_MANY)  # and all from 500 on
UNREACHED = 8  # requests in a row that could not be sent: nobody is there
IN_VAIN = 256  # requests in a row without any answer: whoever is there will not give one


@dataclass(frozen=True, kw_only=True)
class Again:
    """Why an attempt came to nothing, though the next may not; `wait`: seconds that the server asks for."""

    reason: str
    wait: float | None = None
    reached: bool = True


class Exchange:
    """Requests on their way. `answered` and `came` are for whoever takes the answers."""

    def __init__(self, config: HttpEngine, session: aiohttp.ClientSession, requests: AsyncIterable[Request]) -> None:
        self.answered: list[tuple[int, Response]] = []
        self.came = asyncio.Event()
        self.pace = Pace(config.concurrency)
        self._config, self._session = config, session
        self._url = self._endpoint()
        self._requests = _numbered(requests)
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(config.concurrency)
        self._reached = False
        self._unreached = self._in_vain = 0

    def _endpoint(self) -> URL:
        try:
            url = URL(self._config.url.rstrip("/") + "/chat/completions")
        except ValueError:
            url = URL()
        if not url.host:
            self._give_up("is no URL", "mend rephrase.http.url")
        return url

    def take(self) -> list[tuple[int, Response]]:
        """All that was answered since the last time. `came` is set again by the next answer."""
        taken, self.answered = self.answered, []
        self.came.clear()
        return taken

    def give_room(self, answers: int) -> None:
        """So many answers are with the one who took them: as many more may come."""
        for _ in range(answers):
            self._room.release()

    async def work(self) -> None:
        """Take requests and answer them, one at a time, until there are none."""
        while (given := await self._next()) is not None:
            place, request = given
            response = await self._answer(request)
            await self._room.acquire()
            self.answered.append((place, response))
            self.came.set()

    async def _next(self) -> tuple[int, Request] | None:
        async with self._turn:
            try:
                return await anext(self._requests)  # its default ends in a SystemError in Python 3.11
            except StopAsyncIteration:
                return None

    async def _answer(self, request: Request) -> Response:
        body, reached, attempt = payload(request), False, 1
        while True:
            async with self.pace:
                found = await self._attempt(request, body, attempt)
            if isinstance(found, Response):
                return found
            reached |= found.reached
            if attempt == self._config.attempts:
                self._count_in_vain(found.reason, reached)
                return failed(request.key, found.reason)
            await asyncio.sleep(self._wait(request, attempt, found))
            attempt += 1

    def _wait(self, request: Request, attempt: int, last: Again) -> float:
        """Seconds: doubled each time, more or less by chance that the request decides, and never less than the server asks for."""
        chance = int(hashlib.sha256(f"{request.key} {attempt}".encode()).hexdigest()[:8], 16) / 2**32
        own = self._config.backoff_seconds * 2.0 ** min(attempt - 1, 30) * (0.5 + chance / 2)
        return min(LONGEST_WAIT, max(own, last.wait or 0.0))

    async def _attempt(self, request: Request, body: bytes, attempt: int) -> Response | Again:
        sent = asyncio.get_running_loop().time()
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as reply:
                self._reached, self._unreached = True, 0
                if reply.status != 200:
                    found = self._refused(request, reply)
                    if reply.status == TOO_MANY and isinstance(found, Again):
                        self.pace.slow_down(sent, self._wait(request, attempt, found))
                    return found
                return self._accepted(request, await _whole(reply))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Again(reason="no connection", reached=False)
        except asyncio.TimeoutError:
            return Again(reason=f"no answer within {self._config.timeout_seconds:g} s")
        except (aiohttp.ClientError, OSError):
            return Again(reason="connection lost")

    def _accepted(self, request: Request, body: bytes | None) -> Response | Again:
        if body is None:
            return failed(request.key, f"answer above {LONGEST_BODY >> 20} MiB")
        response = read_answer(request.key, body)
        if response is None:
            return Again(reason="unreadable answer")
        self._in_vain = 0
        self.pace.speed_up()
        return response

    def _refused(self, request: Request, reply: aiohttp.ClientResponse) -> Response | Again:
        """What a status other than 200 means: for this request, or for all of them."""
        status = reply.status
        if status in (401, 403):
            name = self._config.key_variable
            mend = (
                f"put a valid key into {name}" if name else "name the variable of the key as rephrase.http.key_variable"
            )
            self._give_up(f"lets nobody in without a valid key (status {status})", mend)
        if status == 404:
            mend = "mend rephrase.http.url (most end in /v1) or rephrase.http.model"
            self._give_up(f"has no chat completions there, or no model {self._config.model!r} (status 404)", mend)
        if 300 <= status < 400:
            self._give_up(f"answers from elsewhere (status {status})", "write that place as rephrase.http.url")
        if status in AGAIN or status >= 500:
            return Again(reason=f"status {status}", wait=seconds_to_wait(reply.headers))
        if status in (400, 413, 422):
            self._in_vain = 0
        else:
            self._count_in_vain(f"status {status}", reached=True)
        return failed(request.key, f"status {status}")

    def _count_in_vain(self, reason: str, reached: bool) -> None:
        self._in_vain += 1
        self._unreached += not reached
        if self._unreached >= UNREACHED:
            self._unreachable()
        if self._in_vain >= IN_VAIN:
            self._give_up(
                f"has answered none of the last {IN_VAIN} requests (of the last one: {reason})",
                "look at its log, and run again: what was answered is kept",
            )

    def conclude(self) -> None:
        """All requests are through. Raise EngineError where they were few, and none reached the server."""
        if self._unreached and not self._reached:
            self._unreachable()

    def _unreachable(self) -> NoReturn:
        self._give_up("cannot be connected to", "start it or mend rephrase.http.url, and run again")

    def _give_up(self, reason: str, mend: str) -> NoReturn:
        raise EngineError(f"the engine at {shown(self._config.url)} {reason}; {mend}")


async def _numbered(requests: AsyncIterable[Request]) -> AsyncIterator[tuple[int, Request]]:
    place = 0
    async for request in requests:
        yield place, request
        place += 1


async def _whole(reply: aiohttp.ClientResponse) -> bytes | None:
    """The body, None where it is too long."""
    parts, size = [], 0
    async for part in reply.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LONGEST_BODY:
            return None
    return b"".join(parts)
