"""A letter of any script is a byte, and syllables and ideographs count for as many letters as they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.text.letter_codes import IDEOGRAPH, SYLLABLE, letter_codes


def test_ascii_stays_as_it_is() -> None:
    assert letter_codes("the oven, 200 degrees\n", most=100) == (b"the oven, 200 degrees\n", 22.0)


@pytest.mark.parametrize("word", ["печь", "φούρνος", "तंदूर", "فرن", "תנור"])
def test_every_letter_of_an_alphabet_has_a_byte_of_its_own(word: str) -> None:
    codes, letters = letter_codes(word, most=100)
    assert len(codes) == letters == len(word)
    assert len(set(codes)) == len(set(word))
    assert min(codes) >= 0x80


def test_ideographs_and_syllables_are_two_bytes_and_several_letters() -> None:
    assert letter_codes("烤箱", most=100) == ("烤箱".encode("utf-16-be"), 2 * IDEOGRAPH)
    assert letter_codes("오븐", most=100) == ("오븐".encode("utf-16-be"), 2 * SYLLABLE)


def test_no_more_letters_than_asked_for() -> None:
    assert letter_codes("abcdef", most=4) == (b"abcd", 4.0)
    assert letter_codes("烤箱烤箱", most=7) == ("烤箱".encode("utf-16-be"), 6.0)


@given(st.text(), st.integers(1, 40))
def test_any_text_is_coded_within_its_bound(text: str, most: int) -> None:
    codes, letters = letter_codes(text, most=most)
    assert letters <= most
    assert len(codes) <= 2 * len(text)
    assert letters >= min(len(text), most - 2)
