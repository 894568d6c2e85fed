"""The second exchange of `near`: the members of each bucket meet with what they are compared by, and give verified pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.keepers import first_of_group
from curator.algorithms.leaders import star_edges_by_shingles, star_edges_by_sketch
from curator.algorithms.shingles import shingle_hashes
from curator.algorithms.sketches import SKETCH_BYTES
from curator.config.duplicates import Near
from curator.steps.exchange_tables import Tables
from curator.steps.near_compared import SIDE, Compared, Ids
from curator.store.vectors import fixed_bytes

SHINGLE_BYTES = 6_000  # of a document of 750 words, when texts are compared
EDGES = pa.schema(
    [(f"{side}_{name}", kind) for side in ("left", "right") for name, kind in SIDE] + [("similarity", pa.float32())]
)
"""Pairs of like documents, the better one left."""


@dataclass(frozen=True, kw_only=True)
class MemberRows:
    """Emits a shard's members of buckets. Travels to workers."""

    compared: Compared
    near: Near

    @property
    def row_bytes(self) -> int:
        return 40 + (SKETCH_BYTES if self.near.verify == "signatures" else SHINGLE_BYTES)

    @property
    def schema(self) -> pa.Schema:
        """Of the rows that are emitted."""
        payload = pa.binary(SKETCH_BYTES) if self.near.verify == "signatures" else pa.large_binary()
        return pa.schema([*SIDE, ("payload", payload), ("key", pa.uint64())])

    def emit(self, shard: int, *, members: Tables) -> pa.Table:
        """One row for each bucket of each member: key (the bucket), doc_id, rank, size, and its sketch or shingles."""
        rows = distinct(members.of_shard(shard))
        if not rows.num_rows:  # in later rounds of most shards: their sketches or texts are not read again
            return self.schema.empty_table()
        documents, place = np.unique(rows["doc_id"].to_numpy(), return_inverse=True)
        known = self.compared.sides(shard, documents).append_column("payload", self._payload(shard, documents))
        return known.take(pa.array(place)).append_column("key", rows["bucket"]).cast(self.schema)

    def _payload(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        if self.near.verify == "signatures":
            return self.compared.sketches(shard, documents)
        return pa.chunked_array([_shingle_column(self.compared.texts(shard, documents), self.near.shingle_words)])


def distinct(members: pa.Table) -> pa.Table:
    """The members without repetitions: keys of several partitions can have the same documents, and so the same bucket."""
    bucket, document = members["bucket"].to_numpy(), members["doc_id"].to_numpy()
    order = np.lexsort((bucket, document))
    first = first_of_group(document[order]) | first_of_group(bucket[order])
    return members.take(pa.array(order[first]))


def star_edges(rows: pa.Table, *, near: Near) -> pa.Table:
    """EDGES of all buckets in `rows`."""
    bucket, document, high, low = (rows[name].to_numpy() for name in ("key", "doc_id", "rank_high", "rank_low"))
    if near.verify == "signatures":
        sketches = fixed_bytes(rows["payload"])
        left, right, similarity = star_edges_by_sketch(
            bucket, document, high, low, sketches, min_similarity=near.threshold
        )
    else:
        hashes, starts = _shingles_of(rows["payload"])
        left, right, similarity = star_edges_by_shingles(
            bucket, document, high, low, hashes, starts, min_similarity=near.threshold, measure=near.measure
        )
    names = [name for name, _ in SIDE]
    sides = [rows.select(names).take(pa.array(places)) for places in (left, right)]
    columns = [side[name] for side in sides for name in names]
    return pa.table([*columns, pa.array(similarity, pa.float32())], schema=EDGES)


def _shingle_column(texts: pa.ChunkedArray, shingle_words: int) -> pa.Array:
    """The sorted distinct shingle hashes of each text, as the bytes of uint64."""
    hashes, starts = shingle_hashes(texts, shingle_words=shingle_words)
    offsets = pa.py_buffer((starts * 8).astype(np.int64).tobytes())
    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(starts) - 1, [None, offsets, pa.py_buffer(hashes.tobytes())]
    )


def _shingles_of(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    array = column.combine_chunks()
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1] // 8
    data = np.frombuffer(array.buffers()[2] or b"", dtype=np.uint8)
    hashes = data[offsets[0] * 8 : offsets[-1] * 8].view(np.uint64)
    return hashes, offsets - offsets[0]
