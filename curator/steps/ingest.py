"""Step `ingest`: input units -> document shards. One pass over the text: extraction, clean-up, language, statistics, signatures.

Tables by shard: `documents` (doc_id, text, url, source, medium, metadata, licence and robots hints), `statistics` (narrow, what
filters and exact duplicates read), `signatures` (MinHash and its sketch), `origins` (file and position of every record, usable or
not), `drops` (records without usable text). A run that only looks for duplicates leaves texts as they are, and `statistics` is
narrower still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial

import pyarrow as pa

from curator.readers.pieces import read_piece
from curator.readers.records import DamagedFile, grouped
from curator.readers.registry import fingerprint
from curator.readers.units import Unit
from curator.steps import ingest_tables as tables
from curator.steps.captions import prose
from curator.steps.graph import over_shards
from curator.steps.ingest_settings import IngestSettings
from curator.steps.raw_shards import content_bytes, cut_into_shards, damaged_row, extracted, with_clean_text
from curator.steps.step import Job
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.text.extraction.extractor import Extractor

VERSION = 4
FAST = 1  # zstd at twice the speed of level 3, for an eighth more bytes that are read a few times and then deleted
CLEAN_BYTES = 8 << 20  # cleaned at a time: a batch of pages holds little text, and every call compiles its expressions


def run(job: Job, *, units: Mapping[int, Unit], settings: IngestSettings) -> None:
    """Ingest the units that have no valid commit. The folder grows from night to night; units keep their numbers."""
    valid = {unit_name(number): fingerprint(unit) for number, unit in units.items()}
    job.commits = {name: commit for name, commit in job.commits.items() if valid.get(name) == commit.key}
    work = partial(ingest_unit, units=units, settings=settings, folder=job.folder)
    over_shards(job, list(units), work, name=unit_name)


def unit_name(number: int) -> str:
    return f"unit-{number:08d}"


def ingest_unit(number: int, *, units: Mapping[int, Unit], settings: IngestSettings, folder: StepFolder) -> Commit:
    """Read one unit and write its shards; shards that an earlier, killed attempt has committed are not written again."""
    unit, notes, shards = units[number], list[str](), list[int]()
    counts: Counter[str] = Counter()
    key = fingerprint(unit)
    for part, rows in enumerate(cut_into_shards(_clean_batches(unit, settings, notes), settings.shard_bytes)):
        shard = shard_number(number, part)
        commit = folder.commit_of(shard_name(shard))
        if commit is None or commit.key != key:
            commit = _write_shard(shard, rows, unit, settings, folder)
            folder.commit(commit)
        shards.append(shard)
        counts.update(commit.counts)
    return Commit(name=unit_name(number), shards=tuple(shards), counts=dict(counts), key=key, notes=tuple(notes))


def _clean_batches(unit: Unit, settings: IngestSettings, notes: list[str]) -> Iterator[pa.Table]:
    """Every record of a unit, cleaned; a damaged file ends the run or, where it may be skipped, becomes a note and a row."""
    with Extractor(settings.extraction) as extractor:
        for index, piece in enumerate(unit.pieces):
            try:
                batches = (extracted(raw, extractor) for raw in read_piece(piece, index, settings.options))
                for run in grouped(batches, content_bytes, CLEAN_BYTES):
                    yield with_clean_text(pa.concat_tables(run), settings.cleaning)
            except DamagedFile as error:
                if not settings.skip_bad_files:
                    raise
                notes.append(error.damage)
                yield damaged_row(index, piece.file.source, error.position, error.detail, settings.cleaning)


def _write_shard(shard: int, rows: pa.Table, unit: Unit, settings: IngestSettings, folder: StepFolder) -> Commit:
    rows = rows.append_column("doc_id", pa.array(document_ids(shard, rows.num_rows)))
    rows, statistics = tables.with_statistics(rows, settings)
    documents, drops = tables.usable(rows), tables.drops(rows)
    folder.write("origins", shard, tables.origins(rows, unit))
    folder.write("documents", shard, documents.select(tables.DOCUMENTS), level=FAST)
    folder.write("statistics", shard, statistics)
    folder.write("signatures", shard, tables.signatures(prose(documents), settings), level=FAST)
    if drops.num_rows:
        folder.write("drops", shard, drops)
    counts = tables.counts(rows, statistics, drops)
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts, key=fingerprint(unit))
