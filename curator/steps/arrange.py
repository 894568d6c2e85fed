"""Step `arrange`: the curated documents are written in the order in which they are to be read, every copy in its own place.

The only exchange that moves text. It goes through files, not through Ray's memory: tasks cut what they read into ranges of the
order and write each as a piece, the last tasks put the pieces of an output shard in order (`Layout`). A task holds about
`task_bytes` of content, whatever the size of the corpus, and a killed run goes on after the last task that ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.packing import Packing
from curator.steps.arrange_layout import Layout
from curator.steps.arrange_packing import format_of, index_of, write_packed
from curator.steps.graph import in_one_task, over_shards
from curator.steps.order_files import read_cuts
from curator.steps.step import Job
from curator.steps.synthetic_tables import written, written_by_people
from curator.store.sequences import write_index
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_stream, to_parquet, to_stream

VERSION = 2
HELD = 4  # times a task holds its content: as read, in order, cut into pieces, and packed
LAYOUT, PIECE = "layout", ".arrow"
Content = Callable[[int], pa.Table]
"""The rows of an input shard, each with its columns `key`, `doc_id` and `copy`: places in the order, and what ties go by."""
Write = Callable[[StepFolder, int, pa.Table], Mapping[str, int]]
"""Writes the rows of an output shard, which are in order, and counts what it has written."""


def run(job: Job, *, packing: Packing | None) -> None:
    """Write `curated/<number>.parquet`: the curated columns, and instead of `copies` which `copy` of its document a row is.

    With `packing` they are sequences of tokens (SEQUENCES), and `curated/sequences.json` lists the files.
    """
    curate, order = written(job.inputs), job.inputs["order"]
    sizes = sizes_of(curate)
    if not sizes:
        return
    if packing is None:
        content, write = partial(copies_in_shard, documents=curate, table="curated", order=order), write_texts
        _arrange(job, content, write, sizes)
        return
    tokenized, format = job.inputs["tokenize"], format_of(job.inputs["tokenize"], packing)
    content = partial(copies_in_shard, documents=tokenized, table="tokens", order=order)
    _arrange(job, content, partial(write_packed, packing=packing, format=format), sizes)
    write_index(job.folder.folder / "curated", index_of(job.commits.values(), format))


def _arrange(job: Job, content: Content, write: Write, sizes: Mapping[int, int]) -> None:
    cuts = read_cuts(job.inputs["order"])
    task_bytes = remembered_task_bytes(job)
    layout = Layout.of(sizes, len(cuts) + 1, task_bytes=task_bytes)
    work = Work(folder=job.folder, content=content, write=write, cuts=cuts, layout=layout)
    if sum(sizes.values()) <= task_bytes:
        undone = [shard for shard in range(layout.shards) if shard_commit(shard) not in job.commits]
        in_one_task(job, partial(work.at_once, list(sizes), undone), expected=layout.shards)
        return
    for level in range(layout.levels):
        over_shards(job, range(layout.tasks(level)), partial(work.spread, level), name=partial(spread_commit, level))
    over_shards(job, range(layout.shards), work.put_in_order, name=shard_commit)
    for level in range(layout.levels):
        over_shards(job, range(layout.tasks(level)), partial(work.sweep, level), name=partial(sweep_commit, level))


def remembered_task_bytes(job: Job) -> int:
    """What a task may hold, as it was when the step began: pieces of an earlier attempt fit no other layout."""
    if LAYOUT not in job.commits:
        commit = Commit(name=LAYOUT, shards=(), counts={"task_bytes": job.exchange_bytes // HELD})
        job.folder.commit(commit)
        job.add(commit, 1)
    return job.commits[LAYOUT].counts["task_bytes"]


def sizes_of(curate: StepFolder) -> dict[int, int]:
    """The text bytes of each curated shard that has documents, with copies, about: each counts like an average document."""
    found = {}
    for commit in curate.manifest() or ():
        counts = commit.counts
        for shard in commit.shards if counts.get("documents_out") else ():
            found[shard] = max(1, -(-counts["bytes_out"] * counts["copies"] // counts["documents_out"]))
    return found


def copies_in_shard(shard: int, *, documents: StepFolder, table: str, order: StepFolder) -> pa.Table:
    """Every copy of every document of a shard of a table, with its key."""
    places = order.read("order", shard, ["doc_id", "copy", "key"])
    found = retyped(documents.read(table, shard), pa.string(), pa.large_string())  # copies may be more than 2 GiB
    row = np.searchsorted(found["doc_id"].to_numpy(), places["doc_id"].to_numpy())
    rows = found.take(pa.array(row))
    return rows.append_column("copy", places["copy"]).append_column("key", places["key"])


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the tasks do. Travels to workers."""

    folder: StepFolder
    content: Content
    write: Write
    cuts: npt.NDArray[np.uint64]
    layout: Layout

    def at_once(self, shards: Sequence[int], undone: Sequence[int]) -> Iterator[Commit]:
        """All of it in this process."""
        rows = pa.concat_tables([self.content(shard) for shard in shards])
        goal = self._shard_of(rows)
        for shard in undone:  # each as a table of its own: sizes of row groups follow from its buffers
            yield self._write(shard, in_order(rows.filter(pa.array(goal == shard))))

    def spread(self, level: int, task: int) -> Commit:
        """Cut what a task of a level reads into the ranges of that level."""
        found = list(self._read(level, task))
        if not found:
            return Commit(name=spread_commit(level, task), shards=())
        rows = in_order(pa.concat_tables(found))
        places = self._shard_of(rows) // self.layout.width(level)
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        for start, stop in zip(starts, [*starts[1:], rows.num_rows], strict=True):
            piece = to_stream(rows.slice(start, stop - start))
            self.folder.write_bytes(piece_name(level, int(places[start]), task), piece)
        return Commit(name=spread_commit(level, task), shards=())

    def put_in_order(self, shard: int) -> Commit:
        """Write one output shard from its pieces."""
        level = self.layout.levels - 1
        pieces = self._pieces(level, shard, self.layout.writers(level, shard))
        return self._write(shard, in_order(pa.concat_tables(list(pieces))))

    def sweep(self, level: int, task: int) -> Commit:
        """Delete the pieces that a task has written: all of them are in their place."""
        first = 0 if level == 0 else self.layout.read_by(level, task)[0] * self.layout.fan_out
        last = -(-self.layout.shards // self.layout.width(level)) if level == 0 else first + self.layout.fan_out
        for place in range(first, last):
            self.folder.folder.delete(piece_name(level, place, task))
        return Commit(name=sweep_commit(level, task), shards=())

    def _read(self, level: int, task: int) -> Iterator[pa.Table]:
        if level == 0:
            return map(self.content, self.layout.batches[task])
        return self._pieces(level - 1, *self.layout.read_by(level, task))

    def _pieces(self, level: int, place: int, writers: range) -> Iterator[pa.Table]:
        """The pieces of a range; a task that had no row of it has written none."""
        there = set((self.folder.folder / piece_folder(level, place)).names(PIECE))
        for name in (f"{task:08d}{PIECE}" for task in writers):
            if name in there:
                yield read_stream(self.folder.folder, f"{piece_folder(level, place)}/{name}")

    def _shard_of(self, rows: pa.Table) -> npt.NDArray[np.int64]:
        """The output shard of each row."""
        found: npt.NDArray[np.int64] = np.searchsorted(self.cuts, rows["key"].to_numpy(), side="right")
        return found

    def _write(self, shard: int, rows: pa.Table) -> Commit:
        counted = self.write(self.folder, shard, rows)
        first = rows.filter(pc.equal(rows["copy"], 0))  # of every document one copy has the number 0
        documents = written_by_people(first["doc_id"])
        counts = {"documents_in": documents, "documents_out": documents, "copies": rows.num_rows}
        return Commit(name=shard_commit(shard), shards=(), counts={**counts, **counted})


def write_texts(folder: StepFolder, shard: int, rows: pa.Table) -> Mapping[str, int]:
    """Write the documents. Whoever repeats by `copies` would repeat each copy, so that column is left out."""
    written = to_parquet(retyped(rows.drop_columns(["key", "copies"]), pa.large_string(), pa.string()))
    folder.write_bytes(f"curated/{shard:08d}.parquet", memoryview(written))
    return {}


def in_order(rows: pa.Table) -> pa.Table:
    """Rows by their key; equal keys by document and copy."""
    columns = [rows[name].to_numpy() for name in ("copy", "doc_id", "key")]
    return rows.take(pa.array(np.lexsort(columns)))


def retyped(rows: pa.Table, old: pa.DataType, new: pa.DataType) -> pa.Table:
    """Rows whose columns of the type `old` have the type `new`."""
    fields = [field.with_type(new) if field.type == old else field for field in rows.schema]
    return rows.cast(pa.schema(fields))


def shard_commit(shard: int) -> str:
    return f"shard-{shard:08d}"


def spread_commit(level: int, task: int) -> str:
    return f"spread-{level}-{task:08d}"


def sweep_commit(level: int, task: int) -> str:
    return f"swept-{level}-{task:08d}"


def piece_folder(level: int, place: int) -> str:
    return f"pieces-{level}/{place:08d}"


def piece_name(level: int, place: int, task: int) -> str:
    return f"{piece_folder(level, place)}/{task:08d}{PIECE}"
