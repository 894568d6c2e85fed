"""Sequences with their padding, positions and labels from the flat values of list columns, in one pass over the tokens."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NO_LABEL = -100
"""What PyTorch's cross-entropy leaves out by default."""

Wide = npt.NDArray[np.int64]


def filled(
    tokens: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int64],
    boundaries: npt.NDArray[np.int32],
    pieces: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    pad: int,
) -> Wide:
    """Token ids, positions and labels (3, places[-1]) of n sequences; sequence i stands at places[i] to places[i + 1].

    Its tokens begin at begins[i] of `tokens`; its boundaries, the cu_seqlens, are pieces[i] to pieces[i + 1] of `boundaries`.
    Positions count from 0 in every piece, and are 0 in the padding. The first token of a piece and the padding have no label.
    """
    wide = np.empty((3, places[-1]), np.int64)  # of one piece and numpy's: three of numba's get new pages every time
    _fill(tokens, begins, boundaries, pieces, places, pad, wide)
    return wide


@numba.njit(cache=True, nogil=True)
def _fill(
    tokens: npt.NDArray[np.int32],
    begins: npt.NDArray[np.int64],
    boundaries: npt.NDArray[np.int32],
    pieces: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    pad: int,
    wide: Wide,
) -> None:
    ids, positions, labels = wide[0], wide[1], wide[2]
    for i in range(len(begins) - 1):
        for piece in range(pieces[i], pieces[i + 1] - 1):
            first, end = boundaries[piece], boundaries[piece + 1]
            source = tokens[begins[i] + first : begins[i] + end]
            target = slice(places[i] + first, places[i] + end)
            piece_ids, piece_positions, piece_labels = ids[target], positions[target], labels[target]
            for at in range(len(source)):  # over slices from 0 on: vectorised, three times as fast
                piece_ids[at], piece_positions[at], piece_labels[at] = source[at], at, source[at]
            piece_labels[:1] = NO_LABEL
        padding = slice(places[i] + begins[i + 1] - begins[i], places[i + 1])
        ids[padding], positions[padding], labels[padding] = pad, 0, NO_LABEL
