"""The selection under test, step by step as the pipeline does it, but in one process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.allowances import allowances
from curator.algorithms.complexity import (
    bits_per_letter,
    inter_distances,
    intra_distance,
    participation_ratio,
    vocabulary_growth,
)
from curator.algorithms.effective import effective_documents
from curator.algorithms.quotas import quotas, shares
from curator.algorithms.selection import coverage_merit, fitting, in_order, merit
from curator.algorithms.semantic import semantic_groups
from curator.models.clustering import nearest, spherical_kmeans
from curator.models.tfidf import fit

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]

MEASURES = ("intra", "inter", "product", "participation", "bits_per_letter", "vocabulary_growth")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The defaults under test. `measure` null: no measure, only the effective number; `effective` false: the measure alone."""

    similarity: float = 0.98
    measure: str | None = "bits_per_letter"
    share_ratio: float = 3.0
    effective: bool = True
    floor: float = 0.1
    max_repeats: int = 3
    fill: str = "farthest"
    sample: int = 128
    concepts: float = 1.0  # times the square root of the number of documents
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Documents, their embeddings (n, d), and what each costs: 1, or its tokens."""

    texts: pa.Array
    embeddings: Matrix
    cost: Whole

    def __len__(self) -> int:
        return len(self.cost)


@dataclass(frozen=True, kw_only=True)
class Concepts:
    """Concept, distance to its centroid, and place in its semantic group of each document (n,); the distinct rows of each (k)."""

    concept: npt.NDArray[np.uint64]
    distance: Matrix
    place: Whole
    distinct: list[Whole]
    centroids: Matrix


def embedded(texts: pa.Array, cost: Whole | None = None, *, sample: int = 10_000, seed: int = 1) -> Corpus:
    """By the default embedder, fitted on a sample."""
    drawn = np.sort(np.random.default_rng(seed).permutation(len(texts))[:sample])
    beginnings = pa.array([text[:5_000] for text in texts.to_pylist()], pa.large_string())
    embeddings = fit(beginnings.take(pa.array(drawn)), dimensions=128, seed=seed).encode(beginnings)
    return Corpus(
        texts=texts,
        embeddings=embeddings.astype(np.float16).astype(np.float32),  # as they are stored
        cost=np.ones(len(texts), np.int64) if cost is None else cost,
    )


def clustered(embeddings: Matrix, count: int, seed: int) -> tuple[Matrix, npt.NDArray[np.uint32], Matrix]:
    centroids = spherical_kmeans(embeddings, count=count, iterations=20, seed=seed)
    return (centroids, *nearest(embeddings, centroids))


def grouped(embeddings: Matrix, cell: npt.NDArray[np.uint32], order: Whole, similarity: float) -> Whole:
    """The row that leads the semantic group of each row (n,); `order` says which documents are better."""
    leader = np.arange(len(embeddings))
    by_cell = order[np.argsort(cell[order], kind="stable")]
    for rows in np.split(by_cell, np.flatnonzero(np.diff(cell[by_cell])) + 1):
        lengths = np.linalg.norm(embeddings[rows], axis=1, keepdims=True)
        unit = np.divide(embeddings[rows], lengths, out=np.zeros_like(embeddings[rows]), where=lengths > 0)
        leader[rows] = rows[semantic_groups(unit, threshold=similarity)[0]]
    return leader


def find_concepts(corpus: Corpus, settings: Settings) -> Concepts:
    """Cells, semantic groups inside them, and concepts from the distinct documents alone."""
    count = max(1, round(settings.concepts * np.sqrt(len(corpus))))
    order = np.random.default_rng(settings.seed).permutation(len(corpus))
    cell = clustered(corpus.embeddings, count, settings.seed)[1]
    leader = grouped(corpus.embeddings, cell, order, settings.similarity)
    leads = leader == np.arange(len(leader))
    centroids = spherical_kmeans(corpus.embeddings[leads], count=count, iterations=20, seed=settings.seed)
    concept, distance = nearest(corpus.embeddings, centroids)
    concept = concept[leader]  # repeats count where their leader does
    return Concepts(
        concept=concept.astype(np.uint64),
        distance=distance,
        place=_places(leader, leads, order),
        distinct=[np.flatnonzero(leads & (concept == number)) for number in range(len(centroids))],
        centroids=centroids,
    )


def _places(leader: Whole, leads: Mask, order: Whole) -> Whole:
    """0 for the leader of a semantic group, then 1, 2, ... in order."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    rows = np.lexsort((rank, ~leads, leader))
    starts = np.flatnonzero(np.diff(leader[rows], prepend=-1))
    found = np.empty(len(rows), np.int64)
    found[rows] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return found


