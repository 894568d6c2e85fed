from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models.clustering import nearest, nearest_in_range, spherical_kmeans

PROGRAM = """
import sys
import numpy as np
from curator.models.clustering import nearest, spherical_kmeans

rows = np.random.default_rng(3).normal(size=(3000, 48)).astype(np.float32)
rows /= np.linalg.norm(rows, axis=1, keepdims=True)
centroids = spherical_kmeans(rows, count=40, iterations=8, seed=5)
concept, distance = nearest(rows, centroids)
sys.stdout.buffer.write(centroids.tobytes() + concept.tobytes() + distance.tobytes())
"""


def unit_rows(seed, shape):
    rows = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def planted(*, clusters, members, dimensions=32, spread=0.05):
    """Rows around random directions, and the cluster of each row, in a mixed order."""
    centres = unit_rows(11, (clusters, dimensions))
    truth = np.random.default_rng(12).permutation(np.repeat(np.arange(clusters), members))
    rows = centres[truth] + spread * np.random.default_rng(13).normal(size=(len(truth), dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), truth


@pytest.mark.parametrize("clusters", [1, 2])
def test_planted_clusters_are_recovered(clusters):
    rows, truth = planted(clusters=clusters, members=60)
    concept, _ = nearest(rows, spherical_kmeans(rows, count=clusters, iterations=20, seed=1))
    assert len(set(zip(truth.tolist(), concept.tolist(), strict=True))) == clusters
    assert len(set(concept.tolist())) == clusters


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_more_concepts_than_planted_clusters_never_mix_two_of_them(seed):
    # k-means starts at random rows: with exactly as many concepts as clusters one start often holds two of one cluster
    rows, truth = planted(clusters=10, members=60)
    concept, distance = nearest(rows, spherical_kmeans(rows, count=40, iterations=20, seed=seed))
    assert len(set(zip(truth.tolist(), concept.tolist(), strict=True))) == len(set(concept.tolist()))
    assert distance.max() < 0.2


def test_centroids_are_float32_of_unit_length():
    rows, _ = planted(clusters=5, members=40)
    centroids = spherical_kmeans(rows, count=7, iterations=5, seed=1)
    assert (centroids.dtype, centroids.shape) == (np.float32, (7, 32))
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-5)


def test_as_many_concepts_as_embeddings_is_allowed():
    rows = unit_rows(2, (6, 8))
    _, distance = nearest(rows, spherical_kmeans(rows, count=6, iterations=5, seed=1))
    assert np.allclose(distance, 0, atol=1e-5)


def test_there_are_not_more_concepts_than_directions():
    rows = np.repeat(unit_rows(2, (3, 8)), 100, axis=0) * np.linspace(0.5, 2, 300, dtype=np.float32)[:, None]
    centroids = spherical_kmeans(rows, count=20, iterations=5, seed=1)
    assert len(centroids) == 3
    assert nearest(rows, centroids)[1].max() < 1e-6


@pytest.mark.parametrize("rows", [np.empty((0, 8), np.float32), np.zeros((5, 8), np.float32)], ids=["none", "zeros"])
def test_without_a_direction_there_are_no_concepts(rows):
    assert spherical_kmeans(rows, count=4, iterations=5, seed=1).shape == (0, 8)


def test_rows_of_zeros_take_no_part():
    rows, zeros = unit_rows(2, (50, 8)), np.zeros((30, 8), np.float32)
    options = {"count": 4, "iterations": 10, "seed": 1}
    mixed = np.concatenate([zeros[:10], rows, zeros[10:]])
    assert np.array_equal(spherical_kmeans(mixed, **options), spherical_kmeans(rows, **options))


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_small_clusters_beside_a_giant_one_are_found(seed):
    # 14 random rows as a start would be ten of the giant's and miss four or five of the others
    centres = unit_rows(11, (10, 32))
    truth = np.repeat(np.arange(10), [2000] + 9 * [100])
    rows = centres[truth] + 0.01 * unit_rows(12, (len(truth), 32))
    concept, _ = nearest(rows, spherical_kmeans(rows, count=14, iterations=10, seed=seed))
    assert len(set(zip(truth.tolist(), concept.tolist(), strict=True))) == len(set(concept.tolist()))


