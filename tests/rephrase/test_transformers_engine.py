"""In-process answers of a tiny chat model, against the same model asked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.config.engines import TransformersEngine
from curator.errors import ConfigError
from curator.rephrase.chat_model import ChatModel, check_model
from curator.rephrase.drawing import drawn
from curator.rephrase.requests import CUT, STOPPED, Request, Response
from curator.rephrase.transformers_engine import load_engine
from tests.rephrase.small_chat_model import WINDOW, saved_chat_model

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved_chat_model(tmp_path_factory.mktemp(request.param), family=request.param)


def request_for(text: str, **settings: Any) -> Request:
    usual = {"model": "m", "max_tokens": 12, "temperature": 0.8, "top_p": 0.9, "seed": 5}
    return Request(messages=(("user", f"Say again: {text}"),), source=text, **{**usual, **settings})


REQUESTS = [
    request_for("the ship left " * (1 + 5 * number % 7), max_tokens=5 + 4 * number, temperature=heat, top_p=top_p, seed=number)
    for number, (heat, top_p) in enumerate([(0.0, 0.9), (0.8, 0.9), (1.3, 1.0), (0.8, 0.3), (2.0, 1.0), (0.8, 0.9)] * 2)
]  # fmt: skip


def answers(model: str, requests: list[Request], batch_requests: int = 4) -> list[Response]:
    return load_engine(TransformersEngine(model=model, batch_requests=batch_requests)).answer(requests)


@pytest.fixture(scope="module")
def found(model: str) -> list[Response]:
    return answers(model, REQUESTS)


def test_answers_come_in_the_order_of_requests(found: list[Response]) -> None:
    assert [response.key for response in found] == [request.key for request in REQUESTS]


@pytest.mark.parametrize("batch_requests", [1, 5, 100])
def test_an_answer_does_not_depend_on_the_batch(model: str, found: list[Response], batch_requests: int) -> None:
    assert answers(model, REQUESTS, batch_requests) == found


def test_an_answer_does_not_depend_on_the_other_requests(model: str, found: list[Response]) -> None:
    assert answers(model, REQUESTS[::-3]) == found[::-3]


def by_hand(model: str, request: Request) -> list[int]:
    """The tokens of an answer, each from a whole new pass over all before it, without padding, cache, or batch."""
    weights = transformers.AutoModelForCausalLM.from_pretrained(model).eval()
    chat, random = ChatModel(model), np.random.default_rng(request.seed)
    prompt = chat.prompt([{"role": role, "content": content} for role, content in request.messages])
    tokens: list[int] = []
    while len(tokens) < request.max_tokens and (not tokens or tokens[-1] not in chat.ends):
        with torch.no_grad():
            logits = weights(torch.tensor([prompt + tokens]), use_cache=False).logits[0, -1].numpy()
        tokens.append(drawn(logits, request.temperature, request.top_p, random.random()))
    return tokens


def test_answers_are_those_of_the_model_asked_by_hand(model: str, found: list[Response]) -> None:
    """So neither padding nor the settings in the model's own generation_config.json show."""
    chat = ChatModel(model)
    for request, response in zip(REQUESTS, found, strict=True):
        tokens = by_hand(model, request)
        stopped = tokens[-1] in chat.ends
        assert response.outcome == (STOPPED if stopped else CUT)
        assert response.completion_tokens == len(tokens)
        assert response.text == chat.text(tokens[:-1] if stopped else tokens)


def test_some_answers_stop_at_an_end_token_and_some_are_cut(found: list[Response]) -> None:
    cut = [place for place, response in enumerate(found) if response.outcome == CUT]
    assert {response.outcome for response in found} == {STOPPED, CUT}
    assert [found[place].completion_tokens for place in cut] == [REQUESTS[place].max_tokens for place in cut]


def test_another_seed_draws_another_answer_but_not_at_temperature_0(model: str) -> None:
    warm, cold = request_for("bread"), request_for("bread", temperature=0.0)
    seeds = [replace(request, seed=seed) for request in (warm, cold) for seed in range(5)]
    texts = [response.text for response in answers(model, seeds)]
    assert len(set(texts[:5])) > 1
    assert len(set(texts[5:])) == 1


def test_a_prompt_that_fills_the_window_fails_alone(model: str) -> None:
    long = request_for("at dawn " * WINDOW)
    failed, answered = answers(model, [long, request_for("bread")])
    assert failed.outcome.startswith("failed: the prompt has ")
    assert failed.outcome.endswith(f" tokens, the model reads {WINDOW} with the answer")
    assert (failed.text, failed.completion_tokens) == ("", 0)
    assert not answered.outcome.startswith("failed")


