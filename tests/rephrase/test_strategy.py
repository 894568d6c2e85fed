"""Strategies are files: those that are built in hold what is promised of them, and a faulty one is one clear message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.errors import ConfigError
from curator.rephrase.strategy import BUILT_IN, Strategy, load_strategies

NAMES = "caption dense dialogue distil easy encyclopaedia faq knowledge maths questions table tutorial".split()
OWN = """\
name: headline
style: exposition
weight: 0.5
input_tokens: 300
output_tokens: 50
opening: "Headline:"
length: [0.01, 0.5]
similarity: [0.1, 1.0]
key_facts: 0.0
prompt: |
  Write a headline in {{ language }}, after the line Headline:
  {{ text }}
"""


def settings(**values: object) -> Rephrase:
    return Rephrase(http=HttpEngine(url="http://host/v1", model="m"), **values)


def built_in(name: str) -> Strategy:
    return next(strategy for strategy in load_strategies(settings()) if strategy.name == name)


@pytest.fixture
def own(tmp_path: Path):
    def write(text: str = OWN) -> str:
        path = tmp_path / "own.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_these_are_built_in_and_continuation_is_not() -> None:
    assert [strategy.name for strategy in load_strategies(settings())] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_named_as_its_strategy_and_asks_for_grounded_text_in_its_language(name: str) -> None:
    prompt = built_in(name).prompt
    assert (BUILT_IN / f"{name}.yaml").exists()
    assert "Add no fact, number, name" in prompt
    assert "Write in {{ language }}." in prompt


@pytest.mark.parametrize("name", NAMES)
def test_the_longest_answer_that_is_let_in_fits_into_the_output_tokens(name: str) -> None:
    strategy = built_in(name)
    expected_share = strategy.tokens_out_of(strategy.input_tokens) / strategy.output_tokens
    assert 0.3 < expected_share <= 1


def test_low_classes_get_paraphrases_only() -> None:
    low = {s.name for s in load_strategies(settings()) if not s.quality or {"low", "medium_low"} & set(s.quality)}
    assert low == {"encyclopaedia", "easy", "dense", "caption"}


def test_questions_are_appended_to_good_documents() -> None:
    questions = built_in("questions")
    assert questions.appended
    assert questions.quality == ("medium_high", "high")
    assert "up to eight" in questions.prompt


def test_conversations_have_a_small_share() -> None:
    strategies = load_strategies(settings())
    talk = sum(strategy.weight for strategy in strategies if strategy.style == "conversation")
    assert 0 < talk / sum(strategy.weight for strategy in strategies) <= 0.1


def test_the_weights_of_the_configuration_choose_and_replace() -> None:
    chosen = load_strategies(settings(strategies={"faq": 3.0, "easy": 1.0, "dense": 0.0}))
    assert [(strategy.name, strategy.weight) for strategy in chosen] == [("easy", 1.0), ("faq", 3.0)]


def test_own_strategies_stand_beside_those_that_are_built_in(own) -> None:
    loaded = load_strategies(settings(own_strategies=own()))
    assert {strategy.name for strategy in loaded} == {*NAMES, "headline"}


def test_a_folder_and_a_glob_name_own_strategies_too(own) -> None:
    folder = Path(own()).parent
    for pattern in (str(folder), str(folder / "o*.yaml")):
        assert [s.name for s in load_strategies(settings(own_strategies=pattern, strategies={"headline": 1.0}))] == [
            "headline"
        ]


def test_a_version_follows_the_content_and_not_the_weight(own) -> None:
    def version(text: str) -> str:
        return load_strategies(settings(own_strategies=own(text), strategies={"headline": 1.0}))[0].version

    first = version(OWN)
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert version(OWN.replace("weight: 0.5", "weight: 0.7")) == first
    assert version(OWN.replace("a headline", "one headline")) != first
    assert version(OWN.replace("key_facts: 0.0", "key_facts: 0.1")) != first


def test_expected_tokens_grow_with_the_parts_up_to_their_limit(own) -> None:
    [headline] = load_strategies(settings(own_strategies=own(), strategies={"headline": 1.0}))
    assert headline.tokens_out_of(0) == 0
    assert headline.tokens_out_of(100) == round(100 * 0.51 / 2)
    assert headline.tokens_out_of(300) == 50
    assert headline.tokens_out_of(301) == round(301 * 0.51 / 2)
    assert headline.tokens_out_of(540) == 100
    assert headline.tokens_out_of(541) == round(541 * 0.51 / 2)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (OWN.replace("opening:", "openning:"), r"own.yaml:6: unknown key openning; did you mean opening\?"),
        (OWN.replace("weight: 0.5\n", ""), r"own.yaml:1: the key weight is missing"),
        (OWN.replace("style: exposition", "style: poem"), r"own.yaml:2: style: .*'exposition'"),
        (OWN.replace("name: headline", "name: Head line"), r"own.yaml:1: name: "),
        (
            OWN.replace("name: headline", "name: easy"),
            r"own.yaml: there is already a strategy easy; give this one another",
        ),
        (OWN.replace("[0.01, 0.5]", "[0.5, 0.5]"), r"own.yaml:7: length: the first number must be below the second"),
        (OWN.replace("[0.1, 1.0]", "[0.1, 1.1]"), r"own.yaml:8: similarity.1: .*less than or equal to 1"),
        (OWN.replace("line Headline:", "line Title:"), r"own.yaml:1: .*must demand the opening line: Headline:"),
        (OWN.replace("{{ text }}", ""), r"own.yaml:10: prompt: the template must hold {{ text }} exactly once"),
        (OWN.replace("{{ text }}", "{{ text }} {{ text }}"), r"prompt: the template must hold {{ text }} exactly once"),
        (OWN.replace("{{ text }}", "{{ text | upper }}"), r"must hold {{ text }} exactly once, bare"),
        (OWN.replace("{{ text }}", "{% if language == 'en' %}{{ text }}{% endif %}"), r"outside of any block"),
        (OWN.replace("{{ text }}", "{% set text = '' %}{{ text }}"), r"must hold {{ text }} exactly once"),
        (OWN.replace("{{ text }}", "{% raw %}{{ text }}{% endraw %}"), r"must hold {{ text }} exactly once"),
        (OWN.replace("{{ text }}", "{{ text }} {{ title }}"), r"knows the variables text and language, not title"),
        (OWN.replace("{{ text }}", "{{ text }} {{ 1 // 0 }}"), r"the template cannot be rendered: "),
        (
            OWN.replace("{{ text }}", "{{ text }} {{ ''.__class__.mro() }}"),
            r"the template cannot be rendered: .*unsafe",
        ),
        (OWN.replace("{{ text }}", "{% extends 'x' %}{{ text }}"), r"the template cannot be rendered: "),
        (OWN.replace("{{ text }}", "{{ text"), r"own.yaml:10: prompt: the template is no Jinja template: "),
        (
            OWN.split("prompt")[0].replace('opening: "Headline:"\n', "") + "prompt: '{{ text }}'",
            r"says nothing but the text",
        ),
    ],
)
def test_a_faulty_file_is_one_sentence_with_place_and_mend(own, broken: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        load_strategies(settings(own_strategies=own(broken)))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"strategies": {"encyclopedia": 1.0}},
            r"rephrase.strategies: .*no strategy encyclopedia; did you mean encyclopaedia\?",
        ),
        ({"strategies": {"xxxx": 1.0}}, r"there is no strategy xxxx; there are caption, dense, dialogue"),
        ({"strategies": {"easy": 0.0}}, r"all weights are 0; give at least one"),
        ({"own_strategies": "/nowhere/*.yaml"}, r"own_strategies: /nowhere/\*.yaml names no file; give"),
    ],
)
def test_a_faulty_choice_is_one_sentence_with_the_mend(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_strategies(settings(**values))
