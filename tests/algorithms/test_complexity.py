"""Measures of variety: what they are by definition, that more documents of the same kind change nothing, and what is finite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curator.algorithms.complexity import (
    COMPRESSED_LETTERS,
    GROWTH_WORDS,
    bits_per_letter,
    inter_distances,
    intra_distance,
    participation_ratio,
    vocabulary_growth,
)
from curator.text.folded_words import hash_words

Rows = npt.NDArray[np.float32]


def unit_rows(count: int, width: int, seed: int = 0) -> Rows:
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def around(count: int, spreads: npt.NDArray[np.float64], seed: int) -> Rows:
    """Samples of one distribution on the sphere: a far centre and heavy-tailed noise of these spreads."""
    noise = np.random.default_rng(seed).standard_t(6, size=(count, len(spreads))) * spreads
    noise[:, 0] += 10
    return (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)


def sentences(count: int, vocabulary: int, seed: int) -> list[str]:
    """Sentences of twelve words drawn by Zipf's law from so many: the fewer there are, the less varied is the concept."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, vocabulary + 1)
    words = rng.choice(vocabulary, size=(count, 12), p=share / share.sum())
    names = [f"{chr(97 + word % 26)}{word * 7919 % 100_003:x}" for word in range(vocabulary)]
    return [" ".join(names[word] for word in row) + ". " for row in words]


def words_of(texts: list[str]) -> npt.NDArray[np.uint64]:
    return hash_words(pa.array(texts, pa.large_string()))[0]


def test_the_spread_is_the_mean_cosine_distance_to_the_centroid() -> None:
    rows = unit_rows(500, 16)
    centroid = rows.mean(axis=0)
    expected = np.mean([1 - row @ centroid / np.linalg.norm(centroid) for row in rows.astype(np.float64)])
    assert intra_distance(rows, centroid) == pytest.approx(expected, abs=1e-6)
    assert intra_distance(rows, 5 * centroid) == pytest.approx(expected, abs=1e-6)


def test_identical_documents_do_not_spread_and_opposite_ones_spread_by_two() -> None:
    row = unit_rows(1, 8)
    assert intra_distance(np.repeat(row, 10, axis=0), row[0]) == pytest.approx(0, abs=1e-6)
    assert intra_distance(-row, row[0]) == pytest.approx(2, abs=1e-6)


def test_an_empty_concept_and_a_zero_centroid_have_defined_spreads() -> None:
    assert intra_distance(np.empty((0, 8), np.float32), np.ones(8)) == 0
    assert intra_distance(unit_rows(3, 8), np.zeros(8)) == 1


@pytest.mark.parametrize(("count", "neighbours"), [(2, 20), (15, 20), (15, 3), (2100, 20)])
def test_distances_are_the_mean_over_the_nearest_others(count: int, neighbours: int) -> None:
    centroids = 3 * unit_rows(count, 6, seed=count)
    directions = centroids / np.linalg.norm(centroids, axis=1, keepdims=True)
    distances = np.clip(1 - directions.astype(np.float64) @ directions.T, 0, None)
    np.fill_diagonal(distances, np.inf)
    expected = np.sort(distances, axis=1)[:, : min(neighbours, count - 1)].mean(axis=1)
    assert inter_distances(centroids, neighbours=neighbours) == pytest.approx(expected, abs=1e-6)


def test_a_single_concept_is_at_distance_one() -> None:
    assert inter_distances(unit_rows(1, 4)).tolist() == [1.0]


def test_two_equal_concepts_are_at_distance_zero() -> None:
    assert inter_distances(np.repeat(unit_rows(1, 4), 2, axis=0)) == pytest.approx([0, 0], abs=1e-6)


def test_an_elephant_concept_is_less_complex_than_a_dog_concept() -> None:
    centre = unit_rows(1, 16, seed=1)
    elephants, dogs = (centre + noise * unit_rows(200, 16, seed=2) for noise in (0.1, 1.0))
    spreads = [
        intra_distance((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), rows.mean(axis=0))
        for rows in (elephants, dogs)
    ]
    assert spreads[0] < spreads[1] / 10


@pytest.mark.parametrize("directions", [1, 3, 8])
def test_documents_that_vary_alike_in_so_many_directions_have_that_participation_ratio(directions: int) -> None:
    spreads = np.zeros(32)
    spreads[1 : 1 + directions] = 0.1
    assert participation_ratio(around(2_000, spreads, seed=1)) == pytest.approx(directions, rel=0.03)


