from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.unicode import SPACES, STABLE, clean_text


def clean(*texts: str | None) -> list[str | None]:
    return list(clean_text(pa.array(texts, pa.large_string())).to_pylist())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
        ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("a\x00b\x07\x1b[0m\x7f\x85c\x0b\x0c", "ab[0mc"),
        ("a\tb\nc", "a\tb\nc"),
        ("\ufeffa\u200bb\ufeff\ufffec\uffff", "abc"),
        ("a  \n b\t\u00a0\u3000\nc", "a\n b\nc"),
        ("a\n\n\nb\n \n\t\n\nc", "a\n\nb\n\nc"),
        ("\n \ta b \n\n", "a b"),
        (" \r\n\t\u2028", ""),
        ("", ""),
        ("a  b", "a  b"),
        ("ﬁ ² \u200d", "ﬁ ² \u200d"),
    ],
)
def test_each_rule(text: str, expected: str) -> None:
    assert clean(text) == [expected]


def test_removing_a_character_may_bring_letter_and_accent_together() -> None:
    assert clean("e\u200b\u0301", "e\x00\u0301") == ["é", "é"]


def test_null_stays_null_beside_texts_that_change_and_texts_that_do_not() -> None:
    assert clean("same", None, "e\u0301\r\n", "é") == ["same", None, "é", "é"]


def test_strings_of_either_width_and_slices_are_accepted() -> None:
    texts = pa.array(["x", "a\r\nb ", "e\u0301"])
    assert clean_text(texts).type == pa.large_string()
    assert clean_text(texts.slice(1)).to_pylist() == ["a\nb", "é"]
    assert clean_text(pa.array([], pa.string())).to_pylist() == []


TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text("ae\u0301\u0323\u0308\u1161\u11a8\uac00\u1100 \t\n\r\x00\x1c\x85\u00a0\u2028\u200b\u3000\ufeff\ufffe"),
    )
)


@settings(deadline=None)
@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(texts: list[str | None]) -> None:
    once = clean_text(pa.array(texts, pa.large_string()))
    assert clean_text(once).equals(once)


@settings(deadline=None)
@given(TEXTS)
def test_the_result_is_what_the_rules_say(texts: list[str | None]) -> None:
    for text in clean(*texts):
        if text is None:
            continue
        assert unicodedata.is_normalized("NFC", text)
        assert not [letter for letter in text if unicodedata.category(letter) == "Cc" and letter not in "\n\t"]
        assert not set(text) & set("\u200b\ufeff\ufffe\uffff")
        assert "\n\n\n" not in text
        assert all(line == line.rstrip(SPACES) for line in text.split("\n"))
        assert text == text.strip(SPACES + "\n")


@settings(deadline=None)
@given(TEXTS)
def test_no_letter_is_lost_and_texts_do_not_mix(texts: list[str | None]) -> None:
    def letters(text: str | None) -> str | None:
        return text and "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))

    lines = [
        text and text.replace("\r", "\n") for text in texts
    ]  # a carriage return ends a line: it parts what it is between
    separated = [text and text.replace("\u200b", "").replace("\ufeff", "").replace("\ufffe", "") for text in lines]
    bare = [text and "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc") for text in separated]
    assert [letters(text) for text in clean(*texts)] == [letters(text) for text in bare]


def test_texts_that_skip_normalisation_are_those_that_it_never_changes() -> None:
    """NFC may change a text only by a character that decomposes, has a combining class, or composes with the one before."""
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    is_stable = pc.match_substring_regex(pa.array(everything), f"^[{STABLE}]$").to_pylist()
    seconds = {chr(code) for start, stop in ((0x1161, 0x1176), (0x11A8, 0x11C3)) for code in range(start, stop)}
    for letter in everything:
        canonical = unicodedata.decomposition(letter)
        if canonical and not canonical.startswith("<") and " " in canonical:
            seconds.add(chr(int(canonical.split()[1], 16)))
    stable = [letter for letter, found in zip(everything, is_stable, strict=True) if found]
    assert len(stable) > 30_000
    for letter in stable:
        assert unicodedata.is_normalized("NFC", letter)
        assert unicodedata.combining(letter) == 0
        assert letter not in seconds


def test_spaces_are_all_separators_of_unicode_and_the_tab() -> None:
    separators = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)).startswith("Z")}
    assert set(SPACES) == separators | {"\t"}
