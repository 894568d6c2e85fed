"""What the thresholds accept, and what they start from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from curator.config.filters import C4, Filters, FineWeb, GopherQuality, GopherRepetition


def test_every_group_is_on_with_the_limits_of_its_paper() -> None:
    filters = Filters()
    assert filters.gopher_quality == GopherQuality(min_words=50, max_words=100_000, min_stop_words=2)
    assert filters.gopher_repetition == GopherRepetition(top_2gram=0.2, duplicate_10gram=0.1)
    assert filters.c4 == C4(min_sentences=5)
    assert filters.fineweb == FineWeb(max_duplicate_line_characters=0.01)


def test_null_switches_a_group_off_and_leaves_the_others() -> None:
    filters = Filters.model_validate({"c4": None, "gopher_quality": {"min_words": 10}})
    assert filters.c4 is None
    assert filters.gopher_quality == GopherQuality(min_words=10)
    assert filters.fineweb == FineWeb()


def test_whole_numbers_are_limits_too() -> None:
    assert GopherQuality.model_validate({"max_mean_word_length": 12}).max_mean_word_length == 12.0


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf"), "0.5", None])
@pytest.mark.parametrize("name", list(GopherRepetition.model_fields))
def test_a_share_lies_between_zero_and_one(name: str, share: object) -> None:
    with pytest.raises(ValidationError, match=name):
        GopherRepetition.model_validate({name: share})


@pytest.mark.parametrize(
    ("group", "values"),
    [
        (GopherQuality, {"min_words": 10, "max_words": 9}),
        (GopherQuality, {"min_mean_word_length": 5.0, "max_mean_word_length": 4.5}),
        (GopherQuality, {"min_mean_word_length": float("nan")}),
        (GopherQuality, {"min_words": -1}),
        (GopherQuality, {"min_words": 1.5}),
        (GopherQuality, {"min_stop_words": 9}),
        (GopherQuality, {"min_alphabetic_words": 1.1}),
        (GopherQuality, {"max_symbols_per_word": -0.1}),
        (C4, {"min_sentences": -1}),
        (C4, {"drop_lorem_ipsum": "maybe"}),
        (FineWeb, {"min_punctuated_lines": 2.0}),
        (FineWeb, {"max_newlines_per_word": -1.0}),
        (Filters, {"gopher": {}}),
    ],
)
def test_impossible_limits_are_refused(group: type[Filters], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        group.model_validate(values)


def test_equal_limits_are_possible() -> None:
    assert GopherQuality(min_words=7, max_words=7).min_words == 7
