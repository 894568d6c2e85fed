"""What speaks against a rewrite: one check after another, the cheap ones first, each of those that have passed so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.quality_ranks import RANKS
from curator.config.embedding import Embedding
from curator.models.embedder import Embedder, load_embedder
from curator.rephrase.similarity import calibrated_similarity
from curator.rephrase.strategy import Strategy
from curator.rephrase.verdict import verdicts
from curator.steps.decontaminate import contaminated
from curator.steps.embed import MODEL, needs_fit
from curator.steps.quality import judged_by
from curator.steps.samples import drawn
from curator.steps.verify_standards import Standards
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from curator.text.buffers import first_characters, one_array
from curator.text.heuristics import judge
from curator.text.statistics import text_statistics

Inputs = Mapping[str, StepFolder]


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """One document, or one part of it, rephrased by one strategy, and what was found out about it.

    `reason` is None while nothing speaks against it. A whole one was asked for in so many `parts`;
    those that it is made of have the share `covered` of the document's characters.
    """

    document: int
    strategy: Strategy
    source: str
    language: str | None
    answer: str = ""
    text: str = ""
    similarity: float | None = None
    supported: float | None = None
    quality: float | None = None
    parts: int = 1
    covered: float = 1.0
    reason: str | None = None
    value: float | None = None
    detail: str | None = None


Check = Callable[[Sequence[Rewrite]], list[Rewrite]]
"""Judges rewrites that nothing speaks against so far."""


def checks_of(inputs: Inputs, standards: Standards) -> list[Check]:
    """What this run holds against what is made of the parts that pass, in the order in which it is done."""
    checks = list[Check]()
    if standards.embedding is not None:
        embedder = _embedder(inputs["embed"].folder.uri, standards.embedding)
        checks.append(partial(alike_enough, embedder=embedder, standards=standards))
    if standards.rephrase.checks.heuristics:
        checks.append(partial(in_shape, standards=standards))
    if standards.decontaminated is not None:
        checks.append(partial(clean, folder=inputs["decontaminate"], item_share=standards.decontaminated))
    if standards.quality is not None:
        checks.append(partial(good_enough, inputs=inputs, standards=standards))
    return checks


def faithful(rewrites: Sequence[Rewrite], *, standards: Standards) -> list[Rewrite]:
    """Held against their sources: length, language, numbers, names, negations, support, key facts."""
    found = verdicts(
        [rewrite.source for rewrite in rewrites],
        [rewrite.answer for rewrite in rewrites],
        strategies=[rewrite.strategy for rewrite in rewrites],
        checks=standards.rephrase.checks,
        languages=[rewrite.language for rewrite in rewrites],
    )
    return [
        replace(rewrite, supported=one.supported)
        if one.reason is None
        else replace(rewrite, reason=one.reason, value=one.value, detail=one.detail)
        for rewrite, one in zip(rewrites, found, strict=True)
    ]


def alike_enough(rewrites: Sequence[Rewrite], *, embedder: Embedder, standards: Standards) -> list[Rewrite]:
    """Not so far from the source in the space of the run's embedder that it must be about something else."""
    assert standards.embedding is not None
    most = standards.embedding.max_characters
    sources, answers = (
        embedder.encode(one_array(first_characters(pa.chunked_array([_texts(side)]), most)))
        for side in ([rewrite.source for rewrite in rewrites], [rewrite.answer for rewrite in rewrites])
    )
    found = calibrated_similarity(sources, answers, np.array([rewrite.document for rewrite in rewrites], np.uint64))
    return [
        _limited(replace(rewrite, similarity=similarity), similarity, standards.floor_scale)
        for rewrite, similarity in zip(rewrites, found.tolist(), strict=True)
    ]


def _limited(rewrite: Rewrite, similarity: float, floor_scale: float) -> Rewrite:
    floor, ceiling = rewrite.strategy.similarity[0] * floor_scale, rewrite.strategy.similarity[1]
    if floor <= similarity <= ceiling:
        return rewrite
    reason, limit = ("too_far", floor) if similarity < floor else ("near_source", ceiling)
    return replace(rewrite, reason=reason, value=similarity, detail=f"similarity, limit {limit:g}")


def in_shape(rewrites: Sequence[Rewrite], *, standards: Standards) -> list[Rewrite]:
    """Prose passes the heuristics of the run; lists, tables and questions are not of a shape that they are made for."""
    filters = standards.shape_filters
    languages = pa.array([rewrite.language for rewrite in rewrites], pa.string())
    statistics = text_statistics(_texts([rewrite.text for rewrite in rewrites]), languages, filters.profile)
    judged = judge(statistics.append_column("language", languages), filters).to_pylist()
    return [
        replace(rewrite, reason=f"heuristics.{found['reason']}", value=found["value"])
        if found["reason"] is not None and rewrite.strategy.style == "exposition"
        else rewrite
        for rewrite, found in zip(rewrites, judged, strict=True)
    ]


def clean(rewrites: Sequence[Rewrite], *, folder: StepFolder, item_share: float) -> list[Rewrite]:
    """A rephraser may know benchmarks by heart: its texts are screened as documents are (FACTS section 11)."""
    found = contaminated(_texts([rewrite.text for rewrite in rewrites]), folder=folder, item_share=item_share)
    return [
        replace(rewrite, reason="contaminated") if hit else rewrite
        for rewrite, hit in zip(rewrites, found.tolist(), strict=True)
    ]


def good_enough(rewrites: Sequence[Rewrite], *, inputs: Inputs, standards: Standards) -> list[Rewrite]:
    """Judged by the models and the rule of the run, as its documents were: the whole text, for that is what would enter.

    Captions are spared, as those of people are.
    """
    assert standards.quality is not None
    found, ranks, stay = judged_by(
        _texts([rewrite.text for rewrite in rewrites]),
        pa.chunked_array([pa.array([rewrite.language for rewrite in rewrites], pa.string())]),
        scores=inputs["scores"],
        rule=inputs["quality"],
        quality=standards.quality,
    )
    stays = drawn(_keys(rewrites), stay, seed=standards.rephrase.seed)
    return [
        replace(rewrite, quality=quality)
        if is_good or rewrite.strategy.for_captions
        else replace(rewrite, reason="low_quality", value=quality, detail=f"rank {rank}, the best is {RANKS - 1}")
        for rewrite, quality, rank, is_good in zip(
            rewrites, found.tolist(), ranks.tolist(), stays.tolist(), strict=True
        )
    ]


def _keys(rewrites: Sequence[Rewrite]) -> npt.NDArray[np.uint64]:
    """A hash of each document and strategy: rewrites of one document are drawn apart, and not as the document was."""
    named = (f"{rewrite.document}\n{rewrite.strategy.name}".encode() for rewrite in rewrites)
    digests = b"".join(hashlib.blake2b(one, digest_size=8).digest() for one in named)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _texts(texts: Sequence[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


@lru_cache(maxsize=1)
def _embedder(uri: str, embedding: Embedding) -> Embedder:
    """Loaded once in a process. The step's folder is named after what decides its model."""
    return load_embedder(embedding, StepFolder(Folder(uri)).read_bytes(MODEL) if needs_fit(embedding) else b"")
