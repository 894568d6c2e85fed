"""An embedder that cannot be loaded is found out before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.config import Config, load_config
from curator.errors import ConfigError
from curator.plan import plan
from curator.preflight import check_selection
from tests.corpus import config_text, write_corpus
from tests.models.conftest import WithFiles, modules

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("offline")


def config(tmp_path: Path, *settings: str) -> Config:
    write_corpus(tmp_path / "in", count=4, files=1)
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "in", tmp_path / "out"))
    return load_config(str(tmp_path / "c.yaml"), settings)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"embedding.model: .*nowhere cannot be loaded"):
        plan(config(tmp_path, f"embedding.model={tmp_path}/nowhere"))
    assert not (tmp_path / "out").exists()


def test_a_model_of_the_hub_that_a_machine_without_internet_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"embedding.model: nobody/nothing cannot be loaded"):
        check_selection(config(tmp_path, "embedding.model=nobody/nothing"))


def test_a_model_that_can_be_loaded_passes(tmp_path: Path, saved_model: str) -> None:
    check_selection(config(tmp_path, f"embedding.model={saved_model}"))


def test_a_model_without_its_tokenizer_is_named(tmp_path: Path, with_files: WithFiles) -> None:
    model = Path(with_files({}))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (model / name).unlink()
    with pytest.raises(ConfigError, match="model has no fast tokenizer"):
        check_selection(config(tmp_path, f"embedding.model={model}"))


def test_a_module_that_curator_does_not_know_is_named(tmp_path: Path, with_files: WithFiles) -> None:
    model = with_files(modules("Transformer", "Pooling", "CNN"))
    with pytest.raises(ConfigError, match=r"CNN; curator knows"):
        check_selection(config(tmp_path, f"embedding.model={model}"))


def test_a_class_of_ones_own_that_is_not_there_is_named(tmp_path: Path) -> None:
    own = "embedding.own={class: 'no_such_module:Embedder', dimensions: 4}"
    with pytest.raises(ConfigError, match="the module no_such_module cannot be imported"):
        check_selection(config(tmp_path, own))
