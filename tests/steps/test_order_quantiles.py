"""Ranks fill [0, 1) in every language that is frequent enough, and among all others together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.within_stage import quantile_edges, ranks_of
from curator.steps.order_quantiles import LANGUAGE_DOCUMENTS as ENOUGH
from curator.steps.order_quantiles import quantiles_of


def hashes(count: int) -> npt.NDArray[np.uint64]:
    return np.random.default_rng(0).integers(0, 2**64, count, dtype=np.uint64)


def corpus(
    **languages: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.str_], pa.ChunkedArray]:
    """Values of which those of each language are larger than all of the one before, tokens, languages (`unknown`: null)."""
    rng = np.random.default_rng(3)
    names = np.repeat(list(languages), list(languages.values()))
    level = np.repeat(np.arange(len(languages)), list(languages.values()))
    values = (level + rng.random(len(names)) / 2).astype(np.float32)
    column = pa.chunked_array([[None if name == "unknown" else name for name in names.tolist()]], pa.string())
    return values, rng.integers(1, 9, len(names)), names, column


def test_the_thirds_of_frequent_languages_are_equal_and_those_of_all_others_together() -> None:
    values, tokens, names, language = corpus(de=ENOUGH, en=9 * ENOUGH, fr=ENOUGH - 1, it=3, unknown=ENOUGH)
    quantiles = quantiles_of(values, tokens, language)
    assert quantiles.languages.tolist() == ["de", "en"]
    ranks = quantiles.ranks(values, hashes(len(values)), language)
    for mine in (names == "de", names == "en", ~np.isin(names, ["de", "en"])):
        thirds = np.histogram(ranks[mine], 3, (0, 1), weights=tokens[mine])[0] / tokens[mine].sum()
        assert thirds == pytest.approx([1 / 3] * 3, abs=0.02)
        assert (np.diff(ranks[mine][np.lexsort((ranks[mine], values[mine]))]) >= 0).all()


def test_without_languages_all_values_are_compared() -> None:
    values, tokens, _, language = corpus(de=ENOUGH, en=ENOUGH)
    ranks = quantiles_of(values, tokens).ranks(values, hashes(len(values)), language)
    assert np.array_equal(ranks, ranks_of(values, hashes(len(values)), quantile_edges(values, tokens)))


def test_a_language_outside_the_sample_stands_where_its_values_stand_among_all() -> None:
    values, tokens, _, language = corpus(de=ENOUGH, en=ENOUGH)
    quantiles = quantiles_of(values, tokens, language)
    asked = np.array([-5, np.median(values), 5], np.float32)
    ranks = quantiles.ranks(asked, hashes(3), pa.chunked_array([["pl", "pl", None]], pa.string()))
    assert ranks == pytest.approx([0, 0.5, 1], abs=0.02)


def test_documents_without_a_value_do_not_make_a_language_frequent() -> None:
    values, tokens, names, language = corpus(de=2 * ENOUGH, en=ENOUGH)
    values[np.flatnonzero(names == "de")[ENOUGH - 1 :]] = np.nan
    assert quantiles_of(values, tokens, language).languages.tolist() == ["en"]
    none = quantiles_of(np.full(3, np.nan, np.float32), np.ones(3, np.int64), pa.chunked_array([["de", None, "de"]]))
    assert none.languages.tolist() == []
    assert not none.edges.any()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.floats(width=32), st.sampled_from(["de", "en", None])), max_size=30))
def test_few_documents_of_any_value_and_language_have_ranks_from_zero_to_one(
    rows: list[tuple[float, str | None]],
) -> None:
    values = np.array([value for value, _ in rows], np.float32)
    language = pa.chunked_array([[name for _, name in rows]], pa.string())
    ranks = quantiles_of(values, np.ones(len(rows), np.int64), language).ranks(values, hashes(len(rows)), language)
    assert ((ranks >= 0) & (ranks < 1)).all()
