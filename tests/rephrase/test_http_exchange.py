"""Many requests to a server that fails, limits the rate or goes away: none is lost, and an outage is no corpus of failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from contextlib import aclosing

import pytest

from curator.errors import EngineError
from curator.rephrase.requests import Request, Response

pytest.importorskip("aiohttp")

from tests.rephrase.http_client import answered, client, free_port, requests, some
from tests.rephrase.openai_server import (
    Body,
    ChatServer,
    Reply,
    Script,
    at_a_rate,
    dropped,
    good,
    malformed,
    slow,
    status,
)


def test_no_request_of_5_000_with_10_percent_failures_is_lost_or_answered_twice() -> None:
    bad = (status(503), status(429), malformed, dropped, status(500))

    def script(body: Body, before: int) -> Reply:
        fails = body["seed"] % 10 == 0 and before < 1 + body["seed"] % 3
        return bad[body["seed"] // 10 % 5](body, before) if fails else good(body)

    responses, server = answered(script, 5_000, concurrency=64)
    assert [response.key for response in responses] == [asked.key for asked in requests(5_000)]
    assert {response.outcome for response in responses} == {"stop"}
    assert server.answered == {asked.key: 1 for asked in requests(5_000)}
    assert server.asked.total() == 5_000 + sum(1 + number % 3 for number in range(0, 5_000, 10))


def test_a_server_that_limits_the_rate_loses_no_request() -> None:
    responses, server = answered(at_a_rate(100), 300, concurrency=64, backoff_seconds=0.05)
    assert {response.outcome for response in responses} == {"stop"}
    assert 300 < server.asked.total() < 900


@pytest.mark.parametrize("count", [1, 100])
def test_a_server_that_nobody_reaches_is_an_error(count: int) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(EngineError, match=f"the engine at {url} cannot be connected to; start it or mend"):
        client(url, attempts=2).answer(requests(count))


async def collected(server: ChatServer, asked: AsyncIterable[Request], found: list[Response], stop_at: int) -> None:
    """Take what comes; stop the server when so many answers have come."""
    async with aclosing(client(server.url, attempts=2).stream(asked)) as batches:
        async for batch in batches:
            found.extend(response for _, response in batch)
            if len(found) > stop_at:
                await asyncio.to_thread(server.stop)


def but_the_last_16_of_80_wait(body: Body, before: int) -> Reply:
    return slow(60.0 if body["seed"] >= 64 else 0.02)(body, before)


@pytest.mark.parametrize(("count", "script"), [(10**9, slow(0.02)), (80, but_the_last_16_of_80_wait)])
def test_a_server_that_goes_away_is_an_error_and_only_what_it_answered_comes_out_before(
    count: int, script: Script
) -> None:
    """With 80 requests all that are left are under way when it goes."""
    found: list[Response] = []
    with ChatServer(script) as server, pytest.raises(EngineError, match="cannot be connected to; start it"):
        asyncio.run(collected(server, some(count), found, stop_at=60))
    assert {response.outcome for response in found} == {"stop"}
    answered_ones = {response.key for response in found}
    assert len(answered_ones) > 60
    assert answered_ones <= set(server.answered)
    assert len(set(server.answered) - answered_ones) <= 16  # under way as the connections were cut


def test_a_failure_comes_out_when_something_was_answered_after_it_or_at_the_end() -> None:
    def script(body: Body, before: int) -> Reply:
        return Reply(status=500) if body["seed"] in (3, 9) else good(body)

    responses, _ = answered(script, 10, attempts=2, concurrency=1)
    failures = [place for place, response in enumerate(responses) if response.outcome == "failed: status 500"]
    assert failures == [3, 9]


def test_an_answer_to_what_was_sent_before_a_failure_does_not_bring_it_out() -> None:
    """A server that goes away may still answer what it has."""

    def script(body: Body, before: int) -> Reply:
        return Reply(status=500) if body["seed"] in (1, 2) else slow(0.3 if body["seed"] == 0 else 0.6)(body, before)

    async def order(server: ChatServer) -> list[int]:
        async with aclosing(client(server.url, attempts=1).stream(some(4))) as batches:
            return [place async for batch in batches for place, _ in batch]

    with ChatServer(script) as server:
        assert asyncio.run(order(server)) == [0, 3, 1, 2]


def test_a_server_that_fails_whatever_it_is_asked_is_an_error_and_not_a_corpus_of_failures() -> None:
    with ChatServer(status(502)) as server:
        with pytest.raises(EngineError, match=r"none of the last 256 requests \(of the last one: status 502\)"):
            client(server.url, attempts=1, concurrency=64).answer(requests(1_000))
        assert server.asked.total() < 400
