"""What goes over the wire and comes back, in the form of OpenAI's chat completions, without the wire."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from curator.rephrase.requests import CUT, FAILED, STOPPED, Request, Response

NAME = re.compile(r"[a-z_]{1,40}")
MOST_TOKENS = 1 << 40


def payload(request: Request) -> bytes:
    """The body of the call."""
    return orjson.dumps(
        {
            **request.extra,
            "model": request.model,
            "messages": [{"role": role, "content": content} for role, content in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
        }
    )


def read_answer(key: str, body: bytes) -> Response | None:
    """The response in the body of an answer of status 200, None where it has not the form of one.

    No text is an empty text: a model that thinks may use up its tokens before it says something. An end other than by `stop` or
    `length` is a failure, and so is a text that is not Unicode.
    """
    try:
        answer = orjson.loads(body)
        (choice, *_) = answer["choices"]
        text, ended = choice["message"].get("content") or "", choice.get("finish_reason")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(text, str):
        return None
    used = answer.get("usage")
    asked, given = _tokens(used, "prompt_tokens"), _tokens(used, "completion_tokens")
    if ended not in (STOPPED, CUT):
        ended = ended if isinstance(ended, str) and NAME.fullmatch(ended) else "unknown"
        ended, text = f"{FAILED}: finish_reason {ended}", ""
    return Response(key=key, outcome=ended, text=text, prompt_tokens=asked, completion_tokens=given)


def failed(key: str, reason: str) -> Response:
    """A response without an answer."""
    return Response(key=key, outcome=f"{FAILED}: {reason}")


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` asks for: seconds, or a date, by the server's own clock where it tells it. None: it asks for nothing."""
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", said):
        return float(said)
    until, now = _timestamp(said), _timestamp(headers.get("Date", ""))
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _tokens(used: Any, name: str) -> int:
    count = used.get(name) if isinstance(used, dict) else None
    return count if type(count) is int and 0 <= count < MOST_TOKENS else 0
