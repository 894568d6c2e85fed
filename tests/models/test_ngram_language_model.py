"""The n-gram language model as a score: the middle is best, whatever the language and the length."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models.ngram_language_model import NEUTRAL, NgramLanguageModel, fit_language_model
from tests import corpus

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = {"en": LETTERS, "ru": "абвгдежзиклмнопрстуфхцчшы"}


def prose(count: int, seed: int, sentences: int = 24) -> list[str]:
    """Texts of which each has its own share of rare words, up to a fifth."""
    chooser = random.Random(seed)
    topics = sorted(corpus.TOPICS)
    return [
        with_rare_words(corpus.document(chooser, topics[number % 4], sentences), chooser.random() / 5, chooser)
        for number in range(count)
    ]


def with_rare_words(text: str, share: float, chooser: random.Random) -> str:
    return " ".join(gibberish(chooser, 1) if chooser.random() < share else word for word in text.split(" "))


def gibberish(chooser: random.Random, words: int) -> str:
    return " ".join("".join(chooser.choices(LETTERS, k=chooser.randrange(3, 9))) for _ in range(words))


def in_russian_letters(text: str) -> str:
    return text.lower().translate(str.maketrans(LETTERS[:25], ALPHABETS["ru"]))


@pytest.fixture(scope="module")
def clean() -> pa.Array:
    return pa.array(prose(400, seed=1))


@pytest.fixture(scope="module")
def model(clean: pa.Array) -> NgramLanguageModel:
    return fit_language_model(clean)


def test_the_same_texts_give_the_same_bytes(clean: pa.Array, model: NgramLanguageModel) -> None:
    assert fit_language_model(clean.cast(pa.large_string())).to_bytes() == model.to_bytes()


def test_a_model_read_back_gives_equal_scores(clean: pa.Array, model: NgramLanguageModel) -> None:
    read_back = NgramLanguageModel.from_bytes(model.to_bytes())
    assert read_back.languages == model.languages
    assert np.array_equal(read_back.score(clean), model.score(clean))


def test_half_of_new_clean_texts_score_minus_one_or_more(model: NgramLanguageModel) -> None:
    scores = model.score(pa.array(prose(400, seed=2)))
    assert scores.dtype == np.float32
    assert np.mean(scores >= -1) == pytest.approx(0.5, abs=0.15)
    assert scores.max() <= 0


def test_long_texts_score_no_better_than_short_ones(model: NgramLanguageModel) -> None:
    short, long = (model.score(pa.array(prose(200, seed=3, sentences=sentences))) for sentences in (8, 80))
    assert abs(np.median(short) - np.median(long)) < 0.7


def test_gibberish_and_repeated_lines_score_below_prose(model: NgramLanguageModel) -> None:
    chooser = random.Random(4)
    good = prose(100, seed=5)
    senseless = [gibberish(chooser, 200) for _ in range(100)]
    repeated = ["\n".join([text.split(".")[0]] * 20) for text in good]
    shuffled = [" ".join(chooser.sample(text.split(), len(text.split()))) for text in good]
    worst_of_prose = np.quantile(model.score(pa.array(good)), 0.05)
    bits = [np.median(model.bits_per_word(pa.array(texts))) for texts in (repeated, good, shuffled, senseless)]
    assert bits == sorted(bits)
    for bad in (senseless, repeated):
        assert model.score(pa.array(bad)).max() < worst_of_prose


def test_the_middle_of_each_language_is_best() -> None:
    english = prose(500, seed=6)
    russian = [in_russian_letters(text) for text in prose(500, seed=7, sentences=4)]  # less and shorter: more bits
    language = pa.array(["en"] * len(english) + ["ru"] * len(russian))
    model = fit_language_model(pa.array(english + russian), language)
    assert model.languages == ("en", "ru")
    new = pa.array([in_russian_letters(text) for text in prose(200, seed=8, sentences=4)])
    as_russian = model.score(new, pa.array(["ru"] * 200))
    as_english = model.score(new, pa.array(["en"] * 200, pa.large_string()))
    assert np.mean(as_russian >= -1) == pytest.approx(0.5, abs=0.2)
    assert np.median(as_english) < np.median(as_russian)


def test_languages_with_few_texts_share_what_is_usual() -> None:
    texts = prose(700, seed=9)
    names = ["en"] * 350 + [f"x{number}" for number in range(349)] + [None]
    model = fit_language_model(pa.array(texts), pa.array(names))
    assert model.languages == ("en",)
    scores = model.score(pa.array(texts[:3]), pa.array(["x1", None, "never seen"]))
    assert scores.tolist() == model.score(pa.array(texts[:3])).tolist()


@pytest.mark.parametrize("text", [None, "", "   ", "\u200f\u200d", "?!", "\n" * 100_000])
def test_a_text_without_words_is_neutral(model: NgramLanguageModel, text: str | None) -> None:
    texts = pa.array([text, "The old house."], pa.string())
    assert model.score(texts)[0] == NEUTRAL
    assert model.bits_per_word(texts)[0] == 0


WORDS = st.sampled_from(["the", "of", "garden", "Harbour", "zzz", "中", "", "don't", "\n"])


@settings(deadline=None)
@given(st.lists(st.lists(WORDS, max_size=30).map(" ".join), min_size=1, max_size=8))
def test_a_score_is_the_same_whatever_stands_beside_the_text(model: NgramLanguageModel, texts: list[str]) -> None:
    together = model.score(pa.array(texts, pa.string()))
    assert [model.score(pa.array([text]))[0].item() for text in texts] == together.tolist()
    assert np.isfinite(together).all()


def test_a_slice_has_the_scores_of_its_texts_alone(clean: pa.Array, model: NgramLanguageModel) -> None:
    assert np.array_equal(model.score(clean.slice(3, 5)), model.score(clean)[3:8])


def test_no_texts_have_no_scores(model: NgramLanguageModel) -> None:
    assert model.score(pa.array([], pa.string())).shape == (0,)


@pytest.mark.parametrize("character", ["é", "中", "\U0001f600"])
def test_a_text_cut_inside_a_character_has_a_score(model: NgramLanguageModel, character: str) -> None:
    cut = [b"the old " + character.encode()[:width] for width in range(1, len(character.encode()))]
    assert np.isfinite(model.score(pa.array(cut, pa.binary()).view(pa.string()))).all()


@pytest.mark.parametrize("sample", [[], [None], ["one"], ["a b c", "a b c"], ["x"] * 40])
def test_a_model_of_hardly_any_text_gives_finite_scores(sample: list[str | None]) -> None:
    model = NgramLanguageModel.from_bytes(fit_language_model(pa.array(sample, pa.string())).to_bytes())
    scores = model.score(pa.array(["x", "a b c", "other words", None]))
    assert np.isfinite(scores).all()
    assert scores[3] == NEUTRAL


def test_a_small_table_is_kept_within_its_slots(clean: pa.Array) -> None:
    model = fit_language_model(clean, slots=1 << 10)
    assert len(model.table.entries) <= 1 << 10
    assert np.isfinite(model.score(clean)).all()
