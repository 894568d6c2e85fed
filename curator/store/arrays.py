"""Arrays as bytes of a file: many by name (.npz), or one (.npy). The same arrays are the same bytes; pickles are not read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt


def to_npz(**arrays: Any) -> bytes:
    """Arrays, or numpy's numbers, by name as an .npz file, uncompressed; a name is neither `file` nor `allow_pickle`."""
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def from_npz(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz file by name, in their order; a number is an array without dimensions. ValueError for a pickle."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def to_npy(array: npt.NDArray[Any]) -> bytes:
    """An array as an .npy file."""
    sink = io.BytesIO()
    np.save(sink, array)
    return sink.getvalue()


def from_npy(content: bytes) -> npt.NDArray[Any]:
    """The array of an .npy file. ValueError for a pickle."""
    array: npt.NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array
