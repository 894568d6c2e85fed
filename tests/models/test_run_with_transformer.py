"""One line of YAML puts a transformer in the place of the default embedder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import curator, read_table
from tests.corpus import config_text, write_corpus

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
