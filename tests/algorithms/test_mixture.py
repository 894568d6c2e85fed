"""A mixture has exact margins and is the one of plain alternation; what is measured is what stands there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curator.algorithms.curriculum import slice_edges, slice_weights
from curator.algorithms.mixture import fit_mixture, largest_deviation, measured_mixture, shortfall

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 6))
SEEDS = st.integers(0, 10**6)
WEIGHTS = st.sampled_from([0.0, 0.0, 1.0, 3.0, 1e-12, 1e6]) | st.floats(0.01, 100)
SUPPLIES = st.sampled_from([0.0, 1.0, 1e3, 1e13]) | st.floats(1, 1e6)


def even(slices):
    return np.arange(slices + 1) / slices


def alternated(weights, supply, edges, rounds=2_000):
    mixture, rows = weights * supply, np.diff(edges) * supply.sum()
    for _ in range(rounds):
        mixture = mixture * (rows / mixture.sum(axis=1))[:, None]
        mixture = mixture * (supply / mixture.sum(axis=0))
    return mixture


@settings(deadline=None)
@given(st.data(), SHAPES)
def test_every_slice_and_every_group_is_used_up_exactly_whatever_the_weights(data, shape):
    weights, supply = (
        data.draw(arrays(float, shape, elements=WEIGHTS)),
        data.draw(arrays(float, shape[1], elements=SUPPLIES)),
    )
    mixture = fit_mixture(weights, supply, even(shape[0]))
    assert (mixture >= 0).all()
    assert mixture.sum(axis=1) == pytest.approx(np.full(shape[0], supply.sum() / shape[0]), rel=1e-9)
    assert mixture.sum(axis=0) == pytest.approx(supply, rel=1e-9, abs=0)


@settings(deadline=None, max_examples=30)
@given(SHAPES, SEEDS)
def test_positive_weights_give_the_mixture_of_plain_alternation(shape, seed):
    generator = np.random.default_rng(seed)
    weights, supply = generator.uniform(0.1, 10, shape), generator.uniform(1, 1e6, shape[1])
    edges = np.concatenate([[0], np.cumsum(generator.uniform(0.1, 1, shape[0]))])
    edges /= edges[-1]
    assert fit_mixture(weights, supply, edges) == pytest.approx(alternated(weights, supply, edges), rel=1e-8)


@settings(deadline=None)
@given(SEEDS)
def test_only_proportions_of_weights_matter_per_slice_and_per_group(seed):
    generator = np.random.default_rng(seed)
    weights, supply = generator.uniform(0.1, 10, (5, 3)), generator.uniform(1, 100, 3)
    scaled = weights * generator.uniform(0.5, 2, (5, 1)) * generator.uniform(0.5, 2, 3)
    assert fit_mixture(scaled, supply, even(5)) == pytest.approx(fit_mixture(weights, supply, even(5)), rel=1e-9)


def test_weights_that_are_all_alike_mix_every_slice_like_the_whole():
    assert fit_mixture(np.ones((4, 2)), np.array([30.0, 10.0]), even(4)) == pytest.approx(np.tile([7.5, 2.5], (4, 1)))


def test_where_wanted_text_runs_out_the_rest_fills_up_and_the_shortfall_says_how_much():
    starts, weights = np.array([0.0, 0.8]), np.array([[1.0, 0.0], [0.0, 1.0]])
    edges = slice_edges(starts, 10)
    sliced = slice_weights(starts, weights, edges, "step")
    mixture = fit_mixture(sliced, np.array([90.0, 10.0]), edges)
    assert mixture[:8] == pytest.approx(np.tile([10, 0], (8, 1)), abs=1e-6)
    assert mixture[8:] == pytest.approx(np.full((2, 2), 5.0), abs=1e-6)
    assert shortfall(mixture, sliced, edges, starts) == pytest.approx([0, 0.5], abs=1e-6)


def test_a_pattern_that_only_just_meets_the_margins_is_met_by_what_the_zeros_stand_for():
    mixture = fit_mixture(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 1.0]), even(2))
    assert mixture == pytest.approx(np.eye(2), abs=1e-4)
    assert mixture[0, 1] ** 2 / mixture[0, 0] ** 2 == pytest.approx(
        1e-9, rel=1e-6
    )  # the cross ratio is that of the weights


def test_a_group_that_no_slice_wants_is_spread_evenly_and_so_is_what_a_slice_without_weights_gets():
    assert fit_mixture(np.array([[1.0, 0.0]] * 4), np.array([4.0, 2.0]), even(4)) == pytest.approx(
        np.tile([1, 0.5], (4, 1))
    )
    assert fit_mixture(np.zeros((4, 2)), np.array([4.0, 2.0]), even(4)) == pytest.approx(np.tile([1, 0.5], (4, 1)))


def test_groups_without_supply_are_empty_and_a_corpus_of_nothing_is_nothing():
    assert fit_mixture(np.array([[9.0, 1.0]] * 3), np.array([0.0, 3.0]), even(3)).tolist() == [[0, 1]] * 3
    assert not fit_mixture(np.ones((3, 2)), np.zeros(2), even(3)).any()


def test_on_the_way_of_a_linear_transition_a_group_is_asked_for_already():
    starts, weights = np.array([0.0, 0.5]), np.array([[1.0, 0.0], [1.0, 1.0]])
    edges = slice_edges(starts, 10)
    supply = np.array([50.0, 50.0])
    short = [
        shortfall(fit_mixture(sliced, supply, edges), sliced, edges, starts)
        for sliced in (slice_weights(starts, weights, edges, how) for how in ("step", "linear"))
    ]
    assert short[0] == pytest.approx([0, 0], abs=1e-3)
    assert short[1].tolist() == [0, 0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), max_size=30), st.integers(1, 7), st.integers(0, 30))
def test_what_is_measured_is_counted_token_by_token_in_whole_or_in_parts(documents, slices, cut):
    group = np.array([group for group, _ in documents], np.int32)
    tokens = np.array([length * slices for _, length in documents], np.int64)
    stream = np.repeat(group, tokens).reshape(slices, -1)
    expected = [np.bincount(piece, minlength=3).tolist() for piece in stream]
    assert measured_mixture(group, tokens, even(slices), 3) == pytest.approx(np.array(expected).reshape(slices, 3))
    total, before = int(tokens.sum()), int(tokens[:cut].sum())
    parts = measured_mixture(group[:cut], tokens[:cut], even(slices), 3, total=total)
    parts += measured_mixture(group[cut:], tokens[cut:], even(slices), 3, before=before, total=total)
    assert parts == pytest.approx(np.array(expected).reshape(slices, 3), abs=1e-9)


def test_the_largest_deviation_is_that_of_the_shares_in_a_slice():
    asked = np.array([[5.0, 5.0], [8.0, 2.0]])
    assert largest_deviation(asked * 7, asked) == pytest.approx(0, abs=1e-15)
    assert largest_deviation(np.array([[4.0, 6.0], [6.0, 4.0]]), asked) == pytest.approx(0.2)
    assert largest_deviation(np.zeros((0, 2)), np.zeros((0, 2))) == 0
