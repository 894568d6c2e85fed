from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models.clustering import nearest, spherical_kmeans

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


def test_more_concepts_than_embeddings_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError, match="at least one embedding"):
        spherical_kmeans(unit_rows(2, (3, 8)), count=4, iterations=5, seed=1)


def test_rows_of_zeros_do_not_spoil_the_centroids():
    rows = np.concatenate([unit_rows(2, (50, 8)), np.zeros((10, 8), np.float32)])
    centroids = spherical_kmeans(rows, count=4, iterations=10, seed=1)
    assert np.isfinite(centroids).all()
    concept, distance = nearest(rows, centroids)
    assert (concept[50:] == 0).all()
    assert (distance[50:] == 1).all()


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


def check_nearest(rows, centroids):
    concept, distance = nearest(rows, centroids)
    assert (concept.dtype, distance.dtype, len(concept)) == (np.uint32, np.float32, len(rows))
    for row, chosen, how_far in zip(rows, concept, distance, strict=True):
        cosines = centroids @ row
        assert cosines[chosen] >= cosines.max() - 1e-6
        assert abs(how_far - (1 - cosines[chosen])) < 1e-6


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 12))
def test_nearest_equals_brute_force(seed, count, concepts):
    check_nearest(unit_rows(seed, (count, 6)), unit_rows(seed + 1, (concepts, 6)))


def test_nearest_equals_brute_force_in_several_blocks_of_rows():
    check_nearest(unit_rows(5, (250, 6)), unit_rows(6, (160_000, 6)))  # 64 MB of cosines: 100 rows at a time


def test_of_equally_near_centroids_the_first_is_taken():
    centroids = np.repeat(unit_rows(7, (1, 4)), 3, axis=0)
    concept, _ = nearest(unit_rows(8, (5, 4)), centroids)
    assert not concept.any()
