"""Planted laws are recovered, their optimum is where a search finds it, and what runs cannot tell is not told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from curator.algorithms.scaling_law import CHINCHILLA, EPOCH, ScalingLaw, compute_optimal, fit

SMALL = ScalingLaw(E=1.0, A=30.0, B=60.0, alpha=0.3, beta=0.35)
SIZES, BUDGETS = [1e6, 4e6, 2e7, 6e7], [3e6, 1e7, 3e7, 1e8]


def grid(sizes, budgets):
    parameters, tokens = np.meshgrid(np.asarray(sizes, float), np.asarray(budgets, float))
    return parameters.ravel(), tokens.ravel()


@pytest.mark.parametrize("law", [CHINCHILLA, EPOCH, SMALL])
def test_planted_constants_are_recovered(law):
    parameters, tokens = grid([1e6, 1e7, 1e8, 1e9], [1e8, 1e9, 1e10, 1e11])
    found = fit(parameters, tokens, law.loss(parameters, tokens))
    assert found.reason is None
    assert found.deviation < 1e-9
    for letter in ("E", "A", "B", "alpha", "beta"):
        assert getattr(found.law, letter) == pytest.approx(getattr(law, letter), rel=1e-6)


def test_constants_under_noise_are_near_and_so_is_the_optimum():
    parameters, tokens = grid(np.geomspace(1e6, 1e9, 8), np.geomspace(1e8, 1e11, 8))
    noise = np.exp(np.random.default_rng(1).normal(0, 0.002, len(tokens)))
    found = fit(parameters, tokens, CHINCHILLA.loss(parameters, tokens) * noise)
    assert found.law.E == pytest.approx(1.69, abs=0.05)
    assert (found.law.alpha, found.law.beta) == pytest.approx((0.34, 0.28), abs=0.02)
    assert found.deviation == pytest.approx(0.002, rel=0.3)
    assert compute_optimal(found.law, 1e20) == pytest.approx(compute_optimal(CHINCHILLA, 1e20), rel=0.15)


def test_one_run_that_failed_hardly_moves_the_law():
    parameters, tokens = grid(SIZES, BUDGETS)
    losses = SMALL.loss(parameters, tokens)
    losses[5] *= 1.5
    found = fit(parameters, tokens, losses)
    assert (found.law.alpha, found.law.beta) == pytest.approx((0.3, 0.35), abs=0.01)


def test_three_sizes_and_three_budgets_are_enough():
    parameters, tokens = grid(SIZES[:3], BUDGETS[:3])
    assert fit(parameters, tokens, SMALL.loss(parameters, tokens)).law.beta == pytest.approx(0.35, rel=1e-4)


@pytest.mark.parametrize("sizes", [SIZES[:1], SIZES[:2]])
def test_fewer_than_three_sizes_leave_the_law_of_tokens_of_the_largest(sizes):
    parameters, tokens = grid(sizes, BUDGETS)
    found = fit(parameters, tokens, SMALL.loss(parameters, tokens))
    assert (found.law.A, found.law.alpha) == (0, 0)
    assert found.law.B == pytest.approx(60, rel=1e-3)
    assert found.law.E == pytest.approx(1 + 30 / sizes[-1] ** 0.3, rel=1e-3)
    assert found.reason == f"of {sizes[-1]:,.0f} parameters only: A / N^alpha takes 3 sizes, not {len(sizes)}"


def test_fewer_than_three_budgets_leave_the_law_of_parameters_of_the_largest():
    parameters, tokens = grid(SIZES, BUDGETS[:2])
    found = fit(parameters, tokens, SMALL.loss(parameters, tokens))
    assert (found.law.B, found.law.beta) == (0, 0)
    assert found.law.alpha == pytest.approx(0.3, rel=1e-3)
    assert found.reason == "of 10,000,000 tokens only: B / D^beta takes 3 budgets, not 2"


def test_too_few_of_both_have_a_reason_and_no_law():
    found = fit(np.array([1e6, 2e6]), np.array([1e6, 2e6]), np.array([3.0, 2.5]))
    assert found.law is None
    assert found.reason == "2 sizes and 2 budgets: a law takes 3 of one of them"


def test_sizes_whose_budgets_rise_in_step_cannot_be_told_apart():
    sizes = np.array(SIZES)
    found = fit(sizes, 20 * sizes, SMALL.loss(sizes, 20 * sizes))
    assert found.law is None
    assert "cannot be told apart" in found.reason


def test_a_largest_size_that_has_too_few_budgets_itself_has_a_reason():
    parameters, tokens = np.array([1e6, 1e6, 1e6, 2e6]), np.array([1e6, 2e6, 4e6, 4e6])
    found = fit(parameters, tokens, np.array([3.0, 2.8, 2.6, 2.4]))
    assert found.law is None
    assert "fewer than 3" in found.reason


@pytest.mark.parametrize("losses", [[2.0, 2.0, 2.0, 2.0], [2.0, 2.1, 2.2, 2.3]])
def test_losses_that_do_not_fall_follow_no_law(losses):
    found = fit(np.full(4, 1e6), np.array(BUDGETS), np.array(losses))
    assert found.law is None
    assert "ran to a bound" in found.reason


@pytest.mark.parametrize("law", [CHINCHILLA, EPOCH, SMALL])
@pytest.mark.parametrize("flops", [1e12, 1e18, 5.76e23])
def test_the_closed_form_is_the_optimum_of_a_search(law, flops):
    parameters, tokens = compute_optimal(law, flops)
    assert 6 * parameters * tokens == pytest.approx(flops)
    searched = minimize_scalar(
        lambda size: float(law.loss(np.exp(size), flops / 6 / np.exp(size))),
        bounds=(np.log(1e2), np.log(1e14)), method="bounded", options={"xatol": 1e-9},
    )  # fmt: skip
    assert np.log(parameters) == pytest.approx(searched.x, abs=1e-3)


def test_a_law_without_size_has_no_optimum():
    with pytest.raises(AssertionError, match="balances both terms"):
        compute_optimal(ScalingLaw(E=1, A=0, B=60, alpha=0, beta=0.3), 1e18)


def test_the_same_runs_give_the_same_law():
    parameters, tokens = grid(SIZES, BUDGETS)
    losses = SMALL.loss(parameters, tokens) * np.exp(np.random.default_rng(0).normal(0, 0.01, len(tokens)))
    assert fit(parameters, tokens, losses) == fit(parameters, tokens, losses)
