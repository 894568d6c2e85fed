"""Scores of several quality models as 20 equal ranks each, one value of them all, classes, and who stays.

The ensemble and the classes are Nemotron-CC's (Su et al. 2024, arXiv 2412.02595); sampling by temperature is QuRating's (Wettig
et al., ICML 2024, arXiv 2402.09739).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import get_args

import numpy as np
import numpy.typing as npt

from curator.config.quality import Combine, QualityClass

RANKS = 20
CLASSES: tuple[str, ...] = ("low", *get_args(QualityClass))
CLASS_STARTS = (7, 12, 18, 19)  # the lowest rank of every class but the first

Scores = npt.NDArray[np.float32]
Groups = npt.NDArray[np.int32]
Ranks = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float64]


def cut_points(scores: Scores, groups: Groups, count: int, least: int) -> Scores:
    """The 19 lowest scores of ranks 1 to 19 in each group of a sample, float32 (count + 1, 19); the last row is of all together.

    A group is a language, 0 to count - 1, or -1 for one that has no row of its own. Cut r of m sorted scores is the one at
    floor(r * m / 20), so that ranks of different scores are equal in size within 1. A group with fewer than `least` scores
    takes the last row. Scores must be finite; without any, all cuts are 0.
    """
    assert np.isfinite(scores).all(), "a score that is not a finite number has no rank"
    cuts = np.zeros((count + 1, RANKS - 1), np.float32)
    if len(scores):
        cuts[:] = np.sort(scores)[_places(np.array([len(scores)]))]
    sizes = np.bincount(groups[groups >= 0], minlength=count)
    own = np.flatnonzero(sizes >= max(least, 1))
    by_group = scores[np.lexsort((scores, groups))]
    starts = len(scores) - sizes.sum() + np.cumsum(sizes) - sizes
    cuts[own] = by_group[starts[own, None] + _places(sizes[own])]
    return cuts


def _places(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where each rank but the lowest begins among so many sorted scores, (groups, 19)."""
    return np.arange(1, RANKS) * sizes[:, None] // RANKS


def ranked(scores: Scores, groups: Groups, cuts: Scores) -> Ranks:
    """The rank of each score in its group, uint8 (n,) 0 to 19: how many of the group's cut points it reaches.

    Equal scores have equal ranks: one so frequent that several cut points are equal to it has the middle of the ranks it fills
    (rank 10 where all scores are equal). Group -1 takes the last row of `cuts`.
    """
    passed, reached = np.zeros((2, len(scores)), np.uint8)
    for column in cuts.T:
        cut = column[groups]
        passed += scores > cut
        reached += scores >= cut
    return (passed + reached + np.uint8(1)) // np.uint8(2)


def combined(ranks: Ranks, how: Combine) -> Scores:
    """One value (n,) of the ranks (n, models): their mean, or the largest plus a twentieth of the mean.

    The largest alone, Nemotron-CC's, puts 14 % of the documents of three independent models on rank 19; the mean, behind the
    point, tells them apart. Neither is equal in size: the caller takes `cut_points` of the sample's values and has all
    values `ranked` by them, once more in each group. Of one model this gives back its ranks.
    """
    mean = ranks.mean(axis=1, dtype=np.float64)
    return np.asarray(mean if how == "mean" else ranks.max(axis=1) + mean / RANKS, dtype=np.float32)


def quality_classes(ranks: Ranks) -> Ranks:
    """Nemotron-CC's class of each rank, uint8, an index into CLASSES: 4 is rank 19, 3 is 18, 2 is 12-17, 1 is 7-11, 0 is 0-6."""
    return np.searchsorted(CLASS_STARTS, ranks, side="right").astype(np.uint8)


def keep_probabilities(
    sizes: npt.NDArray[np.int64] | npt.NDArray[np.float64], share: float, temperature: float | None
) -> Probabilities:
    """With which probability a document of each rank stays (20,), so that of `sizes` (20,) documents `share` are expected to.

    Without a temperature the highest ranks stay, and of the rank on the border a part. Else p = min(1, c * exp(z / temperature)),
    z the standard normal quantile of the middle of the rank: QuRating samples with p ~ exp(z / 2), its best. Near 0 this is
    the hard cut, far above the differences of z (4) every document stays with `share`. From a share of 1 on all stay.
    """
    assert share > 0, f"a share of {share} keeps nothing"
    assert temperature is None or temperature > 0, f"a temperature cannot be {temperature}"
    wanted = share * sizes.sum()
    for unsure in range(RANKS, 0, -1) if share < 1 else ():
        weights = _weights(unsure, temperature)
        mass, left = (sizes[:unsure] * weights).sum(), max(0.0, wanted - sizes[unsure:].sum())
        if left <= mass and mass > 0:  # then no probability passes 1
            return np.concatenate([weights * (left / mass), np.ones(RANKS - unsure)])
    return np.ones(RANKS)


def _weights(ranks: int, temperature: float | None) -> Probabilities:
    """exp(z / temperature) of the lowest ranks, as multiples of the highest of them, so that none is too large or all too small."""
    z = np.array([NormalDist().inv_cdf((rank + 0.5) / RANKS) for rank in range(ranks)])
    return np.asarray(z == z[-1], np.float64) if temperature is None else np.exp((z - z[-1]) / temperature)
