"""Answers become documents, or rows that say why not: nothing is lost on the way, and a template does not pass."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from curator.config.filters import Filters
from curator.steps.verify import REPORT, Work
from curator.steps.verify_standards import Standards
from curator.store.ids import document_ids
from tests.steps.verify_corpus import FAITHFUL, SHARD, TEXTS, asked, verified, work


def test_faithful_answers_become_documents_of_their_sources(tmp_path: Path) -> None:
    accepted, rejected, counts = verified(work(tmp_path, TEXTS, FAITHFUL, asked()))
    assert rejected == []
    assert [row["source_doc_id"] for row in accepted] == document_ids(SHARD, 3).tolist()
    assert [row["text"] for row in accepted] == FAITHFUL
    assert all(row["supported"] > 0.8 and row["similarity"] is None for row in accepted)
    assert (counts["rewrites"], counts["accepted"], counts["documents_out"]) == (3, 3, 3)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (FAITHFUL[0].replace("1774", "1784"), "foreign_number"),
        (FAITHFUL[0].replace("John Carr", "Peter Wynn"), "foreign_name"),
        (
            FAITHFUL[0] + " The council wants to paint every lamp along the promenade in bright yellow next spring.",
            "unsupported",
        ),
        (TEXTS[0], "near_source"),
        ("Old.", "too_short"),
        ("As an AI language model, I cannot rewrite this text for you, but it is about a bridge.", "meta_talk"),
        ("", "empty"),
        (None, "failed"),
    ],
)
def test_what_speaks_against_an_answer_is_told(tmp_path: Path, answer: str | None, reason: str) -> None:
    accepted, rejected, counts = verified(work(tmp_path, TEXTS, [answer, *FAITHFUL[1:]], asked()))
    assert [(row["doc_id"], row["strategy"], row["reason"]) for row in rejected] == [(0, "easy", reason)]
    assert [row["source_doc_id"] for row in accepted] == [1, 2]
    assert (counts["rewrites"], counts["accepted"], counts[f"rejected.{reason}"]) == (3, 2, 1)


def test_prose_is_held_against_the_heuristics_of_the_run(tmp_path: Path) -> None:
    words = Filters.model_validate({"gopher_quality": {"min_words": 60}})
    built = work(tmp_path, TEXTS, FAITHFUL, asked(heuristics=True))
    strict = Work(**{**vars(built), "standards": Standards(**{**vars(built.standards), "filters": words})})
    _, rejected, _ = verified(strict)
    assert Counter(row["reason"] for row in rejected).most_common(1)[0][0].startswith("heuristics.gopher_quality")


def test_of_one_opening_only_a_share_stays_and_the_rest_is_told(tmp_path: Path) -> None:
    numbers = range(100, 160)
    texts = [TEXTS[0].replace("1774", str(number)) for number in numbers]
    answers = [FAITHFUL[0].replace("1774", str(number)) for number in numbers]
    rephrase = asked(collapse_share=0.1, collapse_least=3)
    accepted, rejected, _ = verified(work(tmp_path, texts, answers, rephrase))
    assert len(accepted) + len(rejected) == len(texts)
    assert {row["reason"] for row in rejected} == {"collapsed"}
    assert all(row["value"] == len(texts) for row in rejected)
    assert 0 < len(accepted) < 16


def test_the_report_tells_how_varied_the_sample_is(tmp_path: Path) -> None:
    built = work(tmp_path, TEXTS, FAITHFUL, asked())
    verified(built)
    told = json.loads(built.folder.read_bytes(REPORT))
    assert (told["sample"], told["strategies"]["easy"]["documents"], told["warnings"]) == (3, 3, [])


def test_rounds_that_are_done_are_not_done_again(tmp_path: Path) -> None:
    built = work(tmp_path, TEXTS, FAITHFUL, asked())
    verified(built)
    done = frozenset(commit.name for commit in built.at_once([SHARD], frozenset()))
    assert list(built.at_once([SHARD], done)) == []
