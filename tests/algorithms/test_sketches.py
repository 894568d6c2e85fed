"""The estimate of sketches against exact Jaccard similarity, and against plain Python."""

from __future__ import annotations

import numba
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.minhash import sign
from curator.algorithms.sketches import BINS, SKETCH_BYTES, as_words, estimated_jaccard, sketch_similarity
from tests.algorithms.documents_of_jaccard import pairs_of_jaccard


def sketches_of(documents):
    return sign(pa.array(documents), shingle_words=1, permutations=0, seed=1)[1]


def estimates_at(similarity, union, count=250):
    lefts, rights, exact = pairs_of_jaccard(similarity, count, np.random.default_rng(3), union)
    return estimated_jaccard(sketches_of(lefts), sketches_of(rights)), exact


def nibbles(sketch):
    return [nibble for byte in sketch.tolist() for nibble in (byte & 15, byte >> 4)]


def reference(left, right):
    pairs = list(zip(nibbles(left), nibbles(right), strict=True))
    filled = sum(one > 0 or other > 0 for one, other in pairs)
    both = sum(one > 0 and other > 0 for one, other in pairs)
    matches = sum(one == other > 0 for one, other in pairs)
    return max(15 * matches - both, 0) / (14 * filled) if filled else 0.0


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), empty=st.floats(0, 1), equal=st.floats(0, 1))
def test_the_estimate_equals_the_formula_in_plain_python(seed, empty, equal):
    generator = np.random.default_rng(seed)
    bins = generator.integers(1, 16, (2, 3, BINS)) * (generator.random((2, 3, BINS)) >= empty)
    bins = np.where(generator.random((3, BINS)) < equal, bins[:1], bins).astype(np.uint8)
    left, right = bins[..., ::2] | bins[..., 1::2] << 4
    expected = [reference(one, other) for one, other in zip(left, right, strict=True)]
    assert estimated_jaccard(left, right).tolist() == pytest.approx(expected, abs=1e-6)
    assert (estimated_jaccard(left, right) == estimated_jaccard(right, left)).all()


@pytest.mark.parametrize("similarity", [0.25, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("union", [300, 1000, 5000])
def test_the_estimate_is_unbiased_with_the_error_of_hashed_bins(similarity, union):
    estimates, exact = estimates_at(similarity, union, count=80 if union == 5000 else 250)
    filled = BINS * (1 - (1 - 1 / BINS) ** union)
    matching = exact + (1 - exact) / 15
    error = np.sqrt(matching * (1 - matching) / filled) * 15 / 14
    assert abs(estimates.mean() - exact) < 4 * error / np.sqrt(len(estimates))
    assert estimates.std() < 1.15 * error  # short documents collide less in the bins, and err less
    assert union < 5000 or estimates.std() > 0.8 * error


def test_documents_of_500_words_and_more_are_compared_to_two_hundredths():
    estimates, exact = estimates_at(0.8, 600)
    assert np.sqrt(np.mean((estimates - exact) ** 2)) < 0.021


@pytest.mark.parametrize("similarity", [0.2, 0.5, 0.8])
def test_documents_of_fewer_than_60_words_are_compared_almost_exactly(similarity):
    estimates, exact = estimates_at(similarity, 60)
    assert np.abs(estimates - exact).mean() < 0.02


@pytest.mark.parametrize("union", [10, 100, 1000, 20_000])
def test_equal_documents_are_1_and_documents_without_a_common_word_about_0(union):
    equal, _ = estimates_at(1.0, union, count=5)
    assert (equal == 1).all()
    different, _ = estimates_at(0.0, union, count=5)
    assert (different < 0.08).all()


def test_documents_of_very_different_length_are_unlike():
    words = [f"w{number}" for number in range(20_000)]
    long, short = sketches_of([" ".join(words), " ".join(words[:1000])])
    assert estimated_jaccard(long[None], short[None])[0] == pytest.approx(0.05, abs=0.05)


def test_empty_sketches_are_like_nothing():
    empty, full = np.zeros((1, SKETCH_BYTES), np.uint8), np.full((1, SKETCH_BYTES), 0x11, np.uint8)
    assert estimated_jaccard(empty, empty).tolist() == [0]
    assert estimated_jaccard(empty, full).tolist() == [0]
    assert estimated_jaccard(full, full).tolist() == [1]
    assert estimated_jaccard(empty[:0], empty[:0]).shape == (0,)


def test_the_nibbles_of_filled_bins_are_uniform():
    generator = np.random.default_rng(0)
    documents = [" ".join(map(str, generator.integers(0, 2**40, size))) for size in [300] * 300 + [30_000] * 3]
    for sketches in (sketches_of(documents[:300]), sketches_of(documents[300:])):
        values = np.concatenate([sketches & 15, sketches >> 4], axis=None)
        counts = np.bincount(values, minlength=16)[1:]
        expected = counts.sum() / 15
        assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


@numba.njit
def similarities_with_the_first(words, found):
    for row in range(found.size):
        found[row] = sketch_similarity(words, 0, row)


def test_kernels_compare_rows_of_one_matrix():
    lefts, rights, _ = pairs_of_jaccard(0.6, 4, np.random.default_rng(5), 200)
    sketches, found = sketches_of([lefts[0], rights[0], *lefts[1:]]), np.empty(5, np.float32)
    similarities_with_the_first(as_words(sketches), found)
    assert (found == estimated_jaccard(sketches[[0] * 5], sketches)).all()
