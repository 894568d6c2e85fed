"""The ledger has one row for every input document, and counts them by cause and by source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.errors import ReconciliationError
from curator.steps.ledger import ledger_counts, ledger_rows, source_counts
from curator.steps.survivors import drops_table
from curator.store.files import Folder
from curator.store.step_folder import StepFolder


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    folders = {name: StepFolder(Folder(str(tmp_path)) / name) for name in ("ingest", "filter", "exact", "near")}
    origins = {"doc_id": ids(0, 1, 2, 3), "source": ["web"] * 4, "file": ["a"] * 4, "position": [0, 9, 18, 27]}
    folders["ingest"].write("origins", 0, pa.table(origins))
    folders["filter"].write("drops", 0, drops_table(ids(0), "language", [0.1], None))
    folders["near"].write("drops", 0, drops_table(ids(3), "near_duplicate", [0.9], ids(2)))
    return folders


def test_every_document_is_one_row_with_what_became_of_it(inputs: dict[str, StepFolder]) -> None:
    rows = ledger_rows(0, inputs).to_pylist()
    assert [row["step"] for row in rows] == ["filter", None, None, "near"]
    assert [row["outcome"] for row in rows] == ["dropped", "kept", "kept", "dropped"]
    assert (rows[3]["value"], rows[3]["kept_doc_id"], rows[3]["position"]) == (0.9, 2, 27)


def test_counts_are_by_step_and_reason(inputs: dict[str, StepFolder]) -> None:
    assert ledger_counts(ledger_rows(0, inputs)) == {
        "ledger.documents": 4, "ledger.kept": 2, "ledger.filter.language": 1, "ledger.near.near_duplicate": 1,
    }  # fmt: skip


@pytest.mark.parametrize("document", [0, 9])
def test_a_document_dropped_twice_or_never_come_in_is_an_error(inputs: dict[str, StepFolder], document: int) -> None:
    inputs["exact"].write("drops", 0, drops_table(ids(document), "exact_duplicate", [2.0], ids(1)))
    with pytest.raises(ReconciliationError, match="dropped twice, or never came in"):
        ledger_rows(0, inputs)


def fates(source: str | None, **steps: int) -> pa.Table:
    """Rows of a ledger: as many documents of the source as said for each step, `kept` for those that stay."""
    step = [None if name == "kept" else name for name, count in steps.items() for _ in range(count)]
    return pa.table(
        {"source": pa.array([source] * len(step), pa.string()), "step": pa.array(step, pa.string()), "reason": step}
    )


def test_of_a_source_what_filters_left_and_what_deduplication_took_is_counted() -> None:
    ledger = fates("a.b.c", ingest=50, filter=50, exact=4, near=6, budgets=3, kept=20)
    assert source_counts(ledger) == {"source.given.a.b.c": 33, "source.duplicates.a.b.c": 10}


def test_sources_of_few_documents_and_without_a_name_are_not_counted() -> None:
    ledger = pa.concat_tables([fates("few", kept=19), fates(None, kept=50), fates("enough", kept=20)])
    assert source_counts(ledger) == {"source.given.enough": 20, "source.duplicates.enough": 0}


def test_of_a_million_sources_the_largest_of_a_shard_are_counted() -> None:
    ledger = pa.concat_tables([fates(f"host{number:02}", kept=60 - number) for number in range(30)])
    counted = [name for name in source_counts(ledger) if name.startswith("source.given.")]
    assert counted == [f"source.given.host{number:02}" for number in range(20)]


def test_a_shard_of_which_nothing_reached_deduplication_has_no_source_counts() -> None:
    assert source_counts(fates("web", filter=30)) == {}


def test_a_name_without_end_is_cut() -> None:
    (given, _) = source_counts(fates("é" * 10_000, kept=20))
    assert given == "source.given." + "é" * 200
