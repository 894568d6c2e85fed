"""What the settings of the embedder accept."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from curator.config.embedding import Embedding


def test_left_alone_it_is_tfidf_of_128_dimensions() -> None:
    assert (Embedding().model, Embedding().dimensions, Embedding().own) == ("tfidf", 128, None)


def test_a_class_of_ones_own_is_named_by_class() -> None:
    own = Embedding.model_validate({"own": {"class": "package.module:Embedder", "dimensions": 3}}).own
    assert own is not None
    assert (own.name, own.dimensions, own.settings) == ("package.module:Embedder", 3, {})


@pytest.mark.parametrize("name", ["module", "module:", ":Class", "module:Class.encode", "a b:Class"])
def test_a_class_has_the_form_module_and_class(name: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        Embedding.model_validate({"own": {"class": name, "dimensions": 3}})


def test_a_class_of_ones_own_says_how_wide_its_rows_are() -> None:
    with pytest.raises(ValidationError, match="dimensions"):
        Embedding.model_validate({"own": {"class": "module:Class"}})


def test_a_model_and_a_class_are_one_too_many() -> None:
    with pytest.raises(ValidationError, match=r"give embedding.model or embedding.own, not both"):
        Embedding.model_validate({"model": "tfidf", "own": {"class": "module:Class", "dimensions": 3}})


@pytest.mark.parametrize(
    "given", [{"pooling": "max"}, {"dtype": "int8"}, {"windows": "all"}, {"max_tokens": 0}, {"batch_tokens": 0}]
)
def test_other_values_are_errors(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Embedding.model_validate(given)
