"""What stays of each source, language and length, counted by shard and added up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.steps.quality_report import (
    ROWS_OF_A_VALUE,
    TALLY,
    added_up,
    length_classes,
    shown,
    tally,
    watched_rows,
)
from curator.steps.survivors import Upstream
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_number
from curator.store.step_folder import StepFolder

SHARD = shard_number(3, 1)


def upstream(folder: Path, languages: list[str | None], sources: list[str]) -> Upstream:
    ingest, ids = StepFolder(Folder(str(folder))), document_ids(SHARD, len(sources))
    lengths = [4**place for place in range(len(sources))]
    ingest.write("statistics", SHARD, pa.table({"doc_id": ids, "language": languages, "characters": lengths}))
    ingest.write("origins", SHARD, pa.table({"doc_id": ids, "source": sources}))
    return Upstream(ingest=ingest)


def test_a_shard_is_counted_by_source_language_and_length(tmp_path: Path) -> None:
    given = upstream(tmp_path, ["en", None, "en", "fr", "en"], ["a", "b", "b", "b", "b"])
    rows = tally(SHARD, given, np.array([True, True, False, False, True]))
    assert rows.schema == TALLY
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        ("source", "b", 4.0, 2.0),
        ("source", "a", 1.0, 1.0),
        ("language", "en", 3.0, 2.0),
        ("language", "fr", 1.0, 0.0),
        ("language", "unknown", 1.0, 1.0),
        ("characters", "below 256", 4.0, 2.0),
        ("characters", "256 to 1,023", 1.0, 1.0),
    ]


def test_of_many_sources_the_most_frequent_are_counted(tmp_path: Path) -> None:
    sources = [f"s{number:02}" for number in [*range(ROWS_OF_A_VALUE + 5), 54, 53]]
    ingest, ids = StepFolder(Folder(str(tmp_path))), document_ids(SHARD, len(sources))
    columns = {"language": ["en"] * len(sources), "characters": [9] * len(sources)}
    ingest.write("statistics", SHARD, pa.table({"doc_id": ids, **columns}))
    ingest.write("origins", SHARD, pa.table({"doc_id": ids, "source": sources}))
    rows = tally(SHARD, Upstream(ingest=ingest), np.ones(len(sources), bool)).to_pylist()
    counted = [row["value"] for row in rows if row["by"] == "source"]
    assert counted == ["s53", "s54", *sources[: ROWS_OF_A_VALUE - 2]]


def test_the_report_adds_the_shards_up_and_shows_the_watched_texts(tmp_path: Path) -> None:
    given = upstream(tmp_path, ["en", "fr"], ["a", "a"])
    shards = [tally(SHARD, given, np.array(stays)) for stays in ([True, False], [True, True])]
    rows = shown(
        pa.concat_tables([added_up(pa.concat_tables(shards)), watched_rows({"plain": (3, 0.5), "b": (2, 1.0)})])
    )
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        ("characters", "below 256", 4, 3, 0.75),
        ("language", "en", 2, 2, 1.0),
        ("language", "fr", 2, 1, 0.5),
        ("source", "a", 4, 3, 0.75),
        ("watched", "b", 2, 2, 1.0),
        ("watched", "plain", 3, 2, 0.5),
    ]


@pytest.mark.parametrize(
    ("characters", "name"),
    [(0, "below 256"), (255, "below 256"), (256, "256 to 1,023"), (1_023, "256 to 1,023"), (1_024, "1,024 to 4,095")],
)
def test_lengths_are_classed_by_powers_of_four(characters: int, name: str) -> None:
    assert length_classes(np.array([characters])) == [name]
