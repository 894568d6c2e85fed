"""What became of rewrites is told in numbers for a run, and in sentences for a document."""

from __future__ import annotations

from curator.reconcile import Funnel, StepReport
from curator.report.rewrites import rewrite_lines, rewrites_of, sentences
from curator.steps.step import Step
from curator.store.step_folder import Commit

COUNTS = {
    "rephrase": {"requests": 1_200, "cached": 200, "sent": 1_000, "failed": 3},
    "verify": {
        "parts": 1_200,
        "parts_left_out": 110,
        "rewrites": 1_000,
        "accepted": 900,
        "rejected.negation": 30,
        "rejected.failed": 3,
        "rejected.too_far": 67,
    },
    "blend": {"copies_added": 850},
}


def funnel(**counts: dict[str, int]) -> Funnel:
    steps = {name: Step(name=name, version=1, settings={}, work=lambda job: None) for name in counts}
    commits = {name: [Commit(name="0", shards=(0,), counts=found)] for name, found in counts.items()}
    return Funnel(tuple(StepReport.of(steps[name], commits[name]) for name in counts))


def test_a_run_tells_what_was_asked_accepted_and_why_not() -> None:
    told = rewrites_of(funnel(**COUNTS))
    assert (told["requests"], told["sent"], told["prompt_tokens"], told["in_output"]) == (1_200, 1_000, 0, 850)
    assert told["accepted"] + sum(told["rejected"].values()) == told["rewrites"]
    assert rewrite_lines(funnel(**COUNTS)) == [
        "rephrased: 1,000 asked for in 1,200 requests (200 known from before), 900 accepted, 850 in the output",
        "  not accepted: too_far 67, negation 30, failed 3",
        "  answers left out: 110 of 1,200",
    ]


def test_a_model_that_fails_more_often_than_not_is_warned_of() -> None:
    failing = COUNTS["verify"] | {"parts_left_out": 601}
    (_, _, line) = rewrite_lines(funnel(**COUNTS | {"verify": failing}))
    assert line.startswith("  answers left out: 601 of 1,200; a model that fails so often")


def test_what_a_later_step_rejects_is_told_with_the_rest() -> None:
    near = {"rewrites": 900, "accepted": 860, "rejected.near_duplicate": 40}
    found = funnel(rephrase=COUNTS["rephrase"], verify=COUNTS["verify"], near_rewrites=near, blend=COUNTS["blend"])
    told = rewrites_of(found)
    assert (told["rewrites"], told["accepted"], told["rejected"]["near_duplicate"]) == (1_000, 860, 40)
    assert told["accepted"] + sum(told["rejected"].values()) == told["rewrites"]
    assert "too_far 67, near_duplicate 40, negation 30" in rewrite_lines(found)[1]


def test_a_run_that_rephrases_nothing_tells_nothing() -> None:
    assert rewrites_of(funnel(ingest={})) == {}
    assert rewrite_lines(funnel(ingest={})) == []


def test_a_document_tells_of_its_rewrites_by_strategy() -> None:
    accepted = [
        {"strategy": "faq", "doc_id": 9, "source_doc_id": 1},
        {"strategy": "caption", "doc_id": 1, "source_doc_id": 1},
    ]
    rejected = [
        {"strategy": "table", "reason": "unparsable", "value": None, "detail": "no table: x"},
        {"strategy": "easy", "reason": "too_far", "value": 0.25, "detail": ""},
    ]
    left_out = [
        {"strategy": "faq", "part": 0, "reason": "foreign_number", "value": 12.0, "detail": "12"},
        {"strategy": "faq", "part": 2, "reason": "apart", "value": None, "detail": None},
        {"strategy": "table", "part": 0, "reason": "unparsable", "value": None, "detail": "no table: x"},
    ]
    assert sentences(accepted, rejected, left_out) == [
        "  rephrased (caption): its text; the caption stands beside it",
        "  rephrased (easy): not accepted, too_far 0.25",
        "  rephrased (faq): document 9",
        "    without part 1: foreign_number 12 (12)",
        "    without part 3: apart",
        "  rephrased (table): not accepted, unparsable (no table: x)",
    ]
