"""Real corpora at equal tokens: what of their topics is left, against random choice, SemDeDup, MinHash and simpler quotas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .controls import at_random, proportional, semdedup, uniform, without_near_duplicates
from .coverage import FIGURES, Truth, figures, terms_of
from .labels import Labelled, nmi, purity
from .selection import Corpus, Settings, clustered, embedded, find_concepts, selected

FILLS = ("nearest", "random", "coverage")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The figures of one method on one corpus, at one budget and seed; `spent`: its tokens as a share of the budget."""

    corpus: str
    method: str
    share: float
    spent: float
    figures: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Match:
    """How well concepts match topics, which nobody told them."""

    corpus: str
    concepts: int
    nmi: float
    purity: float


def trial(labelled: Labelled, budgets: Sequence[float], seeds: Sequence[int]) -> tuple[list[Result], list[Match]]:
    corpus = embedded(labelled.texts, labelled.tokens)
    truth = Truth(topic=labelled.topic, terms=terms_of(labelled.texts))
    distinct = without_near_duplicates(labelled.texts)
    results, matches = [], []
    for seed in seeds:
        settings = Settings(seed=seed)
        found = find_concepts(corpus, settings)
        concept = found.concept.astype(np.int64)
        matches.append(
            Match(
                corpus=labelled.name,
                concepts=len(found.centroids),
                nmi=nmi(concept, truth.topic),
                purity=purity(concept, truth.topic),
            )
        )
        cell = clustered(corpus.embeddings, round(len(corpus) ** 0.5), seed)[1]
        for share in budgets:
            total = int(share * corpus.cost.sum())
            kept = {name: selected(corpus, found, total, other) for name, other in ours(settings).items()}
            for name, mask in {**kept, **_others(corpus, cell, distinct, total, seed)}.items():
                spent = float(corpus.cost[mask].sum() / total)
                results.append(
                    Result(corpus=labelled.name, method=name, share=share, spent=spent, figures=figures(mask, truth))
                )
    return results, matches


def ours(settings: Settings) -> dict[str, Settings]:
    alone = replace(settings, effective=False, share_ratio=10.0, floor=0.5)
    return {
        "ours": settings,
        **{f"ours, {fill}": replace(settings, fill=fill) for fill in FILLS},
        "effective alone": replace(settings, measure=None),
        "product alone": alone,
    }


def _others(
    corpus: Corpus, cell: npt.NDArray[np.uint32], distinct: npt.NDArray[np.int64], total: int, seed: int
) -> dict[str, npt.NDArray[np.bool_]]:
    return {
        "random": at_random(np.arange(len(corpus)), corpus.cost, total, seed),
        "MinHash, then random": at_random(distinct, corpus.cost, total, seed),
        "SemDeDup, one threshold": semdedup(corpus, cell, total, seed),
        "proportional": proportional(corpus, cell, total, seed),
        "uniform": uniform(corpus, cell, total, seed),
    }


def table(results: Sequence[Result]) -> str:
    """Markdown: one row for each method, mean ± spread over seeds."""
    lines = [f"| method | {' | '.join(FIGURES)} |", "| --- |" + " --- |" * len(FIGURES)]
    for method in dict.fromkeys(one.method for one in results):
        rows = [one.figures for one in results if one.method == method]
        lines.append(f"| {method} |" + "".join(_cell([row[name] for row in rows]) for name in FIGURES))
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    digits = 2 if max(values) < 10 else 1 if max(values) < 1_000 else 0
    return f" {np.mean(values):,.{digits}f} ± {np.std(values):.{digits}f} |"
