"""Similarity is 1 for a text itself and 0 for what is no closer than documents are to each other, whatever the embedder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.rephrase.similarity import calibrated_similarity, random_similarity


def directions(count: int, *, common: float, seed: int = 1) -> np.ndarray:
    """Random unit vectors that share a direction, as those of many embedders do."""
    rows = np.random.default_rng(seed).normal(size=(count, 64))
    rows[:, 0] += common
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("common", [0.0, 4.0, 20.0])
def test_itself_is_one_and_another_document_is_none_whatever_all_have_in_common(common: float) -> None:
    sources = directions(500, common=common)
    documents = np.arange(500, dtype=np.uint64)
    assert calibrated_similarity(sources, sources, documents) == pytest.approx(1, abs=1e-5)
    others = calibrated_similarity(sources, np.roll(sources, 1, axis=0), documents)
    assert abs(float(others.mean())) < 0.05


@given(st.integers(2, 30), st.integers(0, 5))
def test_the_random_similarity_is_the_mean_over_all_pairs_of_different_documents(count: int, repeated: int) -> None:
    vectors = directions(count, common=3.0, seed=count)
    rows = [*range(count), *([0] * repeated)]
    found = random_similarity(vectors[rows], np.array(rows, np.uint64))
    products = vectors.astype(float) @ vectors.T.astype(float)
    mean = (products.sum() - np.trace(products)) / (count * (count - 1))
    assert found == pytest.approx(min(0.99, max(0.0, mean)), abs=1e-6)


def test_one_document_is_compared_as_it_is() -> None:
    vectors = directions(1, common=0.0)
    assert random_similarity(vectors, np.array([4], np.uint64)) == 0.0
    assert calibrated_similarity(vectors, -vectors, np.array([4], np.uint64)) == pytest.approx(-1)
