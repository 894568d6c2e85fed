"""A source that deduplication takes most of is named, and nothing fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.config.duplicates import Duplicates
from curator.config.schema import Config, Input, Output, Source
from curator.reconcile import Funnel, StepReport
from curator.report.alarms import source_alarms
from curator.report.console import outcome
from curator.report.run_json import write_run_json
from curator.steps.step import Step
from curator.store.files import Folder
from curator.store.step_folder import Commit


def funnel(*shards: dict[str, int]) -> Funnel:
    """A run whose last step has these commits."""
    step = Step(name="curate", version=1, settings={}, work=lambda job: None)
    commits = [Commit(name=str(number), shards=(number,), counts=counts) for number, counts in enumerate(shards)]
    return Funnel((StepReport.of(step, commits),))


def lost(source: str, given: int, taken: int) -> dict[str, int]:
    return {f"source.given.{source}": given, f"source.duplicates.{source}": taken}


def test_a_source_that_loses_more_than_the_share_is_named_with_its_numbers() -> None:
    (alarm,) = source_alarms(funnel(lost("marin", 859_092, 859_090), lost("web", 1000, 500)), 0.5)
    assert alarm.startswith(
        "source marin: 859,090 of the 859,092 documents given to deduplication were dropped as duplicates"
    )
    assert "100.0%, above duplicates.source_alarm 0.5" in alarm


def test_the_shards_of_a_source_are_added_up() -> None:
    assert source_alarms(funnel(lost("a", 60, 40), lost("a", 60, 10)), 0.5) == []
    assert len(source_alarms(funnel(lost("a", 60, 40), lost("a", 60, 21)), 0.5)) == 1


def test_a_source_of_fewer_than_a_hundred_documents_is_left_alone() -> None:
    assert source_alarms(funnel(lost("small", 99, 99)), 0.5) == []
    assert len(source_alarms(funnel(lost("small", 100, 100)), 0.5)) == 1


def test_a_share_of_one_is_never_exceeded() -> None:
    assert source_alarms(funnel(lost("all", 1000, 1000)), 1.0) == []


@pytest.mark.parametrize("name", ["a.b", "duplicates.", "source.given.x", ".", ""])
def test_any_name_of_a_source_comes_back_as_it_was(name: str) -> None:
    (alarm,) = source_alarms(funnel(lost(name, 200, 150)), 0.5)
    assert alarm.startswith(f"source {name}: 150 of the 200 ")


def test_run_json_holds_the_alarms_and_the_copies(tmp_path: Path) -> None:
    config = Config(
        input=Input(sources=(Source(path="x"),)), output=Output(path="y"), duplicates=Duplicates(source_alarm=0.2)
    )
    found = funnel({"documents_in": 7, "documents_out": 7, "copies": 9, **lost("web", 1000, 500)})
    write_run_json(Folder(str(tmp_path)), config, found, "steps/curate", {})
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["alarms"] == source_alarms(found, 0.2)
    assert len(run["alarms"]) == 1
    assert (run["documents_kept"], run["copies"]) == (7, 9)


def test_the_outcome_names_the_copies_where_there_are_some() -> None:
    counts = {"documents_in": 7, "documents_out": 7}
    assert outcome(funnel({**counts, "copies": 7})) == "7 of 7 documents kept; every one is accounted for"
    assert "7 of 7 documents kept (9 with their copies);" in outcome(funnel({**counts, "copies": 9}))
