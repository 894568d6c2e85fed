"""A run that rephrases, against a server that speaks OpenAI's chat completions and makes every planted mistake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import COMMAND, curated_hash, curator, read_table, run_json
from tests.corpus import records, write_jsonl

pytest.importorskip("aiohttp")

from tests.rephrase.faithful_server import FAULTS, TIMEOUT_SECONDS, faithful, planted, source_of, with_faults
from tests.rephrase.openai_server import Body, ChatServer, Reply

CONFIG = """\
input: {{sources: [{{path: {corpus}, name: made}}]}}
output: {{path: {output}}}
shards: {{text_bytes: 150_000, unit_bytes: 400_000}}
language: {{keep: [en], min_probability: 0.2}}
embedding: {{sample_documents: 1_000}}
budgets: {{keep_share: 0.95}}
rephrase:
  http: {{url: "{url}", model: small, concurrency: 8, attempts: 3, backoff_seconds: 0.05, timeout_seconds: {timeout}}}
  strategies: {{easy: 2, encyclopaedia: 2, questions: 1}}
  share: 0.5
  checks: {{negations: false, bindings: false}} # sentences of drawn words are all alike, so none has a source sentence of its own
resources: {{cpus: 2, object_store_bytes: 100_000_000}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rephrase")
    write_jsonl(folder / "corpus.jsonl", records(900))
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(with_faults) as server:
        yield server


def written(folder: Path, url: str, name: str, more: str = "") -> Path:
    config = folder / f"{name}.yaml"
    config.write_text(
        CONFIG.format(corpus=folder / "corpus.jsonl", output=folder / name, url=url, timeout=TIMEOUT_SECONDS) + more
    )
    return config


@pytest.fixture(scope="module")
def finished(folder: Path, server: ChatServer) -> Path:
    done = curator("run", str(written(folder, server.url, "out")))
    assert done.returncode == 0, done.stderr
    return folder / "out"


def step_table(output: Path, step: str, table: str) -> list[dict[str, Any]]:
    (found,) = output.glob(f"steps/{step}-*")
    return pq.read_table(found / table).to_pylist() if (found / table).exists() else []


def prompts_of(output: Path) -> dict[tuple[int, str], list[str | None]]:
    """What is planted into the requests of each document and strategy, part by part."""
    from curator.config import load_config
    from curator.rephrase.prompts import requests_of
    from curator.rephrase.strategy import load_strategies

    rephrase = load_config(str(output.with_suffix(".yaml"))).rephrase
    assert rephrase is not None
    strategies = {strategy.name: strategy for strategy in load_strategies(rephrase)}
    texts = {row["doc_id"]: row for row in step_table(output, "curate", "curated")}
    found = {}
    for row in step_table(output, "assign", "assigned"):
        source = texts[row["doc_id"]]
        requests = requests_of(
            source["text"],
            source["language"],
            strategies[row["strategy"]],
            doc_id=row["doc_id"],
            rephrase=rephrase,
        )
        found[row["doc_id"], row["strategy"]] = [planted(request.messages[0][1]) for request in requests]
    return found


def test_every_planted_fault_is_caught_and_faithful_answers_pass(finished: Path) -> None:
    expected = prompts_of(finished)
    accepted = {(row["source_doc_id"], row["strategy"]) for row in step_table(finished, "verify", "synthetic")}
    rejected = {(row["doc_id"], row["strategy"]) for row in step_table(finished, "verify", "rejected")}
    assert accepted.isdisjoint(rejected)
    assert accepted | rejected == expected.keys()
    left_out = {
        (row["doc_id"], row["strategy"], row["part"]): row["reason"]
        for row in step_table(finished, "verify", "left_out")
    }
    parts = {(*asked, part): fault for asked, faults in expected.items() for part, fault in enumerate(faults)}
    faulty = {part: fault for part, fault in parts.items() if fault in FAULTS}
    assert sum(fault is not None for fault in parts.values()) >= 300
    assert {part: left_out.get(part) for part in faulty} == faulty
    assert set(faulty.values()) == set(FAULTS)
    alarms = Counter(reason for part, reason in left_out.items() if part not in faulty and reason != "apart")
    assert alarms.total() <= 0.05 * (len(parts) - len(faulty)), alarms
    faithful_ones = expected.keys() - {asked[:2] for asked in faulty}
    assert len(faithful_ones & rejected) <= 0.05 * len(faithful_ones)


def test_a_rewrite_is_made_of_the_parts_that_pass(finished: Path) -> None:
    expected = prompts_of(finished)
    rows = {
        (row["source_doc_id"], row["strategy"]): row["covered"] for row in step_table(finished, "verify", "synthetic")
    }
    some = {asked for asked, faults in expected.items() if any(fault in FAULTS for fault in faults)} & rows.keys()
    assert some
    assert all(0 < rows[asked] < 1 for asked in some)
    whole = [asked for asked in rows if len(expected[asked]) == 1]
    assert all(rows[asked] == 1 for asked in whole)


def test_every_request_is_accounted_for_and_asked_once_but_where_it_failed(finished: Path, server: ChatServer) -> None:
    told: Any = run_json(finished)["rephrased"]
    requests = step_table(finished, "rephrase", "answers")
    assert told["requests"] == told["sent"] == len(requests) == len(server.asked)
    assert told["accepted"] + sum(told["rejected"].values()) == told["rewrites"]
    assert told["parts_left_out"] == len(step_table(finished, "verify", "left_out"))
    assert told["failed"] == sum(row["outcome"].startswith("failed") for row in requests)
    assert set(server.answered.values()) == {1}
    assert len(server.answered) == told["requests"] - told["failed"]


def test_no_prompt_is_without_a_document_of_the_corpus(finished: Path, server: ChatServer) -> None:
    whole = "\n".join(row["text"] for row in step_table(finished, "curate", "curated"))
    assert server.prompts
    assert all(source_of(prompt) and source_of(prompt) in whole for prompt in server.prompts)


def test_synthetic_text_is_marked_and_below_its_share(finished: Path) -> None:
    rows = read_table(finished, "curated").to_pylist()
    sources = {row["doc_id"] for row in rows if row["synthetic"] is None}
    synthetic = [row for row in rows if row["synthetic"]]
    assert len(sources) == run_json(finished)["documents_kept"]
    assert {row["synthetic"]["strategy"] for row in synthetic} == {"easy", "encyclopaedia", "questions"}
    assert all(set(row["synthetic"]["source_doc_ids"]) <= sources for row in synthetic)
    assert all(row["synthetic"]["engine"] == "http" and row["synthetic"]["model"] == "small" for row in synthetic)
    told = json.loads((finished / "blend.json").read_text())
    assert 0.2 < told["share"] <= 0.5
    assert json.loads((finished / "synthetic.json").read_text())["sample"] > 50


def test_of_two_rewrites_of_a_document_that_are_alike_one_is_in_the_output(finished: Path) -> None:
    """The server says the same for both forms of paraphrase."""
    accepted = {
        (row["source_doc_id"], row["strategy"]): row["doc_id"] for row in step_table(finished, "verify", "synthetic")
    }
    rejected = step_table(finished, "near_rewrites", "rejected")
    told: Any = run_json(finished)["rephrased"]
    assert told["accepted"] == len(accepted) - len(rejected)
    assert told["rejected"]["near_duplicate"] == len(rejected) > 0
    times = Counter(source for source, _ in accepted)
    assert all(times[row["doc_id"]] > 1 for row in rejected)
    gone = {accepted[row["doc_id"], row["strategy"]] for row in rejected}
    assert gone.isdisjoint(row["doc_id"] for row in read_table(finished, "curated").to_pylist())


def test_explain_tells_of_a_rewrite_and_of_its_source(finished: Path) -> None:
    row = step_table(finished, "verify", "synthetic")[0]
    told = curator("explain", str(row["doc_id"]), "--output", str(finished)).stdout
    assert f"document {row['doc_id']}: synthetic, document {row['source_doc_id']} rephrased ({row['strategy']})" in told
    assert f"rephrased ({row['strategy']}): document {row['doc_id']}" in told
    lost = step_table(finished, "verify", "rejected")[0]
    told = curator("explain", str(lost["doc_id"]), "--output", str(finished)).stdout
    assert f"rephrased ({lost['strategy']}): not accepted, {lost['reason']}" in told


def test_other_checks_and_another_share_ask_for_nothing_again(finished: Path, folder: Path, server: ChatServer) -> None:
    before = server.asked.total()
    settings = ("rephrase.checks.numbers=false", "rephrase.in_output=false")
    done = curator("run", str(finished.with_suffix(".yaml")), *(word for one in settings for word in ("--set", one)))
    assert done.returncode == 0, done.stderr
    failed = sum(row["outcome"].startswith("failed") for row in step_table(finished, "rephrase", "answers"))
    assert server.asked.total() - before <= failed
    rows = read_table(finished, "curated")
    assert rows["synthetic"].null_count == rows.num_rows


def test_killed_it_goes_on_without_a_repeated_answer_and_gives_the_same_bytes(folder: Path) -> None:
    def paced(body: Body, before: int) -> Reply:
        return Reply(**{**faithful(body, before).__dict__, "seconds": 0.1})

    with ChatServer(paced) as server:
        whole = written(folder, server.url, "whole")
        assert curator("run", str(whole)).returncode == 0
        asked = dict(server.asked)
    with ChatServer(paced) as server:
        config = written(folder, server.url, "killed")
        run = subprocess.Popen([*COMMAND, "run", str(config)], start_new_session=True, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 200
        while server.answered.total() < len(asked) // 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        time.sleep(3)  # workers end when they find their driver gone
        done = curator("run", str(config))
        assert done.returncode == 0, done.stderr
        assert set(server.answered) == set(asked)
        repeated = [key for key, times in server.answered.items() if times > 1]
    assert len(repeated) <= 8, "only what was under way at the kill may be answered twice"
    assert curated_hash(folder / "killed") == curated_hash(folder / "whole")


def test_synthetic_text_goes_into_the_training_order_by_weight(folder: Path, server: ChatServer) -> None:
    more = "sequence: {stages: [[0.0, {synthetic: {original: 1.0, other: 0.0}}], [0.5, {}]]}\n"
    config = written(folder, server.url, "ordered", more)
    done = curator("run", str(config))
    assert done.returncode == 0, done.stderr
    rows = pa.concat_tables(
        [pq.read_table(path) for path in sorted((folder / "ordered/curated").iterdir())]
    ).to_pylist()
    sizes = [len(row["text"]) for row in rows]
    early = [row for row, end in zip(rows, range(len(rows)), strict=True) if sum(sizes[:end]) < 0.45 * sum(sizes)]
    assert all(row["synthetic"] is None for row in early)
    assert sum(row["synthetic"] is not None for row in rows) > 30
