"""A chain is that of plain Python, and its neighbours are more alike than those of a shuffle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.chains import chain_order, chain_places
from curator.algorithms.whole_vectors import whole_rows

SEEDS = st.integers(0, 10**6)


def topics(seed, count, width=8):
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(5, width))
    return (centres[generator.integers(0, 5, count)] + 0.4 * generator.normal(size=(count, width))).astype(np.float32)


def greedy(rows):
    """From the row nearest to the mean always to the nearest one left, the lowest of equal ones."""
    left, current, order = list(range(len(rows))), rows.mean(axis=0), []
    while left:
        nearest = max(left, key=lambda row: (float(rows[row] @ current), -row))
        left.remove(nearest)
        order.append(nearest)
        current = rows[nearest]
    return order


def sum_of_neighbours(embeddings, order):
    rows = embeddings[order] / np.linalg.norm(embeddings[order], axis=1, keepdims=True)
    return float((rows[1:] * rows[:-1]).sum())


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(0, 40), st.sampled_from([np.float16, np.float32]))
def test_a_chain_is_that_of_plain_python(seed, count, dtype):
    embeddings = topics(seed, count).astype(dtype)
    whole = whole_rows(embeddings)[0].astype(np.int64)
    left, order = list(range(count)), []
    current = whole_rows(whole.sum(axis=0)[None])[0][0].astype(np.int64)
    while left:
        order.append(max(left, key=lambda row: (int(whole[row] @ current), -row)))
        left.remove(order[-1])
        current = whole[order[-1]]
    assert chain_order(embeddings).tolist() == order


@pytest.mark.parametrize("seed", range(5))
def test_rounding_to_whole_numbers_leaves_the_chain_of_float64(seed):
    embeddings = topics(seed, 60)
    rows = embeddings.astype(np.float64)
    assert chain_order(embeddings).tolist() == greedy(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize("longest", [300, 70])
def test_neighbours_are_more_alike_than_in_a_shuffle_also_where_the_concept_is_cut(longest):
    embeddings = topics(1, 300)
    order = chain_order(embeddings, longest=longest)
    assert sorted(order.tolist()) == list(range(300))
    shuffled = [sum_of_neighbours(embeddings, np.random.default_rng(seed).permutation(300)) for seed in range(20)]
    assert sum_of_neighbours(embeddings, order) > 2 * max(shuffled)


def test_parts_are_halves_of_the_concept_and_one_after_another():
    angle = np.linspace(0, 1.5, 64)
    embeddings = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    quarters = chain_order(embeddings, longest=16).reshape(4, 16) // 16
    assert (quarters == quarters[:, :1]).all()
    assert sorted(quarters[:2, 0].tolist()) in ([0, 1], [2, 3])
    assert sorted(quarters[:, 0].tolist()) == [0, 1, 2, 3]


def test_rows_without_a_direction_come_last_and_equal_ones_in_their_order():
    embeddings = np.array([[0, 0], [1, 0], [np.nan, 1], [1, 0], [1, 0]], np.float32)
    assert chain_order(embeddings).tolist() == [1, 3, 4, 0, 2]
    assert chain_order(np.zeros((3, 2), np.float32)).tolist() == [0, 1, 2]
    assert chain_order(np.zeros((0, 2), np.float32)).tolist() == []


@settings(deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_places_are_shares_of_the_tokens_of_each_concept_in_its_chain(seed, count):
    generator = np.random.default_rng(seed)
    embeddings, tokens = topics(seed, count), generator.integers(0, 50, count)
    concept, document = (
        generator.integers(0, 4, count).astype(np.uint64),
        generator.permutation(count).astype(np.uint64),
    )
    places = chain_places(concept, document, embeddings, tokens)
    counted = np.maximum(tokens, 1)
    for one in np.unique(concept):
        members = np.flatnonzero(concept == one)
        members = members[np.argsort(document[members])]
        chain = members[chain_order(embeddings[members])]
        before = np.cumsum(counted[chain]) - counted[chain]
        assert places[chain] == pytest.approx(before / counted[chain].sum())


def test_no_documents_have_no_places():
    nothing = np.zeros(0, np.uint64)
    assert len(chain_places(nothing, nothing, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))) == 0
