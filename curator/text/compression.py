"""How well each document compresses: a number for repetition of any kind, and for noise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def compression_ratios(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Bytes after LZ4 over bytes before, float32[documents]; 0 for an empty document.

    LZ4 reads 360 MB/s at 2 KB a document, zstd level 1 reads 90. English prose of 4 KB gives about 0.65, a short document more.
    """
    compress, source = pa.Codec("lz4_raw").compress, pa.py_buffer(data)
    bounds = offsets.tolist()
    sizes = [compress(source.slice(start, end - start)).size if end > start else 0 for start, end in pairwise(bounds)]
    lengths = np.diff(offsets)
    ratios: npt.NDArray[np.float32] = (np.array(sizes, np.int64) / np.maximum(lengths, 1)).astype(np.float32)
    return ratios
