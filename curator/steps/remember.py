"""Step `remember`: what tonight kept, as files of the index of nights. They become part of it when the run is published.

Its tables are those of `store/history.py`, under the names that they will have there. The heavy work is all here, and resumable:
keepers part by part, bands and hashes by one exchange each, older segments merged piece by piece. To publish is to copy files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from curator.algorithms.schemes import stored_name
from curator.algorithms.sketches import SKETCH_BYTES
from curator.config.duplicates import Exact, Near
from curator.steps.exact import ADDRESS, CONTENT
from curator.steps.exchange import Exchanger, InMemory, Meeting, Source, Staged
from curator.steps.exchange_tables import Tables
from curator.steps.graph import in_one_task, over_shards
from curator.steps.near_members import bands_and_rows
from curator.steps.remember_merges import merge_older
from curator.steps.remember_rows import (
    PIECES,
    ROW_BYTES,
    Numbering,
    RememberedBands,
    RememberedHashes,
    bits_for,
    write_pieces,
)
from curator.steps.step import Job
from curator.steps.survivors import Upstream
from curator.store import history_parts as index
from curator.store.history import History
from curator.store.history_files import write_sorted
from curator.store.history_lookup import keeper_schema
from curator.store.history_parts import Segment
from curator.store.history_publish import Draft
from curator.store.step_folder import Commit, StepFolder

VERSION = 1
NIGHT = "night"


def index_settings(near: Near, exact: Exact) -> dict[str, Any]:
    """What all nights of an index must have in common, by names of the YAML: documents of others cannot be compared."""
    bands, rows = bands_and_rows(near)
    return {
        "near.scheme": stored_name(near.scheme),
        "near.shingle_words": near.shingle_words,
        "near.permutations": near.permutations,
        "near.seed": near.seed,
        "near.bands": bands,
        "near.rows": rows,
        "exact.by_url": exact.by_url,
        "sketch_bytes": SKETCH_BYTES,
    }


def run(job: Job, *, history: History, near: Near, exact: Exact) -> None:
    """Make tonight's segments and keepers, merge older segments where that is due, and say so in `night.json`. Drops nothing.

    `history` is what the steps `exact` and `near` of this run were checked against. Inputs: ingest, what drops up to near.
    """
    work = Remembering.of(job, history, near, exact)
    over_shards(job, work.numbering.parts, work.write_keepers, name=keepers_name)
    merged = merge_older(job, history, tuple(work.sources))
    if NIGHT in job.commits:
        return
    if work.size_bytes <= job.exchange_bytes:
        in_one_task(job, partial(_at_once, work, merged), expected=len(job.commits) + 1)
    else:
        found = work.exchanged(Staged(job, work.shards))
        in_one_task(job, partial(_concluded, work, found, merged), expected=len(job.commits) + 1)


def keepers_name(part: int) -> str:
    return f"keepers-{part:06d}"


@dataclass(frozen=True, kw_only=True)
class Remembering:
    """The work of the step. Travels to workers. `sources` emit the rows of each table of tonight's segments."""

    folder: StepFolder
    near: StepFolder
    digest: str
    history: History
    numbering: Numbering
    sources: Mapping[str, Source]

    @staticmethod
    def of(job: Job, history: History, near: Near, exact: Exact) -> Remembering:
        upstream, shards = Upstream.of(job.inputs), job.inputs["ingest"].shards()
        numbering = Numbering.of(upstream, job.inputs["near"], history.entries)
        bands = RememberedBands(numbering=numbering, near=near)
        sources = {index.BANDS: Source(tasks=shards, emit=bands.emit, rows=numbering.entries * bands.rows.bands)}
        kinds = {index.CONTENT: (CONTENT,)} | ({index.URLS: (CONTENT, ADDRESS)} if exact.by_url else {})
        for table, same in kinds.items():
            hashes = RememberedHashes(
                upstream=upstream, exact=job.inputs["exact"], kinds=same, night=len(history.nights)
            )
            documents = job.inputs["exact"].total("documents_in")
            sources[table] = Source(tasks=shards, emit=hashes.emit, rows=documents)
        return Remembering(
            folder=job.folder,
            near=job.inputs["near"],
            digest=job.step.digest,
            history=history,
            numbering=numbering,
            sources=sources,
        )

    @property
    def shards(self) -> Sequence[int]:
        return self.sources[index.BANDS].tasks

    @property
    def size_bytes(self) -> int:
        """About what all exchanges bring to one place."""
        return sum(source.rows * ROW_BYTES[table] for table, source in self.sources.items())

    @property
    def night(self) -> str:
        return index.night_name(len(self.history.nights), self.digest)

    def write_keepers(self, part: int) -> Commit:
        """One part of `keepers`, memory one shard's sketches and one row group."""
        name = index.keeper_file(self.night, part)
        rows = write_sorted(self.folder.folder, name, self.numbering.keepers(part), keeper_schema(SKETCH_BYTES))
        return Commit(name=keepers_name(part), shards=(), counts={"keepers": rows})

    def exchanged(self, exchanger: Exchanger) -> dict[str, Tables]:
        """Write tonight's segments; PIECES of each table."""
        return {table: self._exchange(exchanger, table, source) for table, source in self.sources.items()}

    def _exchange(self, exchanger: Exchanger, table: str, source: Source) -> Tables:
        bits = bits_for(table, source.rows)
        write = partial(write_pieces, folder=self.folder, table=table, segment=self.night, bits=bits)
        row_bytes = ROW_BYTES[table]
        return exchanger.exchange(
            Meeting(f"pieces-{table}", [source], write, schema=PIECES, row_bytes=row_bytes, ranged=True)
        )

    def conclude(self, found: Mapping[str, Tables], merged: Mapping[str, Segment]) -> Commit:
        """Write the draft of the night, which names every file of it, and count what the step was given."""
        Draft(
            state=self.history.state,
            settings=self.history.settings,
            number=len(self.history.nights),
            digest=self.digest,
            first_entry=self.numbering.first,
            entries=self.numbering.entries,
            made={table: self._made(table, pieces) for table, pieces in found.items()},
            merged=merged,
        ).save(self.folder.folder)
        counts = {
            f"{name}_{way}": self.near.total(f"{name}_out") for name in ("documents", "bytes") for way in ("in", "out")
        }
        return Commit(name=NIGHT, shards=(), counts=counts)

    def _made(self, table: str, pieces: Tables) -> Segment:
        rows = np.zeros(1 << bits_for(table, self.sources[table].rows), np.int64)
        for part in pieces.parts:
            written = pieces.read(part)
            rows[written["piece"].to_numpy()] = written["rows"].to_numpy()
        number = len(self.history.nights)
        return Segment(name=self.night, first_night=number, last_night=number, rows=tuple(rows.tolist()))


def _at_once(work: Remembering, merged: Mapping[str, Segment]) -> Iterator[Commit]:
    yield work.conclude(work.exchanged(InMemory()), merged)


def _concluded(work: Remembering, found: Mapping[str, Tables], merged: Mapping[str, Segment]) -> Iterator[Commit]:
    yield work.conclude(found, merged)