def test_an_answer_is_cut_where_the_window_ends(tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path, ends=1)
    response = answers(model, [request_for("bread", max_tokens=10_000, temperature=0.0)])[0]
    assert response.outcome == CUT
    assert response.prompt_tokens + response.completion_tokens == WINDOW


def test_no_requests_have_no_answers(model: str) -> None:
    assert answers(model, []) == []


def test_a_text_in_which_the_template_language_stands_is_sent_as_it_is(model: str) -> None:
    text = "{{ messages }} {% for %} \u202e \x00 𝄞"
    chat = ChatModel(model)
    assert text in chat.text(chat.prompt([{"role": "user", "content": text}]))


@pytest.mark.parametrize("check", [check_model, load_engine])
def test_a_model_without_a_chat_template_is_refused_with_its_name_and_the_mend(check: Any, tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path, template=None)
    with pytest.raises(ConfigError, match=rf"{model} has no chat template; name one that is tuned"):
        check(TransformersEngine(model=model))


@pytest.mark.parametrize("check", [check_model, load_engine])
def test_a_model_that_is_not_there_is_refused(check: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"the model .*empty cannot be loaded: "):
        check(TransformersEngine(model=str(tmp_path / "empty")))


def test_a_model_can_be_checked_without_its_weights(tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path)
    Path(model, "model.safetensors").unlink()
    check_model(TransformersEngine(model=model))
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_engine(TransformersEngine(model=model))


def test_a_template_that_refuses_users_is_told(tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path, template="{{ raise_exception('only systems') }}")
    with pytest.raises(ConfigError, match="takes no message of a user: only systems"):
        check_model(TransformersEngine(model=model))


def test_a_model_that_does_not_write_is_refused(tmp_path: Path) -> None:
    model = saved_chat_model(tmp_path)
    transformers.ViTConfig().save_pretrained(model)
    with pytest.raises(ConfigError, match=r"\(ViTConfig\) does not write text"):
        check_model(TransformersEngine(model=model))


def test_a_gpu_that_is_asked_for_and_missing_is_told(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="is to run on a GPU"):
        load_engine(TransformersEngine(model=model, gpus_per_actor=1))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_smaller_types_answer_too(model: str, dtype: Any) -> None:
    responses = load_engine(TransformersEngine(model=model, dtype=dtype)).answer(REQUESTS[:3])
    assert all(response.outcome in (STOPPED, CUT) for response in responses)


def nucleus(logits: np.ndarray, temperature: float, top_p: float) -> set[int]:
    """Token by token."""
    shares = np.exp((logits - logits.max()).astype(np.float64) / temperature)
    kept, reached = set(), 0.0
    for token in sorted(range(len(logits)), key=lambda token: (-shares[token], token)):
        if reached >= top_p:
            break
        kept.add(token)
        reached += shares[token] / shares.sum()
    return kept


@given(
    st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=30),
    st.floats(0.05, 2),
    st.floats(1e-6, 1),
    st.floats(0, 1, exclude_max=True),
)
def test_a_token_is_drawn_among_the_likeliest(
    logits: list[float], temperature: float, top_p: float, chance: float
) -> None:
    values = np.array(logits, np.float32)
    token = drawn(values, temperature, top_p, chance)
    assert token in nucleus(
        values, temperature, min(1.0, top_p + 1e-9)
    )  # sums that meet top_p exactly may fall either way
    assert drawn(values, 0.0, top_p, chance) == int(values.argmax())


@pytest.mark.parametrize("top_p", [0.9, 1.0])
def test_tokens_are_drawn_as_often_as_their_probabilities_say(top_p: float) -> None:
    shares = np.array([0.1, 0.5, 0.05, 0.35])
    expected = {0.9: np.array([0.1, 0.5, 0, 0.35]) / 0.95, 1.0: shares}[top_p]
    chances = (np.arange(10_000) + 0.5) / 10_000
    tokens = [drawn(np.log(shares).astype(np.float32) * 1.5, 1.5, top_p, chance) for chance in chances]
    assert np.allclose(np.bincount(tokens, minlength=4) / len(tokens), expected, atol=1e-3)


def test_a_token_that_is_ruled_out_is_never_drawn() -> None:
    logits = np.array([-np.inf, 0.0, -np.inf], np.float32)
    assert {drawn(logits, 1.0, top_p, chance) for top_p in (0.5, 1.0) for chance in (0.0, 0.5, 1 - 2**-53)} == {1}
