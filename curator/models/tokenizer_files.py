"""Tokenizers by path or name: their tokenizer.json, what it is loaded to, and the token that ends their texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from curator.errors import ConfigError
from curator.models.sentence_files import model_file, model_json
from curator.store.files import Folder, filesystem_for

TOKENIZER_CONFIG, SPECIAL_TOKENS = "tokenizer_config.json", "special_tokens_map.json"
END_TOKENS = ("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[EOS]", "<|end|>", "[SEP]")
"""Names that end a text in well-known tokenizers: GPT-2, Llama 3, Llama 2, Gemma, ..., those trained here, BERT."""


def tokenizers_library() -> Any:
    """The package `tokenizers`, at work on one core. Raises ConfigError where it is not installed."""
    try:
        import tokenizers
    except ImportError as error:
        raise ConfigError("tokens need the package tokenizers: pip install 'curator[models]'") from error
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one worker, one core
    return tokenizers


def read_tokenizer(path: str) -> bytes:
    """The tokenizer.json at `path`: a file, local or by URI, or a folder or name of Hugging Face.

    Raises ConfigError where there is none; a model that has another form of it is converted by transformers.
    """
    return _json_file(path) if _is_file(path) else _of_hub(path)


def built(content: bytes) -> Any:
    """The `tokenizers.Tokenizer` of a tokenizer.json; no limits, no chance, and what looks like a special token is text.

    Raises ConfigError where `content` is something else.
    """
    library = tokenizers_library()
    try:
        tokenizer = library.Tokenizer.from_buffer(content)
    except ValueError as error:
        raise ConfigError(f"tokenizer.path: not a tokenizer.json: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    if getattr(tokenizer.model, "dropout", None):  # BPE-dropout: other tokens each time, for training only
        tokenizer.model.dropout = None
    return tokenizer


def end_token_of(path: str, tokenizer: Any, wanted: str | None) -> str:
    """The token that ends a text: `wanted`, or the tokenizer's own by the files beside it, or by a well-known name.

    Raises ConfigError where the tokenizer has none of them.
    """
    names = [wanted] if wanted is not None else [*_own_end_tokens(path), *END_TOKENS]
    found = next((name for name in names if tokenizer.token_to_id(name) is not None), None)
    if found is None and wanted is not None:
        raise ConfigError(f"tokenizer.end_token: {wanted} is no token of {path}; name one that it has, or null")
    if found is None:
        raise ConfigError(
            f"tokenizer.path: {path} does not say which token ends a text; name it as tokenizer.end_token"
        )
    return found


def _own_end_tokens(path: str) -> Iterator[str]:
    """What the files beside a tokenizer.json call the end of a text."""
    import orjson

    for name in (TOKENIZER_CONFIG, SPECIAL_TOKENS):
        if _is_file(path):
            content = _beside(path).get(name)
            settings = orjson.loads(content) if content else None
        else:
            settings = model_json(path, name)
        token = (settings or {}).get("eos_token")
        token = token.get("content") if isinstance(token, dict) else token
        if token:
            yield str(token)


def _is_file(path: str) -> bool:
    return path.partition("?")[0].endswith(".json")


def _beside(path: str) -> Folder:
    inside, mark, query = path.partition("?")
    return Folder(f"{inside.rpartition('/')[0]}{mark}{query}")


def _json_file(path: str) -> bytes:
    try:
        filesystem, inside = filesystem_for(path)
        with filesystem.open_input_stream(inside, compression=None) as stream:
            return bytes(stream.read())
    except (OSError, ValueError) as error:
        raise ConfigError(f"tokenizer.path: {path} cannot be read: {error}") from error


def _of_hub(name: str) -> bytes:
    try:
        file = model_file(name, "tokenizer.json")
        return file.read_bytes() if file is not None else _converted(name)
    except ImportError as error:
        raise ConfigError(f"tokenizer.path: {name} needs transformers: pip install 'curator[models]'") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"tokenizer.path: {name} cannot be loaded: {str(error).strip().splitlines()[0]}") from error


def _converted(name: str) -> bytes:
    """The tokenizer.json that transformers makes of a model's other files."""
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    if not tokenizer.is_fast or len(tokenizer) <= len(tokenizer.all_special_tokens):  # it makes up an empty one
        raise ConfigError(f"tokenizer.path: {name} has no tokenizer.json; name another")
    return str(tokenizer.backend_tokenizer.to_str()).encode()
