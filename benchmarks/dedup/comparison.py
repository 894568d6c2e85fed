"""One paired run of all tools over one corpus: what they cost, and what they find."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from common import Row

from .bench import Bench
from .corpus import Corpus
from .measures import by_edit, edit_table, precision, precision_of_named, recall, truth_of, within_groups
from .runs import Run, less_start, steps_of, task_seconds

TURNS = 3  # of all but datatrove, which takes a quarter of an hour
RECALL, PRECISION = ">= 0.998", ">= 0.99"


def comparison(bench: Bench, documents: int, parts: Collection[str]) -> list[Row]:
    """The rows of the parts `speed` and `quality`; the tools run one after the other."""
    corpus = bench.corpus(documents)
    start_up = bench.start_up(TURNS) if "curator" in bench.tools else None
    runs = {tool: bench.run(tool, corpus, 1 if tool == "datatrove" else TURNS) for tool in bench.tools}
    rows = [
        Row(what="corpus", value=corpus.documents, unit="documents"),
        Row(what="corpus", value=corpus.text_bytes / 1e6, unit="MB"),
    ]
    if "speed" in parts:
        rows += speed(bench, corpus, runs, start_up)
    if "quality" in parts:
        rows += quality(corpus, runs)
    return rows


def speed(bench: Bench, corpus: Corpus, runs: dict[str, Run], start_up: Run | None) -> list[Row]:
    rows = []
    for tool, run in runs.items():
        rows.append(Row(what=f"{tool}: wall", value=run.usage.wall, unit="s"))
        rows.append(Row(what=f"{tool}: processors", value=run.usage.cpu, unit="s"))
        rows.append(Row(what=f"{tool}: documents", value=corpus.documents / run.usage.cpu, unit="1/s/core"))
    if start_up is not None:
        rows += against_peers(runs, start_up) + ingest_speed(bench.output("curator", corpus))
    return rows


def against_peers(runs: dict[str, Run], start_up: Run) -> list[Row]:
    """Our wall time with Ray's start against datatrove's, our processor seconds without it against those of the Rust tools."""
    ours = runs["curator"].usage
    own = less_start(runs["curator"], start_up)
    rows = [
        Row(what="Ray's start: wall", value=start_up.usage.wall, unit="s"),
        Row(what="Ray's start: processors", value=start_up.usage.cpu, unit="s"),
        Row(what="curator less Ray's start: processors", value=own, unit="s"),
    ]
    if "datatrove" in runs:
        ratio = runs["datatrove"].usage.wall / ours.wall
        rows.append(Row(what="datatrove's wall over ours", value=ratio, unit="times", target=">= 15"))
    for tool in ("daft", "rensa"):
        if tool in runs:
            ratio = own / runs[tool].usage.cpu
            rows.append(Row(what=f"our processors over {tool}'s", value=ratio, unit="times", target="<= 1"))
    return rows


def ingest_speed(output: Path) -> list[Row]:
    """Parquet text to Parquet signatures, by the seconds of the step's tasks."""
    ingest = next(step for step in steps_of(output) if step["name"] == "ingest")
    seconds, counts = task_seconds(output, ingest)
    megabytes = counts["bytes_out"] / 1e6
    return [Row(what="Parquet to signatures, in the run", value=megabytes / seconds, unit="MB/s/task")]


def quality(corpus: Corpus, runs: dict[str, Run]) -> list[Row]:
    """Recall and precision of every tool against the exact join; the table by edit goes to stderr."""
    truth, planted = truth_of(corpus), corpus.planted()
    copies = within_groups(truth, planted)
    rows = [
        Row(what="pairs of J >= 0.8", value=len(truth.pairs.above(0.8).left), unit="pairs"),
        Row(what="pairs of J >= 0.8, planted", value=len(copies.above(0.8).left), unit="pairs"),
    ]
    cells = {}
    for tool, run in runs.items():
        removed, ours = truth.flags(run.removed), tool == "curator"
        found, planted_found = recall(truth.pairs, removed, 0.8), recall(copies, removed, 0.8)
        right = precision(truth.pairs, removed, 0.7)
        least = RECALL if ours else ""
        rows += [
            Row(what=f"{tool}: removed", value=len(run.removed), unit="documents"),
            Row(what=f"{tool}: recall at J >= 0.8", value=found, unit="", target=least),
            Row(what=f"{tool}: recall at J >= 0.8, planted", value=planted_found, unit="", target=least),
            Row(what=f"{tool}: precision at J >= 0.7", value=right, unit="", target=PRECISION if ours else ""),
        ]
        if run.kept_for:
            named = precision_of_named(truth, run.kept_for, 0.7)
            rows.append(Row(what=f"{tool}: J >= 0.7 with the document kept", value=named, unit="of removed"))
        cells[tool] = by_edit(truth, planted, removed)
    print(f"\n{edit_table(cells)}\n", file=sys.stderr)
    return rows
