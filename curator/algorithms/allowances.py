"""How many members of a semantic group each concept may keep: the more varied the concept, the more repeats pay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def allowances(complexity: npt.NDArray[np.floating], *, most: int) -> npt.NDArray[np.int32]:
    """The members r (k,) of a semantic group that each concept may keep: 1 in the simplest, `most` in the most complex, int32.

    Linear in the rank of the complexity: concepts in order of complexity fall into `most` bands of about equal number. By rank,
    because a measure has another scale, and another tail, for each embedder. Equals share their mean rank; where all are equal
    nothing tells elephants from dogs, so that each gets the middle, most // 2 + 1. How large a concept is has no influence.
    A member of place p (0 leads its group, or is alone) may stay iff p < r.
    """
    assert most >= 1, f"a group cannot keep {most} members"
    if len(complexity) == 0:
        return np.empty(0, np.int32)
    ordered = np.sort(complexity)
    twice_rank = np.searchsorted(ordered, complexity, "left") + np.searchsorted(ordered, complexity, "right")
    lowest, spread = int(twice_rank.min()), int(np.ptp(twice_rank))
    band = most * (twice_rank - lowest) // spread if spread else np.full(len(complexity), most // 2)
    found: npt.NDArray[np.int32] = np.minimum(band + 1, most).astype(np.int32)
    return found
