"""A request to an engine, and what came back. A request is made of a strategy and a part of a source document, never without."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import orjson
import pyarrow as pa

ANSWERS = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("part", pa.int32()),
        ("key", pa.string()),
        ("outcome", pa.string()),
        ("text", pa.large_string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
    ]
)
"""One row for each request of a shard, by doc_id, strategy and part. `outcome`: STOPPED, CUT, or FAILED and the reason."""

STOPPED, CUT, FAILED = "stop", "length", "failed"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One prompt (`messages`: pairs of role and content) over `source`, a part of a document, which stands in it word for word.

    `extra`: what else the body of a call over HTTP says.
    """

    messages: tuple[tuple[str, str], ...]
    source: str
    model: str
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.source.strip(), "nothing is asked for without a source text"
        assert any(self.source in content for _, content in self.messages), "the source text stands in the prompt"

    @cached_property
    def key(self) -> str:
        """A hash of all that decides the answer: where it is known, nothing is asked again."""
        decides = [self.messages, self.model, self.max_tokens, self.temperature, self.top_p, self.seed, self.extra]
        return hashlib.sha256(orjson.dumps(decides, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Response:
    """The answer to the request `key`. `outcome` is STOPPED, CUT (max_tokens reached), or `failed: ` and why, with empty text."""

    key: str
    outcome: str
    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def failed(self) -> bool:
        return self.outcome.startswith(FAILED)


class Engine(Protocol):
    """Whatever answers requests in the process of one worker."""

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """One response for each request, in their order. Raises EngineError where none can be answered at all."""
