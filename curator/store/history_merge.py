"""Merging segments: eight of as many nights each become one, so that a lookup opens few files and a row is rewritten rarely.

With N nights there are at most 7 segments for each power of eight up to N, and each row is written log8(N) times again. The last
night is never merged: it may still be published again. One piece is merged by one task, row group by row group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_files import groups_between, write_sorted
from curator.store.history_parts import Segment, piece_file

FAN_IN = 8


def due(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The first segments in a row, `FAN_IN` of them, that hold equally many nights; none where there are no so many."""
    for start in range(len(segments) - FAN_IN + 1):
        chosen = tuple(segments[start : start + FAN_IN])
        if len({segment.last_night - segment.first_night for segment in chosen}) == 1:
            return chosen
    return ()


def merge_piece(
    history: History, table: str, segments: Sequence[Segment], *, bits: int, piece: int, target: Folder, name: str
) -> int:
    """Write piece `piece` of 2^bits of the segment `name` of `segments` into `target`; returns its rows.

    Memory: one row group of each segment. Without rows there is no file.
    """
    first = piece << (64 - bits)
    last = first + (1 << (64 - bits)) - 1
    merged = in_order([_rows_between(history.folder, table, segment, first, last) for segment in segments])
    opening = next(merged, None)
    if opening is None:
        return 0
    return write_sorted(target, piece_file(table, name, piece), _chained(opening, merged), opening.schema)


def in_order(streams: Sequence[Iterator[pa.Table]]) -> Iterator[pa.Table]:
    """The rows of several streams of tables, each sorted by its first column, as one sorted stream.

    Up to the lowest of the last keys at hand everything is at hand. Rows of equal keys come in the order of the streams.
    """
    ahead = [_next(stream) for stream in streams]
    while any(rows is not None for rows in ahead):
        bound = min(rows[0].to_numpy()[-1] for rows in ahead if rows is not None)
        ready: list[pa.Table] = []
        for place, rows in enumerate(ahead):
            if rows is not None:
                cut = int(np.searchsorted(rows[0].to_numpy(), bound, side="right"))
                ready.append(rows.slice(0, cut))
                ahead[place] = rows.slice(cut) if cut < rows.num_rows else _next(streams[place])
        joined = pa.concat_tables(ready).combine_chunks()
        yield joined.take(pa.array(np.argsort(joined[0].to_numpy(), kind="stable")))


def _rows_between(folder: Folder, table: str, segment: Segment, first: int, last: int) -> Iterator[pa.Table]:
    """The rows of a segment with keys from `first` to `last`, in order, through all pieces that hold some."""
    shift = 64 - segment.bits
    for piece in range(first >> shift, (last >> shift) + 1):
        if segment.rows[piece]:
            yield from groups_between(folder, piece_file(table, segment.name, piece), first, last)


def _next(stream: Iterator[pa.Table]) -> pa.Table | None:
    """The next table of a stream that has rows."""
    return next((rows for rows in stream if rows.num_rows), None)


def _chained(opening: pa.Table, others: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield opening
    yield from others
