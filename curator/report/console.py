"""What a run shows on the console: progress while it works, the funnel at its end."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from curator.reconcile import Funnel, StepReport
from curator.report.rewrites import rewrite_lines
from curator.report.table import text_table
from curator.report.tokens import tokens_of
from curator.steps.step import Event

UNSHOWN = (
    *("scores", "embed", "cells", "redundancy", "concepts", "complexity"),
    *("assign", "rephrase", "verify", "near_rewrites", "blend", "tokenize", "order", "arrange"),
)
"""Steps that only find things out, or add and move: they drop nothing."""


class Progress:
    """One line for each step: rewritten in place on a terminal, printed at its end elsewhere."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Show how far a step is."""
        if not event.finished and not self._stream.isatty():
            return
        line = f"{time.monotonic() - self._started:6.1f} s  {event.step:<12}{event.done:>7,} of {event.expected:,}"
        start = "\r\x1b[K" if self._stream.isatty() else ""
        self._stream.write(start + line + ("\n" if event.finished else ""))
        self._stream.flush()


def funnel_table(funnel: Funnel) -> str:
    """The funnel as a table: documents, text, what each step dropped and for which reasons; and the tokens of what is left."""
    heading = ("step", "documents in", "dropped", "out", "of all", "text MB out", "seconds")
    rows = [heading, *(_row(report, funnel.documents_in) for report in funnel.steps if _matters(report))]
    return "\n".join(
        [*text_table(rows), *_tokens(funnel), *rewrite_lines(funnel), *_sequences(funnel), "", *_reasons(funnel)]
    )


def outcome(funnel: Funnel) -> str:
    """How many documents were kept, and how many they are with their copies where some are to be repeated."""
    copies = f" ({funnel.copies:,} with their copies)" if funnel.copies > funnel.documents_kept else ""
    return f"{funnel.documents_kept:,} of {funnel.documents_in:,} documents kept{copies}; every one is accounted for"


def _matters(report: StepReport) -> bool:
    return report.name not in UNSHOWN


def _tokens(funnel: Funnel) -> list[str]:
    """The tokens that were selected and what their copies make of them, where copies were counted."""
    found = tokens_of(funnel)
    if not found:
        return []
    line = f"tokens by {found['counted_by']}: {found['tokens']:,} selected, {found['copies_tokens']:,} with copies"
    repeated = found["copies_tokens"] != found["effective_tokens"]
    return [line + (f", worth {found['effective_tokens']:,} read once" if repeated else "")]


def _sequences(funnel: Funnel) -> list[str]:
    """What packing has come to, where documents were packed."""
    counts = funnel.counts("arrange")
    if not counts.get("sequences"):
        return []
    tokens, places = counts["tokens"], counts["tokens"] + counts["padding"]
    return [
        f"sequences: {counts['sequences']:,} with {tokens:,} tokens, {counts['padding'] / places:.2%} padding",
        f"  {counts['cut']:,} documents are cut, {counts['cut_though_fitting']:,} of them though they fit; "
        f"a token is {counts['displacement'] / tokens:,.0f} places from its place in the order on average",
    ]


def _row(report: StepReport, documents: int) -> tuple[str, ...]:
    share = report.documents_out / documents if documents else 0.0
    return (
        report.name,
        f"{report.documents_in:,}",
        f"{sum(report.dropped.values()):,}",
        f"{report.documents_out:,}",
        f"{share:.1%}",
        f"{report.bytes_out / 1e6:,.1f}",
        f"{report.seconds:.1f}",
    )


def _reasons(funnel: Funnel, most: int = 12) -> list[str]:
    """The most frequent reasons of all steps."""
    causes = [(count, report.name, reason) for report in funnel.steps for reason, count in report.dropped.items()]
    shown = sorted(causes, key=lambda cause: (-cause[0], cause[1:]))
    lines = [f"  {count:>9,}  {step}: {reason}" for count, step, reason in shown[:most]]
    rest = sum(count for count, _, _ in shown[most:])
    return (
        ["dropped, by reason:", *lines] + ([f"  {rest:>9,}  {len(shown) - most} other reasons"] if rest else [])
        if causes
        else []
    )
