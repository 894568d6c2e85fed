"""Nights for the tests of the index: what the step `remember` would leave in its folder, from plain lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_files import Keys, write_segment, write_sorted
from curator.store.history_lookup import BAND_ROWS, HASH_ROWS, keeper_schema
from curator.store.history_merge import due, merge_piece
from curator.store.history_parts import BANDS, CONTENT, KEEPER_ROWS, Segment, keeper_file, merged_name, night_name
from curator.store.history_publish import Draft, publish_night
from curator.store.step_folder import StepFolder
from curator.store.vectors import fixed_column

SKETCH = 8
SETTINGS: dict[str, Any] = {"near.rows": 6, "near.seed": 1, "sketch_bytes": SKETCH}


@dataclass(frozen=True)
class Kept:
    """What a night keeps: `entries` documents, their bands (key, entry of the night), and content hashes (high, low, doc_id)."""

    entries: int
    bands: Sequence[tuple[int, int]] = ()
    content: Sequence[tuple[int, int, int]] = field(default=())


def keys_of(*values: int) -> Keys:
    return np.array(values, np.uint64)


def document_of(night: int, entry: int) -> int:
    """The doc_id that the tests give to an entry of a night."""
    return 1000 * night + entry


def sketch_of(entry: int) -> list[int]:
    return [(entry * 7 + place) % 256 for place in range(SKETCH)]


def remembered(folder: Folder, history: History, kept: Kept, *, digest: str, bits: int = 1) -> StepFolder:
    """The finished folder of step `remember` of a night that was checked against `history`."""
    number, first = len(history.nights), history.entries
    night = night_name(number, digest)
    entries = first + np.arange(kept.entries, dtype=np.uint64)
    for part in range(-(-kept.entries // KEEPER_ROWS)):
        rows = keepers(number, first, entries[part * KEEPER_ROWS : (part + 1) * KEEPER_ROWS])
        write_sorted(folder, keeper_file(night, part), [rows], rows.schema)
    bands = pa.table(columns([(key, first + entry) for key, entry in kept.bands], 2), schema=BAND_ROWS)
    hashes = pa.table(columns([(high, low, number, doc) for high, low, doc in kept.content], 4), schema=HASH_ROWS)
    made = {
        table: Segment(
            name=night, first_night=number, last_night=number, rows=written(folder, table, night, rows, bits)
        )
        for table, rows in ((BANDS, bands), (CONTENT, hashes))
    }
    Draft(
        state=history.state,
        settings=history.settings,
        number=number,
        digest=digest,
        first_entry=first,
        entries=kept.entries,
        made=made,
        merged=merged(folder, history, digest, bits),
    ).save(folder)
    return StepFolder(folder)


def keepers(number: int, first: int, entries: Keys) -> pa.Table:
    documents = [document_of(number, entry - first) for entry in entries.tolist()]
    sketches = np.array([sketch_of(entry) for entry in entries.tolist()], np.uint8).reshape(-1, SKETCH)
    return pa.table(
        [pa.array(entries), pa.array(documents, pa.uint64()), fixed_column(sketches)], schema=keeper_schema(SKETCH)
    )


def columns(rows: Sequence[tuple[int, ...]], width: int) -> list[pa.Array]:
    """Rows of Python numbers as columns, the third of four a night."""
    return [
        pa.array([row[place] for row in rows], pa.uint32() if (width, place) == (4, 2) else pa.uint64())
        for place in range(width)
    ]


def written(folder: Folder, table: str, segment: str, rows: pa.Table, bits: int) -> tuple[int, ...]:
    counts = write_segment(folder, table, segment, rows, bits)
    return tuple(counts.get(piece, 0) for piece in range(1 << bits))


def merged(folder: Folder, history: History, digest: str, bits: int) -> dict[str, Segment]:
    """The merges that are due, into twice as many pieces."""
    found = {}
    for table in (BANDS, CONTENT):
        segments = due(history.segments.get(table, ()))
        if segments:
            first, last = segments[0].first_night, segments[-1].last_night
            name = merged_name(first, last, digest)
            rows = tuple(
                merge_piece(history, table, segments, bits=bits + 1, piece=piece, target=folder, name=name)
                for piece in range(2 << bits)
            )
            found[table] = Segment(name=name, first_night=first, last_night=last, rows=rows)
    return found


def output_of(base: Path | str, number: int) -> str:
    return (Folder(str(base)) / f"out-{number}").uri


def night_step(index: Folder, base: Path | str, number: int, kept: Kept, digest: str = "") -> StepFolder:
    """The folder of step `remember` of night `number`, with a number of pieces of its own; not yet published."""
    output = output_of(base, number)
    history = History.open(index).before(output, SETTINGS)
    digest = digest or f"d{number}"
    return remembered(Folder(output) / f"remember-{digest}", history, kept, digest=digest, bits=1 + number % 3)


def publish_nights(base: Path, nights: Sequence[Kept]) -> Folder:
    """An index with these nights, each with an output of its own."""
    index = Folder(str(base / "index"))
    for number, kept in enumerate(nights):
        publish_night(index, night_step(index, base, number, kept), output_of(base, number))
    return index
