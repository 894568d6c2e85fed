"""Stands in for vLLM where Ray imports it: the names and shapes of vLLM 0.11 to 0.29 that ray.data.llm 2.60 uses, and no model.

It answers with the last 16 tokens of the prompt that end no text, twice, and the first token that it is told to stop at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from vllm import inputs, outputs  # noqa: F401


@dataclass
class SamplingParams:
    """Those that requests set."""

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int | None = 16
    seed: int | None = None
    stop_token_ids: list[int] = field(default_factory=list)
    structured_outputs: Any = None


@dataclass
class AsyncEngineArgs:
    """A few of its arguments."""

    model: str
    runner: str = "auto"
    enable_log_requests: bool = False
    max_model_len: int = 100
    max_num_seqs: int = 4
    tensor_parallel_size: int = 1
    pipeline_parallel_size: int = 1
    distributed_executor_backend: str | None = None

    def create_engine_config(self) -> SimpleNamespace:
        return SimpleNamespace(
            scheduler_config=SimpleNamespace(max_num_seqs=self.max_num_seqs),
            parallel_config=SimpleNamespace(pipeline_parallel_size=self.pipeline_parallel_size),
        )


class AsyncLLMEngine:
    """An engine without a model."""

    def __init__(self, arguments: AsyncEngineArgs) -> None:
        self._arguments = arguments

    @classmethod
    def from_engine_args(cls, arguments: AsyncEngineArgs, stat_loggers: Any = None) -> AsyncLLMEngine:
        return cls(arguments)

    async def generate(
        self, prompt: dict[str, Any], sampling_params: SamplingParams, request_id: str, lora_request: Any = None
    ) -> AsyncIterator[outputs.RequestOutput]:
        assert lora_request is None, "no request names another model"
        ids, window = prompt["prompt_token_ids"], self._arguments.max_model_len
        if len(ids) >= window:
            raise ValueError(
                f"The decoder prompt (length {len(ids)}) is longer than the maximum model length of {window}."
            )
        said = [token for token in ids if token not in sampling_params.stop_token_ids][-16:]
        answer = [*said, *said, sampling_params.stop_token_ids[0]]
        tokens = answer[: min(sampling_params.max_tokens or 16, window - len(ids))]
        text = " ".join(map(str, tokens))
        yield outputs.RequestOutput(
            prompt_token_ids=ids, outputs=[outputs.CompletionOutput(text=text, token_ids=tokens)]
        )

    async def do_log_stats(self) -> None:
        """Nothing to log."""

    def shutdown(self) -> None:
        """Nothing to end."""
