"""At which rate documents are rephrased, so that what is expected stays inside every bound: from sums over groups of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from curator.algorithms.assignment import Bools, Floats, Integers, ceilings, portions

OCTAVES, HALVINGS, CONVERSATION_HALVINGS = 80, 40, 16
MANTISSA_BITS = 24  # rates are rounded down to so many, so that the last bits of sums do not show


@dataclass(frozen=True, kw_only=True, eq=False)
class Supply:
    """Groups of documents alike in their weight (g,) and the row of their set of strategies, `eligible` (g,) of `sets` (k, s).

    `values` (g, s, m) are sums over the documents of a group, of each of m measures, were all rephrased once by a strategy.
    `shares` (s,) of the strategies may add up to anything. No document is rephrased more than `most` times.
    """

    weight: Floats
    eligible: Integers
    sets: Bools
    values: Floats
    shares: Floats
    conversations: Bools
    most: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Bound:
    """What the measures (m,) times `prices` (m,) may come to."""

    name: str
    prices: Floats
    limit: float

    def keeps(self, measures: Floats) -> bool:
        return float((measures * self.prices).sum()) <= self.limit


@dataclass(frozen=True, kw_only=True)
class Rates:
    """A document's chance is min(ceiling, rate * weight). Of conversations the shares, and the ceiling, are `conversations` times.

    `limited_by` is the bound that the next higher rate would break; empty where every document is rephrased as often as it may.
    """

    rate: float
    conversations: float
    limited_by: str

    def times(self, factor: float) -> Rates:
        """With a rate so many times as high."""
        return replace(self, rate=self.rate * factor)


def strategy_rates(conversations: Bools, rate: float) -> Floats:
    """By what the shares of strategies (s,) are multiplied, and how often each may be expected for a document."""
    return np.where(conversations, rate, 1.0)


def expected(supply: Supply, rate: float, conversations: float) -> Floats:
    """The measures (s, m) that each strategy is expected to come to."""
    return _Plan(supply, conversations).expected(rate)


def fit_rates(supply: Supply, bounds: Sequence[Bound], measure: int, conversation_share: float) -> Rates:
    """The highest rate that keeps all bounds, conversations as often as lets them be `conversation_share` of a measure or less.

    Every measure rises with the rate, for portions rise with how often a document is drawn: bisection finds it.
    """
    if not supply.conversations.any() or _within(supply, bounds, measure, conversation_share, 1.0):
        return _highest(supply, bounds, 1.0)
    low, high = 0.0, 1.0
    for _ in range(CONVERSATION_HALVINGS):
        middle = (low + high) / 2
        if _within(supply, bounds, measure, conversation_share, middle):
            low = middle
        else:
            high = middle
    return _highest(supply, bounds, low)


def _within(supply: Supply, bounds: Sequence[Bound], measure: int, share: float, conversations: float) -> bool:
    rates = _highest(supply, bounds, conversations)
    found = expected(supply, rates.rate, conversations)[:, measure]
    return bool(found[supply.conversations].sum() <= share * found.sum())


def _highest(supply: Supply, bounds: Sequence[Bound], conversations: float) -> Rates:
    plan = _Plan(supply, conversations)
    able = plan.ceiling > 0
    if not able.any():
        return Rates(rate=0.0, conversations=conversations, limited_by="")
    highest = float((plan.ceiling[able] / supply.weight[able]).max())
    limited_by = plan.broken(highest, bounds)
    if not limited_by:
        return Rates(rate=highest, conversations=conversations, limited_by="")
    low, high = float(np.log2(highest)) - OCTAVES, float(np.log2(highest))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        broken = plan.broken(2.0**middle, bounds)
        if broken:
            high, limited_by = middle, broken
        else:
            low = middle
    return Rates(rate=_rounded_down(2.0**low), conversations=conversations, limited_by=limited_by)


def _rounded_down(rate: float) -> float:
    mantissa, exponent = np.frexp(rate)
    return float(np.ldexp(np.floor(np.ldexp(mantissa, MANTISSA_BITS)), exponent - MANTISSA_BITS))


class _Plan:
    """What is expected at each rate, with conversations as often as given."""

    def __init__(self, supply: Supply, conversations: float) -> None:
        rates = strategy_rates(supply.conversations, conversations)
        self.supply = supply
        self.portions = portions(supply.sets, supply.shares * rates, supply.most)
        self.ceiling = ceilings(supply.sets, rates, supply.most)[supply.eligible]

    def expected(self, rate: float) -> Floats:
        chance = np.minimum(self.ceiling, rate * self.supply.weight)
        times = np.floor(chance).astype(np.int64)
        below = self.portions[self.supply.eligible, times]
        above = self.portions[self.supply.eligible, np.minimum(times + 1, self.supply.most)]
        often = below + (chance - times)[:, None] * (above - below)
        return np.asarray(np.einsum("gs,gsm->sm", often, self.supply.values))

    def broken(self, rate: float, bounds: Sequence[Bound]) -> str:
        """The name of the first bound that is not kept."""
        found = self.expected(rate).sum(axis=0)
        return next((bound.name for bound in bounds if not bound.keeps(found)), "")


def gap_weights(share: Floats, quota: Integers, most: float) -> Floats:
    """How many times more likely documents of each concept (k,) are for what it lacks, 1 to `most`.

    What it should have, its `share` of all quotas, over its `quota`: a quota is less than that where there are not as many
    documents. A concept with more than enough has 1.
    """
    wanted = share * quota.sum()
    lacking = np.divide(wanted, quota, out=np.where(wanted > 0, most, 1.0), where=quota > 0)
    return np.asarray(np.clip(lacking, 1.0, most))
