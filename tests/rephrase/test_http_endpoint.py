"""What a reply of a server means: one request is tried again, or given up, or none would be answered."""

from __future__ import annotations

import time

import pytest

from curator.errors import EngineError
from curator.rephrase import http_endpoint
from curator.rephrase.requests import Response

pytest.importorskip("aiohttp")

from tests.rephrase.http_client import answered, client, request, requests
from tests.rephrase.openai_server import Body, ChatServer, Reply, Script, dropped, first, good, malformed, slow, status


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


def test_a_server_that_asks_for_time_gets_it() -> None:
    began = time.monotonic()
    answered(first(1, status(503, Retry_After="1")))
    assert time.monotonic() - began >= 1.0


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


def test_an_answer_above_a_sane_size_is_a_failure_and_not_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_endpoint, "LONGEST_BODY", 2 << 20)
    responses, server = answered(
        lambda body, before: Reply(raw=b"[" + b" " * (3 << 20)) if body["seed"] == 1 else good(body), 3
    )
    assert [response.outcome for response in responses] == ["stop", "failed: answer above 2 MiB", "stop"]
    assert server.asked[request(1).key] == 1


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
