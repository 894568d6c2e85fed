"""By how much mixtures differ from what was asked, and by how much they would by chance alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.algorithms.mixture import largest_deviation

Floats = npt.NDArray[np.float64]

DRAWS, SEED = 400, 1


def deviations(measured: Floats, asked: Floats, edges: Floats, starts: Floats) -> tuple[float, float]:
    """The largest difference of a group's share in any slice, and in any stage, of two mixtures (slices, groups)."""
    stage = np.searchsorted(starts, edges[:-1], side="right") - 1
    stages = [
        np.array([one[stage == number].sum(axis=0) for number in range(len(starts))]) for one in (measured, asked)
    ]
    return largest_deviation(measured, asked), largest_deviation(*stages)


def expected_deviations(asked: Floats, edges: Floats, starts: Floats, token_sizes: Floats) -> tuple[float, float]:
    """Their medians where every document falls into a slice by chance: tokens of variance tokens * size, sizes by group.

    All documents of a group stand somewhere, so its errors add up to nothing; and slices are cut by the tokens of the stream, so
    where too many stand before, a slice begins too early.
    """
    rng, found = np.random.default_rng(SEED), []
    shares = asked / np.maximum(asked.sum(axis=0), 1)
    for _ in range(DRAWS):
        noise = rng.normal(size=asked.shape) * np.sqrt(asked * token_sizes)
        drawn = np.maximum(asked + noise - shares * noise.sum(axis=0), 0)
        found.append(deviations(_cut_by_tokens(drawn, edges), asked, edges, starts))
    slices, stages = np.median(np.array(found), axis=0)
    return float(slices), float(stages)


def _cut_by_tokens(mixture: Floats, edges: Floats) -> Floats:
    """The mixture between these shares of its tokens, of one that is even inside its slices."""
    reached = np.concatenate([[0.0], np.cumsum(mixture.sum(axis=1))])
    groups = [np.interp(edges * reached[-1], reached, np.append(0.0, np.cumsum(column))) for column in mixture.T]
    return np.diff(np.array(groups).T, axis=0)
