"""The tables of one ingested shard, made from its clean rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms import schemes
from curator.config.duplicates import Near
from curator.config.profiles import Profile
from curator.readers.units import Unit
from curator.steps.captions import is_caption, media_hashes
from curator.steps.ingest_settings import IngestSettings
from curator.steps.survivors import reason_counts, total
from curator.store.tables import DROPS
from curator.store.vectors import fixed_column
from curator.text.buffers import one_array
from curator.text.cleaning import CleanSettings
from curator.text.content_hash import content_hashes, url_hashes
from curator.text.language import identify, paragraph_share
from curator.text.own_statistics import PREFIX, own_statistics
from curator.text.statistics import text_statistics

CONTENT_HASH = ("content_hash_high", "content_hash_low")
DOCUMENTS = ("doc_id", "text", "url", "source", "medium", "metadata", "licence", "robots")


def with_statistics(rows: pa.Table, settings: IngestSettings) -> tuple[pa.Table, pa.Table]:
    """The rows with a `reason` also where a user's filter failed, and the statistics of those that are still usable."""
    documents = usable(rows)
    if settings.cleaning is None or settings.profile is None:
        return rows, _identity(documents)
    columns = _statistics(documents, settings.cleaning, settings.profile, settings)
    if not settings.own:
        return rows, columns
    own, errors = own_statistics(documents.append_column("language", columns["language"]), settings.own)
    for name in own.column_names:
        columns = columns.append_column(name, own[name])
    failed = pa.array([error is not None for error in errors], pa.bool_())
    return _with_errors(rows, documents["doc_id"], errors), columns.filter(pc.invert(failed))


def usable(rows: pa.Table) -> pa.Table:
    """The rows that have a text; nothing is copied where all of them do."""
    is_usable = pc.is_null(rows["reason"])
    return rows if pc.all(is_usable).as_py() else rows.filter(is_usable)


def _with_errors(rows: pa.Table, documents: pa.ChunkedArray, errors: list[str | None]) -> pa.Table:
    place = pc.index_in(rows["doc_id"], documents.combine_chunks())
    detail = pa.array(errors, pa.string()).take(place)
    reason = pc.if_else(pc.is_valid(detail), f"{PREFIX}error", rows["reason"])
    rows = rows.set_column(rows.column_names.index("reason"), "reason", reason)
    return rows.set_column(rows.column_names.index("detail"), "detail", pc.coalesce(rows["detail"], detail))


def _identity(documents: pa.Table) -> pa.Table:
    """The narrow table of a run that only looks for duplicates: what documents may have alike, and what tells the better one."""
    text = one_array(documents["text"])
    hashes, characters = content_hashes(text)
    columns = {
        "doc_id": documents["doc_id"],
        "bytes": pc.binary_length(text),
        "characters": pa.array(characters),
        **dict(zip(CONTENT_HASH, map(pa.array, hashes), strict=True)),
        **_origin(documents),
    }
    return pa.table(_with_media(columns, documents["medium"]))


def _with_media(columns: dict[str, pa.Array], medium: pa.ChunkedArray) -> dict[str, pa.Array]:
    """The columns with content hashes of text and medium: one caption of two pictures is no duplicate."""
    media = media_hashes(medium)
    return columns | {name: pa.array(columns[name].to_numpy() ^ media) for name in CONTENT_HASH}


def _origin(documents: pa.Table) -> dict[str, pa.Array]:
    """A hash of the address and the date of each document, null where it has none."""
    return {"url_hash": url_hashes(one_array(documents["url"])), "date": documents["date"]}


def _statistics(documents: pa.Table, cleaning: CleanSettings, profile: Profile, settings: IngestSettings) -> pa.Table:
    """The narrow table: doc_id, language, what clean-up found, robots hints, date, whether it is a caption, and all statistics of
    the text.
    """
    text = one_array(documents["text"])
    language = identify(text)
    columns = {"doc_id": documents["doc_id"], **{name: language[name] for name in language.column_names}}
    if settings.paragraph_language:
        columns["paragraph_share"] = pa.array(paragraph_share(text, language["language"].combine_chunks()))
    columns |= {name: documents[name] for name in (*cleaning.columns, "robots")} | _origin(documents)
    columns["is_caption"] = is_caption(documents)
    statistics = text_statistics(text, language["language"], profile)
    columns |= {name: statistics[name] for name in statistics.column_names}
    return pa.table(_with_media(columns, documents["medium"]))


def signatures(documents: pa.Table, settings: IngestSettings | Near) -> pa.Table:
    """The documents that have a signature: doc_id, signature (little-endian uint32, one for each permutation) and sketch."""
    values, sketches, signed = schemes.signatures(
        documents["text"],
        scheme=settings.scheme,
        shingle_words=settings.shingle_words,
        permutations=settings.permutations,
        seed=settings.seed,
    )
    ids = documents["doc_id"].combine_chunks().filter(pa.array(signed))
    words = values[signed].astype("<u4", copy=False)
    signature = fixed_column(words.view(np.uint8))
    return pa.table({"doc_id": ids, "signature": signature, "sketch": fixed_column(sketches[signed])})


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
    """The shard's counters; edited documents, and personal data that were masked or counted, are counters too."""
    found = {name: total(statistics[name]) for name in statistics.column_names if name.startswith("pii_")}
    if "removed_words" in statistics.column_names:
        found["documents_edited"] = int(np.count_nonzero(statistics["removed_words"].to_numpy()))
    return {
        "documents_in": rows.num_rows,
        "bytes_in": total(rows["payload_bytes"]),
        "documents_out": statistics.num_rows,
        "bytes_out": total(statistics["bytes"]),
        **found,
        **reason_counts(dropped),
    }
