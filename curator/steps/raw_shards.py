"""From raw record batches to document shards: extraction, clean-up, and cutting at a text size that does not depend on batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.readers.media import MEDIUM, medium_bytes
from curator.store.ids import MAX_ROWS
from curator.text.buffers import one_array
from curator.text.cleaning import CleanSettings, cleaned
from curator.text.extraction.extractor import Extractor

BASE = {
    "file": pa.int32(),
    "position": pa.int64(),
    "payload_bytes": pa.int64(),
    "text": pa.large_string(),
    "url": pa.string(),
    "source": pa.string(),
    "date": pa.int64(),
    "medium": MEDIUM,
    "metadata": pa.string(),
    "licence": pa.string(),
    "robots": pa.string(),
    "reason": pa.string(),
    "detail": pa.string(),
}

ROW_BYTES = 64  # what a record without text counts for, so that a shard of nothing but bad records ends too


def clean_schema(settings: CleanSettings | None) -> pa.Schema:
    """A record after extraction and clean-up: `reason` tells why `text` is null, `payload_bytes` is its size as read, `medium` is
    what the text is the caption of, `licence` and `robots` are what a page says of itself, the rest what clean-up found.
    """
    return pa.schema(list((BASE | (settings.columns if settings else {})).items()))


def extracted(raw: pa.Table, extractor: Extractor) -> pa.Table:
    """Raw records (schema RAW of the readers) with the main text of their HTML pages in place of the pages."""
    columns = {name: one_array(raw[name]) for name in raw.column_names if not name.startswith(("html", "content"))}
    payload = pc.add(_length(columns["text"]), _length(one_array(raw["html"])))
    return pa.table(columns | _main_texts(raw, extractor) | {"payload_bytes": payload})


def with_clean_text(rows: pa.Table, settings: CleanSettings | None) -> pa.Table:
    """Extracted records as clean rows: text cleaned, empty texts named. Without settings nothing is changed."""
    schema = clean_schema(settings)
    if settings is None:
        return rows.select(schema.names).cast(schema)
    columns = {name: rows[name].combine_chunks() for name in rows.column_names}
    found = _cleaned(columns["text"], pc.is_valid(columns["medium"]), settings)
    columns |= {name: found[name].combine_chunks() for name in found.column_names}
    unusable = pc.is_valid(columns["reason"])
    no_text = pc.and_(pc.invert(unusable), pc.fill_null(pc.equal(columns["text"], ""), True))
    columns["text"] = pc.if_else(pc.or_(unusable, no_text), pa.scalar(None, pa.large_string()), columns["text"])
    columns["reason"] = pc.if_else(no_text, "empty_text", columns["reason"])
    columns["detail"] = pc.if_else(no_text, "nothing is left after clean-up", columns["detail"])
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _cleaned(text: pa.Array, captions: pa.Array, settings: CleanSettings) -> pa.Table:
    """What `cleaned` gives, but captions keep their lines: they have few, and none is boilerplate of a page."""
    if not captions.true_count:
        return cleaned(text, settings)
    prose = cleaned(text.filter(pc.invert(captions)), settings)
    both = pa.concat_tables([prose, cleaned(text.filter(captions), replace(settings, lines=()))])
    came = np.argsort(captions.to_numpy(zero_copy_only=False), kind="stable")  # the rows in the order of `both`
    return both.take(pa.array(np.argsort(came)))


def content_bytes(rows: pa.Table) -> int:
    """Of texts and media."""
    return int(rows["text"].nbytes + rows["medium"].nbytes)


def _main_texts(raw: pa.Table, extractor: Extractor) -> dict[str, pa.Array]:
    """The columns text, reason, detail, licence and robots, with what the HTML pages hold in place."""
    columns = {name: one_array(raw[name]) for name in ("text", "reason", "detail")}
    columns |= {name: pa.nulls(raw.num_rows, pa.string()) for name in ("licence", "robots")}
    mask = pc.is_valid(one_array(raw["html"]))
    if not mask.true_count:
        return columns
    chosen = raw.select(["html", "content_type_charset"])
    if mask.true_count < raw.num_rows:  # a WARC holds little else, and copying its pages costs
        chosen = chosen.filter(mask)
    pages = extractor.extract(chosen["html"].to_pylist(), chosen["content_type_charset"].to_pylist())
    found = {
        "text": [page.text or None for page in pages],
        "reason": [None if page.text else ("extraction_failed" if page.error else "no_main_text") for page in pages],
        "detail": [None if page.text else (page.error or "the page has no main text") for page in pages],
        "licence": [page.licence for page in pages],
        "robots": [page.robots for page in pages],
    }
    return {
        name: pc.replace_with_mask(column, mask, pa.array(found[name], column.type)) for name, column in columns.items()
    }


def _length(column: pa.Array) -> pa.Array:
    return pc.cast(pc.fill_null(pc.binary_length(column), 0), pa.int64())


def damaged_row(file: int, source: str, position: int, detail: str, settings: CleanSettings | None) -> pa.Table:
    """The one ledger row that stands for the unreadable rest of a damaged file."""
    row = {"file": file, "position": position, "payload_bytes": 0, "source": source, "metadata": "{}"}
    damage = {"reason": "damaged_file", "detail": detail}
    return pa.Table.from_pylist([row | damage], schema=clean_schema(settings))


def cut_into_shards(batches: Iterable[pa.Table], shard_bytes: int) -> Iterator[pa.Table]:
    """Join clean batches and cut them where the content of a shard reaches `shard_bytes`; the cuts follow from the rows alone."""
    held: list[pa.Table] = []
    room, rows = shard_bytes, 0
    for batch in batches:
        while batch.num_rows:
            content = pc.add(_length(batch["text"]), medium_bytes(batch["medium"]))
            sizes = np.cumsum(content.to_numpy() + ROW_BYTES)
            taken = min(int(np.searchsorted(sizes, room)) + 1, batch.num_rows, MAX_ROWS - rows)
            held.append(batch.slice(0, taken))
            room, rows = room - int(sizes[taken - 1]), rows + taken
            batch = batch.slice(taken)
            if room <= 0 or rows == MAX_ROWS:
                yield pa.concat_tables(held).combine_chunks()
                held, room, rows = [], shard_bytes, 0
    if held:
        yield pa.concat_tables(held).combine_chunks()
