"""A pool that looks like the raw web: good pages of skewed topics, other languages, junk, copies and near copies, shuffled.

The system under test sees `pool/*.jsonl.zst` (id, text, url, source); where each text is from stands in `truth.parquet` only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from .composition import PARTS, Entry, extracted, originals
from .copies import Copy, copies, edited, unchanged
from .junk import SHARES
from .sources import Page, generator

FILES = 8
TRUTH = pa.schema(
    [
        ("id", pa.string()),
        ("origin", pa.string()),
        ("kind", pa.string()),
        ("is_junk", pa.bool_()),
        ("copy_of", pa.string()),
        ("edit", pa.string()),
        ("bytes", pa.int64()),
    ]
)
"""`kind` is good, other language, or a kind of junk; a copy has its original's, and says how it was changed (`edit`)."""


@dataclass(frozen=True, kw_only=True)
class PoolReport:
    """What was written: documents and bytes of text in all, and by part, the originals by kind and the copies by edit."""

    folder: Path
    documents: int
    text_bytes: int
    parts: Mapping[str, tuple[int, int]]

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "pool").glob("*.jsonl.zst"))

    def truth(self) -> pa.Table:
        return pq.read_table(self.folder / "truth.parquet")


def write_pool(shared: Path, out: Path, *, seed: int, text_bytes: int = 60_000_000) -> PoolReport:
    """Write `out/pool/part-*.jsonl.zst` and `out/truth.parquet`; same shared folder, seed and size, same bytes.

    Where a source has less than its share, others of its part give more.
    """
    first = originals(shared, "pool", seed=seed, text_bytes=text_bytes)
    entries, found = list(first), [entry.page for entry in first]
    for part, edit in (("exact", unchanged), ("edited", edited)):
        made = copies(found, round(PARTS[part] * text_bytes), generator(seed, part), edit)
        entries += [_entry(copy, first[copy.original]) for copy in made]
    entries += extracted(shared, seed, PARTS["extracted"] * text_bytes, len(entries))
    order = generator(seed, "order").permutation(len(entries))
    write_records(out / "pool", [entries[place].page for place in order])
    truth = truth_of(entries, order)
    pq.write_table(truth, out / "truth.parquet")
    return report_of(out, truth)


def _entry(copy: Copy, original: Entry) -> Entry:
    return Entry(original.kind, Page(original.page.origin, copy.text), copy.original, copy.edit)


def name(place: int) -> str:
    """The id of the document at a place: it tells nothing about what it is."""
    return f"p{place:07d}"


def write_records(folder: Path, found: Sequence[Page]) -> None:
    """Eight files of about equal numbers of documents; all say that they are from the web."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, places in enumerate(np.array_split(np.arange(len(found)), FILES)):
        with pa.CompressedOutputStream(str(folder / f"part-{number:03d}.jsonl.zst"), "zstd") as stream:
            for place in places.tolist():
                record = {"id": name(place), "text": found[place].text, "url": found[place].url, "source": "web"}
                stream.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def truth_of(entries: Sequence[Entry], order: npt.NDArray[np.int64]) -> pa.Table:
    """One row for each record, in their order."""
    place_of = np.argsort(order)
    return pa.Table.from_pylist(
        [
            {
                "id": name(place),
                "origin": entry.page.origin,
                "kind": entry.kind,
                "is_junk": entry.kind in SHARES,
                "copy_of": None if entry.original is None else name(int(place_of[entry.original])),
                "edit": entry.edit,
                "bytes": len(entry.page.text.encode()),
            }
            for place, entry in enumerate(entries[one] for one in order)
        ],
        TRUTH,
    )


def report_of(folder: Path, truth: pa.Table) -> PoolReport:
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for row in truth.to_pylist():
        part = row["edit"] or row["kind"]
        count[part] += 1
        size[part] += row["bytes"]
    parts = {part: (count[part], size[part]) for part in sorted(count)}
    return PoolReport(folder=folder, documents=truth.num_rows, text_bytes=size.total(), parts=parts)
