# ruff: noqa: RUF001
from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.text.facts import kindred, names
from curator.text.numbers import agrees, numbers


def values(text: str, language: str | None = "en") -> list[tuple[str, str]]:
    return [(f"{number.value.normalize():f}", number.kind) for number in numbers(text, language) if not number.hint]


@pytest.mark.parametrize(
    "text", ["1,000", "1 000", "1\u202f000", "1000", "one thousand", "a thousand", "1 thousand", "١٠٠٠"]
)
def test_a_thousand_is_a_thousand_however_it_is_written(text: str) -> None:
    assert values(text) == [("1000", "")]


def test_numbers_in_words_reach_up_to_a_million() -> None:
    text = "nine hundred and ninety-nine thousand two hundred and fifty-one; a dozen; two million"
    assert values(text) == [("999251", ""), ("12", ""), ("2000000", "")]


def test_a_comma_is_what_the_language_makes_of_it() -> None:
    assert values("1.234 und 3,5", "de") == [("1234", ""), ("3.5", "")]
    assert values("1.234 and 3,500", "en") == [("1.234", ""), ("3500", "")]
    assert values("1,234.56 and 1.234,56 and 12,5", "en") == [("1234.56", ""), ("1234.56", ""), ("12.5", "")]


def test_percent_units_money_and_ordinals_are_kept_apart() -> None:
    assert values("5 %, 5 percent, five per cent") == [("5", "percent")] * 3
    assert values("5 km, $5, 5 euros, 5th, 5") == [
        ("5", "km"),
        ("5", "dollar"),
        ("5", "euro"),
        ("5", "ordinal"),
        ("5", ""),
    ]
    assert not agrees("km", {"percent"})
    assert agrees("km", {""})
    assert agrees("", {"km"})


def test_scales_multiply_as_the_language_counts() -> None:
    assert values("$2.5bn and 3.5 million") == [("2500000000", "dollar"), ("3500000", "")]
    assert values("2 Billionen", "de") == [("2000000000000", "")]
    assert values("12万", "zh") == [("120000", "")]


def test_dates_fall_into_parts_and_months_have_numbers() -> None:
    assert values("on 12 October 1887") == [("12", ""), ("1887", ""), ("10", "name of month")]
    assert (Decimal(4), "name of month") in [(one.value, one.kind) for one in numbers("2020-04-05") if one.hint]
    assert values("you may march in May") == [("5", "name of month")]


def test_addresses_and_versions_are_parts_and_codes_no_numbers() -> None:
    assert values("192.168.0.1") == [("192", ""), ("168", ""), ("0", ""), ("1", "")]
    assert values("the A320 and MP3") == []
    assert values("9" * 100) == []


def test_one_and_first_and_both_are_only_hints() -> None:
    assert values("one of the first, and both") == []
    assert {one.value for one in numbers("one of the first, and both")} == {Decimal(1), Decimal(2)}


def sure(text: str, language: str | None = "en") -> list[str]:
    return [name.text for name in names(text, language) if name.sure]


def test_a_capital_in_the_middle_of_a_sentence_is_a_name_and_at_its_beginning_is_not() -> None:
    assert sure("Yesterday Marie Curie went to Warsaw. Nobody saw Pierre.") == ["Marie Curie", "Warsaw", "Pierre"]
    assert sure('"Nothing," he said. "Everything is fine."') == []


def test_titles_end_no_sentence() -> None:
    assert sure("It was Dr. Okafor who saw J. Smith.") == ["Okafor", "Smith"]


def test_labels_bullets_and_headings_have_no_sure_names() -> None:
    assert sure("Question: Where is it?\nAnswer: There.\n- Shares fell\n# Benefits Of Walking Daily\nIt is good.") == []


def test_acronyms_and_codes_are_names_anywhere() -> None:
    assert sure("NASA built the A320.") == ["NASA", "A320"]


def test_german_nouns_are_no_names_but_two_side_by_side_are() -> None:
    assert sure("Die Brücke steht im Wald bei der Stadt.", "de") == []
    assert sure("Die Pläne stammen von Heinrich Vollmer.", "de") == ["Heinrich", "Vollmer"]


def test_scripts_without_capitals_have_no_names_but_latin_ones() -> None:
    assert names("在北京大学学习。", "zh") == []
    assert [name.text for name in names("他在 Microsoft 工作。", "zh")] == ["Microsoft"]


def test_germany_and_germans_are_kindred_and_martin_and_martinez_are_not() -> None:
    assert kindred("germany") & kindred("germans")
    assert not kindred("martin") & kindred("martinez")


@given(st.text(max_size=300), st.sampled_from(["en", "de", "fr", "zh", None]))
def test_any_text_can_be_read(text: str, language: str | None) -> None:
    for number in numbers(text, language):
        assert number.value >= 0
    for name in names(text, language):
        assert name.words


@given(st.integers(0, 999_999))
def test_grouped_digits_are_the_number(number: int) -> None:
    assert values(f"{number:,}") == values(str(number))


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "1" * 300_000, "1," * 100_000, "A" * 300_000, "A " * 100_000, "\n" * 300_000]
)
def test_long_monotonous_texts_take_linear_time(text: str) -> None:
    numbers(text)
    names(text)