def test_the_bytes_do_not_depend_on_the_number_of_threads():
    results = {run_with_threads(threads) for threads in (1, 2)}
    assert len(results) == 1
    assert len(results.pop()) == 4 * (40 * 48 + 3000 + 3000)


def run_with_threads(threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, check=True, timeout=120
    ).stdout


def test_another_seed_starts_elsewhere():
    rows = unit_rows(4, (300, 16))
    one, other = (spherical_kmeans(rows, count=20, iterations=3, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one, other)


def in_order(left, right):
    """The product of two rows, added up in float64 from the first column to the last."""
    total = 0.0
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        total += one * other
    return total


def check_nearest(rows, centroids):
    concept, distance = nearest(rows, centroids)
    assert (concept.dtype, distance.dtype, len(concept)) == (np.uint32, np.float32, len(rows))
    for row, chosen, how_far in zip(rows, concept, distance, strict=True):
        products = [in_order(row, centroid) for centroid in centroids]
        assert chosen == int(np.argmax(products))
        length = np.sqrt(in_order(row, row))
        assert how_far == (np.float32(max(0.0, 1 - products[chosen] / length)) if length else 1)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 12))
def test_nearest_equals_brute_force(seed, count, concepts):
    check_nearest(unit_rows(seed, (count, 6)), unit_rows(seed + 1, (concepts, 6)))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-8, 1e-7, 1e-6, 1e-5]))
def test_centroids_that_float32_cannot_tell_apart_are_told_apart(seed, apart):
    centroids = np.repeat(unit_rows(seed, (2, 24)), 5, axis=0)
    centroids += apart * unit_rows(seed + 1, centroids.shape)
    check_nearest(unit_rows(seed + 2, (20, 24)), centroids)


def test_rows_of_any_length_and_of_zeros_have_a_distance():
    lengths = np.array([0, 1e-4, 0.9995, 1.0005, 50, 0], np.float32)
    check_nearest(unit_rows(1, (6, 24)) * lengths[:, None], unit_rows(2, (7, 24)))


@pytest.mark.parametrize("parts", [2, 3, 7, 100])
def test_the_result_does_not_depend_on_the_rows_beside_a_row(parts):
    rows, centroids = unit_rows(5, (3000, 48)), unit_rows(6, (250, 48))
    cut = [nearest(part, centroids) for part in np.array_split(rows, parts)]
    for whole, pieces in zip(nearest(rows, centroids), zip(*cut, strict=True), strict=True):
        assert np.array_equal(whole, np.concatenate(pieces))


def test_very_many_centroids_are_taken_a_few_rows_at_a_time():
    rows, centroids = unit_rows(5, (250, 6)), unit_rows(6, (160_000, 6))  # 64 MB of products: 104 rows
    concept, distance = nearest(rows, centroids)
    cosine = np.take_along_axis(rows @ centroids.T, concept[:, None].astype(np.int64), axis=1)[:, 0]
    assert np.allclose(cosine, (rows @ centroids.T).max(axis=1), atol=1e-6)
    assert np.allclose(distance, 1 - cosine, atol=1e-6)


def test_of_equally_near_centroids_the_first_is_taken():
    centroids = np.repeat(unit_rows(7, (1, 4)), 3, axis=0)
    concept, _ = nearest(unit_rows(8, (5, 4)), centroids)
    assert not concept.any()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_the_nearest_of_a_range_is_that_of_its_centroids_alone(seed, count):
    rows, centroids = unit_rows(seed, (count, 6)), unit_rows(seed + 1, (12, 6))
    random = np.random.default_rng(seed)
    first = random.integers(0, 12, count)
    last = random.integers(first, 12) + 1
    found = nearest_in_range(rows, centroids, first, last)
    for row, start, stop, place in zip(rows, first, last, found, strict=True):
        alone, _ = nearest(row[None], centroids[start:stop])
        assert place == start + alone[0]
