"""Answers become documents, or rows that say why not: nothing is lost on the way, and a template does not pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.cluster import ray_cluster
from curator.config.filters import Filters
from curator.config.schema import Resources
from curator.steps import verify as step
from curator.steps.verify import OPENINGS, REPORT, Work, checked_name
from curator.steps.verify_standards import Standards
from curator.store.ids import document_ids, shard_number
from tests.steps.killed import contents, killed_after, rounds
from tests.steps.near_corpus import job
from tests.steps.verify_corpus import FAITHFUL, SHARD, TEXTS, Answers, asked, verified, work


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
    assert told["strategies"]["easy"]["assigned_share"] == 1.0


def test_the_report_is_of_what_the_engine_wrote_and_not_of_the_original_before_it(tmp_path: Path) -> None:
    pairs = [f"What is told of it?\n{answer.partition('. ')[0]}." for answer in FAITHFUL]
    rephrase = asked().model_copy(update={"strategies": {"questions": 1.0}})
    built = work(tmp_path, TEXTS, pairs, rephrase)
    accepted, *_ = verified(built)
    assert [row["text"].startswith(text) for row, text in zip(accepted, TEXTS, strict=True)] == [True] * 3
    (told,) = json.loads(built.folder.read_bytes(REPORT))["strategies"].values()
    assert (told["opening"], told["opening_share"]) == ("what is told of it?", 1.0)


def test_rounds_that_are_done_are_not_done_again(tmp_path: Path) -> None:
    built = work(tmp_path, TEXTS, FAITHFUL, asked())
    verified(built)
    done = frozenset(commit.name for commit in built.at_once([SHARD], frozenset()))
    assert list(built.at_once([SHARD], done)) == []


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


NUMBERS = range(100, 130)
MANY = [text.replace("1774", str(number)) for number in NUMBERS for text in TEXTS]
MANY_ANSWERS = [
    None if number % 10 == 0 else text.replace("1774", str(number + (number % 7 == 0)))
    for number in NUMBERS
    for text in FAITHFUL
]


def run_step(
    folder: Path, exchange_bytes: int, texts: Sequence[str] = MANY, answers: Answers = MANY_ANSWERS
) -> dict[str, bytes]:
    """The files of the step over three shards, done by Ray."""
    built = work(folder, texts, answers, asked(collapse_share=0.1, collapse_least=3), shards=3)
    step.run(job("verify", folder / "verify", built.inputs, exchange_bytes), standards=built.standards)
    return contents(folder / "verify")


def test_stages_and_one_task_give_the_same_and_are_not_done_twice(cluster: None, tmp_path: Path) -> None:
    held, staged = run_step(tmp_path / "held", 1 << 40), run_step(tmp_path / "staged", 0)
    assert {OPENINGS, REPORT} < held.keys()
    assert len([name for name in held if name.startswith(("synthetic/", "rejected/"))]) == 6
    rejected = [row["reason"] for name in held if name.startswith("rejected/") for row in rows_of(held[name])]
    assert {"failed", "foreign_number", "collapsed"} == set(rejected)
    assert held == staged
    before = rounds(tmp_path / "staged/verify")
    run_step(tmp_path / "staged", 0)
    assert rounds(tmp_path / "staged/verify") == before


def rows_of(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(pa.BufferReader(content)).to_pylist()
    return rows


@pytest.mark.parametrize("exchange_bytes", [0, 1 << 40])
def test_killed_after_any_round_it_ends_with_the_same_files(cluster: None, tmp_path: Path, exchange_bytes: int) -> None:
    whole = run_step(tmp_path / "whole", 0)
    names = rounds(tmp_path / "whole/verify")
    assert sorted(names[:3]) == [checked_name(shard_number(0, place)) for place in range(3)]
    assert (names[3], names[-1]) == ("openings", "report")
    for last in names[:-1]:
        (tmp_path / last).mkdir()
        killed_after(last, tmp_path / "whole/verify", tmp_path / last / "verify")
        assert run_step(tmp_path / last, exchange_bytes) == whole


@pytest.mark.parametrize("answers", [[None] * 3, ["", *FAITHFUL[1:]]], ids=["none", "two"])
def test_shards_without_a_rewrite_that_passes_are_reported_in_stages_as_in_one_task(
    cluster: None, tmp_path: Path, answers: Answers
) -> None:
    held, staged = (
        run_step(tmp_path / name, exchange_bytes, TEXTS, answers)
        for name, exchange_bytes in (("held", 1 << 40), ("staged", 0))
    )
    assert json.loads(staged[REPORT])["sample"] == sum(answer in FAITHFUL for answer in answers)
    assert held == staged
