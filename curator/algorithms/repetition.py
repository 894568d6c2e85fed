"""What a repeated token is worth, and rates of repetition as whole copies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DECAY = 15.39
"""R* of Muennighoff et al. (Scaling Data-Constrained Language Models, NeurIPS 2023): the repeats after which a further one is
worth 1/e of new text."""


def effective_tokens(
    unique: npt.NDArray[np.int64] | npt.NDArray[np.float64], passes: npt.NDArray[np.float64] | npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """Tokens (n,) of new text that `passes` over `unique` tokens are worth: U + U R* (1 - e^(-R / R*)), R = passes - 1.

    Up to one pass it is the tokens seen. A token's value at 2, 4, 8, 16, 40 passes is .984, .931, .828, .661, .379.
    """
    repeats = np.maximum(passes - 1.0, 0.0)
    return np.asarray(unique * (np.minimum(passes, 1.0) - DECAY * np.expm1(-repeats / DECAY)))


def whole_copies(rate: npt.NDArray[np.float64], hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Whole copies (n,) of documents that are to be repeated `rate` times: the whole part, and one more as often as the rest says.

    Which documents get one more follows from `hashes`, uniform over 64 bits, so the mean over documents is the rate.
    """
    assert bool((rate >= 0).all()), "a document cannot be repeated less than not at all"
    uniform = (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53  # in [0, 1), every value exact
    whole = np.floor(rate)
    return (whole + (uniform < rate - whole)).astype(np.int32)
