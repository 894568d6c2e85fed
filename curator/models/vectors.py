"""From the vectors of a model's windows to one row of length 1 for each document."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


def unit_rows(rows: Rows) -> Rows:
    """The rows (n, d) scaled to length 1 in place; rows of zeros stay.

    Of what was float16 up to 1 the squares add up exactly in float64, in any order: the same bytes on any machine.
    """
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64))
    rows /= np.where(lengths > 0, lengths, 1)[:, None].astype(np.float32)
    return rows


def window_means(vectors: Rows, tokens: Counts, windows: Counts) -> Rows:
    """The mean (documents, d) of each document's windows, weighted by their numbers of tokens; zeros without a window.

    `vectors` (w, d) and `tokens` (w,) are in order of the documents, which have `windows` (documents,) each.
    """
    if (windows == 1).all():
        return vectors
    means = np.zeros((len(windows), vectors.shape[1]), np.float32)
    some = windows > 0
    if some.any():
        starts = (np.cumsum(windows) - windows)[some]
        weighted = vectors * tokens[:, None].astype(np.float32)
        means[some] = np.add.reduceat(weighted, starts) / np.add.reduceat(tokens, starts)[:, None].astype(np.float32)
    return means
