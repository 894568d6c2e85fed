"""Requests hold the words of the document, one for each part, and there is none without a source text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.engines import HttpEngine, Sampling
from curator.config.rephrase import Rephrase
from curator.rephrase.prompts import OWN_LANGUAGE, requests_of, sources_of
from curator.rephrase.requests import Request
from curator.rephrase.strategy import Strategy, load_strategies

REPHRASE = Rephrase(http=HttpEngine(url="http://host/v1", model="small"))
STRATEGIES = load_strategies(REPHRASE)
BY_NAME = {strategy.name: strategy for strategy in STRATEGIES}
TEXT = "The Rhine is 1,233 km long.\n\nIt rises in Switzerland."
OWN = {
    **{"name": "own", "style": "exposition", "weight": 1.0, "input_tokens": 10, "output_tokens": 10},
    **{"length": (0.1, 2.0), "similarity": (0.1, 1.0), "key_facts": 0.0},
}
WITHOUT_TEXT = [
    "Write a story.",
    "Write a story. {# {{ text }} #}",
    "{% if language == 'xx' %}{{ text }}{% endif %} Write a story.",
    "{% if not text %}{{ text }}{% endif %} Write a story.",
    "{% for text in ['a'] %}{{ text }}{% endfor %} Write a story.",
    "{% macro hidden() %}{{ text }}{% endmacro %} Write a story.",
    "{% set text = 'x' %}{{ text }} Write a story.",
    "{% set hidden %}{{ text }}{% endset %} Write a story.",
    "{{ text | truncate(5) }} Write a story.",
    "{{ text[:0] }} Write a story.",
]


def asked(
    text: str, strategy: Strategy, language: str | None = "en", doc_id: int = 7, rephrase: Rephrase = REPHRASE
) -> list[Request]:
    return requests_of(text, language, strategy, doc_id=doc_id, rephrase=rephrase)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.name)
def test_every_strategy_is_rendered_around_the_text(strategy: Strategy) -> None:
    [request] = asked(f"\n {TEXT}\n\n", strategy)
    [(role, prompt)] = request.messages
    assert role == "user"
    assert request.source == TEXT
    assert prompt.count(TEXT) == 1
    assert f"Write in {OWN_LANGUAGE if strategy.for_captions else 'English'}." in prompt
    assert strategy.opening is None or prompt.splitlines().count(strategy.opening) == 1
    assert "{{" not in prompt
    assert (request.model, request.max_tokens) == ("small", strategy.output_tokens)
    assert (request.temperature, request.top_p) == (0.7, 0.9)


@pytest.mark.parametrize(
    ("language", "name"), [("de", "German"), (None, "the language of the text"), ("und", "the language of the text")]
)
def test_the_language_is_named_where_it_is_known(language: str | None, name: str) -> None:
    [request] = asked(TEXT, BY_NAME["easy"], language)
    assert f"Write in {name}." in request.messages[0][1]


@pytest.mark.parametrize(
    "text", ["{{ language }} {% if %}", "{# x #} {{ 7 * 7 }}", "<b>&amp;</b> \r\n x", "{{ text }}", "\\n % $ \0 ]]>"]
)
def test_a_text_is_never_a_template(text: str) -> None:
    [request] = asked(text, BY_NAME["easy"])
    assert request.source == text
    assert f"---\n{text}\n---" in request.messages[0][1]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.name)
@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u2003\u3000"])
def test_nothing_is_asked_without_a_source_text(strategy: Strategy, text: str) -> None:
    assert asked(text, strategy) == []


@pytest.mark.parametrize("prompt", WITHOUT_TEXT)
def test_no_strategy_of_a_user_can_ask_without_the_source_text(prompt: str) -> None:
    with pytest.raises(ValueError, match="exactly once"):
        Strategy(**OWN, prompt=prompt)
    unchecked = Strategy.model_construct(**OWN, opening=None, prompt=prompt)
    with pytest.raises(AssertionError, match="stands in the prompt"):
        asked("A source of its own.", unchecked, language="en")


@settings(max_examples=50)
@given(text=st.text(max_size=300), strategy=st.sampled_from(STRATEGIES))
def test_whatever_the_text_every_request_holds_a_part_of_it(text: str, strategy: Strategy) -> None:
    for request in asked(text, strategy):
        assert request.source.strip()
        assert request.source in text
        assert request.source in request.messages[0][1]


@settings(max_examples=50)
@given(
    pieces=st.lists(st.text(max_size=300), max_size=40), times=st.integers(1, 9), strategy=st.sampled_from(STRATEGIES)
)
def test_no_more_is_asked_than_was_planned_by_the_bytes_of_the_text(
    pieces: list[str], times: int, strategy: Strategy
) -> None:
    text = "\n\n".join(pieces) * times
    assert len(sources_of(text, strategy)) <= strategy.parts_of(-(-len(text.encode()) // 4))


def test_a_long_text_is_asked_for_in_parts_of_the_limit_of_the_strategy() -> None:
    text = "\n\n".join(f"Paragraph {number} says that something is the case." for number in range(100))
    easy = BY_NAME["easy"]
    sources = [request.source for request in asked(text, easy)]
    assert sources == sources_of(text, easy)
    assert "\n\n".join(sources) == text
    assert len(sources) == easy.parts_of(-(-len(text) // 4)) == 5
    assert max(map(len, sources)) <= 4 * easy.input_tokens


def test_parts_of_scripts_with_more_bytes_have_fewer_characters() -> None:
    chinese = "这条河很长。" * 1_000
    assert max(map(len, sources_of(chinese, BY_NAME["easy"]))) <= 400


def test_a_seed_follows_from_the_document_the_strategy_the_part_and_the_configuration() -> None:
    text = "The same words once more. " * 100
    easy, dense = BY_NAME["easy"], BY_NAME["dense"]
    other = REPHRASE.model_copy(update={"sampling": Sampling(seed=2)})
    runs = [asked(text, easy), asked(text, easy, doc_id=8), asked(text, dense), asked(text, easy, rephrase=other)]
    seeds = [request.seed for requests in runs for request in requests]
    assert len(runs[0]) > 1
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert [request.key for request in asked(text, easy)] == [request.key for request in runs[0]]
