"""Two models, each of one half of the texts, say what the texts of the other half cost."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models.proxy_loss import SLOTS, ProxyLoss, fit_proxy_loss
from curator.text.ngram_counts import repeated_ngrams
from curator.text.ngram_table import bits_and_words, discounted_table
from tests import corpus

WORDS = st.lists(st.sampled_from(["tide", "rope", "gull", "мост", "橋", "!"]), max_size=12).map(" ".join)
TEXTS = st.lists(st.tuples(st.one_of(st.none(), WORDS), st.integers(0, 1)), max_size=20)


def prose(count: int, seed: int) -> list[str]:
    chooser = random.Random(seed)
    return [corpus.document(chooser, chooser.choice(sorted(corpus.TOPICS)), 12) for _ in range(count)]


def halves(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


@pytest.fixture(scope="module")
def model() -> ProxyLoss:
    twice = [f"{text}\n{text}" for text in prose(200, seed=1)]  # what occurs once is not learned
    return fit_proxy_loss(pa.array(twice), np.arange(200, dtype=np.uint64) % 2)


@settings(deadline=None, max_examples=40)
@given(texts=TEXTS)
def test_a_text_costs_what_a_table_of_the_other_half_says(texts: list[tuple[str | None, int]]) -> None:
    column, half = pa.array([text for text, _ in texts], pa.string()), halves(*(number for _, number in texts))
    found = fit_proxy_loss(column, half).bits_per_word(column, half)
    assert found.dtype == np.float32
    for own in (0, 1):
        others = discounted_table(repeated_ngrams(column.filter(pa.array(half != own))), SLOTS)
        bits, words = bits_and_words(column.filter(pa.array(half == own)), others)
        expected = np.where((words == 0) | (others.floor == 1), np.nan, bits).astype(np.float32)
        assert np.array_equal(found[half == own], expected, equal_nan=True)


@settings(deadline=None, max_examples=20)
@given(texts=TEXTS, seed=st.integers(0, 10**6))
def test_the_order_of_texts_changes_no_byte(texts: list[tuple[str | None, int]], seed: int) -> None:
    column, half = pa.array([text for text, _ in texts], pa.string()), halves(*(number for _, number in texts))
    shuffled = np.random.default_rng(seed).permutation(len(texts))
    again = fit_proxy_loss(column.take(pa.array(shuffled)).cast(pa.large_string()), half[shuffled])
    assert again.to_bytes() == fit_proxy_loss(column, half).to_bytes()


def test_phrases_of_the_corpus_cost_less_than_new_text_and_unknown_words_most(model: ProxyLoss) -> None:
    chooser = random.Random(5)
    phrases = " ".join(prose(4, seed=1)[0].split()[:100])
    new = prose(1, seed=2)[0]
    rare = " ".join("".join(chooser.choices("bcdfgklmrstvz", k=6)) for _ in new.split())
    found = model.bits_per_word(pa.array([phrases, new, rare]), halves(1, 1, 1))
    assert found[0] + 2 < found[1] < found[2] - 2


def test_a_text_is_cheap_for_the_model_that_has_seen_it_only(model: ProxyLoss) -> None:
    seen = pa.array(prose(200, seed=1)).take(pa.array(np.arange(0, 200, 2)))  # half 0
    asked_as = [model.bits_per_word(seen, np.full(len(seen), half, np.uint64)) for half in (0, 1)]
    assert (asked_as[0] > asked_as[1] + 1).all()


def test_a_model_read_back_says_the_same(model: ProxyLoss) -> None:
    texts, half = pa.array(prose(20, seed=3)), np.arange(20, dtype=np.uint64) % 2
    read_back = ProxyLoss.from_bytes(model.to_bytes())
    assert np.array_equal(read_back.bits_per_word(texts, half), model.bits_per_word(texts, half))
    assert read_back.to_bytes() == model.to_bytes()


def test_texts_without_words_and_those_of_which_the_other_half_knows_nothing_have_no_loss(model: ProxyLoss) -> None:
    assert np.isnan(model.bits_per_word(pa.array([None, "", " \n", "?!"]), halves(0, 1, 0, 1))).all()
    texts = pa.array(prose(2, seed=4))
    alone = fit_proxy_loss(texts, halves(0, 0)).bits_per_word(texts, halves(0, 1))
    assert np.isnan(alone).tolist() == [True, False]
    assert len(model.bits_per_word(pa.array([], pa.string()), halves())) == 0


def test_a_million_equal_letters_and_lines_are_finite(model: ProxyLoss) -> None:
    texts = pa.array(["a" * 1_000_000, "a\n" * 500_000, "\u200f\u200b א" * 1000])
    assert np.isfinite(model.bits_per_word(texts, halves(0, 1, 0))).all()
