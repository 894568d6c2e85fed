"""What became of the documents that were rephrased: in numbers for a run, and in sentences for one document."""

from __future__ import annotations

from typing import Any

from curator.reconcile import Funnel
from curator.steps.synthetic_tables import JUDGES, REJECTED_COUNT

SHOWN = 8


def rewrites_of(funnel: Funnel) -> dict[str, Any]:
    """Requests, tokens, and rewrites asked for, accepted, and rejected by reason; empty for a run that rephrases nothing."""
    asked, judged = funnel.counts("rephrase"), [funnel.counts(name) for name in JUDGES if funnel.counts(name)]
    if not judged:
        return {}
    told = {
        name: asked.get(name, 0)
        for name in ("requests", "cached", "sent", "failed", "prompt_tokens", "completion_tokens")
    }
    rejected = {
        name.removeprefix(REJECTED_COUNT): count
        for counts in judged
        for name, count in sorted(counts.items())
        if name.startswith(REJECTED_COUNT)
    }
    rewrites, accepted = judged[0].get("rewrites", 0), judged[-1].get("accepted", 0)
    left_out = judged[0].get("parts_left_out", 0)
    ended = {"parts_left_out": left_out, "rewrites": rewrites, "accepted": accepted, "rejected": rejected}
    blended = funnel.counts("blend")
    added = {"in_output": blended.get("copies_added", 0), "captions_expanded": blended.get("captions_expanded", 0)}
    return {**told, **ended, **added}


def rewrite_lines(funnel: Funnel) -> list[str]:
    """The same for the console."""
    told = rewrites_of(funnel)
    if not told:
        return []
    most = sorted(told["rejected"].items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in most[:SHOWN]) + (
        ", ..." if len(most) > SHOWN else ""
    )
    return [
        f"rephrased: {told['rewrites']:,} asked for in {told['requests']:,} requests ({told['cached']:,} known from before), "
        f"{told['accepted']:,} accepted, {told['in_output']:,} in the output"
        + (f", {told['captions_expanded']:,} captions expanded" if told["captions_expanded"] else ""),
        *([f"  not accepted: {reasons}"] if reasons else []),
        *_left_out(told["parts_left_out"], told["requests"]),
    ]


def _left_out(parts: int, requests: int) -> list[str]:
    beware = (
        "; a model that fails so often also errs where no check sees it: try a larger one"
        if 2 * parts > requests
        else ""
    )
    return [f"  answers left out: {parts:,} of {requests:,}{beware}"] if parts else []


def sentences(
    accepted: list[dict[str, Any]], rejected: list[dict[str, Any]], left_out: list[dict[str, Any]]
) -> list[str]:
    """What became of the rewrites of one document: rows of ACCEPTED, REJECTED and LEFT_OUT; by strategy."""
    lines = {row["strategy"]: [f"  rephrased ({row['strategy']}): {_became(row)}"] for row in accepted}
    for row in left_out:
        lines.get(row["strategy"], []).append(f"    without part {row['part'] + 1}: {_why(row)}")
    for row in rejected:
        lines[row["strategy"]] = [f"  rephrased ({row['strategy']}): not accepted, {_why(row)}"]
    return [line for strategy in sorted(lines) for line in lines[strategy]]


def _why(row: dict[str, Any]) -> str:
    value = "" if row["value"] is None else f" {row['value']:g}"
    detail = f" ({row['detail']})" if row["detail"] else ""
    return f"{row['reason']}{value}{detail}"


def _became(row: dict[str, Any]) -> str:
    of_caption = row["doc_id"] == row["source_doc_id"]
    return "its text; the caption stands beside it" if of_caption else f"document {row['doc_id']}"
