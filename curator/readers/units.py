"""Cuts the input into units of work: big files into pieces, small ones joined. Depends on the files alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from curator.readers.listing import InputFile
from curator.readers.parquet import row_group_bytes
from curator.readers.records import DamagedFile

MAX_PIECES = 1_000


@dataclass(frozen=True)
class Piece:
    """A part of one file.

    `start` and `stop` are bytes for plain JSONL and lines (the piece owns what starts there) and row groups for Parquet;
    a whole file of any format is 0..size, which for Parquet means all of its row groups, however many.
    """

    file: InputFile
    start: int
    stop: int

    @staticmethod
    def from_json(value: dict[str, Any]) -> Piece:
        """The inverse of `dataclasses.asdict`."""
        return Piece(InputFile.from_json(value["file"]), value["start"], value["stop"])


@dataclass(frozen=True)
class Unit:
    """What one task reads: pieces in the order of the input, possibly of several sources and formats."""

    pieces: tuple[Piece, ...]

    @staticmethod
    def from_json(value: dict[str, Any]) -> Unit:
        """The inverse of `dataclasses.asdict`."""
        return Unit(tuple(Piece.from_json(piece) for piece in value["pieces"]))


def plan_units(files: Sequence[InputFile], *, unit_bytes: int) -> list[Unit]:
    """Cut and join `files`, in their order, into units of about `unit_bytes` bytes on disk.

    A plain file of JSONL or lines above it is cut into equal byte ranges, a Parquet file into runs of row groups of about
    `unit_bytes` uncompressed; all others stay whole. Smaller files are joined with their neighbours, at
    most 1,000. A damaged Parquet footer is left for the reader to report.
    """
    units: list[Unit] = []
    joined: list[Piece] = []
    for file in files:
        is_small = file.size <= unit_bytes
        is_full = sum(piece.file.size for piece in joined) + file.size > unit_bytes or len(joined) == MAX_PIECES
        if joined and (not is_small or is_full):
            units.append(Unit(tuple(joined)))
            joined = []
        if is_small:
            joined.append(Piece(file, 0, file.size))
        else:
            units.extend(Unit((piece,)) for piece in _cut(file, unit_bytes))
    return [*units, Unit(tuple(joined))] if joined else units


def _cut(file: InputFile, unit_bytes: int) -> Iterator[Piece]:
    """The pieces of a file that is larger than a unit."""
    if file.format in ("jsonl", "lines") and not file.compression:
        count = -(-file.size // unit_bytes)
        bounds = [file.size * part // count for part in range(count + 1)]
    elif file.format == "parquet":
        bounds = _row_group_bounds(file, unit_bytes)
    else:
        bounds = [0, file.size]
    for start, stop in pairwise(bounds):
        yield Piece(file, start, stop)


def _row_group_bounds(file: InputFile, unit_bytes: int) -> list[int]:
    try:
        sizes = row_group_bytes(file)
    except DamagedFile:
        return [0, file.size]
    bounds, held = [0], 0
    for group, size in enumerate(sizes):
        if held and held + size > unit_bytes:
            bounds.append(group)
            held = 0
        held += size
    return [*bounds, len(sizes)] if sizes else [0, file.size]
