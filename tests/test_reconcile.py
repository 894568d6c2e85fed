"""Numbers that were counted apart must agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curator.errors import ReconciliationError
from curator.reconcile import busy_seconds, reconcile
from curator.report.console import funnel_table
from curator.steps.step import Step
from curator.store.step_folder import Commit, StepFolder

INGEST = Step(name="ingest", version=1, settings={}, work=lambda job: None)
FILTER = Step(name="filter", version=1, settings={}, work=lambda job: None, inputs=(INGEST,))
CURATE = Step(name="curate", version=1, settings={}, work=lambda job: None, inputs=(INGEST, FILTER))
STEPS = (INGEST, FILTER, CURATE)
COUNTS = {
    "ingest": {"documents_in": 10, "documents_out": 9, "dropped.empty_text": 1},
    "filter": {"documents_in": 9, "documents_out": 5, "dropped.language": 3, "dropped.c4.sentences": 1},
    "curate": {
        "documents_in": 5, "documents_out": 5, "ledger.documents": 10, "ledger.kept": 5,
        "ledger.ingest.empty_text": 1, "ledger.filter.language": 3, "ledger.filter.c4.sentences": 1,
    },
}  # fmt: skip


class Finished(StepFolder):
    """A folder whose manifest holds one commit with the given counts."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts

    def manifest(self) -> tuple[Commit, ...]:
        return (Commit(name="a", shards=(), counts=self.counts),)


def folders(changed: str = "", counter: str = "", by: int = 0):
    counts = {name: dict(values) for name, values in COUNTS.items()}
    if changed:
        counts[changed][counter] += by
    return lambda step: Finished(counts[step.name])


def test_counts_that_agree_make_the_funnel() -> None:
    funnel = reconcile(STEPS, folders())
    assert (funnel.documents_in, funnel.documents_kept) == (10, 5)
    assert funnel.step("filter").dropped == {"language": 3, "c4.sentences": 1}
    table = funnel_table(funnel)
    assert "filter: language" in table
    assert "50.0%" in table


@pytest.mark.parametrize(
    ("step", "counter"), [(step, counter) for step, values in COUNTS.items() for counter in values]
)
@pytest.mark.parametrize("by", [1, -1])
def test_any_count_that_is_off_by_one_fails_the_run(step: str, counter: str, by: int) -> None:
    with pytest.raises(ReconciliationError, match="does not add up"):
        reconcile(STEPS, folders(step, counter, by))


def test_copies_that_get_lost_on_the_way_to_their_places_fail_the_run() -> None:
    arrange = Step(name="arrange", version=1, settings={}, work=lambda job: None, inputs=STEPS)

    def folder_of(copies: int):
        moved = {"documents_in": 5, "documents_out": 5, "copies": copies}
        counts = {**COUNTS, "curate": COUNTS["curate"] | {"copies": 8}, "arrange": moved}
        return lambda step: Finished(counts[step.name])

    assert reconcile((*STEPS, arrange), folder_of(8)).copies == 8
    with pytest.raises(ReconciliationError, match="arrange: 7 copies, but 8 copies counted by curate"):
        reconcile((*STEPS, arrange), folder_of(7))


def test_copies_that_a_step_adds_are_counted_and_a_rewrite_that_gets_lost_fails_the_run() -> None:
    names = ("assign", "verify", "blend")
    more = [Step(name=name, version=1, settings={}, work=lambda job: None, inputs=STEPS) for name in names]

    def folder_of(**changed: int):
        kept = {"documents_in": 5, "documents_out": 5}
        found = {"accepted": 4, "rejected.failed": 2, "rejected.empty": 1, "copies": 10, **changed}
        verify = {name: found[name] for name in ("accepted", "rejected.failed", "rejected.empty")}
        counts = {
            **COUNTS,
            "curate": COUNTS["curate"] | {"copies": 8},
            "assign": kept | {"assigned": 7},
            "verify": kept | {"rewrites": 7, **verify},
            "blend": kept | {"copies": found["copies"], "copies_added": 2},
        }
        return lambda step: Finished(counts[step.name])

    assert reconcile((*STEPS, *more), folder_of()).copies == 10
    with pytest.raises(ReconciliationError, match="blend: 9 copies, but 10 copies counted by curate, and added"):
        reconcile((*STEPS, *more), folder_of(copies=9))
    with pytest.raises(ReconciliationError, match="verify: 6 rewrites accepted and rejected, but 7 rewrites"):
        reconcile((*STEPS, *more), folder_of(accepted=3))


def test_rewrites_that_a_later_step_is_given_are_those_that_the_one_before_accepted() -> None:
    names = ("assign", "verify", "near_rewrites")
    more = [Step(name=name, version=1, settings={}, work=lambda job: None, inputs=STEPS) for name in names]

    def folder_of(rewrites: int, near_duplicates: int):
        kept = {"documents_in": 5, "documents_out": 5}
        counts = {
            **COUNTS,
            "assign": kept | {"assigned": 7},
            "verify": kept | {"rewrites": 7, "accepted": 4, "rejected.failed": 3},
            "near_rewrites": kept | {"rewrites": rewrites, "accepted": 3, "rejected.near_duplicate": near_duplicates},
        }
        return lambda step: Finished(counts[step.name])

    assert reconcile((*STEPS, *more), folder_of(4, 1)).documents_kept == 5
    with pytest.raises(ReconciliationError, match="near_rewrites: 5 rewrites, but 4 accepted by verify"):
        reconcile((*STEPS, *more), folder_of(5, 2))
    with pytest.raises(ReconciliationError, match="near_rewrites: 5 rewrites accepted and rejected, but 4 rewrites"):
        reconcile((*STEPS, *more), folder_of(4, 2))


def test_an_answer_that_nobody_judged_fails_the_run() -> None:
    names = ("assign", "rephrase", "verify")
    more = [Step(name=name, version=1, settings={}, work=lambda job: None, inputs=STEPS) for name in names]

    def folder_of(parts: int):
        kept = {"documents_in": 5, "documents_out": 5}
        counts = {
            **COUNTS,
            "assign": kept | {"assigned": 7},
            "rephrase": kept | {"requests": 30},
            "verify": kept | {"rewrites": 7, "accepted": 7, "parts": parts, "parts_left_out": 4},
        }
        return lambda step: Finished(counts[step.name])

    assert reconcile((*STEPS, *more), folder_of(30)).documents_kept == 5
    with pytest.raises(ReconciliationError, match="verify: 29 parts, but 30 requests"):
        reconcile((*STEPS, *more), folder_of(29))


def test_busy_time_counts_overlaps_once() -> None:
    assert busy_seconds([(0, 2), (1, 3), (5, 6), (5.2, 5.4)]) == 4
    assert busy_seconds([]) == 0


def test_the_digest_of_a_step_follows_from_what_decides_its_result() -> None:
    assert replace(FILTER, settings={"x": 1}).digest != FILTER.digest
    assert replace(FILTER, version=2).digest != FILTER.digest
    assert replace(FILTER, inputs=(replace(INGEST, version=2),)).digest != FILTER.digest
    assert replace(FILTER, work=lambda job: print(job)).digest == FILTER.digest
