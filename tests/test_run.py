"""The main job from end to end: everything is accounted for, and the bytes are always the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from tests.conftest import COMMAND, commit_times, curated_hash, curator, dropped, read_table, run_json
from tests.corpus import config_text, records, write_corpus

STEPS = (
    "ingest", "filter", "exact", "near", "embed", "cells", "redundancy", "concepts", "complexity", "budgets", "rebalance", "curate",
)  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of one undisturbed run on two CPUs."""
    output = tmp_path_factory.mktemp("finished")
    config = write_config(output / "c.yaml", corpus, output / "out")
    done = curator("run", str(config))
    assert done.returncode == 0, done.stderr
    assert "every one is accounted for" in done.stdout
    return output / "out"


def write_config(path: Path, corpus: Path, output: Path, **more: str) -> Path:
    path.write_text(config_text(corpus, output, **more))
    return path


def test_every_document_is_kept_or_dropped_once(finished: Path) -> None:
    ledger, curated = read_table(finished, "ledger"), read_table(finished, "curated")
    assert ledger.num_rows == len(records(240))
    assert len(set(ledger["doc_id"].to_pylist())) == ledger.num_rows
    kept = {row["doc_id"] for row in ledger.to_pylist() if row["outcome"] == "kept"}
    assert kept == set(curated["doc_id"].to_pylist())
    assert all((row["step"] is None) == (row["outcome"] == "kept") for row in ledger.to_pylist())


def test_the_planted_faults_are_found_for_their_reasons(finished: Path) -> None:
    counts = dropped(read_table(finished, "ledger"))
    assert counts["filter.language"] == 12
    assert counts["exact.exact_duplicate"] == 12
    assert counts["near.near_duplicate"] == 12
    assert counts["filter.gopher_quality.words"] == 12


def test_every_duplicate_names_the_document_kept_for_it(finished: Path) -> None:
    ledger = read_table(finished, "ledger").to_pylist()
    fate = {row["doc_id"]: row for row in ledger}
    order = {step: place for place, step in enumerate(STEPS)}
    for row in ledger:
        if row["reason"] in ("exact_duplicate", "near_duplicate"):
            keeper = fate[row["kept_doc_id"]]
            assert keeper["outcome"] == "kept" or order[keeper["step"]] > order[row["step"]]
        elif row["reason"] == "semantic_duplicate":  # its leader may be over the quota that the same step gives
            assert fate[row["kept_doc_id"]]["reason"] in (None, "over_quota")


def test_the_curated_columns_are_the_contract(finished: Path) -> None:
    curated = read_table(finished, "curated")
    assert curated.column_names == [
        "doc_id", "text", "url", "source", "language", "quality", "concept_id", "theme_id", "semantic_group",
        "semantic_duplicates", "duplicate_group", "duplicates", "weight", "copies", "licence", "robots", "metadata",
    ]  # fmt: skip
    first = curated.slice(0, 1).to_pylist()[0]
    assert json.loads(first["metadata"])["topic"] in first["url"]
    assert first["source"] == "tests"
    assert set(curated["language"].to_pylist()) == {"en"}
    assert np.all((curated["quality"].to_numpy() > 0) & (curated["quality"].to_numpy() <= 1))


def test_the_ledger_says_where_each_document_stands(finished: Path, corpus: Path) -> None:
    rows = [row for row in read_table(finished, "ledger").to_pylist() if row["file"].endswith("part-0.jsonl")]
    text = (corpus / "part-0.jsonl").read_bytes()
    for row in rows[:20]:
        record = json.loads(text[row["position"] :].split(b"\n", 1)[0])
        assert record["url"].startswith("https://example.org/")
    assert len(rows) == 60


def test_run_json_tells_what_was_run_and_what_each_step_did(finished: Path) -> None:
    run = run_json(finished)
    assert run["config"]["shards"]["text_bytes"] == 60_000
    assert {"curator", "python", "ray", "pyarrow", "numpy"} <= set(run["versions"])
    steps = {step["name"]: step for step in run["steps"]}
    assert tuple(steps) == STEPS
    assert steps["ingest"]["documents_in"] == 240
    assert all(step["peak_memory_bytes"] > 0 and step["seconds"] > 0 for step in steps.values())
    assert sum(steps["near"]["dropped"].values()) == 12


def test_a_finished_run_is_left_alone_and_plan_says_so(finished: Path) -> None:
    before, digest = commit_times(finished), curated_hash(finished)
    config = str(finished.parent / "c.yaml")
    planned = curator("plan", config)
    assert planned.stdout.count("done, would be skipped") == len(STEPS)
    again = curator("run", config)
    assert again.returncode == 0
    assert commit_times(finished) == before
    assert curated_hash(finished) == digest


