"""Merging older segments of the index inside step `remember`: one task for each piece of what they become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from curator.steps.graph import over_shards
from curator.steps.remember_rows import bits_for
from curator.steps.step import Job
from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_merge import due, merge_piece
from curator.store.history_parts import Segment, merged_name
from curator.store.step_folder import Commit


def merge_older(job: Job, history: History, tables: Sequence[str]) -> dict[str, Segment]:
    """Merge what is due of each table into files of this step's folder; the segments that they make up."""
    chosen = {table: due(history.segments.get(table, ())) for table in tables}
    return {table: _merge_table(job, history, table, segments) for table, segments in chosen.items() if segments}


def _merge_table(job: Job, history: History, table: str, segments: Sequence[Segment]) -> Segment:
    first, last = segments[0].first_night, segments[-1].last_night
    bits = bits_for(table, sum(sum(segment.rows) for segment in segments))
    name, pieces, of_piece = merged_name(first, last, job.step.digest), range(1 << bits), _commit_name(table)
    merge = partial(
        _merge, history=history, table=table, segments=segments, bits=bits, target=job.folder.folder, name=name
    )
    over_shards(job, pieces, merge, name=of_piece)
    rows = tuple(job.commits[of_piece(piece)].counts["merged_rows"] for piece in pieces)
    return Segment(name=name, first_night=first, last_night=last, rows=rows)


def _merge(
    piece: int, *, history: History, table: str, segments: Sequence[Segment], bits: int, target: Folder, name: str
) -> Commit:
    rows = merge_piece(history, table, segments, bits=bits, piece=piece, target=target, name=name)
    return Commit(name=_commit_name(table)(piece), shards=(), counts={"merged_rows": rows})


def _commit_name(table: str) -> Callable[[int], str]:
    return f"merge-{table}-{{:05d}}".format
