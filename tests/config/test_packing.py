"""What the settings of the tokenizer and of packing accept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from curator.config.packing import Packing, Tokenizer


def test_left_alone_a_tokenizer_is_trained_and_documents_are_packed_by_best_fit() -> None:
    assert (Tokenizer().path, Tokenizer().vocabulary, Tokenizer().end_token) == (None, 32_768, None)
    assert (Packing().method, Packing().sequence, Packing().smallest) == ("best_fit", 2048, 256)


@pytest.mark.parametrize("method", ["best_fit", "concatenate"])
def test_sequences_of_any_length_can_be_filled(method: str) -> None:
    assert Packing.model_validate({"method": method, "sequence": 1000}).sequence == 1000
    assert Packing.model_validate({"method": method, "sequence": 64}).sequence == 64  # smallest is none of theirs


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sequence": 3000}, "sequence 3000 is no power of two, as by_length needs it: take 2048 or 4096"),
        ({"smallest": 100}, "smallest 100 is no power of two, as by_length needs it: take 64 or 128"),
        ({"sequence": 128}, "smallest 256 is longer than sequence 128: lower it"),
    ],
)
def test_by_length_needs_powers_of_two(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Packing.model_validate({"method": "by_length", **settings})


def test_by_length_may_have_one_length_only() -> None:
    assert Packing.model_validate({"method": "by_length", "sequence": 512, "smallest": 512}).smallest == 512


def ramped(*steps: list[float], **settings: Any) -> Packing:
    return Packing.model_validate_json(json.dumps({"batch_ramp": steps, **settings}))


def test_batches_may_grow_to_the_tokens_that_they_keep() -> None:
    assert Packing().batch_ramp == ()
    packing = ramped([0.01, 65_536], [0.05, 524_288])
    assert packing.batch_ramp == ((0.01, 65_536), (0.05, packing.batch_tokens))


@pytest.mark.parametrize(
    "steps",
    [
        ([0.05, 65_536], [0.01, 131_072]),
        ([0.01, 65_536], [0.01, 131_072]),
        ([0.01, 131_072], [0.05, 65_536]),
        ([0.01, 524_289],),
    ],
)
def test_a_ramp_rises(steps: tuple[list[float], ...]) -> None:
    with pytest.raises(ValidationError, match="batch_ramp must rise in shares and tokens up to batch_tokens 524288"):
        ramped(*steps)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 2])
def test_a_ramp_has_shares_between_nothing_and_all(share: float) -> None:
    with pytest.raises(ValidationError, match="batch_ramp"):
        ramped([share, 65_536])


@pytest.mark.parametrize("method", ["best_fit", "concatenate", "by_length"])
def test_every_batch_holds_a_sequence(method: str) -> None:
    with pytest.raises(ValidationError, match="batch_tokens 1024 hold no sequence of 2048: raise them"):
        Packing.model_validate({"method": method, "batch_tokens": 1024})
    with pytest.raises(ValidationError, match="batch_ramp: 1024 tokens hold no sequence of 2048: raise them"):
        ramped([0.01, 1024], method=method)


@pytest.mark.parametrize(
    "settings", [{"vocabulary": 256}, {"sample_bytes": 10}, {"end_token": ""}, {"path": ""}, {"name": "gpt2"}]
)
def test_other_tokenizers_are_errors(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Tokenizer.model_validate(settings)


@pytest.mark.parametrize("settings", [{"method": "first_fit"}, {"sequence": 4}, {"smallest": 0}, {"sequence": 2048.0}])
def test_other_packings_are_errors(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Packing.model_validate(settings)
