"""Step `lines`: paragraphs or lines that stand in many documents are cut out of them; a document that loses too much is dropped.

Text is read twice, once to send what it holds and once to cut it, because only hashes are exchanged: a row for each distinct
line of a shard with the number of its documents there, so that a line that stands everywhere sends one row a shard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import first_of_group
from curator.config.duplicates import Duplicates, Lines
from curator.steps.exchange import Exchanger, Meeting, Source, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.ranks import Ranking
from curator.steps.step import Job
from curator.steps.survivors import Upstream, apply_drops, drops_table, total
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.line_cuts import cut
from curator.text.protected_lines import unprotected
from curator.text.repeated_lines import Units, hash_units

VERSION = 1
REASON = "repeated_lines"
ROW_BYTES, RANK_BYTES = 20, 16
BYTES_PER_LETTER = 4  # of text for each letter that a row asks for: 283 MB of 46 sources send a row for every 8
RANK = ("rank_high", "rank_low")
FOUND = pa.schema([("doc_id", pa.uint64()), ("key", pa.uint64()), ("kept_doc_id", pa.uint64())])
"""A line that is to be cut from a shard, by one of its documents there; and the document that keeps it, if one does."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a worker needs. `ranking` is None where no document keeps what is repeated."""

    folder: StepFolder
    upstream: Upstream
    ranking: Ranking | None
    lines: Lines

    def units(self, texts: pa.ChunkedArray) -> Units:
        return hash_units(
            texts.combine_chunks(), paragraphs=self.lines.unit == "paragraph", min_letters=self.lines.min_letters
        )


def run(job: Job, *, lines: Lines, duplicates: Duplicates) -> None:
    """Write `cuts` (CUTS) and `drops`; the value is the share of its characters that a document would lose."""
    ranking = Ranking.of(job.inputs, duplicates)
    upstream = ranking.upstream
    settings = Settings(
        folder=job.folder, upstream=upstream, ranking=ranking if lines.keep_first else None, lines=lines
    )
    shards = upstream.ingest.shards()
    rows = upstream.last.total("bytes_out") // (BYTES_PER_LETTER * lines.min_letters)
    row_bytes = ROW_BYTES + RANK_BYTES * lines.keep_first
    exchange_then_apply(
        job,
        partial(repeated, shards=shards, rows=rows, row_bytes=row_bytes, settings=settings),
        partial(cut_shard, settings=settings),
        shards,
        size_bytes=rows * row_bytes,
    )


def repeated(exchanger: Exchanger, *, shards: Sequence[int], rows: int, row_bytes: int, settings: Settings) -> Tables:
    """FOUND of all lines that stand in enough documents."""
    source = Source(tasks=shards, emit=partial(distinct_lines, settings=settings), rows=rows)
    reduce = partial(repeated_rows, min_documents=settings.lines.min_documents)
    return exchanger.exchange(Meeting("repeated", [source], reduce, schema=FOUND, row_bytes=row_bytes, to_shards=True))


def distinct_lines(shard: int, *, settings: Settings) -> pa.Table:
    """The distinct lines of a shard: `key`, how many `documents` hold it, and the first of them (by rank, where there is one)."""
    rows = settings.upstream.documents(shard, ("doc_id", "text"))
    units = settings.units(rows["text"])
    ranks = settings.ranking.rows(shard).select(RANK) if settings.ranking else pa.table({})
    columns = {"key": units.key, "doc_id": rows["doc_id"].to_numpy()[units.text]}
    columns |= {name: ranks[name].to_numpy()[units.text] for name in ranks.column_names}
    order, first, line = _grouped(columns)
    distinct = first | first_of_group(columns["doc_id"][order])
    return pa.table(
        {name: column[order][first] for name, column in columns.items()}
        | {"documents": np.bincount(line, weights=distinct).astype(np.uint32)}
    )


def repeated_rows(rows: pa.Table, *, min_documents: int) -> pa.Table:
    """FOUND of the rows of all shards. A line is kept by its best document if the rows have ranks, else by none."""
    columns = {name: rows[name].to_numpy() for name in ("key", "doc_id", *RANK) if name in rows.column_names}
    order, first, line = _grouped(columns)
    documents = np.bincount(line, weights=rows["documents"].to_numpy()[order])
    many = documents[line] >= min_documents
    found = columns["doc_id"][order]
    nobody = None if RANK[0] in columns else np.ones(int(many.sum()), np.bool_)
    kept = pa.array(found[first][line][many], pa.uint64(), mask=nobody)
    return pa.table([found[many], columns["key"][order][many], kept], schema=FOUND)


def _grouped(
    columns: dict[str, npt.NDArray[np.uint64]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """The order of the rows by key, then rank, then document; in that order, which begins a key, and the key's number."""
    order = np.lexsort([columns[name] for name in ("doc_id", *reversed(RANK), "key") if name in columns])
    first = first_of_group(columns["key"][order])
    return order, first, np.cumsum(first) - 1


def cut_shard(shard: int, found: pa.Table, *, settings: Settings) -> Commit:
    """Write the cuts of the documents of a shard that stay, and the drops of those that lose too much."""
    if not found.num_rows:
        return apply_drops(settings.folder, settings.upstream, shard, DROPS.empty_table())
    rows = settings.upstream.documents(shard, ("doc_id", "text"))
    text, documents = rows["text"].combine_chunks(), rows["doc_id"].to_numpy()
    units = unprotected(text, _chosen(settings.units(rows["text"]), found, documents))
    cuts = cut(text, documents, units)
    place = np.searchsorted(documents, cuts["doc_id"].to_numpy())
    lost = _lost_shares(text, place, cuts)
    drop = (lost > settings.lines.max_removed_share) | (lost == 1.0)
    drops = drops_table(documents[drop], REASON, lost[drop], None)
    commit = apply_drops(settings.folder, settings.upstream, shard, drops)
    cuts = cuts.filter(pa.array(~drop[place]))
    if cuts.num_rows:
        settings.folder.write("cuts", shard, cuts)
    return _with_counts(commit, cuts, int(np.count_nonzero(~drop[units.text])))


def _lost_shares(text: pa.Array, place: npt.NDArray[np.int64], cuts: pa.Table) -> npt.NDArray[np.float64]:
    """The share of its characters that each text would lose; `place` is the text of each cut."""
    lost = np.bincount(place, weights=cuts["characters"].to_numpy(), minlength=len(text))
    shares: npt.NDArray[np.float64] = lost / np.maximum(pc.utf8_length(text).to_numpy(), 1)
    return shares


def _with_counts(commit: Commit, cuts: pa.Table, lines_cut: int) -> Commit:
    bytes_cut = total(pc.subtract(cuts["stop"], cuts["start"]))
    counts = {
        "bytes_out": commit.counts["bytes_out"] - bytes_cut,
        "bytes_cut": bytes_cut,
        "lines_cut": lines_cut,
        "documents_edited": len(np.unique(cuts["doc_id"].to_numpy())),
    }
    return replace(commit, counts=commit.counts | counts)


def _chosen(units: Units, found: pa.Table, documents: npt.NDArray[np.uint64]) -> Units:
    """The units that are to be cut: those that were found, but not in the document that keeps them."""
    place = pc.index_in(pa.array(units.key), found["key"].combine_chunks())
    kept = found["kept_doc_id"].take(place)
    stays = pc.fill_null(pc.equal(kept, pa.array(documents[units.text])), False)
    chosen = pc.and_not(pc.is_valid(place), stays).to_numpy(zero_copy_only=False)
    return units.where(chosen)