def measured(corpus: Corpus, found: Concepts, measure: str, settings: Settings) -> npt.NDArray[np.float64]:
    """A measure of complexity of each concept (k,)."""
    if measure == "inter":
        return inter_distances(found.centroids)
    if measure == "product":
        return measured(corpus, found, "intra", settings) * inter_distances(found.centroids)
    return np.array(
        [
            _measure_of_one(corpus, rows, centre, measure, settings)
            for rows, centre in zip(found.distinct, found.centroids, strict=True)
        ]
    )


def _measure_of_one(corpus: Corpus, rows: Whole, centroid: Matrix, measure: str, settings: Settings) -> float:
    if measure == "intra":
        return intra_distance(corpus.embeddings[rows], centroid)
    sample = _sampled(rows, settings)
    if measure == "participation":
        return participation_ratio(corpus.embeddings[sample])
    if measure == "effective":
        return effective_documents(corpus.embeddings[sample], documents=len(rows), similarity=settings.similarity)
    texts = [text[:1_000] for text in corpus.texts.take(pa.array(sample)).to_pylist()]
    if measure == "bits_per_letter":
        return bits_per_letter("\n".join(texts))
    assert measure == "vocabulary_growth", measure
    words = "\n".join(texts).lower().split()
    return vocabulary_growth(np.unique(np.array(words or [""]), return_inverse=True)[1].astype(np.uint64))


def _sampled(rows: Whole, settings: Settings) -> Whole:
    return np.sort(np.random.default_rng((settings.seed, len(rows))).permutation(rows)[: settings.sample])


def concept_shares(
    corpus: Corpus, found: Concepts, settings: Settings
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The complexity and the share (k,) of each concept."""
    complexity = (
        np.ones(len(found.centroids))
        if settings.measure is None
        else measured(corpus, found, settings.measure, settings)
    )
    share = shares(complexity, ratio=settings.share_ratio)
    if settings.effective:
        share = share * measured(corpus, found, "effective", settings)
    return complexity, np.asarray(share / share.sum())


def selected(corpus: Corpus, found: Concepts, total: int, settings: Settings) -> Mask:
    """The documents kept (n,): at most `total` of their cost, fewer only where allowances leave no more."""
    complexity, share = concept_shares(corpus, found, settings)
    allowed = found.place < allowances(complexity, most=settings.max_repeats)[found.concept.astype(np.int64)]
    order = _merit(corpus, found, share, total, settings)
    return by_quota(found.concept, np.where(allowed, found.place, -1), order, corpus.cost, share, total, settings.floor)


def _merit(
    corpus: Corpus, found: Concepts, share: npt.NDArray[np.float64], total: int, settings: Settings
) -> npt.NDArray[np.float64]:
    documents = np.arange(len(corpus)).astype(np.uint64)
    if settings.fill == "coverage":
        quota = (share * total).astype(np.int64)[found.concept.astype(np.int64)]
        return coverage_merit(
            found.concept, found.place, documents, corpus.embeddings, found.distance, corpus.cost, quota
        )
    hashed = np.random.default_rng(settings.seed).integers(2**64, size=len(corpus), dtype=np.uint64)
    return merit(settings.fill, hashed=hashed, distance=found.distance)  # type: ignore[arg-type]


def by_quota(
    group: npt.NDArray[np.uint64],
    place: Whole,
    merit: npt.NDArray[np.float64],
    cost: Whole,
    share: npt.NDArray[np.float64],
    total: int,
    floor: float = 0.0,
) -> Mask:
    """Quotas of the groups, filled in order of place and merit, what is left of them at random; place -1 may not stay."""
    rows = in_order(group, place, merit, np.arange(len(cost)).astype(np.uint64))
    rows = rows[place[rows] >= 0]
    caps = np.bincount(group[rows].astype(np.int64), weights=cost[rows], minlength=len(share)).astype(np.int64)
    total = min(total, int(caps.sum()))
    quota = quotas(share, total, np.minimum(caps, int(floor * total / len(share))), caps)
    kept = np.zeros(len(cost), np.bool_)
    kept[rows] = fitting(group[rows], cost[rows], quota[group[rows].astype(np.int64)])
    return topped_up(kept, rows, cost, total)


def topped_up(kept: Mask, rows: Whole, cost: Whole, total: int) -> Mask:
    """With more of `rows`, shuffled, while they fit what is left: methods are compared at equal cost."""
    left = total - int(cost[kept].sum())
    for row in np.random.default_rng(0).permutation(rows[~kept[rows]]):
        if left <= 0:
            break
        if cost[row] <= left:
            kept[row] = True
            left -= int(cost[row])
    return kept
