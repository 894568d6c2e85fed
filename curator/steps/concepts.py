"""Step `concepts`: spherical k-means over a sample of the embeddings, then every survivor goes to its nearest centroid."""

from __future__ import annotations

import io
import math
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.schema import Concepts
from curator.models.clustering import nearest, spherical_kmeans
from curator.steps.exchange import Exchange
from curator.steps.gather import gather, unchanged
from curator.steps.graph import over_shards
from curator.steps.samples import sampled
from curator.steps.step import Job
from curator.steps.survivors import Upstream, shards_with_documents
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_matrix

VERSION = 1
CENTROIDS = "centroids.npy"


def run(job: Job, *, concepts: Concepts, dimensions: int) -> None:
    """Write `centroids.npy` and the table `assignments` (doc_id, concept_id, distance) by shard."""
    embed, survivors = job.inputs["embed"], Upstream.of(job.inputs).last
    shards, documents = shards_with_documents(survivors), survivors.total("documents_out")
    if not shards:
        return
    if "centroids" not in job.commits:
        count = min(documents, concepts.count or max(1, round(math.sqrt(documents))))
        emit = partial(
            _sample, embed=embed, wanted=count * concepts.sample_per_concept, of=documents, seed=concepts.seed
        )
        sample = min(documents, count * concepts.sample_per_concept)
        exchange = Exchange(emit=emit, reduce=unchanged, row_bytes=max(1, 2 * dimensions * sample // documents))
        conclude = partial(_conclude, folder=job.folder, count=count, concepts=concepts)
        gather(job, exchange, shards, conclude, documents, gpus=int(concepts.on_gpu))
    over_shards(job, shards, partial(assign_shard, folder=job.folder, embed=embed))


def _sample(shard: int, *, embed: StepFolder, wanted: int, of: int, seed: int) -> pa.Table:
    rows = embed.read("embeddings", shard)
    chosen = sampled(rows["doc_id"].to_numpy(), wanted=wanted, of=of, seed=seed)
    return rows.filter(pa.array(chosen)).rename_columns(["key", "embedding"])


def _conclude(rows: pa.Table, *, folder: StepFolder, count: int, concepts: Concepts) -> Commit:
    order = np.argsort(rows["key"].to_numpy())
    embeddings = to_matrix(rows["embedding"])[order]
    found = spherical_kmeans(
        embeddings,
        count=min(count, len(embeddings)),
        iterations=concepts.iterations,
        seed=concepts.seed,
        on_gpu=concepts.on_gpu,
    )
    sink = io.BytesIO()
    np.save(sink, found)
    folder.write_bytes(CENTROIDS, sink.getvalue())
    return Commit(name="centroids", shards=(), counts={"concepts": len(found), "sample_documents": len(embeddings)})


def read_centroids(folder: StepFolder) -> npt.NDArray[np.float32]:
    """The centroids (k, d) of a finished step."""
    found: npt.NDArray[np.float32] = np.load(io.BytesIO(folder.read_bytes(CENTROIDS)), allow_pickle=False)
    return found


def assign_shard(shard: int, *, folder: StepFolder, embed: StepFolder) -> Commit:
    rows = embed.read("embeddings", shard)
    concept, distance = nearest(to_matrix(rows["embedding"]), read_centroids(folder))
    folder.write(
        "assignments", shard, pa.table({"doc_id": rows["doc_id"], "concept_id": concept, "distance": distance})
    )
    counts = {"documents_in": rows.num_rows, "documents_out": rows.num_rows}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts)
