"""One line of YAML puts a transformer in the place of the default embedder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import curator, read_table
from tests.corpus import config_text, write_corpus
from tests.models.conftest import Saved

pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_the_whole_pipeline_runs_with_a_transformer(saved_model: str, tmp_path: Path) -> None:
    write_corpus(tmp_path / "in", count=60, files=2)
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "in", tmp_path / "out"))
    done = curator("run", str(tmp_path / "c.yaml"), "--set", f"embedding.model={saved_model}")
    assert done.returncode == 0, done.stderr
    (embeddings, *_) = sorted((tmp_path / "out").glob("steps/embed-*/embeddings/*.parquet"))
    assert read_table(embeddings.parent, embeddings.name)["embedding"].type.list_size == 16
    assert json.loads((tmp_path / "out" / "run.json").read_text())["documents_kept"] > 0


def test_a_regressor_scores_in_actors_and_decides_what_stays(with_head: Saved, tmp_path: Path) -> None:
    write_corpus(tmp_path / "in", count=60, files=2)
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "in", tmp_path / "out"))
    watched = {"itself": {"path": str(tmp_path / "in" / "part-0.jsonl")}}
    quality = {"models": [], "regressor": {"model": with_head(num_labels=1)}, "keep_share": 0.5, "watched": watched}
    done = curator("run", str(tmp_path / "c.yaml"), "--set", f"quality={json.dumps(quality)}", "--set", "budgets=null")
    assert done.returncode == 0, done.stderr
    (scores,) = (tmp_path / "out").glob("steps/scores-*/scores")
    given = dict(
        zip(*(read_table(scores.parent, "scores")[name].to_pylist() for name in ("doc_id", "regressor")), strict=True)
    )
    assert len(set(given.values())) > 20
    ledger = read_table(tmp_path / "out", "ledger").to_pylist()
    low = [given[row["doc_id"]] for row in ledger if row["reason"] == "low_quality"]
    kept = [given[row["doc_id"]] for row in ledger if row["outcome"] == "kept"]
    assert max(low) <= min(kept)
    assert "concept_id" not in read_table(tmp_path / "out", "curated").column_names
