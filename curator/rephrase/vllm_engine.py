"""Answers by vLLM, which `ray.data.llm` runs: rows of requests to rows of responses, on GPUs.

vLLM itself has not been run here, for want of a GPU. What has: Ray 2.60 builds the processor of a configuration, and its own
stages take the rows and give them back in a test where a package of the same names stands in for vLLM.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from curator.config.engines import VllmEngine
from curator.config.spelling import hint
from curator.errors import ConfigError
from curator.rephrase.chat_model import ChatModel
from curator.rephrase.requests import CUT, FAILED, STOPPED, Request, Response

if TYPE_CHECKING:
    from ray.data import Dataset
    from ray.data.llm import vLLMEngineProcessorConfig

Row = dict[str, Any]
SET_ALREADY = ("model", "task_type", "runner", "convert", "enable_log_requests")
MOST_SEQUENCES = 1_024
"""vLLM's greatest default of sequences at work at once (max_num_seqs, on an H100); more wait in the engine."""
ERROR = "__inference_error__"
"""The column in which Ray says why a row has no answer; empty where it has one."""


def check_vllm() -> None:
    """Raises ConfigError where vLLM is missing."""
    if importlib.util.find_spec("vllm") is None:
        raise ConfigError("rephrase.vllm: vllm is not installed: pip install 'curator[vllm]', on machines with a GPU")


def check_engine(config: VllmEngine) -> None:
    """Raises ConfigError for an argument in `engine` that vLLM does not have, or that cannot work. Imports vLLM (seconds)."""
    from vllm import AsyncEngineArgs

    _check_arguments(config.engine)
    known = [field.name for field in fields(AsyncEngineArgs)]
    for name in config.engine:
        if name not in known:
            # of so many names some are a little alike by chance
            meant = hint(name, known, "see its engine arguments", cutoff=0.6)
            raise ConfigError(f"rephrase.vllm.engine.{name}: vLLM has no such argument; {meant}")


def processor_config(config: VllmEngine) -> vLLMEngineProcessorConfig:
    """What `ray.data.llm.build_processor` takes: `actors` engines, and of Ray's stages the engine alone, for prompts are made as
    for the other engines, and vLLM gives text. Raises ConfigError for what Ray does not take. Needs torch; not vLLM.
    """
    from ray.data.llm import vLLMEngineProcessorConfig

    _check_arguments(config.engine)
    sequences = config.engine.get("max_num_seqs", MOST_SEQUENCES)
    try:
        return vLLMEngineProcessorConfig(
            model_source=config.model,
            engine_kwargs=dict(config.engine),  # a copy: Ray writes into it
            concurrency=(config.actors, config.actors),
            batch_size=config.batch_requests,
            max_concurrent_batches=max(2, -(-sequences // config.batch_requests)),
            accelerator_type=config.accelerator,
            should_continue_on_error=True,
            chat_template_stage=False,
            tokenize_stage=False,
            detokenize_stage=False,
            log_engine_metrics=False,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"rephrase.vllm: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def request_row(request: Request, shard: int) -> Row:
    """A request as `answered` reads it. No column is called `model`: Ray would take it for an adapter's name."""
    return {
        "shard": shard,
        "key": request.key,
        "messages": [{"role": role, "content": content} for role, content in request.messages],
        "sampling_params": {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
        },
    }


def answered(requests: Dataset, config: VllmEngine) -> Dataset:
    """From rows of `request_row` to rows of `response_of` and the `shard`, in no order; lazy. Ray is up, and each engine takes
    `tensor_parallel_size` times `pipeline_parallel_size` GPUs.

    A prompt that vLLM refuses, such as one that is too long for the model, fails alone. The same request need not get the same
    answer again: vLLM adds in the order in which requests come together.
    """
    from ray.data.llm import build_processor

    ends = ChatModel(config.model).ends
    processor = build_processor(
        processor_config(config), preprocess=partial(_prompted, config.model), postprocess=_needed
    )
    return processor(requests).map(partial(_response_row, ends))


def response_of(row: Mapping[str, Any], ends: Sequence[int]) -> Response:
    """What a row that Ray gives back says; `ends` are the tokens that end an answer.

    It has no reason why an answer ended. The last token tells: vLLM leaves it there, and ends at no other than these.
    """
    if row.get(ERROR):
        first_line = str(row[ERROR]).strip().splitlines()[0]
        return Response(key=row["key"], outcome=f"{FAILED}: {first_line[:300]}")
    tokens = row["generated_tokens"]
    return Response(
        key=row["key"],
        outcome=STOPPED if len(tokens) and int(tokens[-1]) in ends else CUT,
        text=row["generated_text"],
        prompt_tokens=int(row["num_input_tokens"]),
        completion_tokens=len(tokens),
    )


def _response_row(ends: Sequence[int], row: Row) -> Row:
    return {"shard": row["shard"], **asdict(response_of(row, ends))}


def _needed(row: Row) -> Row:
    return {name: row[name] for name in ("shard", "key", "generated_text", "generated_tokens", "num_input_tokens")}


def _prompted(model: str, row: Row) -> Row:
    """What Ray's stage of the engine reads: tokens, and where to stop."""
    chat = _chat_model(model)
    return {
        "tokenized_prompt": chat.prompt(list(row["messages"])),
        "sampling_params": {**row["sampling_params"], "stop_token_ids": list(chat.ends)},
    }


@lru_cache(maxsize=1)
def _chat_model(model: str) -> ChatModel:
    """Loaded once in a process, where each row asks for it."""
    return ChatModel(model)


def _check_arguments(engine: Mapping[str, Any]) -> None:
    """Those that Ray reads itself before vLLM does, and those that are given elsewhere."""
    for name in engine:
        if name in SET_ALREADY:
            raise ConfigError(f"rephrase.vllm.engine.{name}: it is set already; take it out")
    for name in ("tensor_parallel_size", "pipeline_parallel_size", "max_num_seqs"):
        value = engine.get(name, 1)
        if not isinstance(value, int) or value < 1:
            raise ConfigError(f"rephrase.vllm.engine.{name}: {value!r} is no whole number above 0")
