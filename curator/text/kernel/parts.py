"""What the kernel takes one document apart into: arrays that are reused for the next document."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Runs(NamedTuple):
    """What stands between white space. Item i is about run i; the arrays are reused for the next document."""

    hashes: npt.NDArray[np.uint64]
    gaps: npt.NDArray[np.uint64]  # a hash of the white space before it
    kinds: npt.NDArray[np.uint32]  # the flags of all its characters and those of the run
    upper_case: npt.NDArray[np.int32]  # upper-case letters
    first_bytes: npt.NDArray[np.int32]  # of the document
    last_bytes: npt.NDArray[np.int32]  # exclusive
    positions: npt.NDArray[np.int32]  # code points of the document before it
    lengths: npt.NDArray[np.int32]  # code points


class Words(NamedTuple):
    """The words that the profile makes of the runs; mostly the runs themselves."""

    hashes: npt.NDArray[np.uint64]
    kinds: npt.NDArray[np.uint32]
    first_bytes: npt.NDArray[np.int32]
    last_bytes: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]  # code points in all words before the word


class Lines(NamedTuple):
    """All lines, empty ones too, and one more item: where a line after the end would begin."""

    first_bytes: npt.NDArray[np.int32]
    positions: npt.NDArray[np.int32]
    runs: npt.NDArray[np.int32]  # the runs before it
    words: npt.NDArray[np.int32]


class Scratch(NamedTuple):
    """The code points of the run at hand, where it is cut, and the pieces taken off its end."""

    codes: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]


class Parts(NamedTuple):
    """Room for the parts of one document. Pages of it that no document reaches take no memory."""

    runs: Runs
    words: Words
    lines: Lines
    scratch: Scratch


def new_parts(most: int) -> Parts:
    """Room for documents of up to `most` bytes."""
    return Parts(
        Runs(_long(most // 2), _long(most // 2), _short(most // 2).view(np.uint32), *_shorts(5, most // 2)),
        Words(_long(most), _short(most).view(np.uint32), *_shorts(3, most)),
        Lines(*_shorts(4, most)),
        Scratch(*_shorts(3, most)),
    )


def _long(items: int) -> npt.NDArray[np.uint64]:
    return np.empty(items + 4, np.uint64)


def _short(items: int) -> npt.NDArray[np.int32]:
    return np.empty(items + 4, np.int32)


def _shorts(count: int, items: int) -> list[npt.NDArray[np.int32]]:
    return [_short(items) for _ in range(count)]
