"""The funnel shows what drops documents, and what the tokens have come to."""

from __future__ import annotations

from curator.reconcile import Funnel, StepReport
from curator.report.console import funnel_table
from curator.steps.step import Step
from curator.store.step_folder import Commit


def funnel(**counts: dict[str, int]) -> Funnel:
    """The funnel of steps with these counters, whose documents all stay."""
    documents = {"documents_in": 7, "documents_out": 7}
    return Funnel(
        tuple(
            StepReport.of(
                Step(name=name, version=1, settings={}, work=lambda job: None),
                [Commit(name="0", shards=(0,), counts=documents | found)],
            )
            for name, found in counts.items()
        )
    )


def test_steps_that_only_find_things_out_are_not_shown() -> None:
    names = ("filter", "embed", "cells", "redundancy", "concepts", "complexity", "budgets", "rebalance", "curate")
    table = funnel_table(funnel(**{name: {} for name in names}))
    shown = [line.split()[0] for line in table.split("\n")[2:] if line]
    assert shown == ["filter", "budgets", "rebalance", "curate"]


def test_tokens_are_told_with_copies_and_what_those_are_worth() -> None:
    table = funnel_table(funnel(rebalance={"tokens": 1000, "copies_tokens": 2500, "effective_tokens": 2460}))
    assert "\ntokens by bytes / 4: 1,000 selected, 2,500 with copies, worth 2,460 read once\n" in table


def test_tokens_that_nothing_repeats_are_worth_themselves() -> None:
    table = funnel_table(funnel(rebalance={"tokens": 1000, "copies_tokens": 600, "effective_tokens": 600}))
    assert "\ntokens by bytes / 4: 1,000 selected, 600 with copies\n" in table


def test_tokens_that_a_tokenizer_made_are_counted_and_only_what_they_are_worth_goes_by_bytes() -> None:
    estimated = {"tokens": 1000, "copies_tokens": 2000, "effective_tokens": 1500}
    packed = {"sequences": 3, "tokens": 4400, "padding": 100, "cut": 0, "cut_though_fitting": 0, "displacement": 0}
    table = funnel_table(funnel(rebalance=estimated, tokenize={"tokens": 2100}, arrange=packed))
    assert "\ntokens by the tokenizer: 2,100 selected, 4,400 with copies, worth 3,300 read once\n" in table
    without = funnel_table(funnel(tokenize={"tokens": 2100}, arrange=packed | {"tokens": 2100}))
    assert "\ntokens by the tokenizer: 2,100 selected, 2,100 with copies\n" in without


def test_a_run_that_only_looks_for_duplicates_counts_no_tokens() -> None:
    assert "tokens" not in funnel_table(funnel(ingest={}, exact={}, write={}))