def test_plan_touches_nothing(corpus: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path / "c.yaml", corpus, tmp_path / "out")
    planned = curator("plan", str(config))
    assert planned.returncode == 0
    assert planned.stdout.count("to do") == len(STEPS)
    assert os.listdir(tmp_path) == ["c.yaml"]


def test_one_cpu_gives_the_same_bytes(corpus: Path, finished: Path, tmp_path: Path) -> None:
    done = curator("run", str(write_config(tmp_path / "c.yaml", corpus, tmp_path / "out", cpus="1")))
    assert done.returncode == 0, done.stderr
    assert curated_hash(tmp_path / "out") == curated_hash(finished)


def test_exchanges_through_the_shuffle_give_the_same_bytes(corpus: Path, finished: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path / "c.yaml", corpus, tmp_path / "out", exchange_bytes="1_000")
    done = curator("run", str(config))
    assert done.returncode == 0, done.stderr
    assert curated_hash(tmp_path / "out") == curated_hash(finished)


def test_new_thresholds_do_not_read_the_text_again(finished: Path, tmp_path: Path) -> None:
    config = str(finished.parent / "c.yaml")
    planned = curator("plan", config, "--set", "filters.gopher_quality.min_words=10")
    states = {line.split()[0]: "done" in line for line in planned.stdout.splitlines() if line.startswith("  ")}
    assert states["ingest"]
    assert not any(states[name] for name in STEPS[1:])


def kill_driver_at(config: Path, output: Path, step: str) -> None:
    """Start a run and kill -9 its driver as soon as `step` has committed something."""
    log = (config.parent / "log").open("a")
    driver = subprocess.Popen([*COMMAND, "run", str(config)], stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 240
    while not list(output.glob(f"steps/{step}-*/commits/*.json")):
        assert driver.poll() is None, f"the run ended before {step}: {(config.parent / 'log').read_text()[-2000:]}"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    driver.kill()
    driver.wait()


def test_a_driver_killed_at_every_step_in_turn_loses_and_repeats_nothing(
    corpus: Path, finished: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    config = write_config(tmp_path / "c.yaml", corpus, output)
    seen: dict[str, int] = {}
    for step in STEPS:
        kill_driver_at(config, output, step)
        time.sleep(2)
        now = commit_times(output)
        assert {name: now[name] for name in seen} == seen, "a committed shard was done again"
        seen = now
    done = curator("run", str(config))
    assert done.returncode == 0, done.stderr
    now = commit_times(output)
    assert {name: now[name] for name in seen} == seen
    assert curated_hash(output) == curated_hash(finished)


def test_a_killed_worker_costs_its_shard_only(corpus: Path, finished: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    config = write_config(tmp_path / "c.yaml", corpus, output)
    driver = subprocess.Popen([*COMMAND, "run", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    killed = 0
    while driver.poll() is None and killed < 2:
        for process in psutil.Process(driver.pid).children(recursive=True):
            try:
                if "ray::MapBatches" in " ".join(process.cmdline()):
                    process.send_signal(signal.SIGKILL)
                    killed += 1
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.2)
    log, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, log.decode()
    assert killed == 2
    assert curated_hash(output) == curated_hash(finished)


def test_a_second_run_on_the_same_output_is_refused(corpus: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    config = write_config(tmp_path / "c.yaml", corpus, output)
    first = subprocess.Popen([*COMMAND, "run", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (output / "run.lock").exists():
            assert first.poll() is None
            time.sleep(0.01)
        second = curator("run", str(config))
        assert second.returncode == 1
        assert f"another run is at work on {output}: process {first.pid}" in second.stderr
        assert first.wait(240) == 0
    finally:
        first.kill()


def test_a_ledger_that_does_not_add_up_fails_the_run(finished: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    subprocess.run(["cp", "-r", str(finished), str(output)], check=True)
    config = write_config(
        tmp_path / "c.yaml", Path(run_json(finished)["config"]["input"]["sources"][0]["path"]), output
    )
    (folder,) = output.glob("steps/near-*")
    victim = sorted((folder / "drops").iterdir())[0]
    table = pq.read_table(victim)
    victim.unlink()
    pq.write_table(table.slice(1), victim)
    (curate,) = output.glob("steps/curate-*")
    subprocess.run(["rm", "-r", str(curate)], check=True)
    done = curator("run", str(config))
    assert done.returncode == 1
    assert "does not add up" in done.stderr or "lacks documents" in done.stderr
