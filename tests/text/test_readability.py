"""Flesch's reading ease in seven languages, against plain Python and by hand."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.readability import FORMULAS, reading_ease
from tests.text import reference_words as reference

WORDS = "table|the |naïve|e.g. |J. |3.14|1. |Théâtre|día|ciudad|мама|Häuser|geïnd|中文|\u0301|\U0001f600".split("|")
GAPS = ". |! |?|...|…|.\"|-|'|\u2019|\u00ad|\u00a0| |\n|\n\n| \n \n".split("|")
PIECES = st.sampled_from([*WORDS, *GAPS])
TEXTS = st.lists(
    st.tuples(
        st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=30)),
        st.sampled_from([*FORMULAS, "pl", "und", None]),
    ),
    max_size=8,
)
SPACE = "[\x00- \u00a0]"


def ease(text: str | None, language: str | None) -> float:
    return float(reading_ease(pa.array([text], pa.string()), pa.array([language], pa.string()))[0])


def plain_ease(text: str, language: str | None) -> float:
    words, sentences, syllables = counts(text, language or "")
    if language not in FORMULAS or not words:
        return float("nan")
    constant, by_sentence, by_word = FORMULAS[language][:3]
    return constant - by_sentence * words / sentences - by_word * syllables / words


def counts(text: str, language: str) -> tuple[int, int, int]:
    """Words, sentences and syllables."""
    read = "".join(character for character in text if not reference.is_left_out(character))
    runs = [(inside, "".join(run)) for inside, run in groupby(read, in_word)]
    words = sentences = syllables = closed = 0
    for place, (inside, run) in enumerate(runs):
        words += inside
        syllables += inside and syllables_of("".join(map(reference.fold, run)), language)
        gap = "" if inside else run
        marks = "!?…" if place and len(runs[place - 1][1]) == 1 else ".!?…"
        closes = re.search(f"[{marks}].*{SPACE}", gap, re.DOTALL) or re.search(f"\n{SPACE}*\n", gap)
        if (closes or place == len(runs) - 1) and words > closed:
            sentences, closed = sentences + 1, words
    return words, sentences, syllables


def in_word(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PSZ" and unicodedata.category(character) != "Cc"


def syllables_of(word: str, language: str) -> int:
    formula = FORMULAS.get(language)
    if formula is None:
        return 1
    vowels = formula.weak + formula.strong + formula.apart
    count = 0
    for before, letter in zip(" " + word, word, strict=False):
        both_strong = before in formula.strong and letter in formula.strong
        parted = both_strong or before in formula.apart or letter in formula.apart
        count += letter in vowels and (before not in vowels or parted)
    if language == "en" and re.search(f"[^{vowels}]e$", word) and not re.search(f"(^|[^{vowels}])le$", word):
        count -= 1
    return max(count, 1)


@settings(deadline=None)
@given(TEXTS)
def test_it_equals_plain_python(texts: list[tuple[str, str | None]]) -> None:
    column, languages = (
        pa.array([text for text, _ in texts], pa.large_string()),
        pa.array([row[1] for row in texts], pa.string()),
    )
    found = reading_ease(column, languages)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [plain_ease(*row) for row in texts], rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize(
    ("language", "text", "words", "sentences", "syllables"),
    [
        ("en", "The cat sat on the mat. It was happy.", 9, 2, 10),
        ("en", "We make a table, he said", 6, 1, 7),
        ("en", 'Mr. J. Smith paid 3.50 (e.g. in coins)! "Why?" Nobody knows.', 13, 4, 15),
        ("en", "A title\n\nA sentence that is\nwrapped once", 8, 2, 11),
        ("de", "Die Sonne scheint.", 3, 1, 4),
        ("fr", "Le chat est à la maison.", 6, 1, 7),
        ("es", "El día es bonito. La ciudad tiene un teatro.", 9, 2, 16),
        ("it", "La casa è bella. Il poeta legge.", 7, 2, 12),
        ("nl", "De koe geeft melk. België is geïnd.", 7, 2, 10),
        ("ru", "Мама мыла раму.", 3, 1, 6),
    ],
)
def test_by_hand(language: str, text: str, words: int, sentences: int, syllables: int) -> None:
    constant, by_sentence, by_word = FORMULAS[language][:3]
    expected = constant - by_sentence * words / sentences - by_word * syllables / words
    assert ease(text, language) == pytest.approx(expected, abs=1e-3)


def test_the_constants_are_those_of_the_papers() -> None:
    """One word of one syllable in one sentence: constant less both factors."""
    one_syllable = {"en": "cat", "de": "Haus", "fr": "chat", "es": "pan", "it": "tre", "nl": "kat", "ru": "дом"}
    found = [ease(word, language) for language, word in one_syllable.items()]
    np.testing.assert_allclose(found, [121.22, 120.5, 132.385, 143.535, 155.7, 128.91, 145.435], atol=1e-3)


def test_longer_words_and_longer_sentences_are_harder() -> None:
    assert ease("I like dogs. I like cats.", "en") > ease("I like dogs, I like cats.", "en")
    assert ease("I like dogs.", "en") > ease("I appreciate animals.", "en")


def test_other_languages_and_texts_without_words_have_none() -> None:
    languages = pa.array(["pl", "und", None, "en-US", "en", "en", "en", "en"])
    texts = pa.array(["Ala ma kota.", "a", "a", "a", None, "", "...", "'"])
    assert np.isnan(reading_ease(texts, languages)).all()
    assert len(reading_ease(pa.array([], pa.string()), pa.array([], pa.string()))) == 0
    assert np.isnan(reading_ease(pa.array(["a"]), pa.nulls(1))).all()


@pytest.mark.parametrize("language", FORMULAS)
def test_every_prefix_of_a_multi_byte_text_has_a_number(language: str) -> None:
    data = "Größe, naïve 中文。 Привет… \U0001f600 يا".encode()
    prefixes = pa.array([data[:end] for end in range(1, len(data) + 1)], pa.large_binary()).view(pa.large_string())
    assert np.isfinite(reading_ease(prefixes, pa.array([language] * len(prefixes)))).all()


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "ae" * 500_000, "a " * 500_000, "中" * 300_000, "a. " * 300_000, "a\n\n" * 300_000]
)
def test_monotonous_texts_are_no_trouble(text: str) -> None:
    assert all(np.isfinite(ease(text, language)) for language in FORMULAS)


@pytest.mark.parametrize("text", ["\n" * 1_000_000, "' " * 500_000, "." * 1_000_000, "\u200d" * 300_000])
def test_texts_of_a_million_marks_have_none(text: str) -> None:
    assert np.isnan(ease(text, "en"))


def test_slices_and_other_string_types_are_read_alike() -> None:
    texts, languages = ["a", "The cat sat.", None, "Die Sonne."], ["en", "en", "en", "de"]
    expected = [ease(text, language) for text, language in zip(texts[1:], languages[1:], strict=True)]
    for kind in (pa.string(), pa.large_string()):
        found = reading_ease(pa.array(texts, kind).slice(1), pa.array(languages, kind).slice(1))
        np.testing.assert_array_equal(found, np.array(expected, np.float32))
