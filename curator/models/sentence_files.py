"""What the files of a sentence-transformers model say about it, read without that package.

modules.json                        Transformer, Pooling, Dense ..., Normalize: what a text goes through
sentence_bert_config.json           max_seq_length, do_lower_case
config_sentence_transformers.json   prompts, default_prompt_name
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.errors import ConfigError
from curator.models.pooling import Pooling

USUAL_TOKENS = 256
"""How far a text is read where nobody says more: the cost grows with it, and a topic shows in the first 200 words."""
ONLY_A_TRANSFORMER = {"type": "sentence_transformers.models.Transformer", "path": ""}
ORDER = re.compile(r"Transformer(,Pooling)?(,Dense)*(,Normalize)?")
MODES: dict[str, Pooling] = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
OLD_MODES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "lasttoken",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}


@dataclass(frozen=True, kw_only=True)
class SentenceModel:
    """A transformer by name or path and how texts are put through it. `dense` are folders of layers behind the pooling."""

    name: str
    subfolder: str = ""
    pooling: Pooling = "mean"
    max_tokens: int = USUAL_TOKENS
    prefix: str = ""
    lower_case: bool = False
    dense: tuple[str, ...] = ()


def sentence_model(
    name: str, *, pooling: Pooling | None = None, prefix: str | None = None, max_tokens: int | None = None
) -> SentenceModel:
    """The model as its files describe it, else with mean pooling; what is given here goes first. `max_tokens` None: the model's
    own, at most 256. Raises ConfigError for a module or a pooling that curator does not know.
    """
    paths = _paths(name, model_json(name, "modules.json") or [ONLY_A_TRANSFORMER])
    subfolder = paths["Transformer"][0]
    text = model_json(name, f"{subfolder}/sentence_bert_config.json") or {}
    prompts = model_json(name, "config_sentence_transformers.json") or {}
    return SentenceModel(
        name=name,
        subfolder=subfolder,
        pooling=pooling or _pooling(name, paths.get("Pooling", [])),
        max_tokens=max_tokens or min(USUAL_TOKENS, text.get("max_seq_length") or USUAL_TOKENS),
        prefix=prompts.get("prompts", {}).get(prompts.get("default_prompt_name"), "") if prefix is None else prefix,
        lower_case=bool(text.get("do_lower_case")),
        dense=tuple(paths.get("Dense", [])),
    )


def model_json(name: str, path: str) -> Any:
    """A JSON file of a model, or None where the model has none."""
    found = model_file(name, path.strip("/"))
    return None if found is None else json.loads(found.read_text(encoding="utf-8"))


def model_file(name: str, path: str) -> Path | None:
    """Where a file of a model lies: in its folder, or in the cache of the Hugging Face hub, fetched if need be."""
    if Path(name).is_dir():
        return Path(name, path) if Path(name, path).is_file() else None
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return Path(hf_hub_download(name, path))
    except EntryNotFoundError:  # also: not in the cache of a machine without internet
        return None


def _paths(name: str, modules: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The folders of the modules by kind. Raises ConfigError where one is unknown, or stands in another order."""
    paths: dict[str, list[str]] = {}
    for module in modules:
        paths.setdefault(module["type"].rpartition(".")[2], []).append(module["path"])
    package = {module["type"].partition(".")[0] for module in modules}
    kinds = [module["type"].rpartition(".")[2] for module in modules]
    if package != {"sentence_transformers"} or not ORDER.fullmatch(",".join(kinds)):
        raise ConfigError(
            f"embedding.model: {name} is made of {', '.join(module['type'] for module in modules)}; curator knows Transformer, "
            "Pooling, Dense and Normalize, in this order: name another model, or a class of your own in embedding.own"
        )
    return paths


def _pooling(name: str, folders: Sequence[str]) -> Pooling:
    if not folders:
        return "mean"
    config = model_json(name, f"{folders[0]}/config.json") or {}
    modes = config.get("pooling_mode") or [mode for key, mode in OLD_MODES.items() if config.get(key)] or ["mean"]
    modes = [modes] if isinstance(modes, str) else modes
    if len(modes) > 1 or modes[0] not in MODES or config.get("include_prompt") is False:
        without = " without the prompt's tokens" if config.get("include_prompt") is False else ""
        raise ConfigError(
            f"embedding.model: {name} pools by {' and '.join(modes)}{without}, which curator does not know; "
            "choose embedding.pooling: mean, cls or last, or another model"
        )
    return MODES[modes[0]]
