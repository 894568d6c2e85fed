"""A server for benchmarks that speaks OpenAI's chat completions, in a process of its own, and takes a set time for each answer.

It reads no more of HTTP than it must, so that it is not what is measured: .06 to .09 ms of a processor for a request.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection

import orjson

ANSWER_WORDS = 150
ANSWER = orjson.dumps(
    {
        "choices": [{"message": {"content": "word " * ANSWER_WORDS}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 200},
    }
)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Occupancy:
    """How long so many requests were there at once."""

    def __init__(self) -> None:
        self.seconds: Counter[int] = Counter()
        self.level, self.since = 0, time.perf_counter()

    def change(self, level: int) -> None:
        now = time.perf_counter()
        self.seconds[self.level] += now - self.since
        self.level, self.since = level, now


@dataclass
class Seen:
    """What a server has seen. `asked` and `given` are how often a request of this seed came, and was answered."""

    asked: Counter[int] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)
    occupancy: Occupancy = field(default_factory=Occupancy)
    connections: int = 0
    processor_seconds: float = 0.0


@contextmanager
def chat_server(latency: float, failing: bool) -> Iterator[tuple[str, Connection]]:
    """Its URL, and a pipe that gives what was `Seen` for whatever it is sent.

    With `failing` one request in ten fails the first time, by status 503 or a lost connection in turns.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(theirs, latency, failing), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1", ours
    finally:
        server.kill()
        server.join(10)


def _serve(pipe: Connection, latency: float, failing: bool) -> None:
    asyncio.run(_listen(pipe, latency, failing))


async def _listen(pipe: Connection, latency: float, failing: bool) -> None:
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(
        partial(_Chat, seen, latency, failing), "127.0.0.1", backlog=4_096
    )
    pipe.send(server.sockets[0].getsockname()[1])
    began = time.process_time()
    await asyncio.to_thread(pipe.recv)
    seen.processor_seconds = time.process_time() - began
    seen.occupancy.change(0)
    pipe.send(seen)


class _Chat(asyncio.Protocol):
    """One connection: requests one after the other."""

    def __init__(self, seen: Seen, latency: float, failing: bool) -> None:
        self._seen, self._latency, self._failing = seen, latency, failing
        self._here = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._seen.connections += 1

    def data_received(self, data: bytes) -> None:
        self._here += data
        head = self._here.find(b"\r\n\r\n") + 4
        length = LENGTH.search(self._here, 0, head) if head > 3 else None
        if length is None or len(self._here) < head + int(length[1]):
            return
        seed = orjson.loads(self._here[head:])["seed"]
        self._here = b""
        self._seen.asked[seed] += 1
        self._seen.occupancy.change(self._seen.occupancy.level + 1)
        asyncio.get_running_loop().call_later(self._latency, self._answer, seed)

    def _answer(self, seed: int) -> None:
        self._seen.occupancy.change(self._seen.occupancy.level - 1)
        if self._failing and seed % 10 == 0 and self._seen.asked[seed] == 1:
            if seed % 20 == 0:
                self._transport.abort()
            else:
                self._transport.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        elif not self._transport.is_closing():
            self._seen.given[seed] += 1
            kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
            self._transport.write(kind + ANSWER)
