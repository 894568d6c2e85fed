"""One call to a server, and what its reply means: for this request, for the next attempt, or for all requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import NoReturn

import aiohttp
from yarl import URL

from curator.config.engines import HttpEngine
from curator.errors import EngineError
from curator.rephrase.http_answers import failed, read_answer, seconds_to_wait
from curator.rephrase.requests import Response

LONGEST_BODY = 16 << 20  # bytes of an answer
TOO_MANY = 429
AGAIN = (408, 409, 425, TOO_MANY)  # and all from 500 on
JUDGED = (400, 413, 422)  # it was read and is at fault itself


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """Why a call came to nothing, which says little of the request; a `final` one is not made again.

    `wait`: seconds that the server asks for; `too_many`: it says that it is asked too much; `reached`: it was connected to.
    """

    reason: str
    wait: float | None = None
    reached: bool = True
    too_many: bool = False
    final: bool = False


class Endpoint:
    """Where chat completions are asked for."""

    def __init__(self, config: HttpEngine, session: aiohttp.ClientSession) -> None:
        self._config, self._session = config, session
        self._url = URL(config.url.rstrip("/") + "/chat/completions")

    async def ask(self, key: str, body: bytes) -> Response | NoAnswer:
        """A response, be it that the request is refused, or why there is none. Raises EngineError where nobody will get one."""
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as reply:
                return self._refused(key, reply) if reply.status != 200 else _read(key, await _whole(reply))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return NoAnswer(reason="no connection", reached=False)
        except asyncio.TimeoutError:
            return NoAnswer(reason=f"no answer within {self._config.timeout_seconds:g} s")
        except (aiohttp.ClientError, OSError):
            return NoAnswer(reason="connection lost")

    def _refused(self, key: str, reply: aiohttp.ClientResponse) -> Response | NoAnswer:
        """What a status other than 200 means."""
        status = reply.status
        if status in (401, 403, 404) or 300 <= status < 400:
            self._shut(status)
        if status in JUDGED:
            return failed(key, f"status {status}")
        again = status in AGAIN or status >= 500
        return NoAnswer(
            reason=f"status {status}",
            wait=seconds_to_wait(reply.headers) if again else None,
            too_many=status == TOO_MANY,
            final=not again,
        )

    def _shut(self, status: int) -> NoReturn:
        """A status that every request will get."""
        name = self._config.key_variable
        if status in (401, 403):
            key = (
                f"put a valid key into {name}" if name else "name the variable of the key as rephrase.http.key_variable"
            )
            self.give_up(f"lets nobody in without a valid key (status {status})", key)
        if status == 404:
            mend = "mend rephrase.http.url (most end in /v1) or rephrase.http.model"
            self.give_up(f"has no chat completions there, or no model {self._config.model!r} (status 404)", mend)
        self.give_up(f"answers from elsewhere (status {status})", "write that place as rephrase.http.url")

    def give_up(self, reason: str, mend: str) -> NoReturn:
        """Say in one sentence why this endpoint is of no use."""
        raise EngineError(f"the engine at {self._config.url} {reason}; {mend}")


def _read(key: str, body: bytes | None) -> Response | NoAnswer:
    if body is None:
        return failed(key, f"answer above {LONGEST_BODY >> 20} MiB")
    return read_answer(key, body) or NoAnswer(reason="unreadable answer")


async def _whole(reply: aiohttp.ClientResponse) -> bytes | None:
    """The body, None where it is too long."""
    parts, size = [], 0
    async for part in reply.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LONGEST_BODY:
            return None
    return b"".join(parts)
