"""Step `ingest`: input units -> document shards. One pass over the text: extraction, clean-up, language, statistics, signatures.

Tables by shard: `documents` (doc_id, text, url, source, metadata), `statistics` (narrow, what filters and exact duplicates read),
`signatures` (MinHash), `origins` (file and position of every record, usable or not), `drops` (records without usable text).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms import minhash
from curator.config import Config
from curator.readers.pieces import read_piece
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.registry import fingerprint
from curator.readers.units import Unit
from curator.steps.graph import over_shards
from curator.steps.raw_shards import cut_into_shards, damaged_row, with_clean_text
from curator.steps.step import Job
from curator.steps.survivors import reason_counts, total
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.language import identify
from curator.text.statistics import text_statistics

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class IngestSettings:
    """What decides the ingested tables."""

    options: ReadOptions
    skip_bad_files: bool
    shard_bytes: int
    shingle_words: int
    permutations: int
    seed: int

    @staticmethod
    def of(config: Config) -> IngestSettings:
        reading, near = config.input, config.near
        return IngestSettings(
            options=ReadOptions(
                text_field=reading.text_field,
                url_field=reading.url_field,
                source_field=reading.source_field,
                max_document_bytes=reading.max_document_bytes,
            ),
            skip_bad_files=reading.on_bad_file == "skip",
            shard_bytes=config.shards.text_bytes,
            shingle_words=near.shingle_words,
            permutations=near.bands * near.rows,
            seed=near.seed,
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "signature_scheme": minhash.SCHEME}


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
    for index, piece in enumerate(unit.pieces):
        try:
            for raw in read_piece(piece, index, settings.options):
                yield with_clean_text(raw)
        except DamagedFile as error:
            if not settings.skip_bad_files:
                raise
            notes.append(error.damage)
            yield damaged_row(index, piece.file.source, error.position, error.detail)


def _write_shard(shard: int, rows: pa.Table, unit: Unit, settings: IngestSettings, folder: StepFolder) -> Commit:
    rows = rows.append_column("doc_id", pa.array(document_ids(shard, rows.num_rows)))
    documents = rows.filter(pc.is_null(rows["reason"]))
    drops = _drops(rows)
    statistics = _statistics(documents)
    folder.write("origins", shard, _origins(rows, unit))
    folder.write("documents", shard, documents.select(["doc_id", "text", "url", "source", "metadata"]))
    folder.write("statistics", shard, statistics)
    folder.write("signatures", shard, _signatures(documents, settings))
    if drops.num_rows:
        folder.write("drops", shard, drops)
    counts = _counts(rows, statistics, drops)
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts, key=fingerprint(unit))


def _origins(rows: pa.Table, unit: Unit) -> pa.Table:
    """Where each record came from: doc_id, source, file, position."""
    paths = pa.array([piece.file.path for piece in unit.pieces])
    files = pc.take(paths, rows["file"])
    return pa.table({"doc_id": rows["doc_id"], "source": rows["source"], "file": files, "position": rows["position"]})


def _statistics(documents: pa.Table) -> pa.Table:
    """The narrow table of a shard: doc_id, language, and all statistics of the text."""
    language, statistics = identify(documents["text"].combine_chunks()), text_statistics(documents["text"])
    columns = {name: statistics[name] for name in statistics.column_names}
    return pa.table(
        {
            "doc_id": documents["doc_id"],
            "language": language["language"],
            "language_probability": language["language_probability"],
            **columns,
        }
    )


def _signatures(documents: pa.Table, settings: IngestSettings) -> pa.Table:
    """The signatures of the documents that have one: doc_id, signature (little-endian uint32, one for each permutation)."""
    values, present = minhash.signatures(
        documents["text"],
        shingle_words=settings.shingle_words,
        permutations=settings.permutations,
        seed=settings.seed,
    )
    width = pa.binary(4 * settings.permutations)
    chosen = values[present].astype("<u4")
    column = pa.FixedSizeBinaryArray.from_buffers(width, len(chosen), [None, pa.py_buffer(chosen.tobytes())])
    return pa.table({"doc_id": documents["doc_id"].combine_chunks().filter(pa.array(present)), "signature": column})


def _drops(rows: pa.Table) -> pa.Table:
    """The records without usable text, in the columns of DROPS."""
    bad = rows.filter(pc.is_valid(rows["reason"]))
    nothing = {name: pa.nulls(bad.num_rows, DROPS.field(name).type) for name in ("value", "kept_doc_id")}
    columns = {"doc_id": bad["doc_id"], "reason": bad["reason"], "detail": bad["detail"], **nothing}
    return pa.table([columns[name] for name in DROPS.names], schema=DROPS)


def _counts(rows: pa.Table, statistics: pa.Table, drops: pa.Table) -> dict[str, int]:
    return {
        "documents_in": rows.num_rows,
        "bytes_in": total(rows["payload_bytes"]),
        "documents_out": statistics.num_rows,
        "bytes_out": total(statistics["bytes"]),
        **reason_counts(drops),
    }
