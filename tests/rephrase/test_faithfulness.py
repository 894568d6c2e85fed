from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.rephrase.faithfulness import (
    Text,
    lost_facts,
    opposite,
    own_name,
    own_number,
    rebound,
    supported_share,
    unsupported,
)

SOURCE = Text(
    "The bridge of Altenau was built in 1896 by Heinrich Vollmer. It is 214 metres long and was not destroyed in the war. "
    "Since 2003 lorries of more than 7 tonnes may not cross it, and about 9,437 cars use it every day.",
    "en",
)


def answer(text: str) -> Text:
    return Text(text, "en")


def test_a_number_of_the_source_in_another_form_is_not_foreign() -> None:
    assert own_number(SOURCE, answer("Two hundred and fourteen metres long; 9437 cars.")) is None


def test_a_number_that_the_source_does_not_have_is_foreign_and_is_named() -> None:
    found = own_number(SOURCE, answer("It is 215 metres long."))
    assert found is not None
    assert (found.reason, found.detail) == ("foreign_number", "215 metres")


def test_the_same_number_of_something_else_is_foreign() -> None:
    assert own_number(SOURCE, answer("It is 214 kilometres long.")) is not None
    assert own_number(SOURCE, answer("It rose by 7 percent.")) is not None


def test_a_rounded_number_needs_a_word_that_says_so() -> None:
    assert own_number(SOURCE, answer("Some use it: about 9,400 a day.")) is None
    assert own_number(SOURCE, answer("Exactly 9,400 use it.")) is not None


def test_markers_of_lists_and_numbered_questions_are_not_foreign() -> None:
    assert own_number(SOURCE, answer("1. It is long.\n2. It is old.\nQuestion 3: Who built it?\nQ4: When?")) is None


def test_only_a_strategy_that_computes_may_have_results_of_its_own() -> None:
    sum_ = answer("From 1896 to 2003 there are 2003 - 1896 = 107 years, and 107 * 7 = 749.")
    assert own_number(SOURCE, sum_) is not None
    assert own_number(SOURCE, sum_, computes=True) is None
    assert own_number(SOURCE, answer("2003 - 1896 = 108"), computes=True) is not None


def test_a_name_that_the_source_does_not_have_is_foreign() -> None:
    found = own_name(SOURCE, answer("It was built by Gustav Brandt."))
    assert found is not None
    assert found.detail == "Gustav Brandt"
    assert own_name(SOURCE, answer("It was Vollmer who built the Bridge of Altenau.")) is None


def test_a_foreign_name_at_the_beginning_of_a_sentence_is_found_where_the_source_has_another() -> None:
    source = Text("The mill was old. Paris was founded by fishermen near the river crossing.", "en")
    assert own_name(source, answer("Berlin was founded by fishermen near the river crossing.")) is not None
    assert own_name(source, answer("Fishermen founded Paris near the river crossing.")) is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("The World Health Organization warned Italy.", "Yesterday the WHO warned the Italian authorities."),
        ("The ESA probe landed.", "The probe of the European Space Agency landed."),
        ("People in Germany drink tea.", "It is tea that Germans drink."),
        (
            "A study by Smith is new.",
            "Teacher: A study by Smith is new.\nAnna: Thanks!\nTeacher: Yes, Anna.\nAnna: Fine.",
        ),
    ],
)
def test_acronyms_peoples_and_speakers_are_not_foreign(source: str, text: str) -> None:
    assert own_name(Text(source, "en"), answer(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was destroyed in the war.",
        "It was not built in 1896 by Heinrich Vollmer.",
        "Lorries of more than 7 tonnes may cross it.",
    ],
)
def test_a_denial_added_or_left_out_is_found(text: str) -> None:
    found = opposite(SOURCE, answer(text))
    assert found is not None
    assert found.detail == text


@pytest.mark.parametrize(
    "text",
    [
        "The war did not destroy the bridge.",
        "The war left it undamaged.",
        "Was it destroyed in the war?",
        "Lorries of more than 7 tonnes are banned.",
        "No, it was never destroyed.",
        "It is 214 metres long, and no war has destroyed it.",
        "Lorries are only allowed up to 7 tonnes.",
    ],
)
def test_the_same_said_with_other_words_is_no_opposite(text: str) -> None:
    assert opposite(SOURCE, answer(text)) is None


def test_a_sentence_with_nothing_of_the_source_is_unsupported() -> None:
    invented = "Fishermen sold smoked herring and colourful scarves beneath the arches."
    found = unsupported(SOURCE, answer(f"The bridge of Altenau was built in 1896. {invented}"), least=0.1)
    assert found is not None
    assert found.detail == invented


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "Seals are seldom seen. Flights to Balao were suspended for two days.",
            "For two days there were no flights to Balao.",
        ),
        ("The paper has no iron in it. Iron would leave brown spots.", "The paper gets no brown spots."),
        ("The town wanted to build a car park, but gave up.", "The car park was not built."),
        ("The rope does not break within a year. It is blue.", "It takes the rope longer than a year to break."),
        ("The reef is not open to boats.", "Boats are banned from the reef."),
    ],
)
def test_what_can_stand_for_a_negation_is_left_open(source: str, text: str) -> None:
    assert opposite(Text(source, "en"), answer(text)) is None


