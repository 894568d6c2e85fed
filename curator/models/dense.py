"""The layers that some sentence-transformers models have behind the pooling: linear, then perhaps tanh."""

from __future__ import annotations

from typing import Any

from curator.errors import ConfigError
from curator.models.sentence_files import SentenceModel, model_file, model_json

IDENTITY = "torch.nn.modules.linear.Identity"
TANH = "torch.nn.modules.activation.Tanh"
SENTENCE = "sentence_embedding"


def dense_layers(model: SentenceModel) -> Any:
    """A torch module from pooled to final vectors, float32; does nothing where the model has no such layers."""
    import torch

    layers: list[Any] = []
    for folder in model.dense:
        config = dense_config(model, folder)
        linear = torch.nn.Linear(config["in_features"], config["out_features"], bias=config.get("bias", True))
        linear.load_state_dict({name.removeprefix("linear."): value for name, value in _weights(model, folder).items()})
        layers.append(linear)
        if config.get("activation_function", TANH) == TANH:
            layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers)


def dense_config(model: SentenceModel, folder: str) -> dict[str, Any]:
    """The settings of one layer. Raises ConfigError for one that is more than linear and tanh."""
    config: dict[str, Any] = model_json(model.name, f"{folder}/config.json") or {}
    plain = config.get("activation_function", TANH) in (TANH, IDENTITY) and not config.get("use_residual")
    if not plain or config.get("module_input_name", SENTENCE) != SENTENCE:
        raise ConfigError(
            f"embedding.model: the layer {folder} of {model.name} is more than linear and tanh over the pooled vector; name "
            "another model, or a class of your own in embedding.own"
        )
    return config


def _weights(model: SentenceModel, folder: str) -> dict[str, Any]:
    import torch
    from safetensors.torch import load_file

    safe = model_file(model.name, f"{folder}/model.safetensors")
    if safe is not None:
        return dict(load_file(safe))
    pickled = model_file(model.name, f"{folder}/pytorch_model.bin")
    if pickled is None:
        raise ConfigError(f"embedding.model: {model.name} has no weights in {folder}; get the whole model again")
    return dict(torch.load(pickled, map_location="cpu", weights_only=True))
