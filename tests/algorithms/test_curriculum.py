"""Positions follow the mixture, copies stand apart, keys rise; a simulated corpus is read back as it was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.algorithms.curriculum import (
    LAST,
    as_fraction,
    copy_places,
    in_stages,
    moved_apart,
    order_keys,
    positions,
    slice_edges,
    slice_weights,
    stages_of,
    turns_of,
)
from curator.algorithms.mixture import fit_mixture, measured_mixture

SEEDS = st.integers(0, 10**6)
HASHES = st.integers(0, 2**64 - 1)
UNIT = st.floats(0, LAST)
STARTS = st.lists(st.integers(1, 999), max_size=4, unique=True).map(lambda found: np.array([0, *sorted(found)]) / 1000)


@settings(deadline=None)
@given(STARTS, st.sampled_from([1, 7, 10, 100]))
def test_edges_are_the_multiples_and_the_starts_each_once(starts, slices):
    edges = slice_edges(starts, slices)
    assert (edges[0], edges[-1]) == (0, 1)
    assert (np.diff(edges) > 1e-6).all()
    assert set(starts) <= set(edges)
    assert all(np.abs(edges - multiple / slices).min() < 1e-6 for multiple in range(slices + 1))
    assert len(edges) <= slices + len(starts)


def test_a_start_that_rounding_moved_is_the_edge_instead_of_the_multiple():
    assert slice_edges(np.array([0.0, 0.1 + 0.2]), 10).tolist() == [0, 0.1, 0.2, 0.1 + 0.2, *(np.arange(4, 11) / 10)]


def test_weights_step_at_the_start_of_a_stage_or_go_there_in_a_line():
    starts, weights = np.array([0.0, 0.5, 0.75]), np.array([[1.0, 0.0], [0.0, 4.0], [2.0, 2.0]])
    edges = slice_edges(starts, 4)
    assert slice_weights(starts, weights, edges, "step").tolist() == [[1, 0], [1, 0], [0, 4], [2, 2]]
    assert slice_weights(starts, weights, edges, "linear").tolist() == [[0.75, 1], [0.25, 3], [1, 3], [2, 2]]


@settings(deadline=None)
@given(st.lists(HASHES, min_size=1, max_size=9), st.integers(1, 50))
def test_copies_are_never_nearer_than_their_even_share_of_the_order(hashes, copies):
    hashed = np.repeat(np.array(hashes, np.uint64), copies)
    copy = np.tile(np.arange(copies, dtype=np.int32), len(hashes))
    places = copy_places(hashed, copy, np.full(len(copy), copies, np.int32)).reshape(len(hashes), copies)
    assert (places[:, 0] == as_fraction(np.array(hashes, np.uint64))).all()
    assert places.min() >= 0
    assert places.max() <= LAST
    along = np.sort(places, axis=1)
    gaps = np.diff(np.concatenate([along, along[:, :1] + 1], axis=1), axis=1)
    assert gaps.min() >= 1 / copies - 2.0**-51


@settings(deadline=None)
@given(SEEDS, st.integers(1, 9), st.integers(1, 4))
def test_positions_rise_with_places_and_give_each_slice_its_share(seed, slices, groups):
    generator = np.random.default_rng(seed)
    mixture = generator.random((slices, groups)) * (generator.random((slices, groups)) < 0.7)
    edges = slice_edges(np.zeros(1), slices)
    place = (np.arange(1_000) + 0.5) / 1_000
    for group in range(groups):
        found = positions(np.full(1_000, group, np.int32), place, mixture, edges)
        assert (np.diff(found) >= 0).all()
        assert found.min() >= 0
        assert found.max() <= LAST
        tokens = mixture[:, group]
        asked = tokens / tokens.sum() if tokens.any() else np.full(slices, 1 / slices)
        assert np.histogram(found, edges)[0] / 1_000 == pytest.approx(asked, abs=2e-3)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), UNIT), max_size=40), SEEDS)
def test_a_position_does_not_depend_on_the_other_rows(rows, seed):
    mixture, edges = np.random.default_rng(seed).random((5, 4)), slice_edges(np.zeros(1), 5)
    group, place = np.array([row[0] for row in rows], np.int32), np.array([row[1] for row in rows], float)
    found = positions(group, place, mixture, edges)
    single = [positions(group[[row]], place[[row]], mixture, edges)[0] for row in range(len(rows))]
    assert found.tolist() == single


def test_the_last_place_stays_inside_the_order():
    last = positions(np.zeros(1, np.int32), np.array([LAST]), np.array([[1.0], [1e-20]]), np.array([0, 0.5, 1]))
    assert last[0] <= LAST


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), UNIT), max_size=40, unique_by=lambda row: row[1]), STARTS)
def test_turns_number_the_copies_of_a_document_in_a_stage_by_position(rows, starts):
    document, position = np.array([row[0] for row in rows], np.uint64), np.array([row[1] for row in rows], float)
    stage = stages_of(position, starts)
    turn, turns = turns_of(document, stage, position)
    for row in range(len(rows)):
        together = sorted(position[(document == document[row]) & (stage == stage[row])])
        assert (turn[row], turns[row]) == (together.index(position[row]), len(together))


@settings(deadline=None)
@given(st.lists(st.tuples(UNIT, UNIT, st.integers(1, 5)), min_size=1, max_size=40), STARTS)
def test_in_stages_each_copy_stays_in_its_stage_at_its_rank_of_its_part(rows, starts):
    position, rank, turns = (np.array(column) for column in zip(*rows, strict=True))
    stage, ends = stages_of(position, starts), np.append(starts[1:], 1)
    for turn in (np.zeros_like(turns), turns - 1):
        found = in_stages(position, starts, rank, turn, turns)
        assert (stages_of(found, starts) == stage).all()
        way = (found - starts[stage]) / (ends[stage] - starts[stage])
        assert way * turns - turn == pytest.approx(rank, abs=1e-9)


@settings(deadline=None)
@given(st.lists(UNIT, max_size=30))
def test_keys_rise_with_positions(found):
    position = np.sort(np.array(found, float))
    keys = order_keys(position)
    assert keys.dtype == np.uint64
    assert keys.tolist() == [int(value * 2**64) for value in position.tolist()]
    assert (np.diff(keys.astype(object)) >= 0).all()


COPIES = st.lists(st.lists(UNIT, min_size=1, max_size=6), max_size=4)


@settings(deadline=None)
@given(COPIES, st.floats(0, 0.5), SEEDS)
@example([[0.0, 0.0, 0.0, 0.0]], 0.02, 0)
def test_no_two_copies_are_closer_than_the_distance_and_only_those_that_were_have_moved(documents, distance, seed):
    rows = [(number, place) for number, places in enumerate(documents) for place in places]
    rows = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]
    document, position = np.array([row[0] for row in rows], np.uint64), np.array([row[1] for row in rows], float)
    apart = moved_apart(document, position, distance)
    assert ((apart >= 0) & (apart <= LAST)).all()
    for number, places in enumerate(documents):
        least = min(distance, 1 / len(places)) - 1e-15
        before, after = (np.sort(found[document == number]) for found in (position, apart))
        assert (np.diff(after) >= least).all()
        assert (
            np.argsort(apart[document == number], kind="stable") == np.argsort(position[document == number])
        ).all() or (len(set(places)) < len(places))
        if (np.diff(before) >= least + 2e-15).all():
            assert (before == after).all()


def test_a_copy_that_is_too_close_goes_behind_the_one_before_and_back_from_the_end():
    document = np.array([1, 1, 2, 2, 2, 3], np.uint64)
    position = np.array([0.5, 0.55, 0.95, 0.2, 0.98, 0.1])
    assert moved_apart(document, position, 0.125) == pytest.approx([0.5, 0.625, 0.875, 0.2, 1.0, 0.1])


def test_the_greatest_position_has_a_key_and_one_has_none():
    assert order_keys(np.array([0, 0.5, LAST])).tolist() == [0, 2**63, 2**64 - 2**11]
    with pytest.raises(AssertionError):
        order_keys(np.ones(1))


@pytest.mark.parametrize("transition", ["step", "linear"])
def test_a_corpus_read_back_deviates_from_what_was_asked_by_sampling_noise_only(transition):
    """100,000 documents of 1 to 3 copies, 4 groups, 3 stages.

    Of independent documents of t_i tokens, a share p of which falls somewhere, the variance there is at most
    p * sum t_i^2 = (tokens there) * mean, mean = sum t_i^2 / sum t_i; copies of one exclude each other, so theirs is less. An
    edge of the stream lies off its position by the noise of all tokens before it, of variance p (1 - p) * total * mean: it
    brings in that much of the next slice's mixture. Five standard deviations of both bound the 404 shares measured.
    """
    generator = np.random.default_rng(7)
    starts, weights = np.array([0.0, 0.3, 0.8]), np.array([[1.0, 1, 0, 2], [3, 1, 1, 1], [0.1, 1, 5, 0]])
    edges = slice_edges(starts)
    group = generator.choice(4, 100_000, p=[0.5, 0.25, 0.15, 0.1]).astype(np.int32)
    tokens, copies = generator.geometric(1 / 500, len(group)), generator.choice([1, 1, 1, 2, 3], len(group))
    hashed = generator.integers(0, 2**64, len(group), dtype=np.uint64)
    row = np.repeat(np.arange(len(group)), copies)
    copy = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
    asked = fit_mixture(slice_weights(starts, weights, edges, transition), np.bincount(group, tokens * copies), edges)

    place = copy_places(hashed[row], copy.astype(np.int32), copies[row].astype(np.int32))
    row = row[np.argsort(order_keys(positions(group[row], place, asked, edges)), kind="stable")]
    measured = measured_mixture(group[row], tokens[row], edges, 4)

    total, mean = tokens[row].sum(), (tokens[row] ** 2).sum() / tokens[row].sum()
    length = np.diff(edges) * total
    share = asked / length[:, None]
    inside = (np.sqrt(asked * mean) + share * np.sqrt(length * mean)[:, None]) / length[:, None]
    shift = np.sqrt(edges * (1 - edges) * total * mean)
    jump = np.abs(np.diff(share, axis=0, prepend=share[:1], append=share[-1:]))
    moved = (shift[:-1, None] * jump[:-1] + shift[1:, None] * jump[1:]) / length[:, None]
    deviation = np.abs(measured / length[:, None] - share)
    assert (deviation <= 5 * (inside + moved)).all()
    assert deviation.max() < 0.1 < 0.35 < np.abs(share - share.mean(axis=0)).max()
