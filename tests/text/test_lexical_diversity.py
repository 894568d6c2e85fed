"""MTLD, against plain Python and by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.lexical_diversity import MOST_WORDS, lexical_diversity
from tests.text import reference_words as reference

WORDS = st.sampled_from(["a", "b", "c", "D", "é", "don't", "中", "ひら", "ขค", "12", "-", "\n", "\u200d", "\U0001f600"])
TEXTS = st.lists(st.one_of(st.lists(WORDS, max_size=120).map(" ".join), st.text(max_size=40)), max_size=8)


def diversity(text: str | None) -> float:
    return float(lexical_diversity(pa.array([text], pa.string()))[0])


def plain_diversity(text: str) -> float:
    words = reference.words(text)[:MOST_WORDS]
    if not words:
        return float("nan")
    return (len(words) / factors(words) + len(words) / factors(words[::-1])) / 2


def factors(words: list[str]) -> float:
    """Each word is looked at one after another, as in the appendix of the paper."""
    if len(set(words)) == len(words):
        words = [*words, words[0]]
    full, factor = 0, list[str]()
    for word in words:
        factor.append(word)
        if 100 * len(set(factor)) <= 72 * len(factor):
            full, factor = full + 1, []
    share = len(set(factor)) / len(factor) if factor else 1.0
    return full + (1 - share) / (1 - 0.72)


@settings(deadline=None)
@given(TEXTS)
def test_it_equals_plain_python_whatever_stands_before_a_text(texts: list[str]) -> None:
    found = lexical_diversity(pa.array(texts, pa.large_string()))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [plain_diversity(text) for text in texts], rtol=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_long_texts_equal_plain_python(vocabulary: int, seed: int) -> None:
    numbers = np.random.default_rng(seed).geometric(1 / vocabulary, 1_000)
    text = " ".join(f"w{number}" for number in numbers)
    assert diversity(text) == pytest.approx(plain_diversity(text), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("of the people by the people for the people", 9.0),  # the example of the paper: one factor and nothing left
        ("Of the PEOPLE, by the people; for the people!", 9.0),
        ("a b c d a", 5 / (0.2 / 0.28)),  # a part of a factor
        ("a a a a", 2.0),
        ("a a b c d", 6.0),  # forwards one factor, 5 / 1, backwards a part of 0.2 / 0.28, 5 / 0.714
        ("a b c", 0.28 * 3 * 4),
        ("one", 1.0),
        ("one two", 2.0),
    ],
)
def test_by_hand(text: str, expected: float) -> None:
    assert diversity(text) == pytest.approx(expected, rel=1e-6)


def test_a_text_without_a_repeated_word_is_more_diverse_than_one_with_its_last_word_repeated() -> None:
    words = [f"w{number}" for number in range(50)]
    assert diversity(" ".join(words)) > diversity(" ".join([*words, "w49"])) > diversity(" ".join(words[:25] * 2))


def test_null_and_texts_without_words_have_none() -> None:
    assert np.isnan(lexical_diversity(pa.array([None, "", " \n", "...", "\u200d"]))).all()
    assert len(lexical_diversity(pa.array([], pa.string()))) == 0


def test_words_behind_the_first_4096_make_no_difference() -> None:
    text = "a b c d e " * (MOST_WORDS // 5 + 1)
    assert diversity(text + "never seen before " * 10) == diversity(text)


def test_the_widest_text_is_finite() -> None:
    assert diversity(" ".join(map(str, range(MOST_WORDS + 100)))) == pytest.approx(0.28 * MOST_WORDS * (MOST_WORDS + 1))


def test_every_prefix_of_a_multi_byte_text_has_a_number() -> None:
    data = "Größe, naïve 中文。 ภาษาไทย \U0001f600 العربية".encode()
    prefixes = pa.array([data[:end] for end in range(1, len(data) + 1)], pa.large_binary()).view(pa.large_string())
    assert np.isfinite(lexical_diversity(prefixes)).all()


@pytest.mark.parametrize(("text", "expected"), [("a" * 1_000_000, 1.0), ("a " * 500_000, 2.0), ("中" * 300_000, 2.0)])
def test_monotonous_texts_are_no_trouble(text: str, expected: float) -> None:
    assert diversity(text) == pytest.approx(expected)


def test_slices_and_small_strings_are_read_in_place() -> None:
    texts = ["a b", "of the people by the people for the people", None, "a a"]
    for kind in (pa.string(), pa.large_string()):
        found = lexical_diversity(pa.array(texts, kind).slice(1))
        np.testing.assert_allclose(found, [9, np.nan, 2], rtol=1e-6)
