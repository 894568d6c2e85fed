"""Which documents of a concept fill its quota."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def farthest_first(
    distance: npt.NDArray[np.float32], document: npt.NDArray[np.uint64], quota: int
) -> npt.NDArray[np.bool_]:
    """Mask (n,) of the `quota` documents farthest from their centroid; ties go to the lowest id, NaN comes last.

    Hard examples first, which pays when data are abundant (Sorscher 2022; D4, Tirumala 2023).
    """
    assert quota >= 0, f"a quota cannot be {quota}"
    chosen = np.zeros(len(distance), np.bool_)
    chosen[np.lexsort((document, -distance))[:quota]] = True
    return chosen
