"""A model that cannot be loaded is found out before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.config import load_config
from curator.errors import ConfigError
from curator.plan import plan
from tests.corpus import config_text, write_corpus

pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_a_model_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    write_corpus(tmp_path / "in", count=4, files=1)
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "in", tmp_path / "out"))
    config = load_config(str(tmp_path / "c.yaml"), [f"embedding.model={tmp_path}/nowhere"])
    with pytest.raises(ConfigError, match=r"embedding.model: .*nowhere cannot be loaded"):
        plan(config)
    assert not (tmp_path / "out").exists()
