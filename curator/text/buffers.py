"""The bytes and offsets of an Arrow column of texts, as the kernels read them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def text_buffers(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 bytes uint8[...] and offsets int64[documents + 1] into them, of a string or large_string array; null is empty.

    Nothing is copied of a large_string array without nulls, slices included. Neither can be written to: some of Arrow's
    buffers can be, and numba would compile a second kernel for them.
    """
    if text.null_count:
        text = pc.fill_null(text, "")
    text = text.cast(pa.large_string())
    if not len(text):
        return np.frombuffer(b"", np.uint8), np.frombuffer(bytes(8), np.int64)
    _, offsets, data = text.buffers()
    ends = np.frombuffer(memoryview(offsets).toreadonly(), np.int64, len(text) + 1, text.offset * 8)
    return np.frombuffer(memoryview(data or b"").toreadonly(), np.uint8), ends


def first_characters(text: pa.ChunkedArray, characters: int) -> pa.ChunkedArray:
    """The beginning of each text of an array, chunked or not: at most so many code points; null stays null."""
    return pc.utf8_slice_codeunits(text, 0, characters)


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array. Nothing is copied where it is one already; `combine_chunks` copies then, too."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
