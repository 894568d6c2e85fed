"""Step `embed`: fit the embedder on a sample where it needs that, then one vector for each survivor, in a pool of actors.

Tasks read the text and, for a transformer, tokenise it; actors embed it; tasks write the vectors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.embedding import Embedding
from curator.models import tfidf
from curator.models.embedder import TFIDF, is_transformer, load_embedder, load_encoder, load_tokenizer
from curator.models.tokens import Tokenizer
from curator.steps.actors import through_actors
from curator.steps.gather import Sample, gather_sample
from curator.steps.graph import collect, commit_now
from curator.steps.step import Job
from curator.steps.survivors import Upstream, shards_with_documents, total
from curator.store.ids import shard_name, shard_of
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_column
from curator.text.buffers import first_characters, one_array
from curator.text.own_statistics import source_digest

VERSION = 3
MODEL = "model.npz"
ROWS_AT_ONCE = 32_768  # float32 vectors of 50 MB at 384 dimensions; a shard has up to a million documents


def settings_of(embedding: Embedding) -> dict[str, Any]:
    """What decides the result: the settings of the embedder that is used, and the source of a user's own."""
    always, on_gpu = {"max_characters"}, {"on_gpu": embedding.gpus_per_actor > 0}
    if embedding.own is not None:
        own = embedding.own
        return embedding.model_dump(include={"own", *always}) | on_gpu | {"source": source_digest(own.name)}
    if embedding.model == TFIDF:
        return embedding.model_dump(include={"model", "dimensions", "sample_documents", "seed", *always})
    not_of_it = {"own", "dimensions", "sample_documents", "seed", "actors", "gpus_per_actor"}
    return embedding.model_dump(exclude=not_of_it) | on_gpu


def run(job: Job, *, embedding: Embedding) -> None:
    """Write the table `embeddings` (doc_id, embedding float16) for every shard that has survivors."""
    upstream = Upstream.of(job.inputs)
    shards = shards_with_documents(upstream.last)
    if needs_fit(embedding) and "model" not in job.commits and shards:
        _fit(job, embedding, upstream, shards)
    undone = [shard for shard in shards if shard_name(shard) not in job.commits]
    if undone:
        graph = through_actors(
            undone,
            partial(read_shard, upstream=upstream, embedding=embedding),
            EmbeddingActor,
            (job.folder, embedding),
            partial(write_shard, folder=job.folder),
            actors=embedding.actors,
            gpus=embedding.gpus_per_actor,
            prepares=is_transformer(embedding),
        )
        collect(job, graph, expected=len(shards) + 1)


def needs_fit(embedding: Embedding) -> bool:
    return embedding.own is None and embedding.model == TFIDF


def _fit(job: Job, embedding: Embedding, upstream: Upstream, shards: Sequence[int]) -> None:
    documents, characters = upstream.last.total("documents_out"), embedding.max_characters
    sample = Sample(wanted=embedding.sample_documents, of=documents, seed=embedding.seed)
    emit = partial(_sample_texts, upstream=upstream, sample=sample, characters=characters)
    conclude = partial(_conclude, folder=job.folder, embedding=embedding)
    gather_sample(job, sample, emit, shards, conclude, row_bytes=characters)


def _sample_texts(shard: int, *, upstream: Upstream, sample: Sample, characters: int) -> pa.Table:
    return sample.beginnings(upstream.documents(shard, ("doc_id", "text")), characters)


def _conclude(rows: pa.Table, *, folder: StepFolder, embedding: Embedding) -> Commit:
    texts = one_array(rows.sort_by("key")["text"])
    model = tfidf.fit(texts, dimensions=embedding.dimensions, seed=embedding.seed)
    folder.write_bytes(MODEL, model.to_bytes())
    return Commit(name="model", shards=(), counts={"sample_documents": len(texts), "terms": len(model.terms)})


def read_shard(batch: pa.Table, *, upstream: Upstream, embedding: Embedding) -> pa.Table:
    """What the actors are given of a shard: doc_id, bytes and, for a transformer, token ids in `windows`, else the `text`."""
    (shard,) = batch["shard"].to_pylist()
    rows = upstream.documents(shard, ("doc_id", "text"))
    text = one_array(first_characters(rows["text"], embedding.max_characters))
    given = {"windows": _tokenizer(embedding).windows(text)} if is_transformer(embedding) else {"text": text}
    return pa.table({"doc_id": rows["doc_id"], "bytes": pc.binary_length(text), **given}).combine_chunks()


@cache
def _tokenizer(embedding: Embedding) -> Tokenizer:
    """Loaded once in a process: loading takes longer than tokenising many a shard."""
    return load_tokenizer(embedding)


class EmbeddingActor:
    """Holds one loaded embedder and replaces the text, or the tokens, of a shard by its vectors."""

    def __init__(self, folder: StepFolder, embedding: Embedding) -> None:
        fitted = folder.read_bytes(MODEL) if needs_fit(embedding) else b""
        self._given = "windows" if is_transformer(embedding) else "text"
        self._embedder = load_encoder(embedding) if is_transformer(embedding) else load_embedder(embedding, fitted)

    def __call__(self, rows: pa.Table) -> pa.Table:
        started = time.time()
        given = one_array(rows[self._given])
        parts = [given.slice(start, ROWS_AT_ONCE) for start in range(0, len(given), ROWS_AT_ONCE)]
        vectors = pa.concat_arrays([to_column(self._embedder.encode(part)) for part in parts])
        seconds = np.full(rows.num_rows, time.time() - started, np.float32)
        return pa.table({"doc_id": rows["doc_id"], "embedding": vectors, "bytes": rows["bytes"], "seconds": seconds})


def write_shard(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    """Write the embeddings of a shard and commit it; the row of the commit goes to the driver."""
    shard = int(shard_of(rows["doc_id"].to_numpy()[:1])[0])
    started = time.time() - rows["seconds"][0].as_py()  # what the actor took, without the wait between the two
    folder.write("embeddings", shard, rows.select(["doc_id", "embedding"]).combine_chunks())
    size = total(rows["bytes"])
    counts = {"documents_in": rows.num_rows, "documents_out": rows.num_rows, "bytes_in": size, "bytes_out": size}
    return commit_now(folder, Commit(name=shard_name(shard), shards=(shard,), counts=counts), started)
