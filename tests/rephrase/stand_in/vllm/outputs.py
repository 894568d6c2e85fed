"""What an engine gives for a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class CompletionOutput:
    """One answer. vLLM has a finish_reason too, which Ray does not pass on."""

    text: str
    token_ids: list[int]
    logprobs: Any = None


@dataclass
class RequestOutput:
    """Of a request that is through."""

    prompt_token_ids: list[int]
    outputs: list[CompletionOutput]
    prompt: str | None = None
    metrics: Any = None
    prompt_logprobs: Any = None
    finished: bool = True


class PoolingRequestOutput:
    """Of other tasks."""
