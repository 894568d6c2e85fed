"""What ten times the documents cost, and whether a worker's memory grows with the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common import Row

from .bench import Bench
from .runs import less_start, steps_of

PROCESSORS = "<= 11"
MEMORY = "<= 1.25"  # the largest worker, of the largest corpus over that of the one before
BOUND = "<= 1500"  # MB of the largest worker: three times the default of resources.exchange_bytes, whatever the corpus


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Processor seconds, those without Ray's start, and the largest worker of every step in MB."""

    processors: float
    own: float
    peaks: dict[str, float]

    @property
    def largest(self) -> float:
        return max(self.peaks.values())


def growth(bench: Bench, sizes: Sequence[int]) -> list[Row]:
    """The rows of corpora of these numbers of documents, each tenfold the one before."""
    start_up = bench.start_up()
    rows, before = list[Row](), None
    for size in sizes:
        corpus = bench.corpus(size)
        run = bench.run("curator", corpus)
        peaks = {step["name"]: step["peak_memory_bytes"] / 1e6 for step in steps_of(bench.output("curator", corpus))}
        now = Spent(processors=run.usage.cpu, own=less_start(run, start_up), peaks=peaks)
        rows += [
            Row(what=f"{size:,}: text", value=corpus.text_bytes / 1e6, unit="MB"),
            Row(what=f"{size:,}: processors", value=now.processors, unit="s"),
            *(Row(what=f"{size:,}: largest worker of {step}", value=peak, unit="MB") for step, peak in peaks.items()),
        ]
        if before is not None:
            rows += grown(size, before, now, bounded=size == sizes[-1])
        before = now
    return rows


def grown(size: int, before: Spent, now: Spent, *, bounded: bool) -> list[Row]:
    """The ratios of one corpus to the one before; the memory of small ones may still grow to its bound."""
    whole, memory = now.processors / before.processors, now.largest / before.largest
    return [
        Row(what=f"to {size:,}: processors", value=whole, unit="times", target=PROCESSORS),
        Row(
            what=f"to {size:,}: processors less Ray's start",
            value=now.own / before.own,
            unit="times",
            target=PROCESSORS,
        ),
        Row(what=f"to {size:,}: largest worker", value=memory, unit="times", target=MEMORY if bounded else ""),
        Row(what=f"{size:,}: largest worker", value=now.largest, unit="MB", target=BOUND),
    ]
