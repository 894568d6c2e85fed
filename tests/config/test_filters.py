"""What the thresholds accept, and what they start from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from curator.config.filters import Filters
from curator.config.limits import C4, FineWeb, GopherQuality, GopherRepetition


def test_a_profile_of_another_system_has_the_limits_of_the_papers() -> None:
    filters = Filters(profile="datatrove")
    assert filters.gopher_quality == GopherQuality()
    assert filters.gopher_repetition == GopherRepetition()
    assert filters.c4 == C4()
    assert filters.fineweb == FineWeb()
    assert (filters.refinedweb, filters.content, filters.code, filters.table) == (None, None, None, None)


def test_the_profile_curator_is_milder_where_the_papers_drop_good_pages() -> None:
    filters = Filters()
    assert filters.gopher_quality == GopherQuality(min_alphabetic_words=0.6)
    assert filters.gopher_repetition == GopherRepetition(duplicate_lines=0.5, duplicate_paragraphs=0.5)
    assert filters.c4 == C4(drop_curly_bracket=False, min_sentences=2)
    assert filters.fineweb is not None
    assert filters.fineweb.min_punctuated_lines is None
    assert filters.code is not None
    assert filters.table is not None


def test_null_switches_a_group_off_and_leaves_the_others() -> None:
    filters = Filters.model_validate({"c4": None, "gopher_quality": {"min_words": 10}})
    assert filters.c4 is None
    assert filters.gopher_quality == GopherQuality(min_words=10, min_alphabetic_words=0.6)
    assert filters.fineweb == Filters().fineweb


def test_whole_numbers_are_limits_too() -> None:
    assert GopherQuality.model_validate({"max_mean_word_length": 12}).max_mean_word_length == 12.0


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf"), "0.5"])
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


def test_the_profile_decides_what_is_left_out() -> None:
    dolma = Filters.model_validate({"profile": "dolma", "c4": {"min_sentences": 2}})
    assert dolma.c4 == C4(min_sentences=2)
    assert dolma.fineweb is None
    assert dolma.gopher_repetition is not None
    assert dolma.gopher_repetition.top_2gram is None
    assert dolma.gopher_repetition.duplicate_line_characters == 0.3


def test_a_group_that_the_profile_has_not_can_be_switched_on() -> None:
    assert Filters.model_validate({"profile": "dclm", "fineweb": {}}).fineweb == FineWeb()


def test_single_limits_can_be_changed_for_a_language_or_a_kind_of_text() -> None:
    filters = Filters.model_validate({"languages": {"de": {"gopher_quality": {"min_words": 30}}}, "code": {"c4": None}})
    assert filters.languages["de"].on("gopher_quality", GopherQuality()) == GopherQuality(min_words=30)
    assert filters.languages["de"].on("c4", C4()) == C4()
    assert "zh" in filters.languages
    assert filters.code is not None
    assert filters.code.on("c4", C4()) is None


def test_what_is_written_down_are_the_changes_alone() -> None:
    filters = Filters.model_validate({"profile": "dolma", "languages": {"de": {"c4": {"min_sentences": None}}}})
    assert filters.model_dump()["languages"] == {"de": {"c4": {"min_sentences": None}}}


def test_a_wrong_profile_or_override_is_refused() -> None:
    for values in (
        {"profile": "c4"},
        {"languages": {"de": {"c5": {}}}},
        {"code": {"c4": {"min_sentences": -1}}},
        {"own": {"a b": {}}},
    ):
        with pytest.raises(ValidationError):
            Filters.model_validate(values)
