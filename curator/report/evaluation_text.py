"""What an evaluation shows on the console: scores, what each corpus is worth against the baseline, and whether to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curator.algorithms.comparison import FEWEST_SEEDS, Difference, Ratio
from curator.evaluation.results import (
    Checks,
    CorpusSummary,
    Evaluation,
    ModelSummary,
    OverlapSummary,
    ScalingSummary,
)
from curator.report.table import text_table

ALIKE = "not distinguishable"


def evaluation_text(evaluation: Evaluation) -> str:
    """`evaluation.json` as text: for each model a table of scores and one of comparisons, then checks, overlap and laws."""
    largest = evaluation["models"][-1]
    models = [_model(model, evaluation, smaller=model is largest) for model in evaluation["models"]]
    parts = [*models, _overlap(evaluation.get("overlap", {})), _scaling(evaluation)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _model(model: ModelSummary, evaluation: Evaluation, *, smaller: bool) -> list[str]:
    first, *others = model["corpora"]
    heading = (
        f"{model['model']}: {model['parameters']:,} parameters ({model['non_embedding_parameters']:,} without embeddings), "
        f"{first['tokens']:,} tokens, seeds {', '.join(map(str, first['seeds']))}"
    )
    lines = [heading, "", *text_table(_scores(model, evaluation))]
    if others:
        found = evaluation["smaller"] if smaller else {}
        lines += ["", *text_table(_comparisons(others, evaluation["baseline"], found))]
    if fewest := [of["corpus"] for of in others if len(of["seeds"]) < FEWEST_SEEDS]:
        lines += [f"{', '.join(fewest)}: fewer than {FEWEST_SEEDS} seeds, so nothing can be told apart"]
    return [*lines, *_checks(model["checks"], evaluation["baseline"])]


def _scores(model: ModelSummary, evaluation: Evaluation) -> list[list[str]]:
    """Bits per byte at the largest budget; sets outside the macro average come last, in brackets."""
    gating = evaluation["gating"]
    shown = [name for name in evaluation["sets"] if name not in gating]
    names = [*gating, "macro", "+- seeds", *(f"({name})" for name in shown)]
    rows = [["bits per byte", "tokens", "unique", "epochs", *names]]
    for of in model["corpora"]:
        spread = "" if of["spread"] is None else f"{of['spread']:.4f}"
        bits = of["bits_per_byte"]
        cells = [f"{bits[name]:.3f}" for name in gating] + [f"{of['macro']:.3f}", spread]
        counts = [f"{of['tokens']:,}", f"{of['unique_tokens']:,}", f"{of['epochs']:.2f}"]
        rows.append([of["corpus"], *counts, *cells, *(f"({bits[name]:.3f})" for name in shown)])
    return rows


def _comparisons(
    corpora: Sequence[CorpusSummary], baseline: str, smaller: Mapping[str, Mapping[str, Any]]
) -> list[list[str]]:
    rows = [[f"against {baseline}", "faster", "better, bits per byte", "verdict", *(["smaller"] if smaller else [])]]
    for of in corpora:
        difference = Difference(**(of["better"] or {}))
        cells = [_ratio(Ratio(**(of["faster"] or {}))), _difference(difference), _verdict(difference)]
        if smaller:
            found = smaller.get(of["corpus"])
            cells.append(_ratio(Ratio(**found)) if found else "")
        rows.append([of["corpus"], *cells])
    return rows


def _ratio(ratio: Ratio) -> str:
    if not ratio.distinguishable:
        return ALIKE
    value = f"{'' if ratio.bound == 'exact' else ratio.bound + ' '}{ratio.value:.2f}x"
    if ratio.low <= 0:
        return value if ratio.high in (None, ratio.value) else f"{value} [up to {ratio.high:.2f}]"
    return (
        f"{value} [{ratio.low:.2f} or more]" if ratio.high is None else f"{value} [{ratio.low:.2f}, {ratio.high:.2f}]"
    )


def _difference(found: Difference) -> str:
    interval = "" if found.low is None or found.high is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    return f"{found.value:+.4f}{interval} {found.percent:+.1f} %"


def _verdict(found: Difference) -> str:
    if not found.distinguishable:
        return ALIKE
    return "better" if found.value > 0 else "worse"


def _checks(checks: Checks, baseline: str) -> list[str]:
    """The two comparisons whose outcome is known beforehand, in words."""
    lines = [""]
    if "copied" in checks:
        bad = "not distinguishably worse: what is not told apart here may still differ, use more tokens or seeds"
        said = _outcome(checks["copied"], "worse, as it must be", bad)
        lines.append(f"negative control, half of {baseline} replaced by copies: {said}")
    if "again" in checks:
        bad = "distinguishable, which chance does 1 time in 20: trust no difference of this size, use more seeds"
        said = _outcome(checks["again"], "not distinguishable, as it must be", bad)
        lines.append(f"A/A, {baseline} with other seeds: {said}")
    return lines if len(lines) > 1 else []


def _outcome(passed: bool | None, good: str, bad: str) -> str:
    if passed is None:
        return f"not judged, it takes {FEWEST_SEEDS} seeds"
    return good if passed else f"FAILED, {bad}"


def _overlap(overlap: Mapping[str, OverlapSummary]) -> list[str]:
    if not overlap:
        return []
    lines = []
    for corpus, of in overlap.items():
        share = of["removed_documents"] / max(of["documents"], 1)
        sets = ", ".join(f"{name} {count:,}" for name, count in of["by_set"].items() if count)
        lines.append(
            f"  {corpus}: {of['removed_documents']:,} of {of['documents']:,} documents ({share:.2%}){sets and ': ' + sets}"
        )
    return ["removed because they overlap with the held-out sets:", *lines]


def _scaling(evaluation: Evaluation) -> list[str]:
    budget = evaluation["flops"]
    laws = [f"  {corpus}: {_law(of)}" for corpus, of in evaluation["scaling"].items()]
    published = [f"  {name}'s constants: {_optimum(of)}" for name, of in evaluation["published"].items()]
    heading = (
        f"scaling laws of bits per byte, N parameters and D tokens; the optimum of {budget:.2g} FLOPs, the largest run:"
    )
    return [heading, *laws, *published]


def _law(of: ScalingSummary) -> str:
    if of["law"] is None or of["deviation"] is None:
        return f"none: {of['reason']}"
    law = of["law"]
    terms = [f"{law['E']:.3f}"]
    terms += [f"{law['A']:.4g} / N^{law['alpha']:.3f}"] if law["A"] else []
    terms += [f"{law['B']:.4g} / D^{law['beta']:.3f}"] if law["B"] else []
    found = f"L = {' + '.join(terms)}, error {of['deviation']:.2%}"
    return f"{found}; {_optimum(of['optimal'])}" if of["optimal"] else f"{found} ({of['reason']})"


def _optimum(point: Mapping[str, float]) -> str:
    return f"{point['parameters']:,.0f} parameters, {point['tokens']:,.0f} tokens"
