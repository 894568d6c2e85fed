"""From raw record batches to document shards: extraction, clean-up, and cutting at a text size that does not depend on batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.store.ids import MAX_ROWS
from curator.text.html import extract_main_text
from curator.text.unicode import clean_text

CLEAN = pa.schema(
    [
        ("file", pa.int32()),
        ("position", pa.int64()),
        ("payload_bytes", pa.int64()),
        ("text", pa.large_string()),
        ("url", pa.string()),
        ("source", pa.string()),
        ("metadata", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)
"""A record after extraction and clean-up; `reason` tells why `text` is null, `payload_bytes` is its size as read."""

ROW_BYTES = 64  # what a record without text counts for, so that a shard of nothing but bad records ends too


def with_clean_text(raw: pa.Table) -> pa.Table:
    """Raw records (schema RAW of the readers) as CLEAN rows: HTML pages extracted, text cleaned, empty texts named."""
    payload = pc.add(_length(raw["text"]), _length(raw["html"]))
    text, reason, detail = _extracted(raw)
    text = clean_text(text)
    unusable = pc.is_valid(reason)
    no_text = pc.and_(pc.invert(unusable), pc.fill_null(pc.equal(text, ""), True))
    columns = {
        "file": raw["file"],
        "position": raw["position"],
        "payload_bytes": payload,
        "text": pc.if_else(pc.or_(unusable, no_text), pa.scalar(None, pa.large_string()), text),
        "url": raw["url"],
        "source": raw["source"],
        "metadata": raw["metadata"],
        "reason": pc.if_else(no_text, "empty_text", reason),
        "detail": pc.if_else(no_text, "nothing is left after clean-up", detail),
    }
    return pa.table(columns).cast(CLEAN)


def _extracted(raw: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The columns text, reason and detail with the main text of HTML pages in place."""
    text, reason, detail = (raw[name].combine_chunks() for name in ("text", "reason", "detail"))
    pages = np.flatnonzero(pc.is_valid(raw["html"]).to_numpy(zero_copy_only=False))
    if not len(pages):
        return text, reason, detail
    chosen = raw.select(["html", "content_type_charset"]).take(pa.array(pages))
    found = extract_main_text(chosen["html"].to_pylist(), chosen["content_type_charset"].to_pylist())
    mask = np.zeros(raw.num_rows, dtype=bool)
    mask[pages] = True
    failed = [None if page.text else ("extraction_failed" if page.error else "no_main_text") for page in found]
    why = [None if page.text else (page.error or "the page has no main text") for page in found]
    texts = pa.array([page.text or None for page in found], pa.large_string())
    return (
        pc.replace_with_mask(text, pa.array(mask), texts),
        pc.replace_with_mask(reason, pa.array(mask), pa.array(failed, pa.string())),
        pc.replace_with_mask(detail, pa.array(mask), pa.array(why, pa.string())),
    )


def _length(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.fill_null(pc.binary_length(column), 0), pa.int64())


def damaged_row(file: int, source: str, position: int, detail: str) -> pa.Table:
    """The one ledger row that stands for the unreadable rest of a damaged file."""
    row = {"file": file, "position": position, "payload_bytes": 0, "text": None, "url": None, "source": source}
    return pa.Table.from_pylist([{**row, "metadata": "{}", "reason": "damaged_file", "detail": detail}], schema=CLEAN)


def cut_into_shards(batches: Iterable[pa.Table], shard_bytes: int) -> Iterator[pa.Table]:
    """Join CLEAN batches and cut them where the text of a shard reaches `shard_bytes`; the cuts follow from the rows alone."""
    held: list[pa.Table] = []
    room, rows = shard_bytes, 0
    for batch in batches:
        while batch.num_rows:
            sizes = np.cumsum(_length(batch["text"]).to_numpy() + ROW_BYTES)
            taken = min(int(np.searchsorted(sizes, room)) + 1, batch.num_rows, MAX_ROWS - rows)
            held.append(batch.slice(0, taken))
            room, rows = room - int(sizes[taken - 1]), rows + taken
            batch = batch.slice(taken)
            if room <= 0 or rows == MAX_ROWS:
                yield pa.concat_tables(held).combine_chunks()
                held, room, rows = [], shard_bytes, 0
    if held:
        yield pa.concat_tables(held).combine_chunks()
