"""Words folded for comparison, against plain Python and by example."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.folded_words import BLOCK, hash_words
from tests.text import reference_words as reference

ODD = "aZ7 .-_'\u2019\u00ad\u200d\ufe0f\u0301\u00dfßİςK中ひカ\u3099กขคเ\u0e48\u1000\u1780ກ。\U00020000\U0001f600\u0000é"
TEXTS = st.lists(st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs", "Cn"])), max_size=60))


def hashes(text: str) -> list[int]:
    return hash_words(pa.array([text]))[0].tolist()


@settings(deadline=None)
@given(TEXTS)
def test_words_and_letters_equal_those_of_plain_python(texts: list[str]) -> None:
    found, letters, starts = hash_words(pa.array(texts, pa.large_string()))
    words = [reference.words(text) for text in texts]
    assert starts.tolist() == [sum(map(len, words[:place])) for place in range(len(texts) + 1)]
    assert letters.tolist() == [reference.letters(word) for text in words for word in text]
    flat = [word for text in words for word in text]
    numbers = {word: number for number, word in enumerate(dict.fromkeys(flat))}
    seen = dict.fromkeys(found.tolist())
    assert [list(seen).index(value) for value in found.tolist()] == [numbers[word] for word in flat]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("The CAT, (the) cat!", "the cat the cat"),
        ("don't — Don\u2019t", "dont don't"),
        ("well-known", "well known"),
        ("soft\u00adhyphen", "SOFTHYPHEN"),
        ("ΟΔΟΣ Привет", "οδος привет"),
        ("第3章abc", "第 3 章 ABC"),
    ],
)
def test_case_punctuation_and_white_space_make_no_difference(text: str, same: str) -> None:
    assert hashes(text) == hashes(same)


def test_chinese_and_japanese_have_a_word_for_every_character() -> None:
    assert len(hashes("他说中文。ひらがな")) == 8


def test_a_passage_of_thai_falls_into_the_same_words_wherever_it_stands() -> None:
    passage = "กรุงเทพมหานครเป็นเมืองหลวงและนครที่มีประชากรมากที่สุดของประเทศไทย"
    alone, inside = hashes(passage), hashes("วันนี้" + passage + "นะครับ")
    assert 10 <= len(alone) <= len(passage) / 3
    assert len(set(alone) & set(inside)) >= len(set(alone)) - 2  # the words at its two ends may join the next ones


@pytest.mark.parametrize("around", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
@pytest.mark.parametrize("unit", ["a ", "中", "a中", "中\u00ad"])
def test_words_at_the_end_of_a_block_are_read_once(unit: str, around: int) -> None:
    text = unit * around
    assert len(hashes(text)) == len(reference.words(text))


def test_null_and_empty_texts_have_no_words() -> None:
    found, letters, starts = hash_words(pa.array([None, "", "  \n", "one"]))
    assert (len(found), len(letters), starts.tolist()) == (1, 1, [0, 0, 0, 0, 1])


@pytest.mark.parametrize("text", ["a" * 3_000_000, "\n" * 3_000_000, "' " * 1_000_000, "\u200d" * 500_000])
def test_monotonous_texts_are_no_trouble(text: str) -> None:
    assert len(hashes(text)) == (1 if text[0] == "a" else 0)