@pytest.mark.parametrize(
    ("language", "source", "text"),
    [
        ("en", "Dogs are banned from the beach of Sorrel Bay.", "On the beach of Sorrel Bay dogs are allowed."),
        ("de", "Im Sommer wird in dem Saal nicht gespielt.", "In dem Saal wird im Sommer gespielt."),
        (
            "de",
            "Besucher dürfen den Saal nicht ohne Karte betreten.",
            "Besucher dürfen den Saal ohne Karte nicht betreten.",
        ),
        ("fr", "Le train de nuit ne roule pas le lundi.", "Le lundi, le train de nuit roule."),
        ("es", "La tienda no abre los lunes de enero.", "Los lunes de enero la tienda abre."),
    ],
)
def test_clauses_are_told_apart_in_four_languages(language: str, source: str, text: str) -> None:
    assert (opposite(Text(source, language), Text(text, language)) is None) == ("ohne Karte nicht" in text)


LONGER = Text(
    "The bridge of Altenau was built by Heinrich Vollmer. Painters visit the town in May. A ferry sank in the storm of 1931. "
    "Lorries pay a toll of 4 euros. The museum shows old ropes and lanterns.",
    "en",
)


def test_a_lie_of_the_words_of_the_source_is_bound_by_no_place_of_it() -> None:
    lie = "Painters sank the lanterns of Heinrich Vollmer in the storm."
    found = rebound(LONGER, answer(f"The museum has old ropes. {lie}"))
    assert found is not None
    assert (found.reason, found.detail) == ("unbound", lie)
    assert found.value < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "In the storm of 1931 a ferry sank.",
        "Heinrich Vollmer built the bridge of Altenau, and painters come to visit the town in May.",
        "Old ropes and lanterns are shown in the museum, while lorries have to pay a toll of 4 euros.",
        "Did painters sink the lanterns of Heinrich Vollmer in the storm?",
        "Painters pay in May.",
    ],
)
def test_statements_said_again_or_merged_are_bound(text: str) -> None:
    assert rebound(LONGER, answer(text)) is None


def test_the_whole_answer_needs_the_words_of_the_source() -> None:
    assert supported_share(SOURCE, SOURCE) == 1.0
    assert supported_share(SOURCE, answer("Bananas ripen faster beside apples.")) == 0.0
    assert unsupported(SOURCE, answer("Bananas ripen."), least=0.6) is not None


@pytest.mark.parametrize("noise", ["k\ufffd", "K it", ".. , --", "\x04..\x1cq"])
def test_an_answer_without_a_word_of_content_is_supported_by_nothing(noise: str) -> None:
    assert supported_share(SOURCE, answer(noise)) == 0.0
    assert supported_share(Text("...", "en"), answer(noise)) == 1.0
    assert supported_share(SOURCE, answer("Who built the bridge of Altenau?")) == 1.0


def test_lost_facts_are_counted_and_named() -> None:
    assert lost_facts(SOURCE, SOURCE, least=1.0) is None
    found = lost_facts(SOURCE, answer("It was built in 1896."), least=0.5)
    assert found is not None
    assert "214" in found.detail
    assert lost_facts(Text("It was built in 1896.", "en"), answer("It is old."), least=1.0) is None


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["en", "de", "fr", "ja", "hi", None]))
def test_any_two_texts_can_be_compared(source: str, text: str, language: str | None) -> None:
    one, other = Text(source, language), Text(text, language)
    for check in (own_number, own_name, opposite, rebound):
        check(one, other)
    assert 0.0 <= supported_share(one, other) <= 1.0
    lost_facts(one, other, least=0.5)


@given(st.text(max_size=300))
def test_a_text_says_nothing_that_it_does_not_say(text: str) -> None:
    one = Text(text, "en")
    assert own_number(one, one) is None
    assert own_name(one, one) is None
    assert opposite(one, one) is None
    assert rebound(one, one) is None
    assert unsupported(one, one, least=1.0) is None


@given(
    st.lists(
        st.sampled_from("The old not bridge no is . , and without never ? was built it\n 7".split(" ")), max_size=60
    )
)
def test_a_text_with_negations_never_contradicts_itself(words: list[str]) -> None:
    one = Text(" ".join(words), "en")
    assert opposite(one, one) is None
    assert rebound(one, one) is None


@pytest.mark.parametrize("text", ["Wood, not wood never, burns.", "It is red wood. " * 70 + "It is not red wood."])
def test_a_text_that_contradicts_itself_may_be_repeated(text: str) -> None:
    one = Text(text, "en")
    assert opposite(one, one) is None


@pytest.mark.parametrize("piece", ["a", "1 ", "A ", "not good. ", "It is not red. ", "\n", "क", "字", ": "])
def test_long_monotonous_texts_take_linear_time(piece: str) -> None:
    one = Text(piece * (100_000 // len(piece)), "en")
    own_number(one, one)
    own_name(one, one)
    opposite(one, one)
    rebound(one, one)
    unsupported(one, one, least=0.6)
    lost_facts(one, one, least=0.6)
