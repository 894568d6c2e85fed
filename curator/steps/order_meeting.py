"""Where documents of a concept must meet to be put in order: evenly spaced among the others, or as a chain of similar ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.chains import chain_places
from curator.algorithms.within_stage import interleaved
from curator.steps.samples import mixed
from curator.steps.survivors import aligned
from curator.steps.synthetic_tables import origins_of
from curator.store.step_folder import StepFolder
from curator.store.vectors import to_halves

STAGE_BITS = 8
SPACED_BYTES, CHAINED_BYTES = 28, 24  # of a row, without the embedding
RANKS = pa.schema([("doc_id", pa.uint64()), ("copy", pa.int32()), ("rank", pa.float64())])
"""Where a copy stands in its stage, [0, 1). Of a chain there is one row a document, for all its copies."""

Ids = npt.NDArray[np.uint64]


def concepts_of(shard: int, documents: Ids, inputs: Mapping[str, StepFolder]) -> Ids:
    """The concept of each document of a shard."""
    origins = origins_of(inputs, shard, documents)
    assigned = aligned(inputs["concepts"].read("assignments", shard), origins)["concept_id"]
    return np.asarray(assigned.to_numpy(), dtype=np.uint64)


def spaced_rows(copies: pa.Table, concept: Ids, stage: npt.NDArray[np.int64], hashed: Ids, *, seed: int) -> pa.Table:
    """What `spaced` is given of `copies` (doc_id, copy): those of one concept and stage have one key."""
    key = mixed(concept << np.uint64(STAGE_BITS) | stage.astype(np.uint64), seed)
    return pa.table({"key": key, "doc_id": copies["doc_id"], "copy": copies["copy"], "hashed": hashed})


def spaced(rows: pa.Table) -> pa.Table:
    """RANKS by which the copies of each concept stand evenly spaced in a stage."""
    rows = rows.sort_by([("doc_id", "ascending"), ("copy", "ascending")])  # the order in which equal hashes stand
    rank = interleaved(rows["key"].to_numpy(), rows["hashed"].to_numpy())
    return pa.table([rows["doc_id"], rows["copy"], pa.array(rank)], schema=RANKS)


def chained_rows(shard: int, documents: pa.Table, inputs: Mapping[str, StepFolder]) -> pa.Table:
    """What `chained` is given of `documents` (doc_id, tokens): concept (the key), doc_id, tokens and embedding."""
    ids = documents["doc_id"].to_numpy()
    embedding = aligned(inputs["embed"].read("embeddings", shard), origins_of(inputs, shard, ids))["embedding"]
    columns = {"key": concepts_of(shard, ids, inputs), "doc_id": documents["doc_id"], "tokens": documents["tokens"]}
    return pa.table({**columns, "embedding": embedding})


def chained(rows: pa.Table, *, concepts: int, seed: int) -> pa.Table:
    """RANKS by which concepts stand one after another, by hash, and in each similar documents next to each other."""
    concept, document, tokens = (rows[name].to_numpy() for name in ("key", "doc_id", "tokens"))
    inside = chain_places(concept, document, to_halves(rows["embedding"]), tokens)
    place = np.argsort(np.argsort(mixed(np.arange(concepts, dtype=np.uint64), seed)))[concept]
    copy = np.zeros(len(concept), np.int32)
    return pa.table([pa.array(column) for column in (document, copy, (place + inside) / concepts)], schema=RANKS)
