"""A set of strings as a hash table that kernels read: exact, 24 to 40 bytes an entry besides the string, no Python objects."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined

SEED = np.uint64(0xC2B2AE3D27D4EB4F)
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Entries(NamedTuple):
    """The strings (`data`, `offsets`), and `slots`, of which each holds 32 bits of a hash and the row of its string, or -1."""

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]

    def strings(self) -> pa.Array:
        """large_string[entries], in the order of the rows."""
        offsets, data = pa.py_buffer(self.offsets), pa.py_buffer(self.data)
        return pa.LargeStringArray.from_buffers(len(self.offsets) - 1, offsets, data)


def new_entries(strings: pa.Array) -> Entries:
    """The table of these strings (large_string without null), doubles allowed; at most half full."""
    data, offsets = text_buffers(strings)
    assert len(strings) < 2**31, "rows have 31 bits"
    slots = np.full(1 << max(1, (2 * len(strings)).bit_length()), -1, dtype=np.int64)
    entries = Entries(data, offsets, slots)
    _fill(entries)
    return entries


@inlined
def hashed(state: np.uint64, byte: np.uint8) -> np.uint64:
    """The hash of a string and one byte more, from the hash of the string; the hash of nothing is SEED."""
    state = (state ^ np.uint64(byte)) * _FACTOR
    return state ^ (state >> _SHIFT)


@inlined
def find(
    entries: Entries, state: np.uint64, text: npt.NDArray[np.uint8], start: int, end: int, rest: int, last: int
) -> np.int64:
    """The row of the entry that is text[start:end] + text[rest:last], whose hash is `state`; -1 where there is none."""
    mask = len(entries.slots) - 1
    slot = np.int64(state & np.uint64(mask))
    while entries.slots[slot] >= 0:
        if np.uint64(entries.slots[slot]) >> _SHIFT == (state >> _SHIFT) & np.uint64(0x7FFFFFFF):
            row = np.int64(np.uint64(entries.slots[slot]) & _LOW)
            if _equal(entries, row, text, start, end, rest, last):
                return row
        slot = (slot + 1) & mask
    return np.int64(-1)


@inlined
def _equal(
    entries: Entries, row: np.int64, text: npt.NDArray[np.uint8], start: int, end: int, rest: int, last: int
) -> bool:
    first = entries.offsets[row]
    if entries.offsets[row + 1] - first != end - start + last - rest:
        return False
    for place in range(start, end):
        if entries.data[first + place - start] != text[place]:
            return False
    first += end - start
    for place in range(rest, last):
        if entries.data[first + place - rest] != text[place]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _fill(entries: Entries) -> None:
    data, offsets, slots = entries
    mask = len(slots) - 1
    for row in range(len(offsets) - 1):
        state = SEED
        for place in range(offsets[row], offsets[row + 1]):
            state = hashed(state, data[place])
        if find(entries, state, data, offsets[row], offsets[row + 1], 0, 0) < 0:
            slot = np.int64(state & np.uint64(mask))
            while slots[slot] >= 0:
                slot = (slot + 1) & mask
            slots[slot] = np.int64((state >> _SHIFT & np.uint64(0x7FFFFFFF)) << _SHIFT | np.uint64(row))
