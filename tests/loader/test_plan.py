"""All ranks plan the same batches from the index: each sequence at most once, in order, and no batch above its tokens."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.loader.plan import Part, planned
from curator.store.sequences import SequenceFile, SequenceFormat, SequenceIndex

LENGTHS = (4, 8, 16)
RUNS = st.lists(st.tuples(st.sampled_from(LENGTHS), st.integers(1, 60)), max_size=8)
FILES = st.lists(RUNS, max_size=4)
RAMPS = st.sampled_from([(), ((0.3, 16),), ((0.1, 16), (0.2, 64), (0.75, 100))])
WORLDS = st.integers(1, 9)


def index_of(
    *files: list[tuple[int, int]], tokens: int = 128, ramp: tuple[tuple[float, int], ...] = ()
) -> SequenceIndex:
    listed = tuple(
        SequenceFile(name=f"{number}", sequences=sum(count for _, count in runs), tokens=0, runs=tuple(runs))
        for number, runs in enumerate(files)
    )
    format = SequenceFormat(
        sequence_length=16,
        pad_id=0,
        end_id=0,
        vocabulary=9,
        packing="by_length",
        batch_tokens=tokens,
        batch_ramp=ramp,
        buckets=LENGTHS,
    )
    return SequenceIndex(format=format, files=listed)


def lengths_of(index: SequenceIndex) -> list[int]:
    """The length of every sequence."""
    return [length for file in index.files for length, number in file.runs for _ in range(number)]


def batches_of(index: SequenceIndex, world: int, start: int = 0) -> list[tuple[int, int]]:
    plan = planned(index, start=start, world=world)
    return list(zip(plan.begin.tolist(), plan.of_rank.tolist(), strict=True))


def numbers(part: Part) -> list[int]:
    return part.within(0, 10**9).tolist()


@given(FILES, RAMPS, st.integers(0, 400), WORLDS)
def test_a_batch_has_one_length_and_at_most_its_tokens(files, ramp, start, world):
    index = index_of(*files, ramp=ramp)
    lengths = lengths_of(index)
    places = np.append(0, np.cumsum(lengths))
    for begin, of_rank in batches_of(index, world, min(start, len(lengths))):
        (length,) = set(lengths[begin : begin + world * of_rank])
        tokens = next((tokens for until, tokens in ramp if places[begin] / places[-1] < until), 128)
        assert of_rank == 1 or world * of_rank * length <= tokens
        same = next((at for at in range(begin, len(lengths)) if lengths[at] != length), len(lengths))
        assert world * (of_rank + 1) * length > tokens or begin + world * (of_rank + 1) > same  # one more does not fit


@given(FILES, RAMPS, st.integers(0, 400), WORLDS)
def test_only_the_ends_of_runs_are_in_no_batch(files, ramp, start, world):
    index = index_of(*files, ramp=ramp)
    lengths = lengths_of(index)
    start = min(start, len(lengths))
    read = {
        number for begin, of_rank in batches_of(index, world, start) for number in range(begin, begin + world * of_rank)
    }
    wanted = set()
    for _, run in groupby(range(start, len(lengths)), key=lengths.__getitem__):
        run = list(run)
        wanted |= set(run[: len(run) // world * world])
    assert read == wanted
    plan = planned(index, start=start, world=world)
    assert plan.sequences == len(read)


@given(FILES, RAMPS, WORLDS, st.integers(1, 3))
def test_ranks_and_workers_share_every_batch_evenly(files, ramp, world, workers):
    plan = planned(index_of(*files, ramp=ramp), start=0, world=world)
    parts = [[plan.part(rank, worker, workers) for worker in range(workers)] for rank in range(world)]
    for batch, (begin, of_rank) in enumerate(zip(plan.begin, plan.of_rank, strict=True)):
        turns = [parts[rank][batch % workers] for rank in range(world)]
        ranges = [(part.begin[batch // workers], part.end[batch // workers]) for part in turns]
        assert ranges[0][0] == begin
        assert all(end - first == of_rank for first, end in ranges)
        assert all(end == first for (_, end), (first, _) in pairwise(ranges))
    assert sum(len(part.begin) for part in parts[0]) == len(plan.begin)


@given(FILES, WORLDS, st.lists(st.integers(0, 500), max_size=6))
def test_what_a_part_reads_of_a_piece_is_what_it_reads_there(files, world, edges):
    plan = planned(index_of(*files), start=0, world=world)
    part = plan.part(0, 0, 2)
    edges = [0, *sorted(edges), 10**9]
    assert [number for first, end in pairwise(edges) for number in part.within(first, end).tolist()] == numbers(part)
    wanted = [number for first, end in zip(part.begin, part.end, strict=True) for number in range(first, end)]
    assert numbers(part) == wanted


@given(FILES, RAMPS, WORLDS, st.data())
def test_a_plan_goes_on_after_any_of_its_batches(files, ramp, world, data):
    index = index_of(*files, ramp=ramp)
    batches = batches_of(index, world)
    done = data.draw(st.integers(0, len(batches)))
    start = batches[done - 1][0] + world * batches[done - 1][1] if done else 0
    assert batches_of(index, world, start) == batches[done:]


def test_a_run_goes_on_in_the_next_file():
    index = index_of([(16, 5)], [(16, 4), (8, 1)], [(8, 7)])
    assert index.runs == [(16, 9), (8, 8)]
    assert batches_of(index, 2) == [(0, 4), (9, 4)]
    assert planned(index, start=0, world=2).sequences == 16


def test_batches_grow_at_shares_of_the_tokens():
    index = index_of([(16, 100)], ramp=((0.1, 16), (0.25, 48)))
    sizes = [16 * of_rank for _, of_rank in batches_of(index, 1)]
    assert sizes == [16] * 10 + [48] * 5 + [128] * 9 + [48]


def test_every_rank_has_a_sequence_though_they_are_more_than_the_batch_has_tokens():
    assert batches_of(index_of([(16, 20)], tokens=16), 9) == [(0, 1), (9, 1)]


def test_a_run_with_fewer_sequences_than_ranks_is_in_no_batch():
    assert batches_of(index_of([(16, 2), (8, 3), (16, 2)]), 3) == [(2, 1)]
