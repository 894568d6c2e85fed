"""Document ids: `unit` (26 bits), `part` of the unit (14 bits), `row` of the shard (24 bits) in one uint64.

The upper half of a shard's rows is of synthetic documents, which stand in the shard of their source.

An id follows from the place of the document in the registry and nothing else, so a retried task gives the same ids.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UNIT_BITS, PART_BITS, ROW_BITS = 26, 14, 24
MAX_ROWS = 1 << ROW_BITS - 1


def shard_number(unit: int, part: int) -> int:
    """The number of the `part`-th document shard cut from input unit `unit`."""
    assert 0 <= unit < 1 << UNIT_BITS
    assert 0 <= part < 1 << PART_BITS, "more than 16,384 shards from one input unit: raise shards.text_bytes"
    return unit << PART_BITS | part


def shard_name(shard: int) -> str:
    """The file stem shared by every table of a shard: `unit-part`, in the order of the numbers."""
    return f"{shard >> PART_BITS:08d}-{shard & (1 << PART_BITS) - 1:05d}"


def document_ids(shard: int, rows: int) -> npt.NDArray[np.uint64]:
    """The ids of the first `rows` documents of a shard, uint64, ascending."""
    assert rows <= MAX_ROWS
    return np.arange(rows, dtype=np.uint64) + np.uint64(shard << ROW_BITS)


def synthetic_ids(shard: int, rows: int) -> npt.NDArray[np.uint64]:
    """The ids of the first `rows` synthetic documents of a shard, uint64, ascending, above those of all others of the shard."""
    return document_ids(shard, rows) + np.uint64(MAX_ROWS)


def are_synthetic(documents: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which document ids are those of synthetic documents."""
    return documents & np.uint64(MAX_ROWS) > 0


def shard_of(documents: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The shard number of each document id."""
    return documents >> np.uint64(ROW_BITS)
