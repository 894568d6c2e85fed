"""Hashed terms, against plain Python: words and pairs, their hashes cut to a bucket, counted by `Counter`."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text import hashed_terms
from curator.text.folded_words import BLOCK, hash_words
from curator.text.hashed_terms import hashed_counts, hashed_pieces, mean_values
from tests.text import reference_words as reference

ODD = "ab Z7.-'\u00ad\u200d\u0301ßİ中ひカกขค\U00020000\U0001f600\u0000é"
TEXTS = st.lists(st.one_of(st.none(), st.text(st.sampled_from(ODD), max_size=40)), max_size=12)
BUCKETS = st.sampled_from([1, 2, 16, 1 << 18])
ALL_BITS = (1 << 64) - 1


def mixed(value: int) -> int:
    """The finaliser of SplitMix64."""
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & ALL_BITS
    value = (value ^ value >> 27) * 0x94D049BB133111EB & ALL_BITS
    return value ^ value >> 31


def buckets_of(text: str | None, buckets: int) -> list[int]:
    """Those of the words, each followed by that of the pair of which it is the second."""
    hashes = hash_words(pa.array([text], pa.string()))[0].tolist()
    terms = hashes[:1]
    for first, second in pairwise(hashes):
        terms += [second, mixed((first * 0x9E3779B97F4A7C15 + second) & ALL_BITS)]
    return [term % buckets for term in terms]


@settings(deadline=None)  # the first example compiles
@given(TEXTS, BUCKETS)
def test_buckets_are_counted_as_in_plain_python(texts: list[str | None], buckets: int) -> None:
    counts = hashed_counts(pa.array(texts, pa.string()), buckets)
    expected = [Counter(buckets_of(text, buckets)) for text in texts]
    assert np.diff(counts.starts).tolist() == [len(one) for one in expected]
    assert counts.terms.tolist() == [bucket for one in expected for bucket in one]
    assert counts.times.tolist() == [times for one in expected for times in one.values()]


@settings(deadline=None)
@given(TEXTS, BUCKETS)
def test_a_mean_is_that_of_the_values_of_all_terms(texts: list[str | None], buckets: int) -> None:
    values = np.random.default_rng(1).standard_normal(buckets, np.float32)
    means = mean_values(pa.array(texts, pa.large_string()), values)
    expected = [
        float(values[buckets_of(text, buckets)].mean(dtype=np.float64)) if has_words(text) else np.nan for text in texts
    ]
    assert np.allclose(means, expected, rtol=0, atol=1e-12, equal_nan=True)


def has_words(text: str | None) -> bool:
    return bool(reference.words(text or ""))


@given(TEXTS)
def test_a_text_has_a_term_for_each_word_and_for_each_pair(texts: list[str | None]) -> None:
    counts = hashed_counts(pa.array(texts, pa.string()), 1)
    assert counts.times.tolist() == [2 * len(reference.words(text)) - 1 for text in texts if text and has_words(text)]


@settings(deadline=None)
@given(TEXTS)
def test_a_mean_is_the_same_number_whatever_stands_beside_it(texts: list[str | None]) -> None:
    values = np.random.default_rng(2).standard_normal(64, np.float32)
    together = mean_values(pa.array(texts, pa.string()), values)
    alone = [mean_values(pa.array([text], pa.string()), values)[0] for text in texts]
    assert np.array_equal(together, np.array(alone), equal_nan=True)


def test_pieces_are_the_counts_of_all_texts_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array(["tide gull tide", None, "reef", "mast deck", ""])
    whole = hashed_counts(texts, 64)
    monkeypatch.setattr(hashed_terms, "TEXTS_AT_ONCE", 2)
    pieces = list(hashed_pieces(texts, 64))
    assert [len(piece.starts) - 1 for piece in pieces] == [2, 2, 1]
    assert np.concatenate([piece.terms for piece in pieces]).tolist() == whole.terms.tolist()
    assert np.concatenate([piece.times for piece in pieces]).tolist() == whole.times.tolist()


@pytest.mark.parametrize("words", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1])
def test_the_pair_across_the_end_of_a_block_counts(words: int) -> None:
    text = " ".join(str(word) for word in range(words))
    counts = hashed_counts(pa.array([text]), 1 << 20)
    values = np.random.default_rng(3).standard_normal(1 << 20, np.float32)
    assert counts.times.sum() == 2 * words - 1
    assert sorted(np.repeat(counts.terms, counts.times).tolist()) == sorted(buckets_of(text, 1 << 20))
    assert mean_values(pa.array([text]), values)[0] == pytest.approx(values[buckets_of(text, 1 << 20)].mean(), abs=1e-6)


def test_a_slice_has_the_terms_of_its_texts_alone() -> None:
    texts = pa.array(["x x", "tide gull tide", "x x"]).slice(1, 1)
    assert hashed_counts(texts, 16).times.sum() == 5
    assert len(mean_values(texts, np.ones(16, np.float32))) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * 1_000_000, 1),
        ("\n" * 1_000_000, 0),
        ("\u200d" * 1_000_000, 0),
        ("a " * 300_000, 300_000),
        ("\u202b中" * 300_000, 300_000),
    ],
)
def test_monotonous_texts_are_no_trouble(text: str, words: int) -> None:
    counts = hashed_counts(pa.array([text, text]), 1 << 14)
    assert len(counts.terms) <= 4
    assert counts.times.sum() == 2 * max(2 * words - 1, 0)


def test_a_million_empty_lines_and_nulls_have_no_terms() -> None:
    texts = pa.nulls(1_000_000, pa.string())
    assert not hashed_counts(texts, 4).starts.any()
    assert np.isnan(mean_values(texts, np.ones(4, np.float32))).all()


def test_no_texts_have_no_means() -> None:
    assert hashed_counts(pa.array([], pa.string()), 4).starts.tolist() == [0]
    assert mean_values(pa.array([], pa.string()), np.ones(4, np.float32)).shape == (0,)


@pytest.mark.parametrize("character", ["é", "中", "\U0001f600"])
def test_a_text_cut_inside_a_character_is_read_to_its_end(character: str) -> None:
    cut = [b"tide " + character.encode()[:width] for width in range(1, len(character.encode()))]
    texts = pa.array(cut, pa.binary()).view(pa.string())
    tide = hashed_counts(pa.array(["tide"]), 1 << 18).terms[0]
    counts = hashed_counts(texts, 1 << 18)
    assert counts.terms[counts.starts[:-1]].tolist() == [tide] * len(cut)
    assert np.isfinite(mean_values(texts, np.ones(4, np.float32))).all()
