"""Step `redundancy`: semantic duplicates inside each concept (SemDeDup, Abbas 2023), greedy against the documents kept."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import best_first, ranks, runs
from curator.algorithms.semantic import semantic_duplicates
from curator.config.schema import Budgets
from curator.steps.duplicate_columns import NEAR_GROUPS
from curator.steps.exchange import Exchange, drop_by_exchange
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, drops_table, quality_of, shards_with_documents, without
from curator.store.step_folder import StepFolder
from curator.store.tables import DROPS
from curator.store.vectors import to_matrix

VERSION = 1
KEEP = ("quality", "length")


def run(job: Job, *, budgets: Budgets, dimensions: int) -> None:
    """Drop the documents too close to a better one of their concept; the value is the cosine similarity."""
    inputs = job.inputs
    upstream = Upstream.of(inputs)
    emit = partial(
        concept_rows,
        upstream=upstream,
        quality=inputs["filter"],
        embed=inputs["embed"],
        concepts=inputs["concepts"],
        near=inputs["near"],
    )
    reduce = partial(duplicates, threshold=budgets.duplicate_similarity)
    exchange = Exchange(emit=emit, reduce=reduce, row_bytes=2 * dimensions + 24)
    documents = upstream.last.total("documents_out")
    drop_by_exchange(job, exchange, upstream, shards_with_documents(upstream.last), documents)


def concept_rows(
    shard: int, *, upstream: Upstream, quality: StepFolder, embed: StepFolder, concepts: StepFolder, near: StepFolder
) -> pa.Table:
    """Concept (the key), rank and embedding of every survivor of a shard but those that `near` kept on purpose."""
    rows = without(upstream.statistics(shard, ("doc_id", "characters")), _followers(near, shard))
    documents = rows["doc_id"].to_numpy()
    assigned = aligned(concepts.read("assignments", shard), documents)
    return pa.table(
        {
            "key": assigned["concept_id"].cast(pa.uint64()),
            "doc_id": rows["doc_id"],
            "quality": quality_of(quality, shard, rows["doc_id"]),
            "length": rows["characters"],
            "embedding": aligned(embed.read("embeddings", shard), documents)["embedding"],
        }
    )


def _followers(near: StepFolder, shard: int) -> npt.NDArray[np.uint64]:
    """Near duplicates that stay beside the document that leads their group, as `duplicates` in the configuration asks for."""
    groups = near.sparse("groups", shard, NEAR_GROUPS)
    followers: npt.NDArray[np.uint64] = groups.filter(pc.not_equal(groups["doc_id"], groups["group"]))[
        "doc_id"
    ].to_numpy()
    return followers


def duplicates(rows: pa.Table, *, threshold: float) -> pa.Table:
    """Semantic duplicates of all concepts in `rows`, as DROPS."""
    document, concept = rows["doc_id"].to_numpy(), rows["key"].to_numpy()
    high, low = ranks(KEEP, quality=rows["quality"].to_numpy(), length=rows["length"].to_numpy())
    order = best_first(concept, high, low, document)
    document, concept = document[order], concept[order]
    embeddings = to_matrix(rows["embedding"])[order]
    found = [_duplicates_of_one(document[members], embeddings[members], threshold) for members in runs(concept)]
    return pa.concat_tables([DROPS.empty_table(), *found]).combine_chunks()


def _duplicates_of_one(
    documents: npt.NDArray[np.uint64], embeddings: npt.NDArray[np.float32], threshold: float
) -> pa.Table:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)  # float16 lost some
    representative, similarity = semantic_duplicates(unit, threshold=threshold)
    drop = representative != np.arange(len(documents))
    return drops_table(
        documents[drop], "semantic_duplicate", similarity[drop].astype(np.float64), documents[representative[drop]]
    )
