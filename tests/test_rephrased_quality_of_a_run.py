"""A run with models of quality that rephrases: synthetic text is judged by the rule of the run, and has its own quality."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import curated_hash, curator, run_json
from tests.corpus import TOPICS, document, records, write_jsonl

pytest.importorskip("aiohttp")

from curator.config import load_config
from curator.steps.quality import judged_by
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from tests.rephrase.faithful_server import faithful
from tests.rephrase.openai_server import Body, ChatServer, Reply, prompt_of

CONFIG = """\
input: {{sources: [{{path: {folder}/corpus.jsonl, name: made}}]}}
output: {{path: {folder}/out}}
shards: {{text_bytes: 150_000, unit_bytes: 400_000}}
language: {{keep: [en], min_probability: 0.2}}
quality: {{positives: {{path: {folder}/good.jsonl}}, keep_share: 0.5}}
rephrase:
  http: {{url: "{url}", model: small, concurrency: 8, attempts: 3, backoff_seconds: 0.05}}
  strategies: {{easy: 2, questions: 1, knowledge: 1}}
  share: 0.3
  checks: {{negations: false}} # sentences of drawn words are all alike, so none has a source sentence of its own
budgets: null
sequence: {{order: ascending, difficulty: quality}}
resources: {{cpus: 2, object_store_bytes: 100_000_000}}
"""
ABOUT = {word for words in TOPICS.values() for word in words}


def flattened(body: Body, before: int) -> Reply:
    """A rewrite that keeps the order of things; every second one has lost the words that it is about."""
    reply = faithful(body, before)
    if sum(prompt_of(body).encode()) % 2:
        return reply
    opening, answer = reply.text.split("\n", 1)
    return Reply(text=f"{opening}\n" + " ".join(word for word in answer.split() if word.lower() not in ABOUT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("rephrased"), random.Random(3)
    write_jsonl(folder / "corpus.jsonl", records(400))
    write_jsonl(folder / "good.jsonl", [{"text": document(rng, ("garden", "harbour")[i % 2], 12)} for i in range(120)])
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(flattened) as server:
        yield server


def run(folder: Path, server: ChatServer, *settings: str) -> Path:
    config = folder / "c.yaml"
    config.write_text(CONFIG.format(folder=folder, url=server.url))
    done = curator("run", str(config), *(word for one in settings for word in ("--set", one)))
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def finished(folder: Path, server: ChatServer) -> Path:
    return run(folder, server)


def rows_of(output: Path) -> list[dict[str, Any]]:
    """The documents of the output in their order."""
    paths = sorted((output / "curated").iterdir())
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def step(output: Path, name: str) -> StepFolder:
    """The newest folder of a step."""
    paths = output.glob(f"steps/{name}-*")
    return StepFolder(Folder(str(max(paths, key=lambda path: path.stat().st_mtime_ns))))


def table(output: Path, name: str, kind: str) -> list[dict[str, Any]]:
    return pq.read_table(f"{step(output, name).folder.uri}/{kind}").to_pylist()


def own_and_sources(output: Path) -> tuple[list[float], list[float]]:
    """The quality of the synthetic documents of the output, and that of the document that each is made of."""
    rows = {row["doc_id"]: row for row in rows_of(output)}
    synthetic = [row for row in rows.values() if row["synthetic"]]
    sources = [rows[row["synthetic"]["source_doc_ids"][0]]["quality"] for row in synthetic]
    return [row["quality"] for row in synthetic], sources


def test_synthetic_documents_have_a_quality_of_their_own_by_the_models_of_the_run(finished: Path) -> None:
    own, sources = own_and_sources(finished)
    assert len(own) > 20
    assert sum(one != other for one, other in zip(own, sources, strict=True)) > 0.8 * len(own)
    quality = load_config(str(finished.parent / "c.yaml")).quality
    assert quality is not None
    rows = pa.Table.from_pylist(rows_of(finished))
    judged, _, stay = judged_by(
        rows["text"].combine_chunks(),
        rows["language"],
        scores=step(finished, "scores"),
        rule=step(finished, "quality"),
        quality=quality,
    )
    assert judged.tolist() == rows["quality"].to_pylist()
    assert stay.min() > 0


def test_poor_rewrites_go_and_everything_adds_up(finished: Path) -> None:
    told: Any = run_json(finished)["rephrased"]
    assert told["accepted"] + sum(told["rejected"].values()) == told["rewrites"]
    poor = [row for row in table(finished, "verify", "rejected") if row["reason"] == "low_quality"]
    assert told["rejected"]["low_quality"] == len(poor) > 5
    least = min(row["quality"] for row in rows_of(finished))
    assert all(row["value"] <= least for row in poor)
    said = curator("explain", str(poor[0]["doc_id"]), "--output", str(finished)).stdout
    assert f"rephrased ({poor[0]['strategy']}): not accepted, low_quality {poor[0]['value']:g} (rank" in said


def test_the_training_order_goes_by_that_quality(finished: Path) -> None:
    rows = rows_of(finished)
    assert {row["synthetic"] is None for row in rows} == {True, False}
    quality = [row["quality"] for row in rows]
    assert quality == sorted(quality)


def test_judged_again_on_one_cpu_they_are_the_same_bytes(finished: Path, folder: Path, server: ChatServer) -> None:
    before = curated_hash(finished)
    for name in ("verify", "blend", "order", "arrange"):
        shutil.rmtree(step(finished, name).folder.uri)
    assert curated_hash(run(folder, server, "resources.cpus=1")) == before


def test_without_that_check_nothing_goes_for_its_quality_and_it_is_the_sources(
    finished: Path, folder: Path, server: ChatServer
) -> None:
    asked = server.asked.total()
    output = run(folder, server, "rephrase.checks.quality=false")
    assert server.asked.total() == asked
    assert "low_quality" not in {row["reason"] for row in table(output, "verify", "rejected")}
    own, sources = own_and_sources(output)
    assert own == sources
