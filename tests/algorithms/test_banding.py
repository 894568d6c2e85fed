"""Bands and rows against datasketch, published S-curves, and signed documents of known similarity."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHashLSH

from curator.algorithms.banding import bands_of, optimal_bands
from curator.algorithms.minhash import band_keys, candidate_probability, sign
from tests.algorithms.documents_of_jaccard import pairs_of_jaccard


def keys_of(documents, bands, rows):
    signatures, _, _ = sign(pa.array(documents), shingle_words=1, permutations=120, seed=1)
    return band_keys(signatures, bands=bands, rows=rows)


def candidate_rate(lefts, rights, bands, rows):
    return (keys_of(lefts, bands, rows) == keys_of(rights, bands, rows)).any(axis=1).mean()


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.7, 0.75, 0.8, 0.9])
@pytest.mark.parametrize("weight", [0.0625, 0.25, 0.5, 0.75, 0.9375])
@pytest.mark.parametrize("permutations", [100, 112, 120, 128])
def test_bands_and_rows_are_those_of_datasketch(threshold, weight, permutations):
    theirs = MinHashLSH(threshold, num_perm=permutations, weights=(weight, 1 - weight))
    assert optimal_bands(threshold, permutations=permutations, false_positive_weight=weight) == (theirs.b, theirs.r)


@pytest.mark.parametrize("permutations", [1, 2, 9, 1000])
def test_bands_and_rows_fit_into_the_permutations(permutations):
    bands, rows = optimal_bands(0.8, permutations=permutations, false_positive_weight=0.5)
    assert 1 <= bands * rows <= permutations


def test_bands_and_rows_that_are_given_stay():
    near = {"permutations": 128, "threshold": 0.8, "false_positive_weight": 0.5}
    assert bands_of(bands=20, rows=6, **near) == (20, 6)
    assert bands_of(bands=None, rows=None, **near) == (9, 13)


@pytest.mark.parametrize(
    ("bands", "rows", "similarity", "published"),
    [
        (14, 8, 0.7, 0.565),  # FineWeb
        (14, 8, 0.75, 0.772),
        (14, 8, 0.8, 0.924),
        (14, 8, 0.85, 0.988),
        (20, 13, 0.7, 0.177),  # NeMo Curator
        (20, 13, 0.8, 0.677),
    ],
)
def test_the_formula_gives_the_published_probabilities(bands, rows, similarity, published):
    assert candidate_probability(similarity, bands=bands, rows=rows) == pytest.approx(published, abs=0.001)
    assert candidate_probability(similarity, bands=rows, rows=bands) != pytest.approx(published, abs=0.05)


@pytest.mark.parametrize(("bands", "rows"), [(93, 15), (450, 20)])
def test_the_curves_of_dclm_and_refinedweb_rise_between_7_and_8_tenths(bands, rows):
    low, high = candidate_probability([0.65, 0.8], bands=bands, rows=rows)
    assert low < 0.15
    assert high > 0.96


@pytest.mark.parametrize("similarity", [0.5, 0.6, 0.7, 0.8, 0.9])
@pytest.mark.parametrize(("bands", "rows"), [(14, 8), (20, 6)])
def test_documents_of_known_similarity_become_candidates_as_the_curve_says(bands, rows, similarity):
    lefts, rights, exact = pairs_of_jaccard(similarity, 1200, np.random.default_rng(7))
    expected, swapped = (candidate_probability(exact, bands=b, rows=r) for b, r in ((bands, rows), (rows, bands)))
    tolerance = 4 * np.sqrt(expected * (1 - expected) / len(lefts)) + 0.005
    found = candidate_rate(lefts, rights, bands, rows)
    assert abs(found - expected) < tolerance
    assert abs(found - swapped) > tolerance or abs(expected - swapped) < 2 * tolerance
