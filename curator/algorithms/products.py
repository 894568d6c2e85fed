"""The dot product that decides where a matrix product only finds candidates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined


@inlined
def exact_product(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> float:
    """A sum of float64 in fixed order: it depends neither on the linear algebra library nor on what stands beside the rows."""
    total = 0.0
    for place in range(left.size):
        total += np.float64(left[place]) * np.float64(right[place])
    return total
