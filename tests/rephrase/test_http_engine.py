"""The engine behind HTTP against a server on real sockets: what is sent, what comes back, and how much is under way at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from curator.rephrase.http_answers import payload
from curator.rephrase.requests import Request, Response

pytest.importorskip("aiohttp")

from tests.rephrase.http_client import answered, client, free_port, request, requests, some
from tests.rephrase.openai_server import Body, ChatServer, Reply, good, key_of, slow, truncated


def test_each_request_is_sent_as_it_is_and_its_answer_comes_back_in_its_place() -> None:
    bodies: list[Body] = []
    responses, server = answered(lambda body, before: bodies.append(body) or good(body), 40)
    assert [response.key for response in responses] == [asked.key for asked in requests(40)]
    sent = {body["seed"]: body for body in bodies}
    for number, response in enumerate(responses):
        assert sent[number] == json.loads(payload(request(number)))
        assert key_of(sent[number]) == request(number).key
        assert response.text == good(sent[number]).text
        assert response.outcome == "stop"
        assert response.completion_tokens == len(response.text.split())
        assert response.prompt_tokens > 8
    assert server.asked == server.answered == {asked.key: 1 for asked in requests(40)}


def test_no_request_is_no_connection() -> None:
    assert client(f"http://127.0.0.1:{free_port()}/v1").answer([]) == []


def test_a_text_cut_at_max_tokens_says_so() -> None:
    ((response,), _) = answered(truncated)
    assert (response.outcome, bool(response.text)) == ("length", True)


def test_an_answer_without_usage_counts_no_tokens() -> None:
    ((response,), _) = answered(lambda body, before: Reply(text="fine", usage=False))
    assert response == Response(key=request(0).key, outcome="stop", text="fine")


def test_fields_of_a_server_s_own_go_into_the_body_and_decide_the_answer() -> None:
    extra = {"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": False}}
    asked, bodies = replace(request(1), extra=extra), []
    with ChatServer(lambda body, before: bodies.append(body) or good(body)) as server:
        (response,) = client(server.url).answer([asked])
    assert bodies == [{**json.loads(payload(request(1))), **extra}]
    assert key_of(bodies[0]) == response.key == asked.key != request(1).key
    assert replace(asked, extra=dict(reversed(extra.items()))).key == asked.key


def test_one_slow_answer_holds_no_other_back() -> None:
    responses, server = answered(lambda body, before: Reply(text="x", seconds=1.0 * (body["seed"] == 0)), 300)
    assert len(responses) == 300
    assert server.most <= 16


def test_as_many_are_in_flight_as_there_may_be_and_never_more() -> None:
    _, server = answered(slow(0.02), 200, concurrency=8)
    assert server.most == 8


def test_answers_come_together_and_not_one_by_one() -> None:
    async def sizes(server: ChatServer) -> list[int]:
        async with aclosing(client(server.url, concurrency=16).stream(some(200))) as batches:
            return [len(batch) async for batch in batches]

    with ChatServer(slow(0.02)) as server:
        found = asyncio.run(sizes(server))
    assert sum(found) == 200
    assert min(found[:-1]) >= 8


def test_an_answer_waits_only_so_long_for_others() -> None:
    async def first_one(server: ChatServer) -> int:
        async with aclosing(client(server.url).stream(some(2))) as batches:
            return len(await anext(batches))

    with ChatServer(lambda body, before: Reply(text="x", seconds=30.0 * body["seed"])) as server:
        assert asyncio.run(asyncio.wait_for(first_one(server), 10)) == 1


def test_answers_that_nobody_takes_are_not_piled_up() -> None:
    async def held(server: ChatServer) -> int:
        async with aclosing(client(server.url, concurrency=4).stream(some(10**9))) as batches:
            taken = len(await anext(batches))
            await asyncio.sleep(0.5)
            return server.answered.total() - taken

    with ChatServer(good) as server:
        assert 4 <= asyncio.run(held(server)) <= 12


def test_an_error_of_whoever_makes_the_requests_comes_out() -> None:
    async def failing() -> AsyncIterator[Request]:
        yield request(0)
        raise ValueError("no second one")

    async def run(server: ChatServer) -> None:
        async with aclosing(client(server.url).stream(failing())) as batches:
            async for _ in batches:
                pass

    with ChatServer(slow(0.05)) as server, pytest.raises(ValueError, match="no second one"):
        asyncio.run(run(server))
