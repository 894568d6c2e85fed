from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.models.vectors import unit_rows, window_means


def test_rows_have_length_one_and_zeros_stay() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0], [1e-20, 0], [1e20, 1e20]], np.float32))
    assert rows.dtype == np.float32
    assert np.allclose(rows, [[0.6, 0.8], [0, 0], [1, 0], [0.5**0.5, 0.5**0.5]])


@given(st.lists(st.lists(st.integers(1, 9), max_size=4)))
def test_a_document_is_the_mean_of_its_windows_weighted_by_their_tokens(documents: list[list[int]]) -> None:
    tokens = np.array([tokens for windows in documents for tokens in windows], np.int64)
    vectors = np.random.default_rng(len(tokens)).normal(size=(len(tokens), 3)).astype(np.float32)
    means = window_means(vectors.copy(), tokens, np.array([len(windows) for windows in documents], np.int64))
    assert means.shape == (len(documents), 3)
    start = 0
    for windows, mean in zip(documents, means, strict=True):
        mine = slice(start, start + len(windows))
        expected = np.average(vectors[mine], axis=0, weights=tokens[mine]) if windows else np.zeros(3)
        assert np.allclose(mean, expected, atol=1e-5)
        start = mine.stop
