"""The answers of a shard become rewrites of its documents: parsed, put together, and judged one check after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import groupby

import numpy as np
import pyarrow as pa

from curator.config.embedding import Embedding
from curator.models.embedder import Embedder, load_embedder
from curator.rephrase.parsing import joined, parsed
from curator.rephrase.prompts import sources_of
from curator.rephrase.requests import ANSWERS, Response
from curator.rephrase.similarity import calibrated_similarity
from curator.rephrase.strategy import Strategy, load_strategies
from curator.rephrase.verdict import verdicts
from curator.steps.decontaminate import contaminated
from curator.steps.embed import MODEL, needs_fit
from curator.steps.verify_standards import Standards
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from curator.text.buffers import first_characters, one_array
from curator.text.heuristics import judge
from curator.text.statistics import text_statistics

Inputs = Mapping[str, StepFolder]

CHECKED = pa.schema(
    [
        ("source_doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("text", pa.large_string()),
        ("answer", pa.large_string()),
        ("prompt_version", pa.string()),
        ("similarity", pa.float32()),
        ("supported", pa.float32()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
    ]
)
"""Every rewrite that was asked for. `answer` is what the engine wrote, `text` the document; `reason` is null where it passes."""


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """One document rephrased by one strategy, and what was found out about it; `reason` is None while nothing speaks against it."""

    document: int
    strategy: Strategy
    source: str
    language: str | None
    answer: str = ""
    text: str = ""
    similarity: float | None = None
    supported: float | None = None
    reason: str | None = None
    value: float | None = None
    detail: str | None = None


Check = Callable[[Sequence[Rewrite]], list[Rewrite]]
"""Judges rewrites that nothing speaks against so far."""


def checked_answers(shard: int, inputs: Inputs, standards: Standards) -> pa.Table:
    """CHECKED of a shard, by document and strategy."""
    rewrites = list(put_together(shard, inputs, standards))
    checks: list[Check] = [partial(faithful, standards=standards)]
    if standards.embedding is not None:
        checks.append(
            partial(
                alike_enough, embedder=_embedder(inputs["embed"].folder.uri, standards.embedding), standards=standards
            )
        )
    if standards.rephrase.checks.heuristics:
        checks.append(partial(in_shape, standards=standards))
    if standards.decontaminated is not None:
        checks.append(partial(clean, folder=inputs["decontaminate"], item_share=standards.decontaminated))
    for check in checks:
        judged = iter(check([rewrite for rewrite in rewrites if rewrite.reason is None]))
        rewrites = [rewrite if rewrite.reason is not None else next(judged) for rewrite in rewrites]
    return _table(rewrites)


def put_together(shard: int, inputs: Inputs, standards: Standards) -> Iterator[Rewrite]:
    """The rewrites of a shard from the answers for their parts; one whose part is none has that part's reason."""
    answers = inputs["rephrase"].sparse("answers", shard, ANSWERS)
    if not answers.num_rows:
        return
    strategies = {strategy.name: strategy for strategy in load_strategies(standards.rephrase)}
    rows = inputs["curate"].read("curated", shard, ["doc_id", "text", "language"])
    place = {document: row for row, document in enumerate(rows["doc_id"].to_pylist())}
    for (document, name), parts in groupby(answers.to_pylist(), key=lambda row: (row["doc_id"], row["strategy"])):
        source, language = (rows[column][place[document]].as_py() for column in ("text", "language"))
        rewrite = Rewrite(document=document, strategy=strategies[name], source=source, language=language)
        responses = [
            Response(key=part["key"], outcome=part["outcome"], text=part["text"] or "")
            for part in sorted(parts, key=lambda part: int(part["part"]))
        ]
        yield _with_answer(rewrite, responses)


def _with_answer(rewrite: Rewrite, responses: Sequence[Response]) -> Rewrite:
    strategy = rewrite.strategy
    found = [
        parsed(response, strategy, source)
        for response, source in zip(responses, sources_of(rewrite.source, strategy), strict=True)
    ]
    failed = next((part for part in found if part.reason), None)
    if failed is not None:
        return replace(rewrite, reason=failed.reason, detail=failed.detail)
    texts = [part.text for part in found]
    answer = joined("", texts, strategy).lstrip()
    return replace(rewrite, answer=answer, text=joined(rewrite.source, texts, strategy))


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


def _texts(texts: Sequence[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


def _table(rewrites: Sequence[Rewrite]) -> pa.Table:
    columns = {
        name: [getattr(rewrite, name) for rewrite in rewrites] for name in CHECKED.names[2:] if name != "prompt_version"
    }
    columns["source_doc_id"] = [rewrite.document for rewrite in rewrites]
    columns["strategy"] = [rewrite.strategy.name for rewrite in rewrites]
    columns["prompt_version"] = [rewrite.strategy.version for rewrite in rewrites]
    return pa.table([pa.array(columns[field.name], field.type) for field in CHECKED], schema=CHECKED)


@lru_cache(maxsize=1)
def _embedder(uri: str, embedding: Embedding) -> Embedder:
    """Loaded once in a process. The step's folder is named after what decides its model."""
    return load_embedder(embedding, StepFolder(Folder(uri)).read_bytes(MODEL) if needs_fit(embedding) else b"")
