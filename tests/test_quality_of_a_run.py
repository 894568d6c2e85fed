"""A whole run with models of quality: what is like the good texts stays, everything is accounted for, anywhere the same."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import curated_hash, curator, read_table
from tests.corpus import config_text, document, records, sentence, write_jsonl

GOOD = ("garden", "harbour")
SPARED = 12


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of the other tests, good texts beside them, and good documents too short for the heuristics."""
    folder, rng = tmp_path_factory.mktemp("corpus"), random.Random(3)
    short = [
        {"id": f"s{i}", "text": " ".join(sentence(rng, "garden") for _ in range(3)), "topic": "short"}
        for i in range(SPARED)
    ]
    rows = [*records(400), *short]
    for number in range(3):
        write_jsonl(folder / f"pool/part-{number}.jsonl", rows[number::3])
    write_jsonl(folder / "good.jsonl", [{"text": document(rng, GOOD[i % 2], 12)} for i in range(120)])
    write_jsonl(folder / "plain.jsonl", [{"text": document(rng, "orbit", 12)} for _ in range(20)])
    return folder


def run(folder: Path, corpus: Path, quality: dict[str, object], **more: str) -> Path:
    config = folder / "c.yaml"
    config.write_text(config_text(corpus / "pool", folder / "out", **more))
    values = {"positives": {"path": str(corpus / "good.jsonl")}, "keep_share": 0.5, **quality}
    done = curator("run", str(config), "--set", f"quality={json.dumps(values)}", "--set", "budgets.keep_share=1.0")
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    watched = {"watched": {"orbits": {"path": str(corpus / "plain.jsonl")}}}
    return run(tmp_path_factory.mktemp("finished"), corpus, {"spared": "medium", **watched})


def topics(output: Path, outcome: str, reason: str | None = None) -> Counter[str]:
    """How many documents of each topic ended so; the metadata of the ingested documents says the topic."""
    (ingest,) = output.glob("steps/ingest-*/documents")
    documents = pq.read_table(ingest, columns=["doc_id", "metadata"])
    topic = {
        row["doc_id"]: json.loads(row["metadata"])["topic"]
        for row in documents.to_pylist()
        if row["metadata"] is not None
    }
    rows = read_table(output, "ledger").to_pylist()
    return Counter(
        topic[row["doc_id"]] for row in rows if row["outcome"] == outcome and reason in (None, row["reason"])
    )


def test_what_is_like_the_good_texts_stays(finished: Path) -> None:
    gone = topics(finished, "dropped", "low_quality")
    assert sum(gone.values()) > 100
    assert sum(gone[name] for name in GOOD) <= 0.05 * sum(gone.values())
    kept = topics(finished, "kept")
    assert sum(kept[name] for name in GOOD) >= 0.9 * sum(kept.values()) - SPARED


def test_good_documents_are_spared_the_heuristics(finished: Path) -> None:
    assert topics(finished, "kept")["short"] >= SPARED // 2


def test_curated_documents_carry_the_quality_that_decided(finished: Path) -> None:
    quality = read_table(finished, "curated")["quality"].to_numpy()
    (judged,) = finished.glob("steps/quality-*/quality")
    everywhere = pq.read_table(judged)["quality"].to_numpy()
    assert 0 <= everywhere.min() < everywhere.max() <= 1
    assert quality.min() > np.quantile(everywhere, 0.4)


def test_the_models_their_sample_and_their_validation_are_stored(finished: Path) -> None:
    (scores,) = finished.glob("steps/scores-*")
    assert {"classifier.npz", "importance.npz", "perplexity.npz"} <= {path.name for path in scores.iterdir()}
    assert pq.read_table(scores / "training.parquet").num_rows > 200
    validation = json.loads((scores / "validation.json").read_text())["classifier"]
    assert 0.65 < validation["auc"] < 0.85  # half of the random texts are good ones, too


def test_what_the_filter_takes_away_is_reported(finished: Path) -> None:
    rows = pq.read_table(finished / "quality.parquet").to_pylist()
    by = {(row["by"], row["value"]): row for row in rows}
    assert by["source", "tests"]["documents"] == sum(row["documents"] for row in rows if row["by"] == "language")
    assert by["source", "tests"]["documents"] == sum(row["documents"] for row in rows if row["by"] == "characters")
    assert by["watched", "orbits"]["documents"] == 20
    assert by["watched", "orbits"]["kept_share"] < 0.2
    assert 0.3 < by["source", "tests"]["kept_share"] < 0.7


def test_a_dropped_document_is_explained(finished: Path) -> None:
    dropped = next(row for row in read_table(finished, "ledger").to_pylist() if row["reason"] == "low_quality")
    told = curator("explain", str(dropped["doc_id"]), "--output", str(finished))
    assert "dropped by quality: low_quality, quality 0." in told.stdout


def test_the_shuffle_and_one_cpu_give_the_same_bytes(finished: Path, corpus: Path, tmp_path: Path) -> None:
    watched = {"watched": {"orbits": {"path": str(corpus / "plain.jsonl")}}}
    output = run(tmp_path, corpus, {"spared": "medium", **watched}, exchange_bytes="1_000", cpus="1")
    assert curated_hash(output) == curated_hash(finished)
    assert (output / "quality.parquet").read_bytes() == (finished / "quality.parquet").read_bytes()


def test_a_corpus_without_good_texts_says_what_to_give(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(config_text(corpus / "pool", tmp_path / "out"))
    done = curator("run", str(tmp_path / "c.yaml"), "--set", "quality={}")
    assert done.returncode == 1
    assert "quality.positives" in done.stderr
    assert len(done.stderr.strip().splitlines()[-1]) < 400
