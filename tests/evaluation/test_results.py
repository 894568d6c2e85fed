"""A training run's result survives being written as JSON."""

from __future__ import annotations

import json

import pytest

from curator.evaluation.results import Point, RunResult


def result() -> RunResult:
    return RunResult(
        corpus="raw",
        model="nano",
        seed=1,
        parameters=800_000,
        non_embedding_parameters=300_000,
        seconds=12.5,
        device="cpu",
        unique_tokens=400_000,
        epochs=1.5,
        points=(Point(tokens=300_000, bits_per_byte={"prose": 2.5, "web": 2.75}),),
        curve=(
            Point(tokens=100_000, bits_per_byte={"prose": 3.5, "web": 3.75}),
            Point(tokens=200_000, bits_per_byte={"prose": 3.0, "web": 3.25}),
        ),
    )


def test_a_result_is_the_same_after_json() -> None:
    assert RunResult.from_json(json.loads(json.dumps(result().to_json()))) == result()


def test_json_keeps_the_names_of_the_fields() -> None:
    content = result().to_json()
    assert content["points"] == [{"tokens": 300_000, "bits_per_byte": {"prose": 2.5, "web": 2.75}}]
    assert content["non_embedding_parameters"] == 300_000


def test_a_key_that_is_unknown_or_missing_is_an_error() -> None:
    with pytest.raises(TypeError, match="unexpected"):
        RunResult.from_json(result().to_json() | {"unexpected": 1})
    with pytest.raises(TypeError, match="seed"):
        RunResult.from_json({key: value for key, value in result().to_json().items() if key != "seed"})
