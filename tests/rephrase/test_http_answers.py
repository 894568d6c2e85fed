"""What a server says, read without the wire: answers and what is none, counts of tokens, and how long it wants to be left alone."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from curator.rephrase.http_answers import read_answer, seconds_to_wait
from curator.rephrase.requests import Response


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(headers) == seconds


def test_a_date_is_against_our_clock_where_the_server_has_none() -> None:
    asked = seconds_to_wait({"Retry-After": formatdate(time.time() + 100, usegmt=True)})
    assert asked is not None
    assert 95 < asked <= 100


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b'{"choices": []}', b'{"choices": null}', b'{"choices": [{}]}', b'{"choices": ["x"]}',
        b'{"choices": [{"message": null}]}', b'{"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": "\\ud800"}, "finish_reason": "stop"}]}', b"\xff\xfe", b"<html>",
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_from_one(body: bytes) -> None:
    assert read_answer("k", body) is None


@pytest.mark.parametrize(
    "used", ["null", "7", '{"prompt_tokens": null}', '{"prompt_tokens": -1}', '{"prompt_tokens": 1e300}']
)
def test_counts_of_tokens_that_are_none_are_0(used: str) -> None:
    body = f'{{"choices": [{{"message": {{"content": null}}, "finish_reason": "length"}}], "usage": {used}}}'
    assert read_answer("k", body.encode()) == Response(key="k", outcome="length")
