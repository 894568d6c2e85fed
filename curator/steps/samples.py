"""A uniform sample of documents that depends on ids and a seed only: the ones whose hashed id is small."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def sampled(documents: npt.NDArray[np.uint64], *, wanted: int, of: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which of these documents belong to a sample of about `wanted` out of `of`; all of them where `wanted >= of`."""
    return drawn(documents, np.array(1.0 if wanted >= of else wanted / of), seed=seed)


def drawn(documents: npt.NDArray[np.uint64], share: npt.NDArray[np.float64], *, seed: int) -> npt.NDArray[np.bool_]:
    """Which of these documents (n,) are chosen where each is with its own probability `share` (n,), surely from 1 on."""
    bound = (np.minimum(share, 1 - 2.0**-53) * 2.0**64).astype(np.uint64)
    chosen: npt.NDArray[np.bool_] = (mixed(documents, seed) < bound) | (share >= 1)
    return chosen


def mixed(documents: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each id (the finaliser of splitmix64, Steele et al. 2014)."""
    value = documents + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
