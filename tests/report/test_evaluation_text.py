"""The console says what an evaluation found, in the words of its numbers."""

from __future__ import annotations

import pytest

from curator.evaluation.results import Evaluation
from curator.evaluation.summary import summarise
from curator.report.evaluation_text import evaluation_text
from tests.evaluation.evaluations import GATING, runs

SPEEDS = {"raw": 1.0, "random": 1.0, "curated": 2.0, "copied": 0.8, "again": 1.0}


def evaluation(**changes: object) -> Evaluation:
    """An evaluation of invented runs."""
    return {**summarise(runs(SPEEDS, **changes), "raw", GATING, 1)}


def row(text: str, corpus: str, table: int) -> str:
    """The row of a corpus in the first table, of scores, or the second, of comparisons."""
    return [line for line in text.split("\n") if line.startswith(corpus + " ")][table]


def test_every_corpus_has_a_row_of_scores_and_every_one_but_the_baseline_a_comparison() -> None:
    lines = evaluation_text(evaluation()).split("\n")
    starts = [line.split(" ")[0] for line in lines if line]
    assert [starts.count(corpus) for corpus in SPEEDS] == [1, 2, 2, 2, 2]


def test_scores_show_tokens_epochs_gating_sets_the_macro_average_and_others_in_brackets() -> None:
    found = evaluation()
    text, corpus = evaluation_text(found), found["models"][0]["corpora"][2]
    header = next(line for line in text.split("\n") if line.startswith("bits per byte"))
    assert header.split("  ")[-1].strip() == "(web)"
    cells = row(text, "curated", 0).split()
    assert cells[:4] == ["curated", "600,000", "400,000", "1.50"]
    assert cells[-3:] == [
        f"{corpus['macro']:.3f}",
        f"{corpus['spread']:.4f}",
        f"({corpus['bits_per_byte']['web']:.3f})",
    ]


def test_a_better_corpus_shows_its_ratio_and_difference_with_intervals() -> None:
    found = evaluation()
    faster = found["models"][0]["corpora"][2]["faster"]
    shown = row(evaluation_text(found), "curated", 1)
    assert f"{faster['value']:.2f}x [{faster['low']:.2f}, {faster['high']:.2f}]" in shown
    assert shown.endswith("better")
    assert "+0." in shown


def test_what_cannot_be_told_apart_is_said_to_be_so_and_shows_no_ratio() -> None:
    shown = row(evaluation_text(evaluation()), "random", 1)
    assert shown.count("not distinguishable") == 2
    assert "x [" not in shown


def test_a_worse_corpus_never_gets_there() -> None:
    shown = row(evaluation_text(evaluation()), "copied", 1)
    assert "at most 1.00x " in shown
    assert shown.endswith("worse")


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ({"value": 4.0, "low": 4.0, "high": None, "bound": "at least"}, "at least 4.00x [4.00 or more]"),
        ({"value": 3.0, "low": 2.5, "high": None, "bound": "exact"}, "3.00x [2.50 or more]"),
        ({"value": 0.9, "low": 0.0, "high": 0.95, "bound": "exact"}, "0.90x [up to 0.95]"),
    ],
)
def test_open_intervals_say_at_which_end(ratio, expected) -> None:
    found = evaluation()
    found["models"][0]["corpora"][2]["faster"] = ratio | {"distinguishable": True}
    assert f"  {expected}  " in row(evaluation_text(found), "curated", 1)


def test_checks_that_pass_are_said_in_words() -> None:
    text = evaluation_text(evaluation())
    assert "\nnegative control, half of raw replaced by copies: worse, as it must be\n" in text
    assert "\nA/A, raw with other seeds: not distinguishable, as it must be\n" in text


def test_checks_that_fail_say_what_to_make_of_the_rest() -> None:
    found = evaluation()
    found["models"][0]["checks"] = {"copied": False, "again": False}
    text = evaluation_text(found)
    assert "by copies: FAILED, not distinguishably worse: " in text
    assert "other seeds: FAILED, distinguishable, which chance does 1 time in 20: " in text


def test_two_seeds_are_said_to_be_too_few() -> None:
    text = evaluation_text(evaluation(seeds=(1, 2)))
    assert "random, curated, copied, again: fewer than 3 seeds, so nothing can be told apart" in text
    assert "by copies: not judged, it takes 3 seeds" in text


def test_smaller_stands_with_the_largest_model_only() -> None:
    text = evaluation_text(evaluation(sizes={"nano": 800_000, "4m": 4_000_000}))
    headers = [line.split()[-1] for line in text.split("\n") if line.startswith("against raw")]
    assert headers == ["verdict", "smaller"]
    assert text.index("nano: 800,000 parameters (400,000 without embeddings)") < text.index("4m: 4,000,000 parameters")


def test_removed_overlap_is_told_where_it_was_measured() -> None:
    overlap = {
        "raw": {"documents": 12_000, "removed_documents": 30, "by_set": {"prose": 1_000, "code": 0, "web": 1}},
        "empty": {"documents": 0, "removed_documents": 0, "by_set": {}},
    }
    text = evaluation_text({**evaluation(), "overlap": overlap})
    assert "held-out sets:\n  raw: 30 of 12,000 documents (0.25%): prose 1,000, web 1\n" in text
    assert "\n  empty: 0 of 0 documents (0.00%)\n" in text
    assert "overlap" not in evaluation_text(evaluation())


def test_scaling_laws_are_shown_with_published_optima() -> None:
    sizes = {"nano": 800_000, "4m": 4_000_000, "20m": 20_000_000}
    text = evaluation_text(evaluation(sizes=sizes))
    assert "of 7.2e+13 FLOPs" in text
    assert "Chinchilla's constants: 1,084,815 parameters, 11,061,789 tokens" in text
    assert " / N^" in text.split("  curated: L = ")[1].split("\n")[0]


def test_one_size_shows_the_law_of_tokens_and_a_law_that_is_not_found_its_reason() -> None:
    found = evaluation()
    found["scaling"]["curated"] = {"law": None, "deviation": None, "reason": "too few", "optimal": None}
    text = evaluation_text(found)
    assert "(of 800,000 parameters only: A / N^alpha takes 3 sizes, not 1)" in text
    assert "\n  curated: none: too few\n" in text


def test_the_baseline_alone_has_scores_only() -> None:
    text = evaluation_text({**summarise(runs({"raw": 1.0}, seeds=(1,)), "raw", GATING, 1)})
    assert "against raw" not in text
    assert text.startswith("nano: 800,000 parameters (400,000 without embeddings), 600,000 tokens, seeds 1\n")
