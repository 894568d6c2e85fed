"""From a YAML file and `--set` values to a model, or to one message that names file, line and the nearest valid key."""

from __future__ import annotations

import collections.abc
import json
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from curator.config.base import SECRET
from curator.config.schema import Config
from curator.config.spelling import hint
from curator.errors import ConfigError

KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, str]
Whole = TypeVar("Whole", bound=BaseModel)


def load_config(path: str, settings: Sequence[str] = ()) -> Config:
    """Read the YAML file `path` of a run, apply `key.path=value` settings, validate. Raises ConfigError."""
    return load_yaml(Config, path, settings)


def load_yaml(model: type[Whole], path: str, settings: Sequence[str] = ()) -> Whole:
    """Read the YAML file `path` as the model, apply `key.path=value` settings, validate. Raises ConfigError."""
    values, places = _read_yaml(path, model)
    for setting in settings:
        _apply(values, places, setting)
    try:
        return model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(item, places, path, model) for item in error.errors())) from None


def _read_yaml(path: str, model: type[BaseModel]) -> tuple[dict[str, Any], Places]:
    try:
        node = yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}: must be a mapping with the keys {', '.join(model.model_fields)}")
    places: Places = {(): f"{path}:1"}
    return _construct(node, (), places, path), places


def _construct(node: yaml.Node, at: KeyPath, places: Places, path: str) -> Any:
    """The plain value of a node; notes in `places` where each key stands."""
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in mapping:
                raise ConfigError(f"{path}:{line}: {_dotted((*at, key))} is given twice; remove one")
            places[(*at, key)] = f"{path}:{line}"
            mapping[key] = _construct(value_node, (*at, key), places, path)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            places[(*at, index)] = f"{path}:{item.start_mark.line + 1}"
        return [_construct(item, (*at, index), places, path) for index, item in enumerate(node.value)]
    constructor = yaml.SafeLoader("")
    return constructor.construct_object(node)  # type: ignore[no-untyped-call]


def _apply(values: dict[str, Any], places: Places, setting: str) -> None:
    """Put one `key.path=value` into the values; the value is read as YAML."""
    name, equals, text = setting.partition("=")
    if not equals or not name:
        raise ConfigError(f"--set {setting}: must have the form key.path=value")
    *parents, last = name.split(".")
    target: Any = values
    for key in parents:
        target = _child(target, key, setting)
    at: KeyPath = tuple(int(key) if key.isdigit() else key for key in (*parents, last))
    places[at] = f"--set {setting}"
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {setting}: the value is not valid YAML: {error}") from None
    if isinstance(target, list):
        target[_index(target, last, setting)] = value
    else:
        target[last] = value


def _child(target: Any, key: str, setting: str) -> Any:
    if isinstance(target, list):
        return target[_index(target, key, setting)]
    if target.get(key) is None:
        target[key] = {}
    if not isinstance(target[key], (dict, list)):
        raise ConfigError(f"--set {setting}: {key} holds a value, not a group of keys")
    return target[key]


def _index(target: list[Any], key: str, setting: str) -> int:
    if not key.isdigit() or int(key) >= len(target):
        raise ConfigError(f"--set {setting}: {key} must be a number below {len(target)}")
    return int(key)


def _explain(error: Any, places: Places, path: str, model: type[BaseModel]) -> str:
    at: KeyPath = tuple(error["loc"])
    place = next((places[at[:end]] for end in range(len(at), -1, -1) if at[:end] in places), path)
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key {_dotted(at)}; {_nearest(at, model)}"
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{place}: the key {_dotted(at)} is missing"
    shown = "" if error["type"] == SECRET else f" (it is {json.dumps(error['input'])[:80]})"
    return f"{place}: {_dotted(at) or 'the configuration'}: {message}{shown}"


def _nearest(at: KeyPath, whole: type[BaseModel]) -> str:
    """A hint with the valid key nearest to an unknown one."""
    model = _model_at(at[:-1], whole)
    names = list(model.model_fields) if model else []
    return hint(str(at[-1]), names, f"valid keys are {', '.join(names)}")


def _model_at(at: KeyPath, whole: type[BaseModel]) -> type[BaseModel] | None:
    """The model whose keys stand under the path `at`."""
    model: type[BaseModel] | None = whole
    keys = iter(at)
    for key in keys:
        if isinstance(key, int) or model is None:
            continue
        field = model.model_fields.get(key)
        model = _model_in(field.annotation) if field else None
        if field and typing.get_origin(field.annotation) is collections.abc.Mapping:
            next(keys, None)  # a name that the user chose, such as a language
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `X | None` or `tuple[X, ...]`."""
    if (
        isinstance(annotation, type)
        and not isinstance(annotation, types.GenericAlias)
        and issubclass(annotation, BaseModel)
    ):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part))), None)


def _dotted(at: KeyPath) -> str:
    return ".".join(str(key) for key in at)
