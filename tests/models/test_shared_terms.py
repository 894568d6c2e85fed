"""What share of a text's neighbours has a term too."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models import shared_terms
from curator.models.shared_terms import shared_with_neighbours
from curator.models.vectors import unit_rows


def sparse(has):
    return scipy.sparse.csr_matrix(has.astype(np.float32))


def by_hand(has, vectors):
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    together, possible = np.zeros(has.shape[1]), np.full(has.shape[1], 1e-30)
    for text, row in enumerate(cosines):
        for neighbour in np.argsort(-row)[:20]:
            if neighbour != text:
                nearness = max(row[neighbour], 0) ** 2
                together += nearness * (has[text] & has[neighbour])
                possible += nearness * has[text]
    return together / possible


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_it_is_the_share_counted_by_hand(texts, terms, seed):
    choice = np.random.default_rng(seed)
    has = choice.random((texts, terms)) < 0.4
    vectors = unit_rows(choice.standard_normal((texts, 6)).astype(np.float32))
    assert np.allclose(shared_with_neighbours(sparse(has), vectors), by_hand(has, vectors), atol=1e-5)


def test_blocks_make_no_difference(monkeypatch):
    choice = np.random.default_rng(1)
    has = sparse(choice.random((50, 9)) < 0.3)
    vectors = unit_rows(choice.standard_normal((50, 5)).astype(np.float32))
    whole = shared_with_neighbours(has, vectors)
    monkeypatch.setattr(shared_terms, "TEXTS_AT_ONCE", 7)
    assert np.allclose(shared_with_neighbours(has, vectors), whole, atol=1e-6)


@pytest.mark.parametrize("texts", [0, 1])
def test_without_neighbours_nothing_is_shared(texts):
    assert shared_with_neighbours(sparse(np.ones((texts, 3))), np.ones((texts, 1), np.float32)).tolist() == [0, 0, 0]


def test_texts_that_are_nothing_alike_do_not_count_as_neighbours():
    vectors = unit_rows(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32))
    has = sparse(np.array([[1], [1], [0], [0]]))
    assert shared_with_neighbours(has, vectors).tolist() == [1]
