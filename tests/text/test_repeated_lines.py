"""Lines and paragraphs are found and hashed as plain Python finds and compares them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.repeated_lines import Units, hash_units
from tests.text import reference_lines as reference

TEXTS = st.lists(
    st.text(st.sampled_from("aB 1.'\n\n\t\r\u00a0éÉ中。ก\u200dא"), max_size=40) | st.text(max_size=20), max_size=6
)


def units_of(*texts: str, paragraphs: bool = True, min_letters: int = 1) -> Units:
    return hash_units(pa.array(texts, pa.large_string()), paragraphs=paragraphs, min_letters=min_letters)


@settings(deadline=None)
@given(texts=TEXTS, paragraphs=st.booleans(), min_letters=st.integers(1, 6))
def test_units_are_those_of_plain_python(texts: list[str], paragraphs: bool, min_letters: int) -> None:
    expected, words = [], []
    for row, text in enumerate(texts):
        for first, last in reference.units(text, paragraphs=paragraphs):
            folded, letters = reference.folded("\n".join(text.split("\n")[first:last]))
            if letters >= min_letters:
                expected.append((row, *reference.byte_range(text, (first, last))))
                words.append(folded)
    found = units_of(*texts, paragraphs=paragraphs, min_letters=min_letters)
    assert list(zip(found.text.tolist(), found.start.tolist(), found.stop.tolist(), strict=True)) == expected
    same = np.equal.outer(found.key, found.key) if len(found.key) else np.empty((0, 0))
    assert same.tolist() == [[one == other for other in words] for one in words]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Read MORE…", "read more"),
        ("Don't\tgo", "don’t go"),  # noqa: RUF001
        ("ÄRGER", "ärger"),
        ("a b\nc", "a  b c"),
        ("soft\u00adly", "softly"),
    ],
)
def test_case_punctuation_and_white_space_make_no_difference(one: str, other: str) -> None:
    keys = units_of(one, other).key
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("one", "other"), [("page 1", "page 2"), ("ab c", "a bc"), ("résumé", "resume"), ("a b", "b a")]
)
def test_digits_accents_and_words_make_a_difference(one: str, other: str) -> None:
    keys = units_of(one, other).key
    assert keys[0] != keys[1]


def test_letters_count_and_not_digits_or_rules() -> None:
    assert len(units_of("---- 12345 ----\n\nabcd", min_letters=4).key) == 1
    assert len(units_of("中文", min_letters=4).key) == 1, "a Chinese character counts as two letters"


def test_null_is_empty_and_slices_are_read_in_place() -> None:
    texts = pa.array(["first", None, "", "second"], pa.string())
    assert hash_units(texts, paragraphs=True, min_letters=1).text.tolist() == [0, 3]
    assert hash_units(texts.slice(3), paragraphs=True, min_letters=1).key.tolist() == units_of("second").key.tolist()
    assert not len(units_of().key)


@pytest.mark.parametrize("paragraphs", [False, True])
@pytest.mark.parametrize(
    "text",
    ["a" * 20_000_000, "\n" * 1_000_000, " " * 1_000_000, " \n" * 500_000 + "a", "\n".join([" " * 100_000 + "a"] * 10)],
    ids=["one letter", "empty lines", "spaces", "blank lines", "indented"],
)
def test_odd_texts_take_linear_time(text: str, paragraphs: bool) -> None:
    found = units_of(text, paragraphs=paragraphs, min_letters=1)
    assert len(found.key) == len(reference.units(text, paragraphs=paragraphs))


@pytest.mark.parametrize("paragraphs", [False, True])
def test_a_cut_character_at_the_end_does_not_crash(paragraphs: bool) -> None:
    data = "é中😀".encode()
    for end in range(len(data) + 1):
        ends = pa.py_buffer(np.array([0, end], np.int64))
        text = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data[:end]))
        found = hash_units(text, paragraphs=paragraphs, min_letters=1)
        assert found.stop.tolist() in ([], [end])
