"""Documents are drawn as often as their chances say, by strategies as their portions say, and never twice by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.assignment import (
    WHOLE,
    Documents,
    ceilings,
    chances,
    draw,
    portion_ends,
    portions,
    times_drawn,
)
from curator.algorithms.assignment_rates import Bound, Rates, Supply, expected, fit_rates

SEEDS = st.integers(0, 2**32 - 1)
STRATEGIES, MOST = 5, 3


def sets_of(rng: np.random.Generator, count: int) -> npt.NDArray[np.bool_]:
    """Sets of strategies, none empty, all different."""
    return np.unique(rng.random((count, STRATEGIES)) < 0.6, axis=0)[1:]


def documents_of(rng: np.random.Generator, count: int, most: npt.NDArray[np.float64], concepts: int) -> Documents:
    eligible = rng.integers(0, len(most), count)
    return Documents(
        concept=rng.integers(0, concepts, count).astype(np.uint64),
        eligible=eligible,
        chance=chances(rng.random(count), most[eligible], float(rng.choice([0.1, 1.0, 4.0]))),
        hashed=rng.integers(0, 2**64, count, dtype=np.uint64),
    )


@given(SEEDS, st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_portions_add_up_and_none_is_above_one(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    sets, shares = sets_of(rng, 6), rng.random(STRATEGIES) ** 4 + 1e-9
    found = portions(sets, shares, most)
    wanted = np.minimum(np.arange(most + 1), sets.sum(axis=1)[:, None])
    assert found.sum(axis=-1) == pytest.approx(wanted)
    assert (found <= 1).all()
    assert (found[~np.repeat(sets[:, None], most + 1, axis=1)] == 0).all()
    assert (np.diff(found, axis=1) > -1e-12).all(), "portions rise with how often a document is drawn"
    once = np.where(sets, shares, 0.0)
    assert found[:, 1] == pytest.approx(once / once.sum(axis=1, keepdims=True))
    exact = np.diff(portion_ends(found), axis=-1, prepend=0)
    assert (exact.sum(axis=-1) == wanted * WHOLE).all()
    assert (exact >= 0).all()
    assert (exact <= WHOLE).all()
    assert abs(exact / WHOLE - found).max() < 1e-8


@given(st.lists(st.integers(0, 3 * WHOLE), max_size=40), st.integers(0, WHOLE - 1))
def test_a_run_of_rows_is_drawn_its_chances_within_one(chance: list[int], start: int) -> None:
    found = times_drawn(np.array(chance, np.int64), start)
    for first in range(0, len(chance), 7):
        assert abs(int(found[first:].sum()) * WHOLE - sum(chance[first:])) < WHOLE
    for times, one in zip(found.tolist(), chance, strict=True):
        assert abs(times * WHOLE - one) < WHOLE


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_each_strategy_has_its_portion_of_every_concept_and_no_document_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sets = sets_of(rng, 4)
    shares, most = rng.random(STRATEGIES) + 0.05, ceilings(sets, np.ones(STRATEGIES), MOST)
    portioned = portions(sets, shares, MOST)
    documents = documents_of(rng, int(rng.integers(0, 400)), most, 3)
    rows, found = draw(documents, portion_ends(portioned), int(rng.integers(0, WHOLE)))
    pairs = list(zip(rows.tolist(), found.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert pairs == sorted(pairs)
    times = np.bincount(rows, minlength=len(documents.chance))
    assert abs(times - documents.chance / WHOLE).max(initial=0.0) < 1
    assert abs(times.sum() - documents.chance.sum() / WHOLE) < 1
    assert sets[documents.eligible[rows], found].all()
    for concept in range(3):
        for eligible in range(len(sets)):
            for drawn in range(1, MOST + 1):
                mine = (documents.concept == concept) & (documents.eligible == eligible) & (times == drawn)
                counts = np.bincount(found[mine[rows]], minlength=STRATEGIES)
                assert abs(counts - mine.sum() * portioned[eligible, drawn]).max() < 1 + 1e-6


def test_what_is_drawn_depends_on_hashes_and_not_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(3)
    sets = sets_of(rng, 4)
    documents = documents_of(rng, 300, ceilings(sets, np.ones(STRATEGIES), MOST), 3)
    other = rng.permutation(300)
    shuffled = Documents(**{name: column[other] for name, column in vars(documents).items()})
    ends = portion_ends(portions(sets, np.ones(STRATEGIES), MOST))
    plain, moved = draw(documents, ends, 5), draw(shuffled, ends, 5)
    assert sorted(zip(*plain, strict=True)) == sorted(zip(other[moved[0]], moved[1], strict=True))


def test_over_many_small_shards_every_document_and_strategy_has_its_chance() -> None:
    rng = np.random.default_rng(1)
    sets = np.array([[True, True, True, False, False]])
    ends = portion_ends(portions(sets, np.array([5.0, 3.0, 2.0, 1.0, 1.0]), 1))
    drawn, by_strategy = np.zeros(3), np.zeros(STRATEGIES)
    for _ in range(4000):
        three = Documents(
            concept=np.array([0, 0, 1], np.uint64),
            eligible=np.zeros(3, np.int64),
            chance=chances(np.array([0.2, 0.4, 0.6]), np.ones(3), 1.0),
            hashed=rng.integers(0, 2**64, 3, dtype=np.uint64),
        )
        rows, found = draw(three, ends, int(rng.integers(0, WHOLE)))
        drawn += np.bincount(rows, minlength=3)
        by_strategy += np.bincount(found, minlength=STRATEGIES)
    assert drawn / 4000 == pytest.approx([0.2, 0.4, 0.6], abs=0.025)
    assert by_strategy / by_strategy.sum() == pytest.approx([0.5, 0.3, 0.2, 0, 0], abs=0.025)


def supply_of(rng: np.random.Generator) -> Supply:
    sets = sets_of(rng, 5)
    eligible = rng.integers(0, len(sets), 30)
    values = rng.integers(1, 1000, (30, STRATEGIES, 2)) * sets[eligible][:, :, None]
    return Supply(
        weight=2.0 ** rng.integers(-8, 8, 30),
        eligible=eligible,
        sets=sets,
        values=values.astype(np.float64),
        shares=rng.random(STRATEGIES) + 0.01,
        conversations=np.arange(STRATEGIES) >= rng.integers(2, STRATEGIES + 1),
        most=int(rng.integers(1, MOST + 1)),
    )


def bounds_of(*limits: float) -> list[Bound]:
    return [Bound(name=f"measure {row}", prices=np.eye(2)[row], limit=limit) for row, limit in enumerate(limits)]


@given(SEEDS, st.floats(0.0, 1.0), st.floats(10.0, 10_000.0), st.floats(10.0, 10_000.0))
@settings(max_examples=40, deadline=None)
def test_bounds_are_reached_but_not_passed_and_conversations_keep_their_share(
    seed: int, share: float, first: float, second: float
) -> None:
    supply = supply_of(np.random.default_rng(seed))
    rates = fit_rates(supply, bounds_of(first, second), 0, share)
    found = expected(supply, rates.rate, rates.conversations)
    assert (found.sum(axis=0) <= [first, second]).all()
    spoken = found[supply.conversations, 0].sum()
    assert spoken <= share * found[:, 0].sum() * (1 + 1e-6)
    if rates.limited_by:
        limit = {"measure 0": first, "measure 1": second}[rates.limited_by]
        assert found[:, int(rates.limited_by[-1])].sum() == pytest.approx(limit, rel=1e-5)
    if 0 < rates.conversations < 1:
        assert spoken == pytest.approx(share * found[:, 0].sum(), rel=1e-2, abs=1.0)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_without_a_bound_in_reach_every_document_is_drawn_as_often_as_it_may(seed: int) -> None:
    supply = replace(supply_of(np.random.default_rng(seed)), conversations=np.zeros(STRATEGIES, np.bool_))
    rates = fit_rates(supply, bounds_of(1e9, 1e9), 0, 0.5)
    assert rates.limited_by == ""
    portioned = portions(supply.sets, supply.shares, supply.most)[supply.eligible, supply.most]
    assert expected(supply, rates.rate, 1.0) == pytest.approx(np.einsum("gs,gsm->sm", portioned, supply.values))


def test_no_conversation_is_a_share_of_none() -> None:
    supply = replace(supply_of(np.random.default_rng(2)), conversations=np.arange(STRATEGIES) > 1)
    rates = fit_rates(supply, bounds_of(3000.0), 0, 0.0)
    assert rates.conversations == 0
    assert expected(supply, rates.rate, 0.0)[supply.conversations].sum() == 0


def test_nothing_to_choose_from_has_no_rate() -> None:
    none = Supply(
        weight=np.zeros(0),
        eligible=np.zeros(0, np.int64),
        sets=np.zeros((0, 2), np.bool_),
        values=np.zeros((0, 2, 2)),
        shares=np.ones(2),
        conversations=np.array([True, False]),
        most=2,
    )
    assert fit_rates(none, bounds_of(5.0), 0, 0.1) == Rates(rate=0.0, conversations=1.0, limited_by="")
