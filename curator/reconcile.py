"""The funnel of a run, and the proof that it adds up: every document that came in is kept, or dropped once by one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from curator.errors import ReconciliationError
from curator.steps.step import Step
from curator.steps.synthetic_tables import JUDGES, REJECTED_COUNT
from curator.store.step_folder import Commit, StepFolder

DROPPED = "dropped."
LEDGER_STEPS = ("curate", "write")  # of a whole run, and of one that only looks for duplicates


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """What one step did, added up over its commits."""

    name: str
    digest: str
    documents_in: int
    documents_out: int
    bytes_in: int
    bytes_out: int
    dropped: Mapping[str, int]
    seconds: float
    task_seconds: float
    peak_memory_bytes: int
    counts: Mapping[str, int]
    notes: tuple[str, ...]

    @staticmethod
    def of(step: Step, commits: Sequence[Commit]) -> StepReport:
        counts: dict[str, int] = {}
        for commit in commits:
            for name, count in commit.counts.items():
                counts[name] = counts.get(name, 0) + count
        return StepReport(
            name=step.name,
            digest=step.digest,
            documents_in=counts.get("documents_in", 0),
            documents_out=counts.get("documents_out", 0),
            bytes_in=counts.get("bytes_in", 0),
            bytes_out=counts.get("bytes_out", 0),
            dropped={name.removeprefix(DROPPED): count for name, count in counts.items() if name.startswith(DROPPED)},
            seconds=busy_seconds([(commit.started, commit.ended) for commit in commits]),
            task_seconds=sum(commit.ended - commit.started for commit in commits),
            peak_memory_bytes=max((commit.peak_bytes for commit in commits), default=0),
            counts=counts,
            notes=tuple(note for commit in commits for note in commit.notes),
        )


@dataclass(frozen=True)
class Funnel:
    """The reports of all steps in order."""

    steps: tuple[StepReport, ...]

    def step(self, name: str) -> StepReport:
        return next(report for report in self.steps if report.name == name)

    def counts(self, name: str) -> Mapping[str, int]:
        """What a step counted; empty where the run does not have it."""
        return next((report.counts for report in self.steps if report.name == name), {})

    @property
    def ledger(self) -> Mapping[str, int]:
        """The counters of the step that wrote the ledger: rows by outcome and by source."""
        return next(report.counts for report in self.steps if report.name in LEDGER_STEPS)

    @property
    def documents_in(self) -> int:
        return self.steps[0].documents_in

    @property
    def documents_kept(self) -> int:
        return self.steps[-1].documents_out

    @property
    def copies(self) -> int:
        """How many documents a trainer reads that takes every kept document as often as its `copies` say."""
        return self.steps[-1].counts.get("copies", 0)


def busy_seconds(intervals: Sequence[tuple[float, float]]) -> float:
    """The length of the union of time intervals: how long at least one task was at work."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def reconcile(steps: Sequence[Step], folder_of: Callable[[Step], StepFolder]) -> Funnel:
    """Add up the counters that every step made on its own and hold them against each other and the ledger.

    Raises ReconciliationError that names the step and the two numbers that differ.
    """
    funnel = Funnel(tuple(StepReport.of(step, folder_of(step).manifest() or ()) for step in steps))
    came = funnel.documents_in
    for report in funnel.steps:
        _equal(report.name, "documents in", report.documents_in, "documents left by the steps before", came)
        lost = sum(report.dropped.values())
        _equal(report.name, "documents out and dropped", report.documents_out + lost, "documents in", came)
        came = report.documents_out
    _check_copies(funnel)
    _check_rewrites(funnel)
    _check_ledger(funnel)
    return funnel


def _check_copies(funnel: Funnel) -> None:
    """Copies that a training order moves are counted as documents only once, so they are held against each other apart."""
    counting = [report for report in funnel.steps if "copies" in report.counts]
    for before, after in pairwise(counting):
        what = f"copies counted by {before.name}, and added"
        given = before.counts["copies"] + after.counts.get("copies_added", 0)
        _equal(after.name, "copies", after.counts["copies"], what, given)


def _check_rewrites(funnel: Funnel) -> None:
    """Every rewrite that was decided on was accepted, or rejected by one step for one reason, and every request was judged."""
    asked, judged = (
        funnel.counts(step).get(count, 0) for step, count in (("rephrase", "requests"), ("verify", "parts"))
    )
    _equal("verify", "parts", judged, "requests", asked)
    came, what = funnel.counts("assign").get("assigned", 0), "assigned"
    for judge in (report for report in funnel.steps if report.name in JUDGES):
        rewrites, accepted = judge.counts.get("rewrites", 0), judge.counts.get("accepted", 0)
        rejected = sum(count for name, count in judge.counts.items() if name.startswith(REJECTED_COUNT))
        _equal(judge.name, "rewrites", rewrites, what, came)
        _equal(judge.name, "rewrites accepted and rejected", accepted + rejected, "rewrites", rewrites)
        came, what = accepted, f"accepted by {judge.name}"


def _check_ledger(funnel: Funnel) -> None:
    ledger = funnel.ledger
    _equal("ledger", "rows", ledger.get("ledger.documents", 0), "input documents", funnel.documents_in)
    _equal("ledger", "kept", ledger.get("ledger.kept", 0), "curated documents", funnel.documents_kept)
    for report in funnel.steps:
        for reason, count in report.dropped.items():
            found = ledger.get(f"ledger.{report.name}.{reason}", 0)
            _equal("ledger", f"rows dropped by {report.name} for {reason}", found, "documents the step dropped", count)


def _equal(where: str, what: str, found: int, expected_what: str, expected: int) -> None:
    if found != expected:
        raise ReconciliationError(
            f"{where}: {found:,} {what}, but {expected:,} {expected_what}: the run does not add up, so nothing is published; "
            f"if a file under steps/ was changed or lost, delete that step's folder and run again"
        )
