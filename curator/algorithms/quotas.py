"""How many documents, or tokens, each concept may keep: shares from complexity, then whole numbers within bounds.

Density-based pruning (Abbas, ..., Morcos, ICLR 2024), with tau chosen by a ratio or in standard deviations, because a fixed
tau does not carry over from one embedder to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

_HALVINGS = 200  # more than a float64 can tell apart


def shares(complexity: npt.NDArray[np.floating], *, ratio: float) -> npt.NDArray[np.float64]:
    """softmax(complexity / tau) (k,), tau = (max - min) / ln(ratio): the largest share is `ratio` times the smallest.

    All complexities equal, or `ratio` 1, gives equal shares.
    """
    assert ratio >= 1, f"ratio is the largest share over the smallest and cannot be {ratio}"
    wide = complexity.astype(np.float64)
    spread = np.ptp(wide) if len(wide) else 0.0
    weights = np.exp((wide - wide.max()) / spread * np.log(ratio)) if spread > 0 else np.ones(len(wide))
    return np.asarray(weights / weights.sum())


def tempered_shares(complexity: npt.NDArray[np.floating], *, temperature: float) -> npt.NDArray[np.float64]:
    """softmax(z / temperature) (k,), z the complexity in standard deviations from its mean; all equal gives equal shares."""
    assert temperature > 0, f"a temperature cannot be {temperature}"
    wide = complexity.astype(np.float64)
    if len(wide) == 0 or np.ptp(wide) == 0:
        return np.full(len(wide), 1 / max(len(wide), 1))
    weights = np.exp((wide - wide.max()) / (wide.std() * temperature))
    return np.asarray(weights / weights.sum())


def quotas(
    shares: npt.NDArray[np.float64], total: int, floors: npt.NDArray[np.int64], caps: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Whole quotas (k,) that sum to `total` within floors <= quota <= caps, nearest to total * shares.

    The exact projection, min |x - total * shares|^2, is x = clip(total * shares + lambda, floors, caps); the largest
    remainders are rounded up, ties by index. Sum and bounds are exact for any total below 2^53; remainders closer than a
    float64 can tell apart (0.002 at a total of 1e13) are ties. Raises ValueError if the bounds cannot be met.
    """
    _check_bounds(total, floors, caps)
    target = total * shares
    low, high = _bracket(target, total, floors, caps)
    quota = _shifted(target, low, floors, caps)
    tied = np.flatnonzero(_shifted(target, high, floors, caps) > quota)
    quota[tied[: total - quota.sum()]] += 1
    return quota


def _shifted(
    target: npt.NDArray[np.float64], shift: float, floors: npt.NDArray[np.int64], caps: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    return np.clip(np.floor(target + shift), floors, caps).astype(np.int64)


def _bracket(
    target: npt.NDArray[np.float64], total: int, floors: npt.NDArray[np.int64], caps: npt.NDArray[np.int64]
) -> tuple[float, float]:
    """Two neighbouring shifts, the lower with at most `total` after rounding down, the upper with at least that.

    Raising lambda until the rounded-down quotas reach the total rounds up the largest remainders first. So the
    bisection runs over whole numbers, whose sum is exact at any size of corpus.
    """
    low = float(np.min(floors - target, initial=0.0)) - 1.0
    high = float(np.max(caps - target, initial=0.0)) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _shifted(target, middle, floors, caps).sum() <= total:
            low = middle
        else:
            high = middle
    return low, high


def _check_bounds(total: int, floors: npt.NDArray[np.int64], caps: npt.NDArray[np.int64]) -> None:
    crossed = np.flatnonzero(floors > caps)
    if crossed.size:
        worst = crossed[0]
        raise ValueError(f"concept {worst} has a floor of {floors[worst]}, above its cap of {caps[worst]}")
    if total < floors.sum():
        raise ValueError(f"the floors need {floors.sum()}, more than the total of {total}")
    if total > caps.sum():
        raise ValueError(f"the caps allow {caps.sum()}, less than the total of {total}")


def split(quota: int, amounts: Sequence[int]) -> list[int]:
    """A quota cut in proportion to amounts that hold at least as much: whole numbers that add up, none above its amount.

    Each is within 1 of its proportion: the running sums are rounded down. Python's own whole numbers, for quota * amount
    passes 2^63.
    """
    reached = list(accumulate(amounts, initial=0))
    assert quota <= reached[-1], f"a quota of {quota} is more than the {reached[-1]} there are"
    bounds = [quota * amount // max(reached[-1], 1) for amount in reached]
    return [last - first for first, last in pairwise(bounds)]
