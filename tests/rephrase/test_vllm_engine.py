"""The configuration goes through Ray's own validation and its own stages; only the package vllm is not there (stand_in/)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray.data

from curator.config.engines import VllmEngine
from curator.errors import ConfigError
from curator.rephrase.chat_model import ChatModel
from curator.rephrase.requests import CUT, STOPPED, Request, Response
from curator.rephrase.vllm_engine import answered, check_engine, check_vllm, processor_config, request_row, response_of
from tests.rephrase.small_chat_model import saved_chat_model
from tests.rephrase.vllm_stand_in import STAND_IN, cluster_with_stand_in

pytest.importorskip("torch")
pytest.importorskip("transformers")

END = 2


def engine(model: str = "a-model", **settings: Any) -> VllmEngine:
    return VllmEngine(model=model, **settings)


def request(text: str, max_tokens: int) -> Request:
    return Request(
        messages=(("user", text),), source=text, model="m", max_tokens=max_tokens, temperature=0.7, top_p=0.9, seed=3
    )


def finished(tokens: list[int], **others: Any) -> dict[str, Any]:
    """A row as Ray gives it back."""
    return {"key": "k", "generated_text": "text", "generated_tokens": tokens, "num_input_tokens": 9, **others}


def test_ray_takes_the_configuration() -> None:
    config = processor_config(
        engine(actors=2, batch_requests=32, accelerator="H100", engine={"tensor_parallel_size": 2, "max_num_seqs": 256})
    )
    assert (config.model_source, config.concurrency, config.batch_size) == ("a-model", (2, 2), 32)
    assert (config.accelerator_type, config.max_concurrent_batches) == ("H100", 8)
    assert config.engine_kwargs == {"tensor_parallel_size": 2, "max_num_seqs": 256, "task_type": "generate"}


def test_as_many_requests_wait_in_an_engine_as_it_can_take_at_once() -> None:
    config = processor_config(engine(batch_requests=100))
    assert config.max_concurrent_batches * config.batch_size >= 1_024


def test_the_arguments_of_the_configuration_are_not_written_to() -> None:
    given = engine(engine={"max_model_len": 2_048})
    processor_config(given)
    assert dict(given.engine) == {"max_model_len": 2_048}


@pytest.mark.parametrize("name", ["model", "task_type", "enable_log_requests"])
def test_arguments_that_are_set_already_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"rephrase.vllm.engine.{name}: it is set already"):
        processor_config(engine(engine={name: "other"}))


@pytest.mark.parametrize("value", [0, "two", 1.5])
def test_a_number_of_gpus_is_a_whole_number(value: object) -> None:
    with pytest.raises(ConfigError, match=r"tensor_parallel_size: .* is no whole number above 0"):
        processor_config(engine(engine={"tensor_parallel_size": value}))


def test_what_ray_refuses_is_told_in_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"rephrase.vllm: accelerator_type: Input should be a valid string"):
        processor_config(engine().model_copy(update={"accelerator": 5}))


def test_a_missing_vllm_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"vllm is not installed: pip install 'curator\[vllm\]'"):
        check_vllm()


def test_an_argument_that_vllm_does_not_have_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(STAND_IN)
    check_vllm()
    check_engine(engine(engine={"max_model_len": 64}))
    with pytest.raises(
        ConfigError, match=r"engine.max_modle_len: vLLM has no such argument; did you mean max_model_len"
    ):
        check_engine(engine(engine={"max_modle_len": 64}))


def test_an_answer_is_stopped_where_its_last_token_ends_it_and_else_cut() -> None:
    assert response_of(finished([5, END]), [END]) == Response(
        key="k", outcome=STOPPED, text="text", prompt_tokens=9, completion_tokens=2
    )
    assert response_of(finished([5, 6]), [END]).outcome == CUT
    assert response_of(finished([]), [END]).outcome == CUT


def test_a_row_with_an_error_fails_with_its_first_line_and_without_text() -> None:
    row = {"key": "k", "__inference_error__": "ValueError: too long\nand more", "generated_text": ""}
    assert response_of(row, [END]) == Response(key="k", outcome="failed: ValueError: too long")


@pytest.fixture
def a_cluster() -> Iterator[None]:
    with cluster_with_stand_in():
        yield


@pytest.mark.usefixtures("a_cluster")
def test_requests_come_back_as_responses_through_the_stages_of_ray(tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path)
    texts = {
        "long enough to be stopped": 60,
        "cut by the request": 8,
        "a window that ends. " * 4: 60,
        "too long " * 40: 60,
    }
    requests = [request(text, tokens) for text, tokens in texts.items()]
    rows = ray.data.from_items([request_row(one, 7) for one in requests])
    given = answered(rows, engine(model, batch_requests=3)).take_all()
    assert {row.pop("shard") for row in given} == {7}
    found = {row["key"]: Response(**row) for row in given}
    stopped, cut, ended, refused = (found.pop(one.key) for one in requests)
    assert not found
    assert (stopped.outcome, stopped.completion_tokens) == (STOPPED, 33)
    assert (cut.outcome, cut.completion_tokens) == (CUT, 8)
    assert (ended.outcome, ended.prompt_tokens + ended.completion_tokens) == (CUT, 100)
    assert refused.outcome.startswith("failed: ValueError: The decoder prompt")
    chat = ChatModel(model)
    prompt = chat.prompt([{"role": "user", "content": requests[1].source}])
    assert cut.prompt_tokens == len(prompt)
    said = [token for token in prompt if token not in chat.ends][-16:]
    assert cut.text == " ".join(map(str, said[:8])), "the prompt is made here, and not by Ray"
