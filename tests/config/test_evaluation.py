"""The settings of an evaluation: what is left out, what cannot work, and the sentence that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from curator.config.evaluation import Evaluation, Training, load_evaluation
from curator.errors import ConfigError

LEAST: dict[str, Any] = {
    "output": {"path": "out/evaluation"},
    "corpora": {"raw": {"path": "raw/*.jsonl.gz"}, "curated": {"path": "curated/*.parquet"}},
    "heldout": {"prose": {"path": "prose.jsonl"}},
}


ORDERED: dict[str, Any] = {"raw": {"path": "x"}, "curated": {"path": "x", "ordered": True}}


def evaluation(**changes: Any) -> Evaluation:
    return Evaluation.model_validate_json(json.dumps({**LEAST, **changes}))


def test_corpora_and_sets_alone_are_enough() -> None:
    config = evaluation()
    assert list(config.corpora) == ["raw", "curated"]
    assert config.corpora["raw"].keep_share == 1.0
    assert config.heldout["prose"].gates
    assert config.models == ("nano",)
    assert config.training.seeds == (1, 2, 3)
    assert config.tokenizer.vocabulary == 4096
    assert config.overlap_words == 13


def test_the_order_of_corpora_is_that_of_the_file_for_the_first_is_the_baseline() -> None:
    names = ["raw", "b", "a", "c"]
    assert list(evaluation(corpora={name: {"path": "x"} for name in names}).corpora) == names


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"corpora": {}}, "at least 1 item"),
        ({"corpora": {"copied": {"path": "x"}}}, "corpora.copied: the evaluation itself adds a corpus of that name"),
        ({"corpora": {"../raw": {"path": "x"}}}, "'../raw' is no name"),
        ({"corpora": {"raw": {"path": "x", "keep_share": 0.0}}}, "greater than 0"),
        ({"corpora": {"raw": {"path": "x", "share": 0.5}}}, "Extra inputs"),
        ({"corpora": ORDERED}, "corpora.curated is ordered: a smaller budget would have seen only the beginning"),
        (
            {"corpora": {"raw": {"path": "x", "ordered": True}}, "training": {"budgets": [1.0]}},
            "name a shuffled one first",
        ),
        ({"heldout": {"web": {"path": "x", "gates": False}}}, "at least one set must gate"),
        ({"models": ["nano", "nano"]}, "models must differ"),
        ({"models": ["7b"]}, "'nano', '4m', '20m' or '60m'"),
        ({"tokenizer": {"vocabulary": 256}}, "greater than or equal to 257"),
        ({"overlap_words": 1}, "greater than or equal to 2"),
        ({"training": {"budgets": [0.5, 0.25, 1.0]}}, "budgets must rise"),
        ({"training": {"budgets": [0.25, 0.5]}}, "the last one must be 1.0"),
        ({"training": {"seeds": [1, 2, 1]}}, "seeds must differ"),
        ({"training": {"sequence": 100}}, "batch_tokens 2048 must be a multiple of sequence 100"),
        ({"training": {"tokens": 20_000}}, "the smallest budget, 5000 tokens, is less than 5 checkpoints"),
        ({"training": {"warmup_share": 0.3}}, "the warm-up must end before the smallest budget decays"),
        ({"training": {"tokens": "600000"}}, "valid integer"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("[", r"\[")):
        evaluation(**changes)


def test_an_order_is_compared_at_one_budget() -> None:
    config = evaluation(corpora=ORDERED, training={"budgets": [1.0]})
    assert [corpus.ordered for corpus in config.corpora.values()] == [False, True]


def test_one_budget_and_no_warm_up_are_a_schedule() -> None:
    training = Training(budgets=(1.0,), warmup_share=0.0, decay_share=1.0)
    assert training.budgets == (1.0,)


def test_a_file_and_settings_make_an_evaluation_and_a_wrong_key_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "evaluate.yaml"
    path.write_text(json.dumps(LEAST))
    config = load_evaluation(str(path), ["training.seeds=[5]", "corpora.raw.keep_share=0.5"])
    assert (config.training.seeds, config.corpora["raw"].keep_share) == ((5,), 0.5)
    with pytest.raises(ConfigError, match=r"unknown key corpora\.raw\.keep; did you mean keep_share\?"):
        load_evaluation(str(path), ["corpora.raw.keep=0.5"])
