"""How many documents a concept holds if alike ones count together: repeats add nothing, and cutting it in two hardly does."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_ALMOST_ONE = 0.9999  # float16 embeddings are not more exact


def effective_documents(embeddings: npt.NDArray[np.floating], *, documents: int, similarity: float) -> float:
    """The effective number, 1..documents, of a concept of so many, from a sample of their embeddings (m, d), rows of length 1.

    The sum over all documents of 1 / (the sum of cosine^p with every document), p such that at `similarity` it is one half: the
    diversity of order 0 with similarities (Leinster & Cobbold, Ecology 93, 2012). Equal documents are one, unlike ones as many as
    they are. What does not resemble adds up, so the sum over concepts hardly depends on how a topic was cut into them. Of a
    sample each document stands for `documents` / m. No documents are 0; rows of zeros, of which nothing is known, are one.
    """
    assert 0 < similarity <= 1, f"similarity is a cosine and cannot be {similarity}"
    rows = embeddings.astype(np.float64)
    if not rows.any():
        return float(min(len(rows), 1))
    if len(rows) == 1 or documents == 1:
        return float(documents)
    alike = np.clip(rows @ rows.T, 0, 1) ** (math.log(0.5) / math.log(min(similarity, _ALMOST_ONE)))
    np.fill_diagonal(alike, 0)
    others = alike.sum(axis=1) / (len(rows) - 1)
    return float(documents * np.mean(1 / (1 + (documents - 1) * others)))
