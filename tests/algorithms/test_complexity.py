from __future__ import annotations

import numpy as np
import pytest

from curator.algorithms.complexity import inter_distances, intra_distance


def unit_rows(count, width, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_spread_is_the_mean_cosine_distance_to_the_centroid():
    rows = unit_rows(500, 16)
    centroid = rows.mean(axis=0)
    expected = np.mean([1 - row @ centroid / np.linalg.norm(centroid) for row in rows.astype(np.float64)])
    assert intra_distance(rows, centroid) == pytest.approx(expected, abs=1e-6)
    assert intra_distance(rows, 5 * centroid) == pytest.approx(expected, abs=1e-6)


def test_identical_documents_do_not_spread_and_opposite_ones_spread_by_two():
    row = unit_rows(1, 8)
    assert intra_distance(np.repeat(row, 10, axis=0), row[0]) == pytest.approx(0, abs=1e-6)
    assert intra_distance(-row, row[0]) == pytest.approx(2, abs=1e-6)


def test_an_empty_concept_and_a_zero_centroid_have_defined_spreads():
    assert intra_distance(np.empty((0, 8), np.float32), np.ones(8)) == 0
    assert intra_distance(unit_rows(3, 8), np.zeros(8)) == 1


@pytest.mark.parametrize(("count", "neighbours"), [(2, 20), (15, 20), (15, 3), (2100, 20)])
def test_distances_are_the_mean_over_the_nearest_others(count, neighbours):
    centroids = 3 * unit_rows(count, 6, seed=count)
    directions = centroids / np.linalg.norm(centroids, axis=1, keepdims=True)
    distances = np.clip(1 - directions.astype(np.float64) @ directions.T, 0, None)
    np.fill_diagonal(distances, np.inf)
    expected = np.sort(distances, axis=1)[:, : min(neighbours, count - 1)].mean(axis=1)
    assert inter_distances(centroids, neighbours=neighbours) == pytest.approx(expected, abs=1e-6)


def test_a_single_concept_is_at_distance_one():
    assert inter_distances(unit_rows(1, 4)).tolist() == [1.0]


def test_two_equal_concepts_are_at_distance_zero():
    assert inter_distances(np.repeat(unit_rows(1, 4), 2, axis=0)) == pytest.approx([0, 0], abs=1e-6)


def test_an_elephant_concept_is_less_complex_than_a_dog_concept():
    centre = unit_rows(1, 16, seed=1)
    elephants, dogs = (centre + noise * unit_rows(200, 16, seed=2) for noise in (0.1, 1.0))
    spreads = [
        intra_distance((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), rows.mean(axis=0))
        for rows in (elephants, dogs)
    ]
    assert spreads[0] < spreads[1] / 10
