"""How many tokens each group of documents is to give: parts of a total, each up to a cap; and inside a group by quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

RANKS = 20  # of equal tokens, in which OLMo 3 counts quality

Floats = npt.NDArray[np.float64]


def temperature_parts(tokens: npt.NDArray[np.int64], *, temperature: float) -> Floats:
    """Parts (g,) that sum to 1, p ~ n^(1 / temperature): 1 leaves sizes as they are, a high temperature makes parts equal.

    All zero where no group has tokens. So multilingual models sample languages (mT5, Xue 2021: exponent 0.3).
    """
    assert temperature > 0, f"temperature cannot be {temperature}"
    weights = np.power(tokens.astype(np.float64), 1 / temperature)
    return _normal(weights)


def mixture_parts(names: Sequence[str], tokens: npt.NDArray[np.int64], mixture: Mapping[str, float]) -> Floats:
    """Parts (g,) of groups by name; those that `mixture` does not name share by size what it leaves of 1."""
    named = np.array([mixture.get(name, np.nan) for name in names], dtype=np.float64)
    others = np.isnan(named)
    sizes = _normal(np.where(others, tokens, 0).astype(np.float64))
    left = max(0.0, 1.0 - float(np.nansum(named)))
    return np.where(others, left * sizes, named)


def fill_parts(tokens: npt.NDArray[np.int64], parts: Floats, total: float, *, max_passes: float) -> Floats:
    """Tokens (g,) that each group gives, float64: in proportion to `parts`, none above `max_passes` times its own `tokens`.

    What is over at a full group goes to the others in proportion, until `total` is reached or all groups with a part are full
    (then the sum is less than `total`). With equal parts this is UniMax (Chung, ICLR 2023). Groups are full in the order of
    cap / part, so that one pass over it finds the last level, without rounds.
    """
    caps = max_passes * tokens.astype(np.float64)
    able = np.flatnonzero((parts > 0) & (caps > 0))
    order = able[np.argsort(caps[able] / parts[able], kind="stable")]
    full_before = np.cumsum(caps[order]) - caps[order]
    open_parts = np.cumsum(parts[order][::-1])[::-1]
    levels = (total - full_before) / open_parts  # tokens for each unit of part, were all before this group full
    below = np.flatnonzero(levels < caps[order] / parts[order])
    level = levels[below[0]] if len(below) else np.inf
    filled = np.zeros(len(tokens), np.float64)
    filled[able] = np.minimum(caps[able], level * parts[able])
    return filled


def quality_ranks(passes: float, *, drop_share: float, exponent: float, max_passes: float) -> Floats:
    """Mean passes (20,) of the ranks of quality of one group, lowest first, whose mean is `passes`.

    f(x) = min(max_passes, C (x - drop_share)^exponent) from drop_share on, 0 below (OLMo 3, 2025). C has a closed form: with
    `width` the stretch on which the curve rises to `top`, the integral is top * (width / (exponent + 1) + the rest).
    """
    room = 1.0 - drop_share
    assert 0 <= passes <= max_passes * room * (1 + 1e-9), f"{passes} passes are more than the curve allows"
    top = min(max_passes, passes * (exponent + 1) / room)
    above = max(0.0, (max_passes * room - passes) * (exponent + 1) / (max_passes * exponent))
    width = min(room, above)
    x = np.clip(np.linspace(0.0, 1.0, RANKS + 1) - drop_share, 0.0, room)
    rising = np.power(np.minimum(x / width, 1.0), exponent + 1) * width / (exponent + 1) if width > 0 else 0.0
    return np.diff(top * (rising + np.maximum(x - width, 0.0))) * RANKS


def rank_means(tokens: npt.NDArray[np.int64], ranks: Floats) -> Floats:
    """The passes (b,) of bins that hold `tokens` (b,), in order of quality, where `ranks` are those of parts of equal tokens.

    A bin that lies in several ranks gets their mean by tokens, so that the tokens passed add up to those of the ranks. A bin
    without tokens gets 0.
    """
    ends = np.cumsum(tokens).astype(np.float64)
    starts = ends - tokens
    edges = np.linspace(0.0, ends[-1], len(ranks) + 1) if len(ends) else np.zeros(1)
    passed = np.concatenate([[0.0], np.cumsum(ranks) * (edges[-1] / len(ranks))])[: len(edges)]
    inside = np.interp(ends, edges, passed) - np.interp(starts, edges, passed)
    means = np.divide(inside, tokens, out=np.zeros(len(tokens)), where=tokens > 0)
    return np.asarray(np.clip(means, ranks.min(), ranks.max()))


def _normal(weights: Floats) -> Floats:
    total = weights.sum()
    return np.asarray(weights / total) if total > 0 else np.zeros(len(weights))
