"""Vectors as Arrow columns: float16 lists of one length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def to_column(vectors: npt.NDArray[np.float32]) -> pa.FixedSizeListArray:
    """Vectors (n, d) as a column of float16 lists of length d."""
    flat = pa.array(vectors.astype(np.float16).reshape(-1), pa.float16())
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def to_matrix(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """A column of vectors as float32 (n, d)."""
    flat: npt.NDArray[np.float16] = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return flat.astype(np.float32).reshape(len(column), column.type.list_size)
