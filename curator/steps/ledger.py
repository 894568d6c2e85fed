"""The ledger of a shard: one row for every input document, and its counts by cause and by source."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ReconciliationError
from curator.steps.survivors import DROPPERS
from curator.store.ids import shard_name
from curator.store.step_folder import StepFolder

DEDUPLICATION = ("exact", "near")
SOURCE_GIVEN, SOURCE_DUPLICATES = "source.given.", "source.duplicates."  # the name comes last: it may hold dots
FEWEST_OF_A_SOURCE = 20  # in one shard; a crawl may have millions of sources, and every count goes through the driver
MOST_SOURCES = 20  # of one shard
LONGEST_SOURCE = 200  # characters of its name


def ledger_rows(shard: int, inputs: Mapping[str, StepFolder]) -> pa.Table:
    """One row for every input document of a shard: where it came from, and what became of it, by which step and why."""
    origins = inputs["ingest"].read("origins", shard)
    drops = _all_drops(shard, inputs)
    documents, gone = origins["doc_id"].to_numpy(), drops["doc_id"].to_numpy()
    if len(np.unique(gone)) != len(gone) or not np.isin(gone, documents).all():
        raise ReconciliationError(f"shard {shard_name(shard)}: a document was dropped twice, or never came in")
    place = np.full(len(documents), -1, dtype=np.int64)
    place[np.searchsorted(documents, gone)] = np.arange(len(gone))
    decisions = drops.drop_columns(["doc_id"]).take(pa.array(place, mask=place < 0))
    outcome = np.where(place < 0, "kept", "dropped")
    columns = {name: origins[name] for name in ("doc_id", "source", "file", "position")}
    decided = {name: decisions[name] for name in ("step", "reason", "value", "kept_doc_id", "detail")}
    return pa.table({**columns, "outcome": outcome, **decided})


def _all_drops(shard: int, inputs: Mapping[str, StepFolder]) -> pa.Table:
    """What every step dropped from a shard, with the name of the step."""
    found = []
    for name in ("ingest", *(name for name in DROPPERS if name in inputs)):
        drops = inputs[name].drops(shard)
        found.append(drops.append_column("step", pa.array([name] * drops.num_rows, pa.string())))
    return pa.concat_tables(found).combine_chunks()


def ledger_counts(ledger: pa.Table) -> dict[str, int]:
    """Rows of the ledger by outcome (`ledger.kept`, `ledger.<step>.<reason>`), and `source_counts`."""
    kept = ledger["step"].null_count
    causes = pc.binary_join_element_wise("ledger", ledger["step"], ledger["reason"], ".").drop_null()
    tally = {item["values"]: item["counts"] for item in causes.value_counts().to_pylist()}
    counts = {"ledger.documents": ledger.num_rows, "ledger.kept": kept, **dict(sorted(tally.items()))}
    return counts | source_counts(ledger)


def source_counts(ledger: pa.Table) -> dict[str, int]:
    """How many documents of a source were given to deduplication (`source.given.<source>`), and how many it took.

    Only the 20 largest sources of the shard are counted, and only those with 20 documents there or more.
    """
    given = ledger.filter(_given_to_deduplication(ledger["step"]))
    taken = pc.is_in(given["step"], pa.array(DEDUPLICATION))
    names = pc.utf8_slice_codeunits(given["source"], 0, LONGEST_SOURCE)
    sources = pa.table({"source": names, "taken": taken}).filter(pc.is_valid(names))
    tally = sources.group_by("source", use_threads=False).aggregate([([], "count_all"), ("taken", "sum")])
    tally = tally.filter(pc.greater_equal(tally["count_all"], FEWEST_OF_A_SOURCE))
    largest = tally.sort_by([("count_all", "descending"), ("source", "ascending")]).slice(0, MOST_SOURCES)
    counts: dict[str, int] = {}
    for row in largest.to_pylist():
        counts[SOURCE_GIVEN + row["source"]] = row["count_all"]
        counts[SOURCE_DUPLICATES + row["source"]] = row["taken_sum"]
    return counts


def _given_to_deduplication(step: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which rows no step before deduplication has dropped."""
    before = ("ingest", *DROPPERS[: DROPPERS.index(DEDUPLICATION[0])])
    return pc.invert(pc.is_in(step, pa.array(before)))
