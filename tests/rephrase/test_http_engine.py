"""The engine behind HTTP against a server on real sockets: what is tried again, what is given up, and what nobody may ever see."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import socket
import time
import traceback
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from curator.config.engines import HttpEngine
from curator.errors import EngineError
from curator.rephrase import http_endpoint
from curator.rephrase.http_answers import payload
from curator.rephrase.http_engine import HttpClient
from curator.rephrase.requests import Request, Response

pytest.importorskip("aiohttp")

from tests.rephrase.openai_server import (
    Body,
    ChatServer,
    Reply,
    Script,
    at_a_rate,
    dropped,
    first,
    good,
    key_of,
    malformed,
    slow,
    status,
    truncated,
)

KEY = "sk-very-secret-0123456789"


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


def client(url: str, **settings: Any) -> HttpClient:
    return HttpClient(HttpEngine(url=url, model="small", **{"backoff_seconds": 0.001, "concurrency": 16, **settings}))


def answered(script: Script, count: int = 1, **settings: Any) -> tuple[list[Response], ChatServer]:
    with ChatServer(script) as server:
        return client(server.url, **settings).answer(requests(count)), server


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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


@pytest.mark.parametrize("finish", ["content_filter", "tool_calls", None, "Secret of the server!"])
def test_an_end_of_another_kind_is_a_failure_that_is_not_tried_again(finish: str | None) -> None:
    ((response,), server) = answered(lambda body, before: Reply(text="half", finish=finish))
    named = finish if finish in ("content_filter", "tool_calls") else "unknown"
    assert (response.outcome, response.text) == (f"failed: finish_reason {named}", "")
    assert server.asked.total() == 1


@pytest.mark.parametrize(
    "bad", [status(429), status(429, Retry_After="0"), status(500), status(503), status(408), malformed, dropped]
)
def test_what_may_pass_is_tried_again_until_it_is_answered(bad: Script) -> None:
    responses, server = answered(first(2, bad), 10)
    assert {response.outcome for response in responses} == {"stop"}
    assert set(server.asked.values()) == {3}
    assert set(server.answered.values()) == {1}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (status(503), "status 503"),
        (status(429), "status 429"),
        (malformed, "unreadable answer"),
        (dropped, "connection lost"),
        (slow(5.0), "no answer within 0.5 s"),
    ],
)
def test_after_so_many_attempts_a_request_has_failed_and_says_why(bad: Script, reason: str) -> None:
    def script(body: Body, before: int) -> Reply:
        return bad(body, before) if body["seed"] == 1 else good(body)

    responses, server = answered(script, 3, attempts=3, timeout_seconds=0.5)
    assert responses[1] == Response(key=request(1).key, outcome=f"failed: {reason}")
    assert server.asked[request(1).key] == 3
    assert [responses[0].outcome, responses[2].outcome] == ["stop", "stop"]


@pytest.mark.parametrize("code", [400, 413, 422, 402, 405])
def test_a_request_that_the_server_refuses_fails_at_once_and_alone(code: int) -> None:
    responses, server = answered(
        lambda body, before: Reply(status=code) if body["seed"] % 2 else good(body, before), 10
    )
    outcomes = [response.outcome for response in responses]
    assert outcomes == ["stop", f"failed: status {code}"] * 5
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, "lets nobody in without a valid key (status 401); name the variable"),
        (403, "lets nobody in without a valid key (status 403); name the variable"),
        (404, "no model 'small' (status 404); mend rephrase.http.url"),
        (307, "answers from elsewhere (status 307); write that place"),
    ],
)
def test_a_server_that_will_answer_none_is_an_error_in_one_sentence(code: int, reason: str) -> None:
    with ChatServer(status(code, Location="http://elsewhere/v1")) as server:
        with pytest.raises(EngineError) as raised:
            client(server.url).answer(requests(50))
        assert f"the engine at {server.url} " in str(raised.value)
        assert reason in str(raised.value)
        assert server.asked.total() <= 32


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


def test_fields_of_a_server_s_own_go_into_the_body_and_decide_the_answer() -> None:
    extra = {"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": False}}
    asked, bodies = replace(request(1), extra=extra), []
    with ChatServer(lambda body, before: bodies.append(body) or good(body)) as server:
        (response,) = client(server.url).answer([asked])
    assert bodies == [{**json.loads(payload(request(1))), **extra}]
    assert key_of(bodies[0]) == response.key == asked.key != request(1).key
    assert replace(asked, extra=dict(reversed(extra.items()))).key == asked.key


def test_a_server_that_fails_whatever_it_is_asked_is_an_error_and_not_a_corpus_of_failures() -> None:
    with ChatServer(status(502)) as server:
        with pytest.raises(EngineError, match=r"none of the last 256 requests \(of the last one: status 502\)"):
            client(server.url, attempts=1, concurrency=64).answer(requests(1_000))
        assert server.asked.total() < 400


def test_an_answer_above_a_sane_size_is_a_failure_and_not_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_endpoint, "LONGEST_BODY", 2 << 20)
    responses, server = answered(
        lambda body, before: Reply(raw=b"[" + b" " * (3 << 20)) if body["seed"] == 1 else good(body), 3
    )
    assert [response.outcome for response in responses] == ["stop", "failed: answer above 2 MiB", "stop"]
    assert server.asked[request(1).key] == 1


def test_one_slow_answer_holds_no_other_back() -> None:
    responses, server = answered(lambda body, before: Reply(text="x", seconds=1.0 * (body["seed"] == 0)), 300)
    assert len(responses) == 300
    assert server.most <= 16


def test_as_many_are_in_flight_as_there_may_be_and_never_more() -> None:
    _, server = answered(slow(0.02), 200, concurrency=8)
    assert server.most == 8


def test_a_server_that_limits_the_rate_loses_no_request() -> None:
    responses, server = answered(at_a_rate(100), 300, concurrency=64, backoff_seconds=0.05)
    assert {response.outcome for response in responses} == {"stop"}
    assert 300 < server.asked.total() < 900


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


async def some(count: int) -> AsyncIterator[Request]:
    for number in range(count):
        yield request(number)


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


def test_the_key_goes_to_the_server_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CURATOR_TEST_KEY", f" {KEY}\n")
    bad = (good, status(400), dropped, malformed, status(503))
    with ChatServer(lambda body, before: bad[body["seed"] % 5](body, before), key=KEY) as server:
        engine = client(server.url, key_variable="CURATOR_TEST_KEY", attempts=2)
        responses = engine.answer(requests(20))
        assert {seen["Authorization"] for seen in server.seen} == {f"Bearer {KEY}"}
        monkeypatch.setenv("CURATOR_TEST_KEY", f"{KEY}x")
        with pytest.raises(EngineError, match="put a valid key into CURATOR_TEST_KEY") as raised:
            engine.answer(requests(20))
    said = "".join(traceback.format_exception(raised.value))
    everything = [repr(engine), repr(responses), said, repr(raised.value), caplog.text, *capfd.readouterr()]
    assert not [text for text in everything if KEY in text]
    assert KEY.encode() not in pickle.dumps((engine, responses, raised.value))
    assert engine.config.model_dump_json().count(KEY) == 0


@pytest.mark.parametrize(
    ("value", "state"), [(None, "is not set"), ("  ", "is not set"), ("a\nb", "holds no key"), ("clé", "holds no key")]
)
def test_a_key_that_cannot_be_read_is_an_error_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, value: str | None, state: str
) -> None:
    monkeypatch.delenv("CURATOR_TEST_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("CURATOR_TEST_KEY", value)
    with pytest.raises(EngineError, match=f"the environment variable CURATOR_TEST_KEY {state}"):
        client("http://127.0.0.1:9/v1", key_variable="CURATOR_TEST_KEY").answer(requests(1))


def test_a_server_that_asks_for_time_gets_it() -> None:
    began = time.monotonic()
    answered(first(1, status(503, Retry_After="1")))
    assert time.monotonic() - began >= 1.0
