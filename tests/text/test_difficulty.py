"""Every measure has larger numbers for harder texts."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

from curator.text.compression import compression_ratios
from curator.text.difficulty import Measure, difficulty
from curator.text.lexical_diversity import lexical_diversity
from curator.text.readability import reading_ease

MEASURES: tuple[Measure, ...] = get_args(Measure)
EASY = "I see a cat. The cat is fat. I like the cat. The cat likes me. " * 3
HARD = (
    "Notwithstanding considerable heterogeneity among participating laboratories, spectroscopic determinations corroborated "
    "earlier hypotheses regarding intermolecular interactions, although quantitative reproducibility necessitates supplementary "
    "calibration procedures whose theoretical justification remains contested within contemporary physical chemistry."
)


def measured(measure: Measure, *texts: str | None, language: str | None = "en") -> list[float]:
    found = difficulty(pa.array(texts, pa.string()), pa.array([language] * len(texts), pa.string()), measure)
    assert found.dtype == np.float32
    return [float(value) for value in found]


@pytest.mark.parametrize("measure", MEASURES)
def test_a_hard_text_has_a_larger_number_than_an_easy_one(measure: Measure) -> None:
    easy, hard = measured(measure, EASY, HARD)
    assert easy < hard


@pytest.mark.parametrize("measure", ["compression", "diversity", "readability"])
def test_what_is_not_defined_is_nan(measure: Measure) -> None:
    assert np.isnan(measured(measure, None, "")).all()


def test_readability_is_not_defined_for_a_language_without_a_formula() -> None:
    assert np.isnan(measured("readability", EASY, language="pl") + measured("readability", EASY, language=None)).all()


def test_length_counts_characters_and_is_always_defined() -> None:
    assert measured("length", None, "", "ab", "中文。", "\U0001f600") == [0, 0, 2, 3, 1]


def test_the_measures_are_those_of_their_files() -> None:
    texts, languages = pa.array([EASY, HARD, "one"]), pa.array(["en", "en", "de"])
    ratios = compression_ratios(np.frombuffer(EASY.encode(), np.uint8), np.array([0, len(EASY)], np.int64))
    assert difficulty(texts, languages, "compression")[0] == ratios[0]
    np.testing.assert_array_equal(difficulty(texts, languages, "diversity"), lexical_diversity(texts))
    np.testing.assert_array_equal(difficulty(texts, languages, "readability"), -reading_ease(texts, languages))


@pytest.mark.parametrize("measure", MEASURES)
def test_no_documents_have_no_difficulty(measure: Measure) -> None:
    assert measured(measure) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_one_letter_a_million_times_is_finite(measure: Measure) -> None:
    assert np.isfinite(measured(measure, "a" * 1_000_000)).all()
