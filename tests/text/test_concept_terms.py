"""Names of concepts: what most of their texts have and others have not; no function words, numbers or fragments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.concept_terms import common_terms, typical_terms

TOPICS = {
    "boats": "The {} sails of our boats were torn when the harbour of New York lay {} behind us, and the anchor was lost.",
    "bread": "We put {} flour, yeast and salt into a bowl and knead the dough; it is baked {} in a very hot oven.",
    "law": "The court of appeals has held {} that the plaintiff was not entitled to {} damages under this statute.",
}
FILLERS = ("early", "slowly", "again", "twice", "yesterday", "indeed", "gladly", "abroad")


def texts_about(topic: str, count: int = 40) -> list[str]:
    rng = np.random.default_rng(len(topic))
    return [TOPICS[topic].format(*rng.choice(FILLERS, 2)) for _ in range(count)]


def common(texts: list[str], most: int = 300) -> dict[str, int]:
    terms, counts = common_terms(pa.array(texts, pa.large_string()), most=most)
    return dict(zip(terms, counts, strict=True))


def names(*concepts: list[str], most: int = 5) -> list[list[str]]:
    found = [common_terms(pa.array(texts, pa.large_string()), most=300) for texts in concepts]
    terms = pa.array([terms for terms, _ in found], pa.list_(pa.string()))
    return typical_terms(terms, pa.array([counts for _, counts in found], pa.list_(pa.int64())), most=most)


def test_a_concept_is_called_by_words_that_are_its_own() -> None:
    boats, bread, law = names(*(texts_about(topic) for topic in TOPICS))
    assert {"anchor", "boats", "harbour"} <= set(" ".join(boats).split())
    assert {"baked", "bowl", "dough"} <= set(" ".join(bread).split())
    assert {"appeals", "court", "plaintiff"} <= set(" ".join(law).split())
    assert not set(FILLERS) & set(" ".join(boats + bread + law).split())


def test_terms_are_counted_by_text() -> None:
    assert common(["otter otter otter", "otter", "badger; OTTER"]) == {"otter": 3, "badger": 1}


def test_function_words_numbers_and_signs_are_no_terms() -> None:
    texts = [
        "It was the 1984 ----- and 3.14 of 100,000 ... for a b1 or x",
        "und das ist nicht 12 &&&",
        "это не то что 7",
    ]
    assert common(texts) == {}


def test_addresses_are_no_terms() -> None:
    assert (
        common(["mail jane.roe@hamster.example or see https://hamster.example/otters?id=badger, gopher.weasel.example"])
        == {}
    )


def test_a_word_that_mostly_stands_in_a_phrase_is_not_counted_beside_it() -> None:
    found = common(
        ["San Francisco lies in California", "she left San Francisco", "San Francisco", "francisco, a saint"]
    )
    assert found["san francisco"] == 3
    assert found["francisco"] == 1
    assert "san" not in found


def test_a_phrase_crosses_no_punctuation_and_no_function_word() -> None:
    found = common(["the red\nwine", "red, wine", "the red-wine", "red of wine", "red 7 wine"])
    assert found == {"red": 5, "wine": 5}


def test_a_term_needs_two_of_ten_texts_but_one_of_fewer() -> None:
    assert "walrus" in common(["the walrus", *["the seal"] * 8])
    assert "walrus" not in common(["the walrus", *["the seal"] * 9])


def test_forms_of_a_word_are_named_once() -> None:
    found = names(["the game, the games; hockey, gamer", "games: the hockey game", "hockey"])
    assert sorted(found[0]) == ["games", "hockey"]


@pytest.mark.parametrize(
    ("texts", "expected", "fragments"),
    [
        (["我们在北京大学学习经济", "北京大学的经济系", "他在北京大学"], "北京大学", {"京大", "北京", "大学"}),
        (["コンピュータは速い", "このコンピュータで", "新しいコンピュータ"], "コンピュータ", {"コン", "ピュ"}),
        (["국회 예산 통과", "국회 예산 심의", "국회 예산"], "국회 예산", {"국회"}),
        (["Российская армия пришла", "армия ушла", "армия стоит"], "армия", {"арм"}),
        (["नदी का पानी", "नदी में पानी", "नदी"], "नदी", {"नद"}),
    ],
)
def test_other_scripts_have_whole_words(texts: list[str], expected: str, fragments: set[str]) -> None:
    found = common(texts)
    assert max(found, key=lambda term: found[term]) == expected
    assert not fragments & set(found)


def test_in_a_language_without_a_list_what_very_many_texts_have_is_a_function_word() -> None:
    rng = np.random.default_rng(1)
    words = [f"{first}{second}o" for first in "bdgkmnpr" for second in ("ilu", "omu", "ake", "uti")]
    texts = [" ".join(["naa", "awon", *rng.choice(words, 5)]) for _ in range(60)]
    assert not {"naa", "awon", "naa awon"} & set(common(texts))
    in_english = [f"the song and {text} of this" for text in texts]
    assert {"naa awon", "song"} <= set(common(in_english))


def test_concepts_without_terms_have_no_name() -> None:
    assert names(["..."], ["otter"], [""]) == [[], ["otter"], []]
    none = pa.array([None, []], pa.list_(pa.string()))
    assert typical_terms(none, none.cast(pa.list_(pa.int64())), most=5) == [[], []]
    assert names() == []


def test_null_and_endless_texts_are_taken() -> None:
    texts = pa.array([None, "", "x", "a" * 1_000_000, "\n" * 1_000_000, "a." * 300_000, "@" * 300_000], pa.string())
    assert common_terms(texts, most=10) == ([], [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12), st.integers(0, 5))
def test_terms_of_any_texts_are_counted_right_and_in_order(texts: list[str], most: int) -> None:
    terms, counts = common_terms(pa.array(texts, pa.string()), most=most)
    assert len(terms) == len(set(terms)) <= most
    assert counts == sorted(counts, reverse=True)
    assert all(0 < count <= len(texts) for count in counts)
    assert (terms, counts) == common_terms(pa.array(texts[::-1], pa.string()), most=most)
