"""The first exchange of `near`: which documents share a band. Documents and bucket numbers only, 16 bytes a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import minhash
from curator.algorithms.banding import bands_of
from curator.algorithms.buckets import shared_buckets
from curator.config.duplicates import Near
from curator.steps.exchange_tables import Tables
from curator.steps.near_compared import Compared, Signed
from curator.store.vectors import fixed_bytes

MEMBERS = pa.schema([("bucket", pa.uint64()), ("whole", pa.uint64()), ("doc_id", pa.uint64())])


@dataclass(frozen=True, kw_only=True)
class BandRows:
    """Emits the band keys of a shard. Travels to workers."""

    documents: Signed
    near: Near

    @property
    def bands(self) -> int:
        return bands_and_rows(self.near)[0]

    @property
    def row_bytes(self) -> int:
        """Bytes that one document sends."""
        return 16 * self.bands

    def emit(self, shard: int) -> pa.Table:
        """One row (key, doc_id) for each band of each document with a signature."""
        bands, rows = bands_and_rows(self.near)
        table = self.documents.signatures(shard, ("doc_id", "signature"))
        signatures = signature_matrix(table["signature"], self.near.permutations)
        keys = minhash.band_keys(signatures, bands=bands, rows=rows)
        return pa.table({"key": keys.reshape(-1), "doc_id": np.repeat(table["doc_id"].to_numpy(), bands)})


def bands_and_rows(near: Near) -> tuple[int, int]:
    """Those of the configuration, or what they are computed from."""
    decides = {"bands", "rows", "permutations", "threshold", "false_positive_weight"}
    return bands_of(**near.model_dump(include=decides))


def shared_members(rows: pa.Table, *, compared: Compared | None = None) -> pa.Table:
    """MEMBERS of the keys that several documents have, of which one may be pinned and have sent nothing."""
    rows = rows if compared is None else compared.with_silent(rows)
    columns = shared_buckets(rows["key"].to_numpy(), rows["doc_id"].to_numpy())
    return pa.table([pa.array(column) for column in columns], schema=MEMBERS)


def still_kept(shard: int, *, members: Tables, groups: Tables) -> pa.Table:
    """The rows (key, doc_id) of a shard's members that no better document has displaced so far."""
    rows, found = members.of_shard(shard), groups.of_shard(shard)
    displaced = found["doc_id"].to_numpy()[found["doc_id"].to_numpy() != found["kept_doc_id"].to_numpy()]
    kept = ~np.isin(rows["doc_id"].to_numpy(), displaced)
    return pa.table({"key": rows["whole"], "doc_id": rows["doc_id"]}).filter(pa.array(kept))


def signature_matrix(column: pa.ChunkedArray, permutations: int) -> npt.NDArray[np.uint32]:
    return fixed_bytes(column).reshape(-1).view("<u4").reshape(-1, permutations).astype(np.uint32, copy=False)
