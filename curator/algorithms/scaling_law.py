"""L = E + A / N^alpha + B / D^beta fitted to training runs of N parameters and D tokens (Hoffmann et al., arXiv 2203.15556).

The letters are the paper's. What a set of runs cannot tell is not fitted, and the reason says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares, nnls
from scipy.special import logsumexp, softmax

Floats = npt.NDArray[np.float64]

FEWEST = 3
"""Sizes, or budgets, that a term with two constants beside E takes."""
HUBER = 1e-3
"""Errors of log L above this count linearly (Hoffmann et al., appendix D.2)."""
EXPONENTS = (0.02, 2.0)
_GRID = np.geomspace(0.03, 1.5, 10)
_POLISHED = 4
_SMALLEST_SHARE = 1e-6
_DIAGONAL = 0.98


@dataclass(frozen=True)
class ScalingLaw:
    """L = E + A / N^alpha + B / D^beta; A, or B, is 0 where size, or tokens, is not part of it."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, parameters: Floats, tokens: Floats) -> Floats:
        """The loss that the law expects of each pair."""
        return np.asarray(self.E + self.A / parameters**self.alpha + self.B / tokens**self.beta)


CHINCHILLA = ScalingLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
"""Hoffmann et al. 2022, nats a token: only what it makes of the optimum compares with a law in bits per byte."""
EPOCH = ScalingLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
"""The same runs fitted again (Besiroglu et al., arXiv 2404.10102)."""


@dataclass(frozen=True)
class Fit:
    """A law, the root mean square of its relative error, and why there is none, or only a part of one."""

    law: ScalingLaw | None
    deviation: float | None
    reason: str | None


def fit(parameters: Floats, tokens: Floats, losses: Floats) -> Fit:
    """The law of runs (n,), n >= 1: Huber loss on log L, from the best of a grid of exponents.

    Fewer than 3 sizes leave the law of the largest one, L = E + B / D^beta; fewer than 3 budgets that of the largest budget.
    """
    sizes, budgets = len(np.unique(parameters)), len(np.unique(tokens))
    if sizes >= FEWEST and budgets >= FEWEST:
        if abs(np.corrcoef(np.log(parameters), np.log(tokens))[0, 1]) > _DIAGONAL:
            return Fit(None, None, "tokens rise with parameters in step, so their effects cannot be told apart")
        return _fitted({"alpha": parameters, "beta": tokens}, losses, None)
    if budgets >= FEWEST:
        largest = parameters == parameters.max()
        reason = f"of {parameters.max():,.0f} parameters only: A / N^alpha takes {FEWEST} sizes, not {sizes}"
        return _fitted({"beta": tokens[largest]}, losses[largest], reason)
    if sizes >= FEWEST:
        longest = tokens == tokens.max()
        reason = f"of {tokens.max():,.0f} tokens only: B / D^beta takes {FEWEST} budgets, not {budgets}"
        return _fitted({"alpha": parameters[longest]}, losses[longest], reason)
    return Fit(None, None, f"{sizes} sizes and {budgets} budgets: a law takes {FEWEST} of one of them")


def compute_optimal(law: ScalingLaw, flops: float) -> tuple[float, float]:
    """Parameters and tokens of the lowest loss with 6 * N * D = flops, in closed form (Hoffmann et al., equation 4)."""
    assert min(law.A, law.B) > 0, "the optimum balances both terms"
    both = law.alpha + law.beta
    balance = (law.alpha * law.A / (law.beta * law.B)) ** (1 / both)
    product_of_both = flops / 6
    return balance * product_of_both ** (law.beta / both), product_of_both ** (law.alpha / both) / balance


def _fitted(amounts: dict[str, Floats], losses: Floats, reason: str | None) -> Fit:
    """The law with a term for each exponent that is named; none where one of them runs to its bound."""
    if any(len(np.unique(of)) < FEWEST for of in amounts.values()):
        return Fit(None, None, f"{reason}; of the other there are fewer than {FEWEST} there")
    logs = np.log(np.stack(list(amounts.values()), axis=1))
    centre = logs.mean(axis=0)
    solved, deviation = _solve(logs - centre, np.log(losses))
    floor, factors, exponents = np.exp(solved[0]), solved[1 : 1 + len(centre)], solved[1 + len(centre) :]
    ended = [name for name, exponent in zip(amounts, exponents, strict=True) if not _inside(exponent)]
    if ended:
        return Fit(
            None, None, f"{' and '.join(ended)} ran to a bound of {EXPONENTS}: the runs do not follow such a law"
        )
    scales = dict(zip(amounts, np.exp(factors + exponents * centre), strict=True))
    of_term = dict(zip(amounts, exponents.tolist(), strict=True))
    law = ScalingLaw(
        E=float(floor),
        A=float(scales.get("alpha", 0.0)),
        B=float(scales.get("beta", 0.0)),
        alpha=of_term.get("alpha", 0.0),
        beta=of_term.get("beta", 0.0),
    )
    return Fit(law, deviation, reason)


def _inside(exponent: float) -> bool:
    return bool(EXPONENTS[0] * 1.01 < exponent < EXPONENTS[1] / 1.01)


def _solve(logs: Floats, target: Floats) -> tuple[Floats, float]:
    """(log E, log of each factor, each exponent) for log L (n,) over centred log amounts (n, terms); and the deviation."""
    terms = logs.shape[1]
    lowest, highest = target.min() + np.log(_SMALLEST_SHARE), target.max() + 1
    bounds = ([lowest] * (1 + terms) + [EXPONENTS[0]] * terms, [highest] * (1 + terms) + [EXPONENTS[1]] * terms)
    tried = [
        least_squares(
            _errors, start, _gradient, bounds, x_scale="jac", loss="huber", f_scale=HUBER, xtol=1e-12, ftol=1e-12,
            gtol=1e-12, max_nfev=2000, args=(logs, target),
        )
        for start in _starts(logs, target)
    ]  # fmt: skip
    best = min(tried, key=lambda result: result.cost)
    return best.x, float(np.sqrt(np.mean(_errors(best.x, logs, target) ** 2)))


def _starts(logs: Floats, target: Floats) -> list[Floats]:
    """The best few of a grid of exponents: for given ones E and the factors are a linear, non-negative least squares."""
    found = []
    for exponents in product(_GRID, repeat=logs.shape[1]):
        columns = np.column_stack([np.ones(len(target)), np.exp(-logs * exponents)])
        factors, error = nnls(columns / np.exp(target)[:, None], np.ones(len(target)))
        found.append((error, exponents, factors))
    found.sort(key=lambda start: start[:2])
    least = np.exp(target.min()) * 1e-2  # a term of nothing has no slope to leave from
    return [np.array([*np.log(np.maximum(factors, least)), *exponents]) for _, exponents, factors in found[:_POLISHED]]


def _terms(solution: Floats, logs: Floats) -> Floats:
    """The logarithms (n, 1 + terms) of E and of each term."""
    terms = logs.shape[1]
    powers = solution[1 : 1 + terms] - logs * solution[1 + terms :]
    return np.column_stack([np.full(len(logs), solution[0]), powers])


def _errors(solution: Floats, logs: Floats, target: Floats) -> Floats:
    return np.asarray(logsumexp(_terms(solution, logs), axis=1) - target)


def _gradient(solution: Floats, logs: Floats, target: Floats) -> Floats:
    shares = softmax(_terms(solution, logs), axis=1)
    return np.hstack([shares, -shares[:, 1:] * logs])
