"""A long document is asked for in parts: those that pass become its rewrite, and each of the others is told with its reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.config.rephrase import Rephrase
from curator.rephrase.strategy import Strategy, load_strategies
from curator.steps.synthetic_tables import ACCEPTED, REJECTED
from curator.steps.verify import Work
from curator.steps.verify_checks import Rewrite
from curator.steps.verify_parts import APART, LEFT_OUT, put_together, taken
from tests.steps.verify_corpus import FAITHFUL, SHARD, TEXTS, asked, verified, work

LONG = "\n\n".join(TEXTS)
LIE = FAITHFUL[1].replace("18", "28")


@cache
def strategy(name: str = "easy") -> Strategy:
    engine = {"http": {"url": "http://localhost:1/v1", "model": "small"}, "strategies": {name: 1.0}}
    (found,) = load_strategies(Rephrase.model_validate(engine))
    return found


def parts_of(passes: list[bool], way: Strategy) -> list[Rewrite]:
    """Parts of a document of which each passes or does not."""
    return [
        Rewrite(
            document=7,
            strategy=way,
            source=f"source {place}",
            language="en",
            answer=f"answer {place}",
            supported=1.0,
            reason=None if passing else "foreign_number",
            value=None if passing else float(place),
        )
        for place, passing in enumerate(passes)
    ]


def kept(passes: list[bool], way: Strategy) -> list[int]:
    return [place for place, part in enumerate(taken(way, parts_of(passes, way))) if part.reason is None]


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_prose_is_made_of_the_longest_run_of_parts_that_pass(passes: list[bool]) -> None:
    runs = [
        list(range(start, stop))
        for start in range(len(passes))
        for stop in range(start + 1, len(passes) + 1)
        if all(passes[start:stop])
    ]
    assert kept(passes, strategy("easy")) == max(runs, key=len, default=[])


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_what_stands_side_by_side_is_made_of_all_that_pass_and_a_caption_of_all_or_none(passes: list[bool]) -> None:
    all_that_pass = [place for place, passing in enumerate(passes) if passing]
    for name in ("knowledge", "questions", "maths"):
        assert kept(passes, strategy(name)) == all_that_pass
    assert kept(passes, strategy("caption")) == (all_that_pass if all(passes) else [])


def test_a_part_that_passes_and_is_not_taken_has_a_reason_and_the_others_keep_theirs() -> None:
    found = taken(strategy(), parts_of([True, False, True, True], strategy()))
    assert [part.reason for part in found] == [APART, "foreign_number", None, None]


def test_the_rewrite_covers_what_its_parts_cover_and_is_held_against_that() -> None:
    way = strategy()
    parts = taken(way, parts_of([False, True, True, False], way))
    parts[1] = replace(parts[1], source="x" * 24, answer="y" * 30, supported=0.5)
    whole = replace(parts[0], source="the whole", answer="", reason=None, value=None)
    found = put_together(whole, parts)
    assert (found.source, found.text, found.parts) == ("x" * 24 + "\n\nsource 2", "y" * 30 + "\n\nanswer 2", 4)
    assert found.covered == 32 / 48
    assert found.supported == pytest.approx((30 * 0.5 + 8 * 1.0) / 38)


def test_where_no_part_passes_the_rewrite_has_the_first_one_s_reason() -> None:
    for name, passes in (("easy", [False, False]), ("caption", [True, False])):
        way = strategy(name)
        found = put_together(parts_of([True], way)[0], taken(way, parts_of(passes, way)))
        assert (found.reason, found.value, found.parts) == ("foreign_number", float(passes.index(False)), 2)


def in_parts(folder: Path, answers: list[str | None], name: str = "easy") -> Work:
    """The step over one document, LONG, asked for in three parts: its paragraphs."""
    file = folder / "short.yaml"
    short = strategy(name).model_copy(update={"name": "short", "input_tokens": 75})
    file.write_text(short.model_dump_json())  # JSON is YAML
    rephrase = asked().model_copy(update={"own_strategies": str(file), "strategies": {"short": 1.0}})
    return work(folder, [LONG], [answers], rephrase)


def left_out_of(work: Work) -> list[dict[str, Any]]:
    return work.folder.sparse("left_out", SHARD, LEFT_OUT).to_pylist()


def test_parts_that_pass_become_a_document_and_a_lie_in_another_does_not_take_them_along(tmp_path: Path) -> None:
    built = in_parts(tmp_path, [FAITHFUL[0], FAITHFUL[1], LIE])
    (row,), rejected, counts = verified(built)
    assert (row["text"], rejected) == (f"{FAITHFUL[0]}\n\n{FAITHFUL[1]}", [])
    assert row["covered"] == pytest.approx(sum(map(len, TEXTS[:2])) / sum(map(len, TEXTS)))
    (lost,) = left_out_of(built)
    assert (lost["doc_id"], lost["strategy"], lost["part"]) == (row["source_doc_id"], "short", 2)
    assert lost["reason"] in ("foreign_number", "unsupported")
    assert (counts["rewrites"], counts["accepted"]) == (1, 1)


def test_every_part_is_counted_and_told_where_none_passes(tmp_path: Path) -> None:
    built = in_parts(tmp_path, [None, LIE, ""])
    accepted, (row,), _ = verified(built)
    assert (accepted, row["reason"]) == ([], "failed")
    assert [lost["reason"] for lost in left_out_of(built)] == ["failed", "foreign_number", "empty"]
    assert built.check(SHARD).counts == {"parts": 3, "parts_left_out": 3}


def test_questions_of_the_parts_that_pass_follow_the_whole_original(tmp_path: Path) -> None:
    pairs = [f"What is told of it?\n{answer.partition('. ')[0]}." for answer in (FAITHFUL[0], LIE, FAITHFUL[2])]
    lie = "How long do bakers in Lyon leave their dough in the cool cellar?\nFor 28 hours."
    built = in_parts(tmp_path, [pairs[0], lie, pairs[2]], "questions")
    (row,), _, _ = verified(built)
    assert row["text"].startswith(LONG)
    assert row["text"].count("What is told of it?") == 2
    assert [lost["part"] for lost in left_out_of(built)] == [1]


def test_a_whole_rewrite_covers_its_source_whole(tmp_path: Path) -> None:
    built = in_parts(tmp_path, list(FAITHFUL))
    (row,), _, _ = verified(built)
    assert (row["text"], row["covered"]) == ("\n\n".join(FAITHFUL), 1.0)
    assert left_out_of(built) == []
    assert row.keys() == set(ACCEPTED.names)
    assert set(REJECTED.names) < set(LEFT_OUT.names)
