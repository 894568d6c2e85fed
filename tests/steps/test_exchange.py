"""An exchange gives the same rows in one task and through Ray Data's shuffle, and goes on where it was killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.schema import Resources
from curator.steps.exchange import Exchanger, InMemory, Meeting, Source, Staged, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.shuffle import PARTITION_BYTES, partitions_for, range_of, spread_of
from curator.steps.step import Job, Step
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number, shard_of
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.store.vectors import to_column

SHARDS = [shard_number(unit, 0) for unit in range(5)]
SMALLEST = pa.schema([("key", pa.uint64()), ("doc_id", pa.uint64()), ("sum", pa.float64()), ("sketch", pa.binary(4))])


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def job(folder: Path, exchange_bytes: int = 0) -> Job:
    step = Step(name="near", settings={}, version=1, work=lambda job: None)
    kept = StepFolder(Folder(str(folder)))
    return Job(
        step=step,
        folder=kept,
        inputs={},
        exchange_bytes=exchange_bytes,
        watch=lambda event: None,
        commits=kept.committed(),
    )


def emit(shard: int) -> pa.Table:
    rows = 400
    rng = np.random.default_rng(shard)
    return pa.table(
        {
            "key": rng.integers(0, 50, rows).astype(np.uint64) * np.uint64(0x0500000000000000),
            "doc_id": document_ids(shard, rows),
            "sketch": pa.array([bytes([row % 256] * 4) for row in range(rows)], pa.binary(4)),
            "vector": to_column(rng.normal(size=(rows, 8)).astype(np.float32)),
        }
    )


def smallest_of_key(rows: pa.Table) -> pa.Table:
    keys, documents = rows["key"].to_numpy(), rows["doc_id"].to_numpy()
    order = np.lexsort((documents, keys))
    distinct, first = np.unique(keys[order], return_index=True)
    chosen = order[first]
    sums = [float(np.sum(rows["vector"][int(place)].as_py())) for place in chosen]
    columns = [pa.array(distinct), pa.array(documents[chosen]), pa.array(sums), rows["sketch"].take(pa.array(chosen))]
    return pa.table(columns, schema=SMALLEST)


def meet(exchanger: Exchanger, **options: bool) -> Tables:
    source = Source(tasks=SHARDS, emit=emit, rows=2000)
    return exchanger.exchange(
        Meeting("met", [source], smallest_of_key, schema=SMALLEST, row_bytes=PARTITION_BYTES // 400, **options)
    )


def all_rows(tables: Tables) -> pa.Table:
    return pa.concat_tables([tables.read(part) for part in tables.parts]).sort_by("key")


@pytest.mark.parametrize("options", [{}, {"ranged": True}, {"alone": True}])
def test_the_shuffle_gives_the_same_rows_as_one_task(cluster: None, tmp_path: Path, options: dict[str, bool]) -> None:
    found = meet(Staged(job(tmp_path), SHARDS), **options)
    assert found.rows == 50
    assert (len(found.parts) == 1) == bool(options.get("alone"))
    assert all_rows(found).equals(all_rows(meet(InMemory())))


def test_ranged_partitions_are_ranges_of_the_key(cluster: None, tmp_path: Path) -> None:
    found = meet(Staged(job(tmp_path), SHARDS), ranged=True)
    bounds = [
        (found.read(part)["key"].to_numpy().min(), found.read(part)["key"].to_numpy().max()) for part in found.parts
    ]
    assert len(bounds) > 1
    assert all(low[1] < high[0] for low, high in pairwise(bounds))


def test_what_goes_back_to_shards_is_found_by_shard(cluster: None, tmp_path: Path) -> None:
    staged, held = meet(Staged(job(tmp_path), SHARDS), to_shards=True), meet(InMemory(), to_shards=True)
    assert staged.rows == held.rows == 50
    for shard in SHARDS:
        rows = staged.of_shard(shard)
        assert rows.equals(held.of_shard(shard))
        assert set(shard_of(rows["doc_id"].to_numpy()).tolist()) <= {shard}
    assert staged.of_shard(shard_number(9, 0)).num_rows == held.of_shard(shard_number(9, 0)).num_rows == 0


def test_rows_of_several_sources_meet(cluster: None, tmp_path: Path) -> None:
    halves = [Source(tasks=SHARDS[:2], emit=emit, rows=800), Source(tasks=SHARDS[2:], emit=emit, rows=1200)]
    found = Staged(job(tmp_path), SHARDS).exchange(
        Meeting("met", halves, smallest_of_key, schema=SMALLEST, row_bytes=8)
    )
    assert all_rows(found).equals(all_rows(meet(InMemory())))


def test_one_exchange_feeds_the_next(cluster: None, tmp_path: Path) -> None:
    first = meet(Staged(job(tmp_path), SHARDS))
    source = Source(tasks=first.parts, emit=first.read, rows=first.rows)
    again = Staged(job(tmp_path), SHARDS).exchange(Meeting("again", [source], only_even, schema=SMALLEST, row_bytes=40))
    assert again.rows == 25
    assert all_rows(again).equals(only_even(all_rows(first)))


def only_even(rows: pa.Table) -> pa.Table:
    even = rows["key"].to_numpy() // np.uint64(0x0500000000000000) % np.uint64(2) == 0
    return rows.filter(pa.array(even)).select(SMALLEST.names)


def nothing(shard: int) -> pa.Table:
    return emit(shard).slice(0, 0)


def test_an_exchange_of_no_rows_has_no_parts(cluster: None, tmp_path: Path) -> None:
    for exchanger in (InMemory(), Staged(job(tmp_path), SHARDS)):
        source = Source(tasks=SHARDS, emit=nothing, rows=0)
        found = exchanger.exchange(
            Meeting("met", [source], smallest_of_key, schema=SMALLEST, row_bytes=8, to_shards=True)
        )
        assert (found.rows, list(found.parts)) == (0, [])
        assert found.of_shard(SHARDS[0]).equals(SMALLEST.empty_table())


def test_what_is_unsettled_is_counted(cluster: None, tmp_path: Path) -> None:
    for exchanger in (InMemory(), Staged(job(tmp_path), SHARDS)):
        source = Source(tasks=SHARDS, emit=emit, rows=2000)
        found = exchanger.exchange(
            Meeting("met", [source], smallest_of_key, schema=SMALLEST, row_bytes=8, unsettled=rows_above_half)
        )
        assert found.unsettled == 24


def rows_above_half(rows: pa.Table) -> int:
    return int(np.count_nonzero(rows["key"].to_numpy() > np.uint64(25 * 0x0500000000000000)))


def emit_or_die(shard: int, *, deaths: Path) -> pa.Table:
    """What `emit` gives, at the second try: the first one kills its worker."""
    die_once(deaths / f"emit-{shard}")
    return emit(shard)


def reduce_or_die(rows: pa.Table, *, deaths: Path) -> pa.Table:
    die_once(deaths / f"reduce-{int(rows['key'].to_numpy().min())}")
    return smallest_of_key(rows)


def die_once(mark: Path) -> None:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_task_whose_worker_died_is_tried_again_and_nothing_shows(cluster: None, tmp_path: Path) -> None:
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    source = Source(tasks=SHARDS, emit=partial(emit_or_die, deaths=deaths), rows=2000)
    found = Staged(job(tmp_path), SHARDS).exchange(
        Meeting(
            "met", [source], partial(reduce_or_die, deaths=deaths), schema=SMALLEST, row_bytes=PARTITION_BYTES // 400
        )
    )
    assert all_rows(found).equals(all_rows(meet(InMemory())))
    assert len(list(deaths.iterdir())) == len(SHARDS) + len(found.parts)


def test_a_finished_exchange_is_not_done_again(cluster: None, tmp_path: Path) -> None:
    first = meet(Staged(job(tmp_path), SHARDS))
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("met/*.parquet")}
    second = meet(Staged(job(tmp_path), SHARDS))
    assert all_rows(second).equals(all_rows(first))
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.glob("met/*.parquet")}
    assert times


@pytest.mark.parametrize("exchange_bytes", [0, 1 << 40])
def test_each_shard_is_applied_once_with_its_own_rows(cluster: None, tmp_path: Path, exchange_bytes: int) -> None:
    folder = StepFolder(Folder(str(tmp_path)))
    done = Commit(name=shard_name(SHARDS[0]), shards=(SHARDS[0],), counts={"rows": -1})
    folder.commit(done)

    def apply(shard: int, rows: pa.Table) -> Commit:
        return Commit(name=shard_name(shard), shards=(shard,), counts={"rows": rows.num_rows})

    work = job(tmp_path, exchange_bytes)
    exchange_then_apply(work, meet_by_shard, apply, SHARDS, size_bytes=1000)
    held = meet(InMemory(), to_shards=True)
    expected = {shard_name(shard): held.of_shard(shard).num_rows for shard in SHARDS[1:]} | {done.name: -1}
    found = {name: commit.counts["rows"] for name, commit in folder.committed().items() if name != "met"}
    assert found == expected


def meet_by_shard(exchanger: Exchanger) -> Tables:
    return meet(exchanger, to_shards=True)


def test_partitions_are_powers_of_two_that_hold_what_is_expected() -> None:
    assert partitions_for(0) == partitions_for(PARTITION_BYTES) == 2
    assert partitions_for(5 * PARTITION_BYTES) == 8
    assert partitions_for(8 * PARTITION_BYTES) == 8
    assert partitions_for(8 * PARTITION_BYTES + 1) == 16


def test_every_key_has_a_partition() -> None:
    keys = np.array([0, 1, 2**63, 2**64 - 1], np.uint64)
    assert range_of(keys, 4).tolist() == [0, 0, 2, 3]
    assert range_of(keys, 1).tolist() == [0, 0, 0, 0]
    spread = spread_of(np.arange(10_000, dtype=np.uint64), 8)
    assert np.bincount(spread, minlength=8).min() > 1000


def test_an_exchange_to_which_nobody_gives_anything_is_empty(cluster: None, tmp_path: Path) -> None:
    """As where no two documents of a large run are alike."""
    nothing = Meeting(
        "nothing", [Source(tasks=[], emit=emit, rows=0)], lambda rows: rows, schema=DROPS, row_bytes=8, to_shards=True
    )
    empty = Staged(job(tmp_path), SHARDS).exchange(nothing)
    assert empty.rows == 0
    assert all(empty.of_shard(shard).num_rows == 0 for shard in SHARDS)
