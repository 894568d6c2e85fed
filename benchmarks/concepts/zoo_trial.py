"""The zoo through the whole selection without labels: does the budget of a species follow its variety, and not its size?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import spearmanr

from .controls import at_random, proportional, semdedup, uniform
from .selection import MEASURES, Corpus, Settings, clustered, embedded, find_concepts, selected
from .zoo import Zoo, make_zoo

CONTROLS = ("random", "proportional", "uniform")
STEEPNESS = np.linspace(0.1, 8, 80)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Rank correlation of the species' budgets with their variety and with their size, one budget and one seed."""

    method: str
    share: float
    seed: int
    variety: float
    size: float


def trial(seed: int, budgets: Sequence[float], *, measures: bool = False, peers: bool = False) -> list[Outcome]:
    """Ours and the controls at the same number of documents; `measures`: every measure, with the effective number and alone."""
    zoo = make_zoo(seed=seed)
    corpus = embedded(pa.array(zoo.texts, pa.large_string()), seed=seed)
    settings = Settings(seed=seed)
    found = find_concepts(corpus, settings)
    cell = clustered(corpus.embeddings, round(len(corpus) ** 0.5), seed)[1]
    outcomes = []
    for share in budgets:
        kept = selected(corpus, found, round(share * len(corpus)), settings)
        total = int(kept.sum())
        methods = {"ours": kept, **_controls(corpus, cell, total, seed)}
        if peers:
            methods["SemDeDup, one threshold"] = semdedup(corpus, cell, total, seed)
        for name, other in variants(settings).items() if measures else ():
            methods[name] = selected(corpus, found, total, other)
        outcomes += [_outcome(name, share, seed, zoo, _counts(zoo, mask)) for name, mask in methods.items()]
        outcomes.append(_outcome("oracle", share, seed, zoo, oracle(zoo, total)))
    return outcomes


def variants(settings: Settings) -> dict[str, Settings]:
    """Every measure times the effective number, and alone with the quotas of density-based pruning."""
    alone = replace(settings, effective=False, share_ratio=10.0, floor=0.5)
    return {
        "effective alone": replace(settings, measure=None),
        **{f"effective x {name}": replace(settings, measure=name) for name in MEASURES},
        **{f"{name} alone": replace(alone, measure=name) for name in MEASURES},
    }


def oracle(zoo: Zoo, total: int) -> npt.NDArray[np.float64]:
    """Budgets of one who knows the varieties: their ranks to the best of some powers, at most what there is. No strict bound."""
    ranks = np.arange(1, len(zoo.sizes) + 1) / len(zoo.sizes)
    found = [_capped(ranks**power, zoo.sizes, total) for power in STEEPNESS]
    return found[int(np.argmax([spearmanr(one, zoo.variety)[0] for one in found]))]


def _capped(share: npt.NDArray[np.float64], caps: npt.NDArray[np.int64], total: int) -> npt.NDArray[np.float64]:
    low, high = 0.0, 1e9
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(caps, middle * share).sum() < total else (low, middle)
    return np.asarray(np.round(np.minimum(caps, high * share)))


def _controls(corpus: Corpus, cell: npt.NDArray[np.uint32], total: int, seed: int) -> dict[str, npt.NDArray[np.bool_]]:
    return {
        "random": at_random(np.arange(len(corpus)), corpus.cost, total, seed),
        "proportional": proportional(corpus, cell, total, seed),
        "uniform": uniform(corpus, cell, total, seed),
    }


def _counts(zoo: Zoo, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    return np.bincount(zoo.label[kept], minlength=len(zoo.species))


def _outcome(method: str, share: float, seed: int, zoo: Zoo, budget: npt.NDArray[np.generic]) -> Outcome:
    variety, size = (float(spearmanr(budget, of)[0]) for of in (zoo.variety, zoo.sizes))
    return Outcome(method=method, share=share, seed=seed, variety=variety, size=size)


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown: mean and spread of both correlations over seeds, a row for each method, two columns for each budget."""
    budgets = list(dict.fromkeys(one.share for one in outcomes))
    head = "".join(f" {share:.0%}: variety | size |" for share in budgets)
    lines = [f"| method |{head}", "| --- |" + " --- |" * (2 * len(budgets))]
    for method in dict.fromkeys(one.method for one in outcomes):
        cells = [_cells([one for one in outcomes if (one.method, one.share) == (method, share)]) for share in budgets]
        lines.append(f"| {method} |{''.join(cells)}")
    return "\n".join(lines)


def _cells(outcomes: Sequence[Outcome]) -> str:
    columns = [[one.variety for one in outcomes], [one.size for one in outcomes]]
    return "".join(f" {np.mean(column):+.2f} ± {np.std(column):.2f} |" for column in columns)
