"""`quality.parquet`: what the models of quality take away by source, language and length, and what they would of watched texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.steps.survivors import Upstream

QUALITY = "quality.parquet"
ROWS_OF_A_VALUE = 50
"""At most so many sources and so many languages of a shard are counted, the most frequent: a crawl may have millions."""
TALLY = pa.schema(
    [
        ("by", pa.string()),
        ("value", pa.string()),
        ("documents", pa.float64()),
        ("kept", pa.float64()),
    ]
)
"""How many documents have a `value` of `by` (source, language, characters, watched), and how many of them stay."""
TALLY_BYTES = 60


def tally(shard: int, upstream: Upstream, stays: npt.NDArray[np.bool_]) -> pa.Table:
    """TALLY of the documents of a shard that the step is given; `stays` (n,) says which are not dropped."""
    statistics = upstream.statistics(shard, ("doc_id", "language", "characters"))
    origins = upstream.ingest.read("origins", shard, ("doc_id", "source"))
    columns = {
        "source": origins["source"].take(pc.index_in(statistics["doc_id"], origins["doc_id"])),
        "language": pc.fill_null(statistics["language"], "unknown"),
        "characters": pa.array(length_classes(statistics["characters"].to_numpy()), pa.string()),
    }
    return pa.concat_tables([_counted(by, column, stays) for by, column in columns.items()])


def length_classes(characters: npt.NDArray[np.integer]) -> list[str]:
    """The class of each length (n,): `below 256`, and from there on powers of four."""
    power = np.floor(np.log2(np.maximum(characters.astype(np.float64), 1)) / 2).astype(np.int64)
    return [f"{4**p:,} to {4 ** (p + 1) - 1:,}" if p > 3 else "below 256" for p in power.tolist()]


def watched_rows(kept_shares: Mapping[str, tuple[int, float]]) -> pa.Table:
    """TALLY of the watched texts: how many there are of each name, and the share that would stay."""
    rows = [("watched", name, float(texts), texts * share) for name, (texts, share) in sorted(kept_shares.items())]
    return pa.Table.from_pylist([dict(zip(TALLY.names, row, strict=True)) for row in rows], schema=TALLY)


def added_up(rows: pa.Table) -> pa.Table:
    """One row for each value, the most frequent first. Whole numbers, so that their order does not matter."""
    sums = rows.group_by(["by", "value"], use_threads=False).aggregate([("documents", "sum"), ("kept", "sum")])
    order = [("by", "ascending"), ("documents", "descending"), ("value", "ascending")]
    return sums.rename_columns(TALLY.names).sort_by(order)


def shown(rows: pa.Table) -> pa.Table:
    """The published table: by, value, documents, kept (int64) and kept_share."""
    share = pc.divide(rows["kept"], rows["documents"])
    whole = {name: pc.cast(pc.round(rows[name]), pa.int64()) for name in ("documents", "kept")}
    return pa.table({"by": rows["by"], "value": rows["value"], **whole, "kept_share": share})


def _counted(by: str, column: pa.ChunkedArray, stays: npt.NDArray[np.bool_]) -> pa.Table:
    names = pa.repeat(by, len(stays))
    rows = pa.table({"by": names, "value": column, "documents": np.ones(len(stays)), "kept": stays.astype(np.float64)})
    return added_up(rows.cast(TALLY)).slice(0, ROWS_OF_A_VALUE)
