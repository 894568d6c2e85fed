"""How the documents of earlier nights take part in exchanges: as pinned ids, which have shard numbers above all real ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.keepers import PINNED
from curator.store.history import History
from curator.store.history_lookup import find_bands, names, sketches
from curator.store.ids import ROW_BITS
from curator.store.vectors import fixed_column

FIRST_SHARD = int(PINNED) >> ROW_BITS
Ids = npt.NDArray[np.uint64]


def shards_of(history: History | None) -> list[int]:
    """The numbers under which the entries of the history go back to shards: 16 M entries each."""
    entries = history.entries if history is not None else 0
    return list(range(FIRST_SHARD, FIRST_SHARD + -(-entries // (1 << ROW_BITS))))


def is_earlier(shard: int) -> bool:
    return shard >= FIRST_SHARD


def with_earlier(rows: pa.Table, history: History) -> pa.Table:
    """Rows (key, doc_id) of tonight, and those of the history with the same keys."""
    keys, entries = find_bands(history, np.unique(rows["key"].to_numpy()))
    return pa.concat_tables([rows, pa.table({"key": keys, "doc_id": entries | PINNED})])


def earlier_sketches(history: History, documents: Ids) -> pa.Array:
    """The sketches of pinned documents."""
    return fixed_column(sketches(history, documents ^ PINNED))


def earlier_names(history: History, documents: Ids) -> tuple[Ids, pa.Array]:
    """What the ledger says of pinned documents: their ids of that night, still marked, and which night it was."""
    night, document = names(history, documents ^ PINNED)
    return document | PINNED, kept_on(history, night)


def kept_on(history: History, nights: npt.NDArray[np.uint32]) -> pa.Array:
    """For the ledger: which nights these are, and where their documents lie."""
    outputs = pa.array([f"kept on night {night.number}: {night.output}" for night in history.nights], pa.string())
    return outputs.take(pa.array(nights))
