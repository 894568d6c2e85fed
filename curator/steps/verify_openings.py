"""Openings of rewrites: a model that begins every text of a strategy alike has collapsed into a template."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.rephrase.openings import opening_keys
from curator.steps.draws import Draw
from curator.steps.samples import drawn
from curator.steps.sums import added_up
from curator.steps.verify_answers import CHECKED, passed


def openings_of(rows: pa.Table) -> pa.Table:
    """How often each opening (the key, of a strategy) occurs among the rewrites of CHECKED that have passed so far."""
    rows = passed(rows)
    ones = np.ones(rows.num_rows, np.int64)
    return documents_by_opening(pa.table({"key": _keys(rows), "strategy": rows["strategy"], "documents": ones}))


def documents_by_opening(rows: pa.Table) -> pa.Table:
    """The sums of documents by opening (the key) and its strategy."""
    return added_up(rows, ("key", "strategy"), ("documents",))


def without_collapsed(rows: pa.Table, collapsed: pa.Table, seed: int) -> pa.Table:
    """CHECKED with a reason also for what is too much of one opening; `collapsed` is a result of `too_frequent`."""
    place = pc.index_in(pa.array(_keys(rows)), collapsed["key"].combine_chunks())
    kept = pc.fill_null(collapsed["kept"].take(place), 1.0).to_numpy()
    stays = drawn(rows["source_doc_id"].to_numpy(), kept, seed=seed + Draw.COLLAPSED)
    gone = pc.and_(pc.is_null(rows["reason"]), pa.array(~stays))
    values = {
        "reason": pa.scalar("collapsed"),
        "value": collapsed["documents"].take(place).cast(pa.float64()),
        "detail": pa.scalar("as many texts of the strategy begin like it"),
    }
    for name, value in values.items():
        rows = rows.set_column(CHECKED.names.index(name), name, pc.if_else(gone, value, rows[name]))
    return rows


def _keys(rows: pa.Table) -> npt.NDArray[np.uint64]:
    return opening_keys(rows["strategy"].to_pylist(), rows["answer"].to_pylist())
