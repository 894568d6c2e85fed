"""A server on real sockets that speaks OpenAI's chat completions by a script, and counts what it was asked and what it answered.

A script is a function of the body of a request and of how often that same request came before. `answered` counts a request when
its whole answer went out with status 200: what a client may have to pay for.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server does: after `seconds` it answers, or sends `raw` as it is, or drops the connection."""

    text: str | None = ""
    finish: str | None = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    raw: bytes | None = None
    dropped: bool = False
    usage: bool = True


Script = Callable[[Body, int], Reply]


def prompt_of(body: Body) -> str:
    """All that the messages of a request say."""
    return "\n".join(message["content"] for message in body["messages"])


def good(body: Body, before: int = 0) -> Reply:
    """The end of the prompt in other words: its own, in capitals, with the seed."""
    return Reply(text=f"{body['seed']}: {prompt_of(body)[-200:].upper()}")


def truncated(body: Body, before: int = 0) -> Reply:
    return Reply(text=prompt_of(body)[-200:], finish="length")


def echoing(body: Body, before: int = 0) -> Reply:
    return Reply(text=prompt_of(body))


def malformed(body: Body, before: int = 0) -> Reply:
    return Reply(raw=b'{"choices": [')


def dropped(body: Body, before: int = 0) -> Reply:
    return Reply(dropped=True)


def status(code: int, **headers: str) -> Script:
    """Always this status; `Retry_After` is the header Retry-After."""
    return lambda body, before: Reply(
        status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def slow(seconds: float, then: Script = good) -> Script:
    def script(body: Body, before: int) -> Reply:
        reply = then(body, before)
        return Reply(**{**reply.__dict__, "seconds": seconds})

    return script


def first(times: int, bad: Script, then: Script = good) -> Script:
    """`bad` to the first `times` attempts of every request, then what `then` says."""
    return lambda body, before: bad(body, before) if before < times else then(body, before - times)


def at_a_rate(per_second: float, then: Script = good) -> Script:
    """So many requests in a second, and 429 with Retry-After to the others: a bucket of a second's requests."""
    filled, left = time.monotonic(), per_second

    def script(body: Body, before: int) -> Reply:
        nonlocal filled, left
        now = time.monotonic()
        filled, left = now, min(per_second, left + (now - filled) * per_second)
        if left < 1:
            return Reply(status=429, headers={"Retry-After": f"{(1 - left) / per_second:.3f}"})
        left -= 1
        return then(body, before)

    return script


def key_of(body: Body) -> str:
    """The hash that the client has for the same request."""
    messages = [[message["role"], message["content"]] for message in body["messages"]]
    ours = ("model", "max_tokens", "temperature", "top_p", "seed")
    decides = [
        messages,
        *(body[name] for name in ours),
        {k: v for k, v in body.items() if k not in ("messages", *ours)},
    ]
    plain = json.dumps(decides, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


class ChatServer:
    """`with ChatServer(script) as server:` answers at `server.url` from a thread of its own.

    `asked` and `answered` count attempts and whole answers by `key_of`, `prompts` are those of all attempts, `seen` has the headers
    of each, `most` is how many were there at once. With `key`, whoever does not bring it gets 401.
    """

    def __init__(self, script: Script = good, *, key: str | None = None, port: int = 0) -> None:
        self.script, self.key, self.port = script, key, port
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.prompts: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.in_flight = self.most = 0
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> ChatServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away; nothing happens where it is gone."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, backlog=4_096)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            return await self._reply(request)
        finally:
            self.in_flight -= 1

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(dict(request.headers))
        body = await request.json()
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response(
                {"error": {"message": f"bad key: {request.headers.get('Authorization')}"}}, status=401
            )
        self.prompts.append(prompt_of(body))
        key = key_of(body)
        reply = self.script(body, self.asked[key])
        self.asked[key] += 1
        await asyncio.sleep(reply.seconds)
        if reply.dropped:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        content = json.dumps(completion(body, reply)).encode() if reply.raw is None else reply.raw
        response = web.Response(
            body=content, status=reply.status, headers=reply.headers, content_type="application/json"
        )
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:  # the client is gone
            return response
        if reply.status == 200 and reply.raw is None:
            self.answered[key] += 1
        return response


def completion(body: Body, reply: Reply) -> dict[str, Any]:
    """The JSON of an answer; tokens are words."""
    if reply.status != 200:
        return {"error": {"message": "the script says so", "code": reply.status}}
    message = {"role": "assistant", "content": reply.text}
    answer: dict[str, Any] = {"object": "chat.completion", "model": body["model"]}
    answer["choices"] = [{"index": 0, "message": message, "finish_reason": reply.finish}]
    if reply.usage:
        asked, given = len(prompt_of(body).split()), len((reply.text or "").split())
        answer["usage"] = {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}
    return answer
