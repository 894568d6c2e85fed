"""Tiny models that the tests make themselves, and files around them as sentence-transformers writes them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

WORDS = "the ship left harbour at dawn with bread flour and salt ##ed ##s".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
SIZES = {"vocab_size": len(VOCABULARY), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
POSITIONS = 40

WithFiles = Callable[[Mapping[str, Any]], str]
Saved = Callable[..., str]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked up on the network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # the variable is read once, at the import


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Torch adds in the same order each time."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a BERT of two small layers, random weights from a fixed seed, and its tokenizer."""
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        **SIZES, intermediate_size=32, max_position_embeddings=POSITIONS, initializer_range=0.5
    )
    return saved(tmp_path_factory.mktemp("encoder"), config)


@pytest.fixture(scope="session")
def saved_decoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same as a Qwen2: causal attention, rotary positions."""
    transformers = pytest.importorskip("transformers")
    config = transformers.Qwen2Config(
        **SIZES,
        num_key_value_heads=2,
        intermediate_size=32,
        max_position_embeddings=POSITIONS,
        initializer_range=0.5,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
    )
    return saved(tmp_path_factory.mktemp("decoder"), config)


def saved(folder: Path, config: Any) -> str:
    torch = pytest.importorskip("torch")
    import transformers

    tokenizer = transformers.BertTokenizer(
        vocab={token: number for number, token in enumerate(VOCABULARY)}, model_max_length=POSITIONS
    )
    torch.manual_seed(7)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture
def with_files(saved_model: str, tmp_path: Path) -> WithFiles:
    """Copies the saved model and puts JSON files beside it, by path."""

    def copy(files: Mapping[str, Any]) -> str:
        folder = tmp_path / "model"
        shutil.copytree(saved_model, folder)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(json.dumps(content))
        return str(folder)

    return copy


def modules(*kinds: str) -> dict[str, Any]:
    """The file modules.json of a model made of these; each lies in a folder of its name, the transformer above them."""
    listed = [
        {
            "idx": i,
            "name": str(i),
            "path": "" if kind == "Transformer" else kind,
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]
    return {"modules.json": listed}


@pytest.fixture
def with_head(saved_model: str, tmp_path: Path) -> Saved:
    """Saves a small model with a head, random weights from a fixed seed, beside the tokenizer of `saved_model`."""

    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

    def save(kind: str = "Bert", **settings: Any) -> str:
        folder = tmp_path / kind
        shutil.copytree(saved_model, folder)
        sizes = {**SIZES, "intermediate_size": 32, "max_position_embeddings": POSITIONS, "initializer_range": 0.5}
        config = getattr(transformers, f"{kind}Config")(**{**sizes, **settings})
        torch.manual_seed(11)
        transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
        return str(folder)

    return save
