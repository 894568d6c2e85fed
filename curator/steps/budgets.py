"""Step `budgets`: every concept gets a quota by its complexity, and keeps the documents farthest from its centroid.

Complexity is d_intra * d_inter and the quotas are a projection (density-based pruning, Abbas et al., ICLR 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.complexity import inter_distances
from curator.algorithms.keepers import runs
from curator.algorithms.quotas import quotas, shares
from curator.algorithms.selection import farthest_first
from curator.config.schema import Budgets
from curator.steps.concepts import read_centroids
from curator.steps.exchange import Exchange, drop_by_exchange
from curator.steps.gather import gather
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, drops_table, shards_with_documents
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS, read_parquet, to_parquet

VERSION = 1
CONCEPTS = "concepts.parquet"
ROW_BYTES = 24


def run(job: Job, *, budgets: Budgets) -> None:
    """Write `concepts.parquet` (size, complexity, quota by concept), then drop what is over quota; the value is the distance."""
    inputs = job.inputs
    upstream = Upstream.of(inputs)
    shards, documents = shards_with_documents(upstream.last), upstream.last.total("documents_out")
    emit = partial(distances, upstream=upstream, concepts=inputs["concepts"])
    if shards and "quotas" not in job.commits:
        conclude = partial(_conclude, folder=job.folder, concepts=inputs["concepts"], budgets=budgets)
        gather(job, Exchange(emit=emit, reduce=spread, row_bytes=ROW_BYTES), shards, conclude, documents)
    exchange = Exchange(emit=emit, reduce=partial(over_quota, folder=job.folder), row_bytes=ROW_BYTES)
    drop_by_exchange(job, exchange, upstream, shards, documents)


def distances(shard: int, *, upstream: Upstream, concepts: StepFolder) -> pa.Table:
    """Concept (the key) and distance to its centroid of every survivor of a shard."""
    documents = upstream.statistics(shard, ("doc_id",))["doc_id"]
    assigned = aligned(concepts.read("assignments", shard), documents.to_numpy())
    return pa.table(
        {
            "key": assigned["concept_id"].cast(pa.uint64()),
            "doc_id": documents,
            "distance": assigned["distance"],
        }
    )


def spread(rows: pa.Table) -> pa.Table:
    """Size and mean distance to the centroid (d_intra) of each concept; summed in order of doc_id."""
    concept, distance = rows["key"].to_numpy(), rows["distance"].to_numpy()
    order = np.lexsort((rows["doc_id"].to_numpy(), concept))
    groups = list(runs(concept[order]))
    sizes = np.array([group.stop - group.start for group in groups], dtype=np.int64)
    means = np.array([distance[order][group].astype(np.float64).mean() for group in groups], dtype=np.float64)
    keys = np.array([concept[order][group.start] for group in groups], dtype=np.uint64)
    return pa.table({"key": keys, "documents": sizes, "intra_distance": means})


def _conclude(rows: pa.Table, *, folder: StepFolder, concepts: StepFolder, budgets: Budgets) -> Commit:
    table = quota_table(rows.sort_by("key"), read_centroids(concepts), budgets)
    folder.write_bytes(CONCEPTS, to_parquet(table).to_pybytes())
    return Commit(name="quotas", shards=(), counts={"concepts": table.num_rows})


def quota_table(rows: pa.Table, centroids: npt.NDArray[np.float32], budgets: Budgets) -> pa.Table:
    """One row for each concept that has documents: what it holds, how complex it is, and how many documents it may keep."""
    concept, sizes = rows["key"].to_numpy().astype(np.int64), rows["documents"].to_numpy()
    intra = rows["intra_distance"].to_numpy()
    inter = inter_distances(centroids, neighbours=budgets.neighbours)[concept].astype(np.float64)
    target = max(1, round(budgets.keep_share * int(sizes.sum())))
    floors = np.minimum(sizes, int(budgets.floor * target / len(sizes)))
    share = shares(intra * inter, ratio=budgets.share_ratio)
    return pa.table(
        {
            "concept_id": concept.astype(np.uint32),
            "documents": sizes,
            "intra_distance": intra,
            "inter_distance": inter,
            "complexity": intra * inter,
            "share": share,
            "quota": quotas(share, target, floors, sizes),
        }
    )


def over_quota(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    """The documents of all concepts in `rows` that their quotas have no room for, as DROPS."""
    table = read_parquet(folder.folder, CONCEPTS, ("concept_id", "quota"))
    quota = dict(zip(table["concept_id"].to_pylist(), table["quota"].to_pylist(), strict=True))
    concept, document, distance = (rows[name].to_numpy() for name in ("key", "doc_id", "distance"))
    order = np.lexsort((document, concept))
    found = [_over_one(order[group], concept, document, distance, quota) for group in runs(concept[order])]
    return pa.concat_tables([DROPS.empty_table(), *found]).combine_chunks()


def _over_one(
    members: npt.NDArray[np.int64],
    concept: npt.NDArray[np.uint64],
    document: npt.NDArray[np.uint64],
    distance: npt.NDArray[np.float32],
    quota: Mapping[int, int],
) -> pa.Table:
    keep = farthest_first(distance[members], document[members], quota[int(concept[members[0]])])
    gone = members[~keep]
    return drops_table(document[gone], "over_quota", distance[gone].astype(np.float64), None)
