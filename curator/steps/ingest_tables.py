"""The tables of one ingested shard, made from its clean rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms import minhash
from curator.readers.units import Unit
from curator.steps.ingest_settings import IngestSettings
from curator.steps.survivors import reason_counts, total
from curator.store.tables import DROPS
from curator.text.language import identify, paragraph_share
from curator.text.own_statistics import PREFIX, own_statistics
from curator.text.statistics import text_statistics

DOCUMENTS = ("doc_id", "text", "url", "source", "metadata", "licence", "robots")


def with_statistics(rows: pa.Table, settings: IngestSettings) -> tuple[pa.Table, pa.Table]:
    """The rows with a `reason` also where a user's filter failed, and the statistics of those that are still usable."""
    documents = rows.filter(pc.is_null(rows["reason"]))
    columns = _statistics(documents, settings)
    if not settings.own:
        return rows, columns
    own, errors = own_statistics(documents.append_column("language", columns["language"]), settings.own)
    for name in own.column_names:
        columns = columns.append_column(name, own[name])
    failed = pa.array([error is not None for error in errors], pa.bool_())
    return _with_errors(rows, documents["doc_id"], errors), columns.filter(pc.invert(failed))


def _with_errors(rows: pa.Table, documents: pa.ChunkedArray, errors: list[str | None]) -> pa.Table:
    place = pc.index_in(rows["doc_id"], documents.combine_chunks())
    detail = pa.array(errors, pa.string()).take(place)
    reason = pc.if_else(pc.is_valid(detail), f"{PREFIX}error", rows["reason"])
    rows = rows.set_column(rows.column_names.index("reason"), "reason", reason)
    return rows.set_column(rows.column_names.index("detail"), "detail", pc.coalesce(rows["detail"], detail))


def _statistics(documents: pa.Table, settings: IngestSettings) -> pa.Table:
    """The narrow table: doc_id, language, what clean-up found, robots hints, and all statistics of the text."""
    text = documents["text"].combine_chunks()
    language = identify(text)
    columns = {"doc_id": documents["doc_id"], **{name: language[name] for name in language.column_names}}
    if settings.paragraph_language:
        columns["paragraph_share"] = pa.array(paragraph_share(text, language["language"].combine_chunks()))
    columns |= {name: documents[name] for name in settings.cleaning.columns} | {"robots": documents["robots"]}
    statistics = text_statistics(text, language["language"], settings.profile)
    return pa.table(columns | {name: statistics[name] for name in statistics.column_names})


def signatures(documents: pa.Table, settings: IngestSettings) -> pa.Table:
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


def origins(rows: pa.Table, unit: Unit) -> pa.Table:
    """Where each record came from: doc_id, source, file, position."""
    paths = pa.array([piece.file.path for piece in unit.pieces])
    files = pc.take(paths, rows["file"])
    return pa.table({"doc_id": rows["doc_id"], "source": rows["source"], "file": files, "position": rows["position"]})


def drops(rows: pa.Table) -> pa.Table:
    """The records without usable text, in the columns of DROPS."""
    bad = rows.filter(pc.is_valid(rows["reason"]))
    nothing = {name: pa.nulls(bad.num_rows, DROPS.field(name).type) for name in ("value", "kept_doc_id")}
    columns = {"doc_id": bad["doc_id"], "reason": bad["reason"], "detail": bad["detail"], **nothing}
    return pa.table([columns[name] for name in DROPS.names], schema=DROPS)


def counts(rows: pa.Table, statistics: pa.Table, dropped: pa.Table) -> dict[str, int]:
    """The shard's counters; personal data that were masked or counted are counters too."""
    personal = {name: total(statistics[name]) for name in statistics.column_names if name.startswith("pii_")}
    return {
        "documents_in": rows.num_rows,
        "bytes_in": total(rows["payload_bytes"]),
        "documents_out": statistics.num_rows,
        "bytes_out": total(statistics["bytes"]),
        "documents_edited": int(np.count_nonzero(statistics["removed_words"].to_numpy())),
        **personal,
        **reason_counts(dropped),
    }
