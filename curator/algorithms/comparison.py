"""Faster, better, smaller: what a corpus is worth against a baseline, with intervals over paired seeds and held-out sets.

Every quantity is read off one band: the difference in bits per byte, baseline - candidate, with an interval that small
numbers of seeds do not make too narrow. A ratio is where that difference reaches zero (BeyondWeb, arXiv 2508.10975).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

Floats = npt.NDArray[np.float64]
Bound = Literal["exact", "at least", "at most"]

RESAMPLES = 10_000
FEWEST_SEEDS = 3
"""Below this nothing is distinguishable: two seeds say next to nothing about the spread."""
_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Curve:
    """Scores (seeds, b, sets) in bits per byte, lower is better, at b ascending amounts (b,): tokens, or parameters.

    Only the sets that count, in the same order everywhere; row i of two curves is one pair of seeds.
    """

    amounts: Floats
    scores: Floats

    def __post_init__(self) -> None:
        assert self.scores.ndim == 3, f"scores are (seeds, amounts, sets), not of shape {self.scores.shape}"
        assert self.scores.shape[1] == len(self.amounts) > 0, "a score belongs to each amount"
        assert np.all(self.amounts[:-1] < self.amounts[1:]), "amounts ascend"


@dataclass(frozen=True)
class Ratio:
    """The baseline's amount over the candidate's at the baseline's final score; above 1 the candidate needs less.

    `bound`: "at least" if the candidate is already there at its smallest amount, "at most" if it never gets there. The 95 %
    interval is low..high, 0 and None where it is open.
    """

    value: float
    low: float
    high: float | None
    bound: Bound
    distinguishable: bool


@dataclass(frozen=True)
class Difference:
    """Bits per byte, baseline - candidate, above 0 the candidate is better; its 95 % interval; `percent` of the baseline's."""

    value: float
    low: float | None
    high: float | None
    percent: float
    distinguishable: bool


class _Band(NamedTuple):
    """The macro difference (b,) and its interval, infinite where seeds are too few."""

    value: Floats
    low: Floats
    high: Floats


def macro(scores: Floats) -> Floats:
    """The mean over sets, the last axis."""
    return np.asarray(scores.mean(axis=-1))


def faster(baseline: Curve, candidate: Curve, *, seed: int) -> Ratio:
    """The baseline's largest budget over the tokens at which the candidate first reaches the baseline's score there.

    Scores between two budgets, each the end of a whole schedule, are interpolated in log tokens. True curves sag below such a
    line, so the ratio errs downwards: by 1.5 % for a planted 1.7 between budgets of a half and of all tokens.
    """
    band = _band(baseline.scores[:, -1:] - candidate.scores, seed)
    return _ratio(float(baseline.amounts[-1]), candidate.amounts, band)


def smaller(baseline: Curve, candidate: Curve, *, seed: int) -> Ratio | None:
    """`faster` over parameters instead of tokens: the curves are of trained sizes. None for fewer than two sizes."""
    return faster(baseline, candidate, seed=seed) if len(candidate.amounts) > 1 else None


def better(baseline: Curve, candidate: Curve, *, seed: int) -> Difference:
    """The difference of the macro average at the largest budget, which is the same for both."""
    assert baseline.amounts[-1] == candidate.amounts[-1], "better is a difference at equal tokens"
    band = _band(baseline.scores[:, -1:] - candidate.scores[:, -1:], seed)
    value, low, high = (float(part[0]) for part in band)
    known = np.isfinite(low)
    return Difference(
        value=value,
        low=low if known else None,
        high=high if known else None,
        percent=100 * value / float(baseline.scores[:, -1].mean()),
        distinguishable=low > 0 or high < 0,
    )


def negative_control_fails(baseline: Curve, copied: Curve, *, seed: int) -> bool | None:
    """Whether the corpus half of which is copies is distinguishably worse, as it must be. None: too few seeds to tell."""
    found = better(baseline, copied, seed=seed)
    return found.distinguishable and found.value < 0 if len(copied.scores) >= FEWEST_SEEDS else None


