"""Captions of media: all are rephrased once but a share that stays as it is, whatever share of the output is synthetic.

The caption is expanded and takes its place beside the medium (DALL-E 3, Sora): nothing is added to the corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.assignment_rates import Bound
from curator.config.rephrase import Rephrase
from curator.rephrase.strategy import Strategy
from curator.steps.assign_plan import MEASURES, TOKENS, measures, totals
from curator.steps.assign_rows import Curated, sets_of
from curator.steps.draws import Draw
from curator.steps.samples import drawn, mixed

CAPTIONS = -2  # instead of a strategy: the sums of all captions

Integers = npt.NDArray[np.int64]


def drawn_captions(
    found: Curated, strategies: Sequence[Strategy], rephrase: Rephrase, rate: float
) -> tuple[Integers, Integers]:
    """The rows of a shard's captions that are rephrased at a rate (1: all that should be), and the strategy of each, by weight."""
    rows = np.flatnonzero(found.caption & (found.eligible > 0))
    share = np.array(rate * (1 - rephrase.original_captions))
    rows = rows[drawn(found.doc_id[rows], share, seed=rephrase.seed + Draw.CAPTIONS_EXPANDED)]
    weights = np.array([strategy.weight for strategy in strategies])
    ends = np.cumsum(sets_of(found.eligible[rows], len(strategies)) * weights, axis=1)
    place = (
        mixed(found.doc_id[rows], rephrase.seed + Draw.CAPTION_STRATEGIES).astype(np.float64) * 2.0**-64 * ends[:, -1]
    )
    return rows, np.minimum((ends <= place[:, None]).sum(axis=1), ends.shape[1] - 1)


def caption_measures(strategy: Strategy, tokens: Integers) -> dict[str, Integers]:
    """MEASURES (n,) of captions of so many tokens (n,): what comes out takes their place, and is no more text."""
    return measures(strategy, tokens) | {MEASURES[TOKENS]: np.zeros_like(tokens)}


def caption_rate(sums: pa.Table, bounds: Sequence[Bound]) -> tuple[float, list[Bound]]:
    """The share of the captions that the bounds leave room for, and the bounds on what documents may have: captions come first."""
    spent = totals(sums.filter(pc.equal(sums["strategy"], CAPTIONS)))
    prices = [float((bound.prices * spent).sum()) for bound in bounds]
    rate = min([1.0, *(bound.limit / price for bound, price in zip(bounds, prices, strict=True) if price > 0)])
    left = [max(0.0, bound.limit - rate * price) for bound, price in zip(bounds, prices, strict=True)]
    return rate, [replace(bound, limit=limit) for bound, limit in zip(bounds, left, strict=True)]
