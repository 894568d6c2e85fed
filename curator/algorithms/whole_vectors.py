"""Embeddings as whole numbers: their dot products are the same in any order of summing, so on any machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined

Whole = npt.NDArray[np.int16]

_ONE = 32_767  # float16 has 11 bits


def whole_rows(embeddings: npt.NDArray[np.floating]) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """The rows (n, d) scaled to length 32,767 and rounded, and which (n,) have no direction, being zero or not finite."""
    wide = embeddings.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1))
    empty = ~((lengths > 0) & np.isfinite(lengths))
    wide[empty], lengths[empty] = 0.0, 1.0
    return np.rint(wide * (_ONE / lengths)[:, None]).astype(np.int16), empty


@inlined
def whole_similarity(left: Whole, right: Whole) -> np.int32:
    """Their dot product. Of two vectors of length 1 each partial sum has 32 bits, so one instruction multiplies and adds 16."""
    total = np.int32(0)
    for place in range(left.size):
        total = np.int32(total + np.int32(left[place]) * np.int32(right[place]))
    return total
