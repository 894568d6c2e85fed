"""Models as sentence-transformers writes them, read without that package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.errors import ConfigError
from curator.models.embedder import embedding_width, load_embedder
from curator.models.sentence_files import SentenceModel, sentence_model
from tests.models.conftest import WithFiles, modules

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TANH = "torch.nn.modules.activation.Tanh"
POOLING = "Pooling/config.json"


def test_a_model_without_such_files_is_pooled_by_its_mean(saved_model: str) -> None:
    assert sentence_model(saved_model) == SentenceModel(name=saved_model, pooling="mean", max_tokens=256, prefix="")


def test_the_files_say_how_a_text_is_read(with_files: WithFiles) -> None:
    files = {
        "sentence_bert_config.json": {"max_seq_length": 24, "do_lower_case": True},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": "document",
        },
        POOLING: {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False},
    }
    model = with_files({**modules("Transformer", "Pooling", "Normalize"), **files})
    assert sentence_model(model) == SentenceModel(
        name=model, pooling="cls", max_tokens=24, prefix="passage: ", lower_case=True
    )
    assert sentence_model(model, pooling="last", prefix="", max_tokens=30) == SentenceModel(
        name=model, pooling="last", max_tokens=30, prefix="", lower_case=True
    )


def test_a_model_that_reads_far_is_read_256_tokens_far_unless_more_is_asked_for(with_files: WithFiles) -> None:
    model = with_files({**modules("Transformer"), "sentence_bert_config.json": {"max_seq_length": 8192}})
    assert sentence_model(model).max_tokens == 256
    assert sentence_model(model, max_tokens=1024).max_tokens == 1024


def test_prompts_without_a_default_are_not_used(with_files: WithFiles) -> None:
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": None}
    assert sentence_model(with_files({"config_sentence_transformers.json": prompts})).prefix == ""


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode_lasttoken": True, "pooling_mode_mean_tokens": False}, "last"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": ["lasttoken"]}, "last"),
        ({}, "mean"),
    ],
)
def test_old_and_new_names_of_poolings_are_read(with_files: WithFiles, config: dict[str, Any], pooling: str) -> None:
    assert sentence_model(with_files({**modules("Transformer", "Pooling"), POOLING: config})).pooling == pooling


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"pooling_mode_max_tokens": True}, "pools by max, which"),
        ({"pooling_mode": ["cls", "mean"]}, "pools by cls and mean"),
        ({"pooling_mode": "mean", "include_prompt": False}, "without the prompt's tokens"),
    ],
)
def test_another_pooling_is_refused_unless_one_is_chosen(
    with_files: WithFiles, config: dict[str, Any], named: str
) -> None:
    model = with_files({**modules("Transformer", "Pooling"), POOLING: config})
    with pytest.raises(ConfigError, match=named):
        sentence_model(model)
    assert sentence_model(model, pooling="mean").pooling == "mean"


@pytest.mark.parametrize(
    "kinds",
    [
        ["Transformer", "Pooling", "CNN"],
        ["Transformer", "Normalize", "Dense"],
        ["Pooling"],
        ["WordEmbeddings", "Pooling"],
    ],
)
def test_other_modules_are_refused_and_named(with_files: WithFiles, kinds: list[str]) -> None:
    with pytest.raises(ConfigError, match=f"is made of .*{kinds[-1]}"):
        sentence_model(with_files(modules(*kinds)))


def test_a_module_of_the_models_own_code_is_refused(with_files: WithFiles) -> None:
    with pytest.raises(ConfigError, match=r"is made of custom_st\.Transformer"):
        sentence_model(with_files({"modules.json": [{"type": "custom_st.Transformer", "path": ""}]}))


def dense(folder: str, config: dict[str, Any], *, pickled: bool) -> Any:
    """Writes the weights of a Dense module and gives them back."""
    from safetensors.torch import save_file

    torch.manual_seed(3)
    linear = torch.nn.Linear(16, config["out_features"], bias=config["bias"])
    weights = {f"linear.{name}": value.detach() for name, value in linear.state_dict().items()}
    if pickled:
        torch.save(weights, Path(folder, "Dense", "pytorch_model.bin"))
    else:
        save_file(weights, Path(folder, "Dense", "model.safetensors"))
    return linear


def token_mean(model: str, text: str) -> Any:
    tokens = transformers.AutoTokenizer.from_pretrained(model)(text, return_tensors="pt")
    with torch.no_grad():
        return transformers.AutoModel.from_pretrained(model).eval()(**tokens).last_hidden_state[0].mean(0)


@pytest.mark.parametrize("activation", [TANH, "torch.nn.modules.linear.Identity"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_dense_module_comes_behind_the_pooling(with_files: WithFiles, bias: bool, activation: str) -> None:
    config = {"in_features": 16, "out_features": 5, "bias": bias, "activation_function": activation}
    model = with_files({**modules("Transformer", "Pooling", "Dense", "Normalize"), "Dense/config.json": config})
    linear = dense(model, config, pickled=bias)
    texts = pa.array(["the ship left the harbour", "bread", ""])
    rows = load_embedder(Embedding(model=model)).encode(texts)
    with torch.no_grad():
        expected = linear(torch.stack([token_mean(model, text) for text in texts.to_pylist()[:2]]))
    expected = (torch.tanh(expected) if activation == TANH else expected).numpy()
    assert rows.shape == (3, 5)
    assert np.allclose(rows[:2], expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)
    assert not rows[2].any()


def test_the_width_is_known_from_the_files(with_files: WithFiles, saved_model: str) -> None:
    config = {"in_features": 16, "out_features": 5, "bias": True, "activation_function": TANH}
    model = with_files({**modules("Transformer", "Pooling", "Dense"), "Dense/config.json": config})
    assert embedding_width(Embedding(model=model)) == 5
    assert embedding_width(Embedding(model=saved_model)) == 16
    assert embedding_width(Embedding(dimensions=64)) == 64


@pytest.mark.parametrize(
    "more",
    [
        {"activation_function": "torch.nn.modules.activation.ReLU"},
        {"use_residual": True},
        {"module_input_name": "token_embeddings"},
    ],
)
def test_a_dense_module_that_does_more_is_refused(with_files: WithFiles, more: dict[str, Any]) -> None:
    config = {"in_features": 16, "out_features": 5, "activation_function": TANH, **more}
    model = with_files({**modules("Transformer", "Pooling", "Dense"), "Dense/config.json": config})
    with pytest.raises(ConfigError, match="more than linear and tanh"):
        embedding_width(Embedding(model=model))


def test_weights_that_are_missing_are_named(with_files: WithFiles) -> None:
    config = {"in_features": 16, "out_features": 5, "activation_function": TANH}
    model = with_files({**modules("Transformer", "Pooling", "Dense"), "Dense/config.json": config})
    with pytest.raises(ConfigError, match="has no weights in Dense"):
        load_embedder(Embedding(model=model))


def test_the_transformer_may_lie_in_a_folder_of_its_own(saved_model: str, tmp_path: Path) -> None:
    shutil.copytree(saved_model, tmp_path / "0_Transformer")
    listed = [{"type": "sentence_transformers.models.Transformer", "path": "0_Transformer"}]
    (tmp_path / "modules.json").write_text(json.dumps(listed))
    (tmp_path / "0_Transformer" / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 12}))
    model = Embedding(model=str(tmp_path))
    assert sentence_model(str(tmp_path)).max_tokens == 12
    assert embedding_width(model) == 16
    texts = pa.array(["the ship left"])
    assert np.array_equal(load_embedder(model).encode(texts), load_embedder(Embedding(model=saved_model)).encode(texts))