def a_a_is_indistinguishable(baseline: Curve, again: Curve, *, seed: int) -> bool | None:
    """Whether the baseline with other seeds cannot be told from it, as it must be (it can by chance, 1 time in 20).

    None: too few seeds to tell.
    """
    return not better(baseline, again, seed=seed).distinguishable if len(again.scores) >= FEWEST_SEEDS else None


def _band(differences: Floats, seed: int) -> _Band:
    """The macro average of differences (seeds, b, sets) with the wider end, each way, of two 95 % intervals.

    Paired t over the seeds' macro averages, because a bootstrap of few seeds is too narrow; and the percentiles of 10,000
    resamples of seeds and of sets together, so that one set out of many cannot decide. What is covered is the average over
    the sets that are named. 2,500 simulated comparisons of each of 3 and 5 sets, effects of seeds, sets and both together
    normal with standard deviations of 1 0 0, 1 0 1, 0 0 1, 1 1 .5 and .3 1 .3, cover (lowest .. highest):
        3 seeds: percentiles alone 75 .. 100 %, widened by sqrt(n / (n - 1)) 81 .. 100 %, this one 94.9 .. 99.9 %
        5 seeds: percentiles alone 84 .. 100 %, widened by sqrt(n / (n - 1)) 87 .. 100 %, this one 95.2 .. 99.8 %
    The average over all sets that might have been named is covered by 90 .. 94 % where sets differ as much as seeds do and
    by 80 .. 90 % where they differ three times as much: more held-out sets mend that.
    """
    value = macro(differences).mean(axis=0)
    if len(differences) < FEWEST_SEEDS:
        return _Band(value, np.full_like(value, -np.inf), np.full_like(value, np.inf))
    by_t, by_resampling = _paired_t(macro(differences)), _percentiles(differences, seed)
    return _Band(value, np.minimum(by_t[0], by_resampling[0]), np.maximum(by_t[1], by_resampling[1]))


def _paired_t(differences: Floats) -> Floats:
    """Student's interval (2, b) of the mean of differences (seeds, b)."""
    seeds = len(differences)
    error = differences.std(axis=0, ddof=1) / np.sqrt(seeds)
    return np.asarray(differences.mean(axis=0) + np.outer(stdtrit(seeds - 1, _TAILS), error))


def _percentiles(differences: Floats, seed: int) -> Floats:
    """The interval (2, b) over resamples, with replacement, of the seeds and of the sets of differences (seeds, b, sets)."""
    generator = np.random.default_rng(seed)
    seeds, amounts, sets = differences.shape
    of_seeds, of_sets = (generator.multinomial(n, np.full(n, 1 / n), RESAMPLES) / n for n in (seeds, sets))
    means = (of_seeds @ differences.reshape(seeds, -1)).reshape(RESAMPLES, amounts, sets)
    return np.asarray(np.quantile(np.einsum("rbs,rs->rb", means, of_sets), _TAILS, axis=0))


def _ratio(base: float, amounts: Floats, band: _Band) -> Ratio:
    """Where the band reaches zero. Between two amounts its width is interpolated too: never narrower than the one there."""
    (value, bound), (latest, lower), (earliest, upper) = (_reached(amounts, part) for part in band)
    low = 0.0 if lower == "at most" else base / latest
    high = None if upper == "at least" else base / earliest
    below = high is not None and (high < 1 or (high == 1 and upper == "at most"))
    return Ratio(base / value, low, high, bound, distinguishable=low > 1 or below)


def _reached(amounts: Floats, differences: Floats) -> tuple[float, Bound]:
    """The first amount at which the difference is 0 or more, and what that says of a ratio over it."""
    there = np.flatnonzero(differences >= 0)
    if not there.size:
        return float(amounts[-1]), "at most"
    after = int(there[0])
    if after == 0:
        return float(amounts[0]), "at least" if differences[0] > 0 else "exact"
    before = after - 1
    share = -differences[before] / (differences[after] - differences[before])
    return float(amounts[before] * (amounts[after] / amounts[before]) ** share), "exact"
