"""The training runs compared: every corpus with the baseline, by model; what becomes `evaluation.json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from curator.algorithms.comparison import (
    Curve,
    a_a_is_indistinguishable,
    better,
    faster,
    macro,
    negative_control_fails,
    smaller,
)
from curator.algorithms.scaling_law import CHINCHILLA, EPOCH, ScalingLaw, compute_optimal, fit
from curator.config.evaluation import AGAIN, CONTROLS, COPIED
from curator.evaluation.results import (
    Checks,
    CorpusSummary,
    ModelSummary,
    RunResult,
    ScalingSummary,
    Summary,
)

Floats = npt.NDArray[np.float64]
Runs = list[RunResult]


def summarise(results: Sequence[RunResult], baseline: str, gating: Sequence[str], seed: int) -> Summary:
    """All comparisons of training runs; `gating` names the held-out sets of the macro average, `seed` the resamples'.

    Corpora keep the order in which the results name them. Each has the same budgets in all of its runs, and the baseline's
    largest one. Seeds are paired: those that a corpus shares with the baseline, in their order where it shares none (A/A).
    """
    assert gating, "the macro average is over at least one held-out set"
    models = _models(results, baseline)
    corpora = [name for name in dict.fromkeys(name for of in models for name in of) if name not in CONTROLS]
    flops = float(max(6 * run.parameters * run.points[-1].tokens for run in results))
    return {
        "baseline": baseline,
        "gating": list(gating),
        "sets": list(results[0].points[-1].bits_per_byte),
        "models": [_model(by_corpus, baseline, gating, seed) for by_corpus in models],
        "smaller": {
            corpus: _smaller(models, baseline, corpus, gating, seed)
            for corpus in corpora
            if len(models) > 1 and corpus != baseline and all(corpus in of for of in models)
        },
        "flops": flops,
        "scaling": {
            corpus: _scaling([run for run in results if run.corpus == corpus], gating, flops) for corpus in corpora
        },
        "published": {"Chinchilla": _optimal(CHINCHILLA, flops), "Epoch AI": _optimal(EPOCH, flops)},
    }


def scores(runs: Sequence[RunResult], sets: Sequence[str]) -> Floats:
    """Bits per byte (runs, budgets, sets)."""
    return np.array([[[point.bits_per_byte[name] for name in sets] for point in run.points] for run in runs])


def _models(results: Sequence[RunResult], baseline: str) -> list[dict[str, Runs]]:
    """For each model, smallest first, its runs by corpus, the baseline first, by ascending seed."""
    places = {corpus: place for place, corpus in enumerate(dict.fromkeys(run.corpus for run in results))}
    places[baseline] = -1

    def order(run: RunResult) -> tuple[int, str, int, int]:
        return run.parameters, run.model, places[run.corpus], run.seed

    by_model = groupby(sorted(results, key=order), key=lambda run: order(run)[:2])
    models = [{name: list(runs) for name, runs in groupby(of, key=lambda run: run.corpus)} for _, of in by_model]
    assert all(baseline in by_corpus for by_corpus in models), f"every model is trained on the baseline {baseline}"
    return models


def _model(by_corpus: dict[str, Runs], baseline: str, gating: Sequence[str], seed: int) -> ModelSummary:
    first = by_corpus[baseline]
    compared = {name: _paired(first, runs, gating) for name, runs in by_corpus.items() if name != baseline}
    checks: Checks = {}
    if COPIED in compared:
        checks["copied"] = negative_control_fails(*compared[COPIED], seed=seed)
    if AGAIN in compared:
        checks["again"] = a_a_is_indistinguishable(*compared[AGAIN], seed=seed)
    return {
        "model": first[0].model,
        "parameters": first[0].parameters,
        "non_embedding_parameters": first[0].non_embedding_parameters,
        "corpora": [_corpus(runs, compared.get(name), gating, seed) for name, runs in by_corpus.items()],
        "checks": checks,
    }


def _corpus(runs: Runs, pair: tuple[Curve, Curve] | None, gating: Sequence[str], seed: int) -> CorpusSummary:
    sets = list(runs[0].points[-1].bits_per_byte)
    by_seed = macro(scores(runs, gating)[:, -1])
    return {
        "corpus": runs[0].corpus,
        "seeds": [run.seed for run in runs],
        "tokens": runs[0].points[-1].tokens,
        "unique_tokens": runs[0].unique_tokens,
        "epochs": runs[0].epochs,
        "seconds": sum(run.seconds for run in runs),
        "bits_per_byte": dict(zip(sets, scores(runs, sets)[:, -1].mean(axis=0).tolist(), strict=True)),
        "macro": float(by_seed.mean()),
        "spread": float(by_seed.std(ddof=1)) if len(runs) > 1 else None,
        "faster": asdict(faster(*pair, seed=seed)) if pair else None,
        "better": asdict(better(*pair, seed=seed)) if pair else None,
    }


def _paired(baseline: Runs, candidate: Runs, gating: Sequence[str]) -> tuple[Curve, Curve]:
    """The curves over tokens of the runs that are a pair."""
    pairs = _pairs(baseline, candidate)
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    return _curve(first, gating), _curve(second, gating)


def _pairs(baseline: Runs, candidate: Runs) -> list[tuple[RunResult, RunResult]]:
    by_seed = {run.seed: run for run in baseline}
    same = [(by_seed[run.seed], run) for run in candidate if run.seed in by_seed]
    return same or list(zip(baseline, candidate, strict=False))


def _curve(runs: Runs, gating: Sequence[str]) -> Curve:
    return Curve(np.array([point.tokens for point in runs[0].points], np.float64), scores(runs, gating))


def _smaller(
    models: list[dict[str, Runs]], baseline: str, corpus: str, gating: Sequence[str], seed: int
) -> dict[str, Any]:
    """The comparison over sizes, each at its largest budget, of the pairs of seeds that every size has."""
    pairs = [_pairs(by_corpus[baseline], by_corpus[corpus]) for by_corpus in models]
    most = min(len(of) for of in pairs)
    sizes = np.array([of[0][0].parameters for of in pairs], np.float64)
    first, second = (
        Curve(
            sizes, np.concatenate([scores([pair[side] for pair in of[:most]], gating)[:, -1:] for of in pairs], axis=1)
        )
        for side in (0, 1)
    )
    found = smaller(first, second, seed=seed)
    assert found is not None, "there are two sizes"
    return asdict(found)


def _scaling(runs: Runs, gating: Sequence[str], flops: float) -> ScalingSummary:
    """The law of the macro average over all runs of a corpus; N counts the embeddings, as Hoffmann et al. do."""
    rows = [
        (run.parameters, point.tokens, loss)
        for run in runs
        for point, loss in zip(run.points, macro(scores([run], gating))[0], strict=True)
    ]
    parameters, tokens, losses = np.array(rows, np.float64).T
    found = fit(parameters, tokens, losses)
    whole = found.law is not None and found.law.A > 0 and found.law.B > 0
    return {
        "law": asdict(found.law) if found.law else None,
        "deviation": found.deviation,
        "reason": found.reason,
        "optimal": _optimal(found.law, flops) if found.law and whole else None,
    }


def _optimal(law: ScalingLaw, flops: float) -> dict[str, float]:
    parameters, tokens = compute_optimal(law, flops)
    return {"parameters": parameters, "tokens": tokens}