@pytest.mark.parametrize("documents", [16, 32, 128])
def test_few_documents_give_the_participation_ratio_of_many(documents: int) -> None:
    spreads = np.append(0, 1 / np.arange(1, 128) ** 0.5)
    many = participation_ratio(around(20_000, spreads, seed=1))
    few = [participation_ratio(around(documents, spreads, seed=seed)) for seed in range(2, 102)]
    assert many > 18  # the plain ratio of 16 documents is at most 15
    assert 1 / np.mean(1 / np.array(few)) == pytest.approx(many, rel=0.1)


def test_the_order_of_documents_and_a_rotation_leave_the_participation_ratio() -> None:
    rows = around(50, np.linspace(0, 1, 20), seed=1)
    rotation = np.linalg.qr(np.random.default_rng(2).normal(size=(20, 20)))[0]
    assert participation_ratio(rows[::-1] @ rotation) == pytest.approx(participation_ratio(rows), rel=1e-5)


def test_equal_documents_or_one_or_none_vary_in_no_direction() -> None:
    row = unit_rows(1, 8)
    for rows in (row, row[:0], np.repeat(row, 100, axis=0), np.zeros((5, 8), np.float32)):
        assert participation_ratio(rows) == 0
    assert participation_ratio(unit_rows(2, 8)) == pytest.approx(1)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(0, 9), st.integers(1, 6)), elements=st.floats(-1, 1, width=16)))
def test_every_participation_ratio_is_0_or_from_1_to_the_number_of_dimensions(rows: Rows) -> None:
    found = participation_ratio(rows)
    assert found == 0 or 0.999 <= found <= max(1, rows.shape[1]) * 1.001


def test_more_documents_of_the_same_kind_take_as_many_bits_and_grow_as_fast() -> None:
    few, many = sentences(800, 3_000, seed=1), sentences(4_000, 3_000, seed=2)
    bits = [bits_per_letter("".join(texts)) for texts in (few, many)]
    growths = [vocabulary_growth(words_of(texts)) for texts in (few, many)]
    assert bits[0] == pytest.approx(bits[1], rel=0.02)
    assert growths[0] == pytest.approx(growths[1], abs=0.02)


def test_fewer_documents_than_the_budget_take_about_as_many_bits_and_grow_about_as_fast() -> None:
    texts = sentences(1_000, 3_000, seed=1)
    whole = "".join(texts)
    assert bits_per_letter(whole[: COMPRESSED_LETTERS // 4]) == pytest.approx(bits_per_letter(whole), rel=0.1)
    words = words_of(texts)
    assert vocabulary_growth(words[: GROWTH_WORDS // 4]) == pytest.approx(vocabulary_growth(words), abs=0.06)


def test_the_more_varied_texts_take_more_bits_and_their_vocabulary_grows_faster() -> None:
    kinds = [sentences(1_000, vocabulary, seed=1) for vocabulary in (10, 100, 1_000, 10_000)]
    for measured in (
        [bits_per_letter("".join(texts)) for texts in kinds],
        [vocabulary_growth(words_of(texts)) for texts in kinds],
    ):
        assert measured == sorted(measured)
        assert measured[0] < measured[-1] / 2


def test_one_text_repeated_takes_nearly_no_bits_and_does_not_grow() -> None:
    assert bits_per_letter("the same again " * 5_000) < 0.05
    assert vocabulary_growth(np.tile(np.arange(5, dtype=np.uint64), 10_000)) < 0.01


def test_noise_takes_eight_bits_and_words_that_never_recur_grow_by_one() -> None:
    assert bits_per_letter(np.random.default_rng(1).bytes(100_000).decode("latin-1")) == pytest.approx(8, rel=0.1)
    assert vocabulary_growth(np.arange(GROWTH_WORDS, dtype=np.uint64)) == pytest.approx(1)


def test_no_text_has_no_bits_and_does_not_grow() -> None:
    assert bits_per_letter("") == 0
    assert vocabulary_growth(np.empty(0, np.uint64)) == 0


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_bits_and_growth_of_anything_are_finite(content: bytes) -> None:
    assert 0 <= bits_per_letter(content.decode("latin-1")) < 100
    assert 0 <= vocabulary_growth(np.frombuffer(content, np.uint8).astype(np.uint64)) <= 1


def test_the_exponent_of_text_after_heaps_law_is_found() -> None:
    """Words drawn from a Pareto law of exponent 1 / beta grow as n^beta (in the limit)."""
    rng = np.random.default_rng(1)
    slopes = [vocabulary_growth(rng.zipf(1 / beta, 100_000).astype(np.uint64)) for beta in (0.4, 0.6, 0.8)]
    assert slopes == pytest.approx([0.4, 0.6, 0.8], abs=0.07)
