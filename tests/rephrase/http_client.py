"""What tests of the engine behind HTTP ask, and a client that asks it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

from curator.config.engines import HttpEngine
from curator.rephrase.http_engine import HttpClient
from curator.rephrase.requests import Request, Response
from tests.rephrase.openai_server import ChatServer, Script


def request(number: int) -> Request:
    source = f"Source number {number} tells of {number * 7} ships."
    return Request(
        messages=(("system", "Rephrase."), ("user", f"Text:\n{source}")),
        source=source,
        model="small",
        max_tokens=90,
        temperature=0.7,
        top_p=0.9,
        seed=number,
    )


def requests(count: int) -> list[Request]:
    return [request(number) for number in range(count)]


async def some(count: int) -> AsyncIterator[Request]:
    for number in range(count):
        yield request(number)


def client(url: str, **settings: Any) -> HttpClient:
    return HttpClient(HttpEngine(url=url, model="small", **{"backoff_seconds": 0.001, "concurrency": 16, **settings}))


def answered(script: Script, count: int = 1, **settings: Any) -> tuple[list[Response], ChatServer]:
    with ChatServer(script) as server:
        return client(server.url, **settings).answer(requests(count)), server


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
