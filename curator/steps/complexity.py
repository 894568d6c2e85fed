"""Step `complexity`: how varied each concept is by several measures, what it is called, and examples. Nothing is dropped.

Two rounds. Sums of all shards tell the sizes and the spread of the concepts (`sizes.parquet`); then a sample of each concept's
distinct documents meets by concept, for the measures that need embeddings or texts together. Beside what the embedder is
fitted on this is the only text that is exchanged: at most about concepts * sample_documents * sample_characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from curator.algorithms.complexity import inter_distances
from curator.config.concepts import Complexity, Redundancy
from curator.steps.centroids import read_centroids
from curator.steps.complexity_sample import concept_measures
from curator.steps.concept_files import COMPLEXITY
from curator.steps.concepts import read_themes
from curator.steps.exchange import Exchange
from curator.steps.gather import gather, together
from curator.steps.graph import in_one_task
from curator.steps.redundancy import semantic_followers, similarity_used
from curator.steps.samples import drawn
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, shards_with_documents, without
from curator.steps.tokens import estimated_tokens
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet
from curator.text.buffers import first_characters, one_array
from curator.text.concept_terms import typical_terms

VERSION = 1
SIZES = "sizes.parquet"
SUMS_BYTES = 48
SUMS = ("documents", "distinct", "tokens", "distance")
MEASURED = ("effective_documents", "participation_ratio", "bits_per_letter", "vocabulary_growth")


def run(job: Job, *, complexity: Complexity, redundancy: Redundancy, terms: int, dimensions: int) -> None:
    """Write `complexity.parquet`: one row for each concept that has documents, in the order of their numbers.

    concept_id, theme_id: uint32
    documents, distinct, tokens: int64; the distinct ones follow no other in their semantic group
    intra_distance, inter_distance, product, effective_documents, participation_ratio, bits_per_letter, vocabulary_growth: float64
    terms: list<string>, the most typical first
    examples: list<uint64>, of the sample those nearest to the centroid

    The measures are those of `curator.algorithms.complexity`, the first exact, over all distinct documents. What one document or
    none cannot tell is 0.
    """
    embed, found = job.inputs["embed"], job.inputs["concepts"]
    shards, documents = shards_with_documents(embed), embed.total("documents_out")
    if not shards or "complexity" in job.commits:
        return
    work = Work(
        folder=job.folder,
        upstream=Upstream.of(job.inputs),
        embed=embed,
        redundancy=job.inputs["redundancy"],
        concepts=found,
        complexity=complexity,
        similarity=similarity_used(job.inputs["redundancy"], redundancy),
        terms=terms,
    )
    concepts = found.total("concepts") + 1
    sums, sample = min(documents, len(shards) * concepts), min(documents, concepts * complexity.sample_documents)
    sample_bytes = complexity.sample_characters + 2 * dimensions + 32
    if sums * SUMS_BYTES + sample * sample_bytes <= job.exchange_bytes:
        in_one_task(job, partial(work.at_once, shards, "sizes" in job.commits), expected=2)
        return
    if "sizes" not in job.commits:
        gather(job, Exchange(emit=work.sums, reduce=added_up, row_bytes=SUMS_BYTES), shards, work.conclude_sizes, sums)
    exchange = Exchange(emit=work.sample, reduce=work.measures, row_bytes=sample_bytes)
    gather(job, exchange, shards, work.conclude, sample)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the rounds do. Travels to workers."""

    folder: StepFolder
    upstream: Upstream
    embed: StepFolder
    redundancy: StepFolder
    concepts: StepFolder
    complexity: Complexity
    similarity: float
    terms: int

    def at_once(self, shards: Sequence[int], sized: bool) -> Iterator[Commit]:
        """Both rounds in this process, or the second where the first is done."""
        if not sized:
            yield self.conclude_sizes(added_up(together(self.sums, shards)))
        yield self.conclude(self.measures(together(self.sample, shards)))

    def sums(self, shard: int) -> pa.Table:
        """SUMS of each concept (the key) in a shard; `distance` is that of its distinct documents to its centroid."""
        statistics = self.upstream.statistics(shard, ("doc_id", "bytes"))
        documents = statistics["doc_id"].to_numpy()
        assigned = aligned(self.concepts.read("assignments", shard), documents)
        distinct = ~np.isin(documents, semantic_followers(self.redundancy, shard))
        rows = {
            "key": assigned["concept_id"].cast(pa.uint64()),
            "documents": np.ones(len(documents), np.int64),
            "distinct": distinct.astype(np.int64),
            "tokens": estimated_tokens(statistics),
            "distance": assigned["distance"].to_numpy().astype(np.float64) * distinct,
        }
        sums = _summed(pa.table(rows))
        return sums.append_column("shard", pa.array(np.full(sums.num_rows, shard, np.int64)))

    def conclude_sizes(self, rows: pa.Table) -> Commit:
        """Write `sizes.parquet`: the sums of each concept, key uint64."""
        self.folder.write_bytes(SIZES, to_parquet(rows.sort_by("key")).to_pybytes())
        return Commit(name="sizes", shards=(), counts={"concepts": rows.num_rows})

    def sample(self, shard: int) -> pa.Table:
        """The documents of the sample in a shard: concept (the key), doc_id, distance, embedding, and the beginning of the text."""
        sizes = read_parquet(self.folder.folder, SIZES, ["key", "distinct"])
        assigned = without(self.concepts.read("assignments", shard), semantic_followers(self.redundancy, shard))
        key = assigned["concept_id"].cast(pa.uint64())
        distinct = sizes["distinct"].to_numpy()[np.searchsorted(sizes["key"].to_numpy(), key.to_numpy())]
        share = self.complexity.sample_documents / np.maximum(distinct, 1)
        chosen = pa.array(drawn(assigned["doc_id"].to_numpy(), share, seed=self.complexity.seed))
        rows = assigned.append_column("key", key).append_column("distinct", pa.array(distinct))
        rows = rows.select(["key", "doc_id", "distinct", "distance"]).filter(chosen)
        documents = rows["doc_id"].to_numpy()
        text = aligned(self.upstream.documents(shard, ("doc_id", "text")), documents)["text"]
        rows = rows.append_column("embedding", aligned(self.embed.read("embeddings", shard), documents)["embedding"])
        return rows.append_column("text", first_characters(text, self.complexity.sample_characters))

    def measures(self, rows: pa.Table) -> pa.Table:
        return concept_measures(rows, similarity=self.similarity, seed=self.complexity.seed)

    def conclude(self, measures: pa.Table) -> Commit:
        """Write `complexity.parquet` from the sizes and the measures of the samples."""
        sizes = read_parquet(self.folder.folder, SIZES)
        rows = measures.take(pc.index_in(sizes["key"], measures["key"]).combine_chunks())  # null where none was drawn
        concept = sizes["key"].to_numpy().astype(np.uint32)
        distinct = sizes["distinct"].to_numpy()
        intra = np.maximum(sizes["distance"].to_numpy() / np.maximum(distinct, 1), 0.0)
        inter = self._inter_distances(concept)
        names = typical_terms(one_array(rows["terms"]), one_array(rows["counts"]), most=self.terms)
        columns = {
            "concept_id": concept,
            "theme_id": read_themes(self.concepts)[concept],
            **{name: sizes[name] for name in ("documents", "distinct", "tokens")},
            "intra_distance": intra,
            "inter_distance": inter,
            "product": intra * inter,
            **{name: pc.fill_null(rows[name], 0.0) for name in MEASURED},
            "terms": pa.array(names, pa.list_(pa.string())),
            "examples": pa.array([found or [] for found in rows["examples"].to_pylist()], pa.list_(pa.uint64())),
        }
        self.folder.write_bytes(COMPLEXITY, to_parquet(pa.table(columns)).to_pybytes())
        documents = int(pc.sum(sizes["documents"]).as_py())
        counts = {"documents_in": documents, "documents_out": documents, "concepts": sizes.num_rows}
        return Commit(name="complexity", shards=(), counts=counts)

    def _inter_distances(self, concept: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
        """Of these concepts among each other. That of documents without a direction is at distance 0, as they vary by 0."""
        centroids = read_centroids(self.concepts)[concept]
        known = centroids.any(axis=1)
        distances = np.zeros(len(concept))
        with threadpool_limits(1):
            distances[known] = inter_distances(centroids[known], neighbours=self.complexity.neighbours)
        return distances


def added_up(rows: pa.Table) -> pa.Table:
    """The sums of each concept over its shards, in the order of their numbers, so that roundings do not depend on the way here."""
    return _summed(rows.sort_by([("key", "ascending"), ("shard", "ascending")]))


def _summed(rows: pa.Table) -> pa.Table:
    sums = rows.group_by("key", use_threads=False).aggregate([(name, "sum") for name in SUMS])
    return sums.select(["key", *(f"{name}_sum" for name in SUMS)]).rename_columns(["key", *SUMS])
