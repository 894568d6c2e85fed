"""Merging streams keeps every row, in order, whatever the blocks in which they come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.store.history_merge import FAN_IN, due, in_order
from curator.store.history_parts import Segment

streams = st.lists(st.lists(st.integers(0, 30).map(lambda value: value << 59), max_size=30), min_size=1, max_size=5)


def in_blocks(keys: list[int], stream: int, rows: int) -> Iterator[pa.Table]:
    """A sorted stream in tables of so many rows, with empty ones between."""
    ordered = sorted(keys)
    table = pa.table(
        {"key": pa.array(ordered, pa.uint64()), "entry": [1000 * stream + row for row in range(len(keys))]}
    )
    for start in range(0, len(keys), rows):
        yield table.slice(0, 0)
        yield table.slice(start, rows)


@settings(deadline=None)
@given(streams, st.integers(1, 7))
def test_all_rows_come_in_order_and_equal_keys_in_the_order_of_the_streams(keys: list[list[int]], rows: int) -> None:
    tables = list(in_order([in_blocks(stream, place, rows) for place, stream in enumerate(keys)]))
    merged = [row for table in tables for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    rows_in = [(key, 1000 * place + row) for place, stream in enumerate(keys) for row, key in enumerate(sorted(stream))]
    assert sorted(merged) == sorted(rows_in)
    assert [key for key, _ in merged] == sorted(key for key, _ in rows_in)


def test_no_more_is_read_than_one_block_of_each_stream() -> None:
    read: list[int] = []

    def blocks(stream: int) -> Iterator[pa.Table]:
        for block in range(100):
            read.append(stream)
            yield pa.table({"key": np.arange(block * 10, block * 10 + 10, dtype=np.uint64)})

    merged = in_order([blocks(0), blocks(1), blocks(2)])
    next(merged)
    assert sorted(read) in ([0, 0, 1, 1, 2, 2], [0, 1, 2])
    assert sum(table.num_rows for table in merged) + 30 == 3000


def segments_of(*spans: int) -> list[Segment]:
    """Segments one after another that hold so many nights."""
    ends = np.cumsum(spans).tolist()
    return [
        Segment(name=str(end), first_night=end - span, last_night=end - 1, rows=(1,))
        for span, end in zip(spans, ends, strict=True)
    ]


def test_eight_of_a_size_are_due() -> None:
    assert due(segments_of(*[1] * 7)) == ()
    assert due(segments_of(*[1] * 9)) == tuple(segments_of(*[1] * 8))
    assert due(segments_of(8, 8, *[1] * 7)) == ()
    assert due(segments_of(*[8] * 8, 1)) == tuple(segments_of(*[8] * 8))
    assert due(segments_of(64, 8, *[1] * 8)) == tuple(segments_of(64, 8, *[1] * 8)[2:])
    assert FAN_IN == 8
