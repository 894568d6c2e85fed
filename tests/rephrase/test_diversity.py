"""Synthetic text is as varied as its sources, or the report says that it is not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from curator.rephrase.diversity import Pair, diversity, opening_of, report

WORDS = [f"word{number}" for number in range(3_000)]


def text(rng: random.Random, words: int = 100) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def pairs(strategy: str, count: int, *, template: str = "", concepts: int = 5) -> list[Pair]:
    rng = random.Random(strategy)
    return [
        Pair(
            strategy=strategy,
            text=template or text(rng),
            source=text(rng),
            concept=number % concepts if concepts else None,
        )
        for number in range(count)
    ]


def test_text_as_varied_as_its_sources_is_not_flattened() -> None:
    found = diversity(pairs("easy", 60))
    assert not found.flattened
    assert found.distinct_pairs == pytest.approx(found.source_distinct_pairs, abs=0.01)
    assert found.vocabulary == pytest.approx(found.source_vocabulary, rel=0.05)
    assert found.concepts == 5


def test_one_text_again_and_again_is_flattened_and_shares_its_opening() -> None:
    found = diversity(pairs("easy", 60, template="in this text we look at " + text(random.Random(1))))
    assert found.flattened
    assert (found.opening, found.opening_share) == ("in this text we look", 1.0)
    assert found.vocabulary_kept < 0.2


def test_too_few_words_say_nothing_about_variety() -> None:
    found = diversity(pairs("easy", 3, concepts=0))
    assert (found.distinct_pairs, found.vocabulary, found.flattened, found.concepts) == (None, None, False, None)


def test_an_opening_is_the_first_words_whatever_their_case_and_white_space() -> None:
    assert opening_of("In  this\nText WE look at a thing") == "in this text we look"
    assert opening_of("") == ""


def test_strategies_that_pass_more_or_less_than_others_are_warned_of() -> None:
    sample = pairs("easy", 60) + pairs("faq", 40)
    told = report(sample, {"easy": 270, "faq": 330, "table": 300, "dialogue": 20}, ["dialogue"])
    assert told["warnings"] == [
        "easy is 60% of the synthetic documents and 29% of the rewrites that were assigned: "
        "more of them pass than of the others",
        "table is 0% of the synthetic documents and 33% of the rewrites that were assigned: "
        "fewer of them pass than of the others",
    ]
    assert (told["sample"], told["conversation_share"]) == (100, 0.0)
    assert [told["strategies"]["faq"][name] for name in ("share", "assigned_share")] == [0.4, 330 / 920]


def test_what_passes_as_it_was_assigned_is_no_warning_however_uneven_that_was() -> None:
    told = report(pairs("easy", 90) + pairs("faq", 10), {"easy": 902, "faq": 98}, [])
    assert told["warnings"] == []


def test_a_few_documents_say_nothing_about_which_strategy_passes_more() -> None:
    few = pairs("easy", 3) + pairs("faq", 1)
    assert report(few, {"easy": 10, "faq": 10}, [])["warnings"] == []
    many = [pair for pair in few for _ in range(20)]
    assert len(report(many, {"easy": 200, "faq": 200}, [])["warnings"]) == 2


def test_a_strategy_that_flattens_is_warned_of() -> None:
    sample = pairs("easy", 60) + pairs("faq", 40, template="what is it " * 60)
    flat, alike = report(sample, {"easy": 60, "faq": 40}, [])["warnings"]
    assert flat.startswith("faq: 0% of its pairs of words are different, of its sources' ")
    assert alike == "faq: 100% of a text is said in other texts of it, and 0% of a source in others"


def test_texts_that_say_the_same_in_the_middle_are_alike_though_their_words_are_many() -> None:
    refrain = " ".join(WORDS[:18])
    varied = pairs("easy", 60)
    refrained = [replace(pair, text=f"{pair.text[:300]} {refrain} {pair.text[300:]}") for pair in varied]
    assert diversity(varied).self_similarity == pytest.approx(0.0, abs=0.01)
    found = diversity(refrained)
    assert not found.flattened
    assert found.alike
    assert found.self_similarity == pytest.approx(15 / 97, abs=0.02)


def test_texts_are_as_alike_as_sources_that_are_alike_and_rewrites_of_one_source_do_not_count() -> None:
    same = [
        replace(pair, text=f"{pair.text} {' '.join(WORDS[:50])}", source=f"{' '.join(WORDS[:50])} {pair.source}")
        for pair in pairs("easy", 60)
    ]
    assert not diversity(same).alike
    (one, *_) = pairs("easy", 1)
    twice = [replace(one, text=pair.text + pair.text) for pair in pairs("faq", 40)]
    assert diversity(twice).source_self_similarity == 0.0


def test_a_single_strategy_has_all_and_no_warning() -> None:
    told = report(pairs("dialogue", 30), {"dialogue": 41}, ["dialogue"])
    assert (told["warnings"], told["conversation_share"]) == ([], 1.0)


def test_an_empty_sample_is_told_as_such() -> None:
    told = report([], {"easy": 7, "faq": 3}, [])
    assert (told["sample"], told["all"], told["strategies"], told["warnings"]) == (0, None, {}, [])
