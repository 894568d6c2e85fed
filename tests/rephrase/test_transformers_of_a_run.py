"""A run that rephrases by a tiny model in the process. What it writes is noise, so a strategy of the test's own takes anything."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.conftest import curated_hash, curator, read_table, run_json
from tests.corpus import records, write_jsonl

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.rephrase.small_chat_model import saved_chat_model

STRATEGY = """\
name: noise
style: list
weight: 1
input_tokens: 60
output_tokens: 60
length: [0.0, 100.0]
similarity: [0.0, 1.0]
key_facts: 0.0
prompt: "Say again: {{ text }}"
"""
CONFIG = """\
input: {{sources: [{{path: {folder}/corpus.jsonl, name: made}}]}}
output: {{path: {folder}/{name}}}
shards: {{text_bytes: 30_000, unit_bytes: 60_000}}
language: {{keep: [en], min_probability: 0.2}}
budgets: null
rephrase:
  transformers: {{model: {folder}/model, actors: {actors}, batch_requests: {batch_requests}}}
  own_strategies: {folder}/noise.yaml
  strategies: {{noise: 1}}
  limits: {{requests: 60}}
  checks: {{numbers: false, names: false, negations: false, supported_share: 0.0, language: false, near_source: 1.0,
    collapse_share: 1.0, heuristics: false}}
resources: {{cpus: 2, object_store_bytes: 100_000_000}}
"""
STRICT = ("rephrase.checks.supported_share=0.6", "rephrase.checks.language=true")
OF_ANSWERS = ("rephrase", "verify", "blend", "write")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transformers")
    write_jsonl(folder / "corpus.jsonl", records(60))
    (folder / "noise.yaml").write_text(STRATEGY)
    saved_chat_model(folder / "model", ends=12)  # about one token in 25
    return folder


def run(folder: Path, name: str, *settings: str, actors: int = 1, batch_requests: int = 16) -> Path:
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.format(folder=folder, name=name, actors=actors, batch_requests=batch_requests))
    done = curator("run", str(config), *(word for setting in settings for word in ("--set", setting)))
    assert done.returncode == 0, done.stderr
    return folder / name


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    return run(folder, "out")


def step_folder(output: Path, step: str) -> Path:
    digests = {one["name"]: one["digest"] for one in run_json(output)["steps"]}  # type: ignore[attr-defined]
    return output / f"steps/{step}-{digests[step]}"


def step_table(output: Path, step: str, table: str) -> list[dict[str, Any]]:
    found = step_folder(output, step) / table
    return pq.read_table(found).to_pylist() if found.exists() else []


def cached(output: Path) -> dict[str, bytes]:
    files = (output / "cache/rephrase").rglob("*.parquet")
    return {str(path.relative_to(output)): path.read_bytes() for path in files}


def test_the_model_answers_every_request_and_each_is_accounted_for(finished: Path) -> None:
    told: Any = run_json(finished)["rephrased"]
    answers = step_table(finished, "rephrase", "answers")
    outcomes = Counter(row["outcome"] for row in answers)
    assert told["requests"] == told["sent"] == len(answers) > 40
    assert (told["cached"], told["failed"]) == (0, 0)
    assert set(outcomes) == {"stop", "length"}
    assert all(row["prompt_tokens"] > 20 and 0 < row["completion_tokens"] <= 60 for row in answers)
    assert len({row["text"] for row in answers}) > 0.8 * len(answers)
    keys = pq.read_table(finished / "cache/rephrase").to_pylist()
    assert {row["key"]: row["text"] for row in keys} == {row["key"]: row["text"] for row in answers}


def test_what_the_model_has_said_to_the_end_is_in_the_output_and_the_rest_rejected(finished: Path) -> None:
    told: Any = run_json(finished)["rephrased"]
    parts: dict[int, list[dict[str, Any]]] = {}
    for row in step_table(finished, "rephrase", "answers"):
        parts.setdefault(row["doc_id"], []).append(row)
    some = {document for document, rows in parts.items() if any(row["outcome"] == "stop" for row in rows)}
    accepted = step_table(finished, "verify", "synthetic")
    rejected = step_table(finished, "verify", "rejected")
    assert told["rewrites"] == len(parts) == len(accepted) + len(rejected)
    assert accepted
    assert {row["source_doc_id"] for row in accepted} <= some
    assert {row["doc_id"]: row["reason"] for row in rejected}.items() >= dict.fromkeys(
        set(parts) - some, "truncated"
    ).items()
    cut = [(row["doc_id"], row["part"]) for document in parts for row in parts[document] if row["outcome"] == "length"]
    left_out = step_table(finished, "verify", "left_out")
    assert sorted((row["doc_id"], row["part"]) for row in left_out if row["reason"] == "truncated") == sorted(cut)
    assert 50 < told["requests"] <= 60, "the limit"
    synthetic = [row for row in read_table(finished, "curated").to_pylist() if row["synthetic"]]
    assert {row["text"] for row in synthetic} == {row["text"] for row in accepted}
    assert {(row["synthetic"]["engine"], row["synthetic"]["strategy"]) for row in synthetic} == {
        ("transformers", "noise")
    }


def test_other_actors_and_batches_give_the_same_bytes(finished: Path, folder: Path) -> None:
    """Steps before the answers are taken over, for nothing of theirs depends on the engine."""
    other = folder / "other"
    left_out = [f"{step}-*" for step in OF_ANSWERS]
    shutil.copytree(finished / "steps", other / "steps", ignore=shutil.ignore_patterns(*left_out))
    run(folder, "other", actors=2, batch_requests=3)
    assert step_folder(other, "rephrase").name == step_folder(finished, "rephrase").name
    assert step_table(other, "rephrase", "answers") == step_table(finished, "rephrase", "answers")
    assert run_json(other)["rephrased"] == run_json(finished)["rephrased"]
    assert cached(other) == cached(finished)
    assert curated_hash(other) == curated_hash(finished)


def test_other_checks_and_prices_ask_the_model_for_nothing(finished: Path, folder: Path) -> None:
    """A price changes what `rephrase` stands on, so that it is done again, from the cache alone."""
    before, answers = cached(finished), step_table(finished, "rephrase", "answers")
    first = step_folder(finished, "rephrase")
    run(folder, "out", *STRICT, "rephrase.limits.input_price=1.0")
    told: Any = run_json(finished)["rephrased"]
    assert step_folder(finished, "rephrase") != first
    assert (told["cached"], told["sent"]) == (len(answers), 0)
    assert step_table(finished, "rephrase", "answers") == answers
    assert cached(finished) == before
    assert told["accepted"] == 0 < sum(told["rejected"].values()) == told["rewrites"], "noise is no rewrite of anything"
