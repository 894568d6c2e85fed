"""Vectors as Arrow columns: float16 lists of one length, and rows of bytes of one width."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def to_column(vectors: npt.NDArray[np.float32]) -> pa.FixedSizeListArray:
    """Vectors (n, d) as a column of float16 lists of length d."""
    flat = pa.array(vectors.astype(np.float16).reshape(-1), pa.float16())
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def to_halves(column: pa.ChunkedArray) -> npt.NDArray[np.float16]:
    """A column of vectors as it is, float16 (n, d): as float32 a whole exchange takes twice the memory."""
    flat: npt.NDArray[np.float16] = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), column.type.list_size)


def to_matrix(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """A column of vectors as float32 (n, d)."""
    return to_halves(column).astype(np.float32)


def fixed_bytes(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """The bytes of a fixed-size binary column without nulls, as (n, width)."""
    array = column.combine_chunks()
    width = column.type.byte_width
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8) if len(array) else np.empty(0, np.uint8)
    return data[array.offset * width : (array.offset + len(array)) * width].reshape(-1, width)


def fixed_column(matrix: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of bytes (n, width) as a fixed-size binary column."""
    data = np.ascontiguousarray(matrix)
    width = pa.binary(matrix.shape[1])
    return pa.FixedSizeBinaryArray.from_buffers(width, len(data), [None, pa.py_buffer(data.tobytes())])
