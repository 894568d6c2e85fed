"""Step `near`: MinHash near duplicates. Bands meet by key, candidates are verified, components keep their best document.

Every band row carries a 2-bit sketch of the whole signature (28 bytes for 112 permutations), so a candidate pair is verified where
it is found, without a second exchange: one false pair would be made transitive by the components (FACTS section 4).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import minhash
from curator.algorithms.buckets import verified_edges
from curator.algorithms.components import components
from curator.algorithms.keepers import keepers
from curator.config.schema import Near
from curator.steps.exchange import Exchange, drop_by_exchange
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, drops_table, quality_of
from curator.store.step_folder import StepFolder

VERSION = 1


def run(job: Job, *, near: Near) -> None:
    """Drop every near duplicate but the keeper of its group; the value is its estimated Jaccard similarity to a group member."""
    upstream = Upstream.of(job.inputs)
    sketch_bytes = -(-near.bands * near.rows // 4)
    exchange = Exchange(
        emit=partial(band_rows, upstream=upstream, quality=job.inputs["filter"], near=near),
        reduce=partial(edges, min_similarity=near.min_similarity),
        finish=duplicates,
        row_bytes=near.bands * (28 + sketch_bytes),
    )
    drop_by_exchange(job, exchange, upstream, upstream.ingest.shards(), upstream.last.total("documents_out"))


def band_rows(shard: int, *, upstream: Upstream, quality: StepFolder, near: Near) -> pa.Table:
    """One row for each band of each survivor with a signature: key, doc_id, quality, length, sketch."""
    table = upstream.signatures(shard)
    signatures = _signature_matrix(table["signature"], near.bands * near.rows)
    lengths = aligned(upstream.statistics(shard, ("doc_id", "characters")), table["doc_id"].to_numpy())
    sketches = minhash.sketch(signatures)
    return pa.table(
        {
            "key": minhash.band_keys(signatures, bands=near.bands, rows=near.rows).reshape(-1),
            "doc_id": np.repeat(table["doc_id"].to_numpy(), near.bands),
            "quality": np.repeat(quality_of(quality, shard, table["doc_id"]).to_numpy(), near.bands),
            "length": np.repeat(lengths["characters"].to_numpy(), near.bands),
            "sketch": _fixed(np.repeat(sketches, near.bands, axis=0)),
        }
    )


def edges(rows: pa.Table, *, min_similarity: float) -> pa.Table:
    """Verified pairs (centre, member, similarity) of all buckets in `rows`, with the centre's rank beside it."""
    document, quality, length = (rows[name].to_numpy() for name in ("doc_id", "quality", "length"))
    centre, member, similarity = verified_edges(
        rows["key"].to_numpy(), document, quality, length, _sketch_matrix(rows["sketch"]), min_similarity=min_similarity
    )
    documents, first = np.unique(document, return_index=True)
    place = first[np.searchsorted(documents, centre)]
    return pa.table(
        {
            "centre": centre,
            "member": member,
            "similarity": similarity,
            "quality": quality[place],
            "length": length[place],
        }
    )


def duplicates(pairs: pa.Table) -> pa.Table:
    """The members of every component but its keeper, as DROPS.

    The best document of a component is the centre of some pair, as a member always has a better one: so only centres are ranked.
    """
    centre, member = pairs["centre"].to_numpy(), pairs["member"].to_numpy()
    nodes, root = components(centre, member)
    root_of_centre = root[np.searchsorted(nodes, centre)]
    best = keepers(root_of_centre, pairs["quality"].to_numpy(), pairs["length"].to_numpy(), centre)
    roots, keepers_of = values_by_key(root_of_centre, best)
    kept = keepers_of[np.searchsorted(roots, root)]
    value = _best_similarity(nodes, centre, member, pairs["similarity"].to_numpy())
    drop = kept != nodes
    return drops_table(nodes[drop], "near_duplicate", value[drop], kept[drop])


def values_by_key(
    keys: npt.NDArray[np.uint64], values: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Sorted distinct keys and the value of each (the same wherever a key stands)."""
    distinct, first = np.unique(keys, return_index=True)
    return distinct, values[first]


def _best_similarity(
    nodes: npt.NDArray[np.uint64],
    centre: npt.NDArray[np.uint64],
    member: npt.NDArray[np.uint64],
    similarity: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    """The highest similarity among the pairs that each node is in."""
    best = np.zeros(len(nodes), dtype=np.float64)
    for side in (centre, member):
        np.maximum.at(best, np.searchsorted(nodes, side), similarity.astype(np.float64))
    return best


def _signature_matrix(column: pa.ChunkedArray, permutations: int) -> npt.NDArray[np.uint32]:
    return _bytes_of(column).view("<u4").reshape(-1, permutations).astype(np.uint32, copy=False)


def _sketch_matrix(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    return _bytes_of(column).reshape(len(column), column.type.byte_width)


def _bytes_of(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """The bytes of a fixed-size binary column without nulls."""
    array = column.combine_chunks()
    width = column.type.byte_width
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8) if len(array) else np.empty(0, np.uint8)
    return data[array.offset * width : (array.offset + len(array)) * width]


def _fixed(matrix: npt.NDArray[np.uint8]) -> pa.Array:
    data = np.ascontiguousarray(matrix)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(matrix.shape[1]), len(data), [None, pa.py_buffer(data.tobytes())]
    )
