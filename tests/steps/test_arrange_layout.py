"""Every row finds its way through the levels, every piece is read once, and no task is much larger than it may be."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.steps.arrange_layout import Layout

Row = tuple[int, int, float]  # the output shard that it belongs to, the input shard that it came from, its bytes
Piece = tuple[int, int, int]  # level, range, task

SIZES = st.lists(st.integers(1, 100), min_size=1, max_size=12).map(lambda sizes: dict(enumerate(sizes)))


def travelled(layout: Layout, rows: dict[int, list[Row]]) -> tuple[dict[int, list[Row]], Counter[Piece], list[float]]:
    """The rows of each output shard; how often each piece was read; what each task of the levels has held."""
    pieces: dict[Piece, list[Row]] = {}
    reads: Counter[Piece] = Counter()
    held: list[float] = []

    def read(level: int, place: int, writers: range) -> list[Row]:
        names = [(level, place, task) for task in writers if (level, place, task) in pieces]
        reads.update(names)
        return [row for name in names for row in pieces[name]]

    for level in range(layout.levels):
        for task in range(layout.tasks(level)):
            if level == 0:
                given_rows = [row for shard in layout.batches[task] for row in rows[shard]]
            else:
                given_rows = read(level - 1, *layout.read_by(level, task))
            cut = defaultdict(list)
            for row in given_rows:
                cut[row[0] // layout.width(level)].append(row)
            assert len(cut) <= layout.fan_out
            pieces |= {(level, place, task): found for place, found in cut.items()}
            held.append(sum(row[2] for row in given_rows))
    last = layout.levels - 1
    output = {shard: read(last, shard, layout.writers(last, shard)) for shard in range(layout.shards)}
    assert set(reads) == set(pieces)
    return output, reads, held


def spread_evenly(sizes: dict[int, int], shards: int) -> dict[int, list[Row]]:
    return {shard: [(place, shard, size / shards) for place in range(shards)] for shard, size in sizes.items()}


@settings(deadline=None, max_examples=150)
@given(sizes=SIZES, shards=st.integers(1, 70), task_bytes=st.integers(1, 300), fan_out=st.integers(2, 4))
def test_every_row_arrives_and_every_piece_is_read_once(
    sizes: dict[int, int], shards: int, task_bytes: int, fan_out: int
) -> None:
    layout = Layout.of(sizes, shards, task_bytes=task_bytes, fan_out=fan_out)
    rows = spread_evenly(sizes, shards)
    output, reads, held = travelled(layout, rows)
    assert set(reads.values()) == {1}
    for shard, found in output.items():
        assert sorted(row[1] for row in found) == sorted(sizes)
        assert {row[0] for row in found} == {shard}
    assert max(held) <= 4 * max(task_bytes, *sizes.values())


@settings(deadline=None, max_examples=100)
@given(sizes=SIZES, shards=st.integers(1, 70), fan_out=st.integers(2, 4), data=st.data())
def test_rows_that_lie_in_few_output_shards_arrive_as_well(
    sizes: dict[int, int], shards: int, fan_out: int, data: st.DataObject
) -> None:
    layout = Layout.of(sizes, shards, task_bytes=data.draw(st.integers(1, 100)), fan_out=fan_out)
    goals = st.lists(st.integers(0, shards - 1), max_size=3)
    rows = {shard: [(goal, shard, 1.0) for goal in data.draw(goals)] for shard in sizes}
    output, reads, _ = travelled(layout, rows)
    assert set(reads.values()) <= {1}
    assert sorted(row for found in output.values() for row in found) == sorted(
        row for all in rows.values() for row in all
    )
    assert all(row[0] == shard for shard, found in output.items() for row in found)


@given(sizes=SIZES, task_bytes=st.integers(1, 300))
def test_batches_are_all_shards_in_order_and_full_but_not_over(sizes: dict[int, int], task_bytes: int) -> None:
    batches = Layout.of(sizes, 1, task_bytes=task_bytes).batches
    assert [shard for batch in batches for shard in batch] == list(sizes)
    held = [sum(sizes[shard] for shard in batch) for batch in batches]
    assert all(size <= task_bytes or len(batch) == 1 for size, batch in zip(held, batches, strict=True))
    assert all(size + sizes[after[0]] > task_bytes for size, after in zip(held[:-1], batches[1:], strict=True))


@pytest.mark.parametrize(("shards", "levels"), [(1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 3)])
def test_few_levels_are_enough(shards: int, levels: int) -> None:
    layout = Layout.of({0: 1000}, shards, task_bytes=1000)
    assert layout.levels == levels
    assert layout.width(layout.levels - 1) == 1
    assert layout.width(0) * 256 >= shards


def test_four_terabytes_take_two_levels_of_tasks_that_fit_a_worker() -> None:
    shards = 62_500
    layout = Layout.of(dict.fromkeys(range(shards), 64_000_000), shards, task_bytes=125_000_000)
    assert (layout.levels, layout.tasks(0)) == (2, 62_500)
    assert layout.tasks(1) == 245 * layout.splits[1]
    pieces = [len(layout.read_by(1, task)[1]) for task in (0, layout.tasks(1) - 1)]
    assert all(count * 64_000_000 / 244 < 2 * 125_000_000 for count in pieces)


@pytest.mark.parametrize(("task_bytes", "most"), [(32_000_000, 1), (45_000_000, 2), (64_000_000, 1)])
def test_a_task_of_a_later_level_reads_no_more_whole_pieces_than_fit_it(task_bytes: int, most: int) -> None:
    layout = Layout.of(dict.fromkeys(range(51), 32_000_000), 388, task_bytes=task_bytes)
    piece = 51 * 32_000_000 * 256 / 388 / len(layout.batches)  # 21 MB, or 41 where a task holds two input shards
    read = [len(layout.read_by(1, task)[1]) for task in range(layout.tasks(1))]
    assert (layout.levels, max(read)) == (2, most)
    assert most * piece <= task_bytes < (most + 1) * piece
