"""What a training order may say, and the sentences for what cannot work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from curator.config import Config, load_config
from curator.config.sequence import DIFFICULTY_CLASSES, MOST_GROUPS, QUALITY_CLASSES, Mixture, Sequence
from curator.errors import ConfigError
from curator.steps.order_groups import KINDS, Groups

LEAST = "input: {sources: [{path: data, name: web}]}\noutput: {path: out}\n"


def loaded(folder: Path, sequence: str, more: str = "") -> Config:
    path = folder / "c.yaml"
    path.write_text(f"{LEAST}sequence: {sequence}\n{more}")
    return load_config(str(path))


def sequence(folder: Path, text: str) -> Sequence:
    found = loaded(folder, text).sequence
    assert found is not None
    return found


def test_a_run_has_no_training_order_unless_one_is_asked_for(tmp_path: Path) -> None:
    assert loaded(tmp_path, "null").sequence is None


def test_an_empty_sequence_is_one_shuffle_of_all(tmp_path: Path) -> None:
    found = sequence(tmp_path, "{}")
    assert found.stages == ((0.0, Mixture()),)
    assert (found.order, found.transition) == ("shuffle", "step")
    assert not found.asks_difficulty


def test_the_best_last_is_three_lines(tmp_path: Path) -> None:
    found = sequence(tmp_path, "\n  stages:\n    - [0.0, {}]\n    - [0.8, {quality: {high: 8, other: 0.5}}]")
    assert [start for start, _ in found.stages] == [0.0, 0.8]
    assert found.stages[1][1].quality == {"high": 8.0, "other": 0.5}


def test_a_start_may_be_a_whole_number_and_a_theme_its_number(tmp_path: Path) -> None:
    found = sequence(tmp_path, "{stages: [[0, {theme: {3: 2, other: 0}}]]}")
    assert found.stages[0] == (0.0, Mixture(theme={"3": 2.0, "other": 0.0}))


@pytest.mark.parametrize(
    "stages",
    [
        "[]",
        "[[0.1, {}]]",
        "[[0.0, {}], [0.5, {}], [0.5, {}]]",
        "[[0.0, {}], [0.6, {}], [0.4, {}]]",
        "[[0.0, {}], [1.0, {}]]",
        "[[0.0, {}], [-0.5, {}]]",
        "[[0.0, {}], [.nan, {}]]",
        "[[0.0, {source: {web: -1}}]]",
        "[[0.0, {source: {web: .nan}}]]",
        "[[0.0, {source: {web: .inf}}]]",
        "[[0.0, {colour: {red: 1}}]]",
        "[0.0, {}]",
        "[[0.0]]",
    ],
)
def test_stages_that_cannot_be_are_an_error(tmp_path: Path, stages: str) -> None:
    with pytest.raises(ConfigError, match="stages"):
        loaded(tmp_path, f"{{stages: {stages}}}")


def test_a_hundred_stages_are_the_most() -> None:
    stages: list[Any] = [(place / 101, Mixture()) for place in range(101)]
    assert len(Sequence(stages=tuple(stages[:100])).stages) == 100
    with pytest.raises(ValidationError):
        Sequence(stages=tuple(stages))


@pytest.mark.parametrize(
    ("mixture", "named"), [("{quality: {best: 2}}", "medium_high"), ("{difficulty: {high: 2}}", "easy, medium, hard")]
)
def test_a_class_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path, mixture: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        loaded(tmp_path, f"{{stages: [[0.0, {mixture}]]}}")


def test_every_class_and_other_can_be_named() -> None:
    weights = dict.fromkeys((*QUALITY_CLASSES, "other"), 1.0)
    Mixture(quality=weights, difficulty=dict.fromkeys((*DIFFICULTY_CLASSES, "other"), 1.0))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("{order: interleave}", "sequence.order: interleave needs concepts"),
        ("{order: chain}", "sequence.order: chain needs concepts"),
        ("{order: ascending, difficulty: distance}", "sequence.difficulty: distance needs concepts"),
        ("{stages: [[0.0, {difficulty: {easy: 2}}]], difficulty: distance}", "difficulty: distance needs concepts"),
        ("{stages: [[0.0, {theme: {1: 2}}]]}", "sequence.stages by theme needs concepts"),
    ],
)
def test_what_needs_concepts_says_so_in_a_run_without_them(tmp_path: Path, asked: str, told: str) -> None:
    loaded(tmp_path, asked)
    with pytest.raises(ConfigError, match=told):
        loaded(tmp_path, asked, "budgets: null\n")


@pytest.mark.parametrize("asked", ["{}", "{difficulty: distance}", "{order: ascending, difficulty: quality}"])
def test_what_needs_no_concepts_works_without_them(tmp_path: Path, asked: str) -> None:
    assert loaded(tmp_path, asked, "budgets: null\n").sequence is not None


def test_too_many_combinations_are_an_error_that_counts_them(tmp_path: Path) -> None:
    names = {f"s{place}": 1.0 for place in range(99)}
    stages = [[0.0, {"source": names, "language": names}]]
    found = sequence(tmp_path, yaml.safe_dump({"stages": stages}, default_flow_style=True))
    assert Groups.of([mixture for _, mixture in found.stages]).count == MOST_GROUPS
    stages.append([0.5, {"source": {"one more": 1.0, "other": 2.0}}])
    with pytest.raises(ConfigError, match="10,100 groups"):
        sequence(tmp_path, yaml.safe_dump({"stages": stages}, default_flow_style=True))


def test_groups_know_every_kind_of_weight() -> None:
    assert tuple(Mixture.model_fields) == KINDS
