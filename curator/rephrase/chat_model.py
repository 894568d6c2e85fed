"""What the files of a model say about chats: its template, the tokens that end an answer, how much it reads. Reads no weights.

Both engines that run a model themselves make their prompts here, so that they send the same tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from curator.config.engines import TransformersEngine, VllmEngine
from curator.errors import ConfigError

NO_THINKING = {"enable_thinking": False}
"""For templates of models that can think first (Qwen3, SmolLM3); others do not look at it. A paraphrase needs none."""


class ChatModel:
    """A model by name or folder. `ends` are the tokens that end an answer; `window` how many tokens prompt and answer may have
    together, None where the files set no limit.

    Raises ConfigError for a model that cannot be loaded, or has no chat template or no end token.
    """

    def __init__(self, name: str) -> None:
        with loading(name):
            import transformers

            self._tokenizer = transformers.AutoTokenizer.from_pretrained(name)
            config = transformers.AutoConfig.from_pretrained(name)
        if not self._tokenizer.chat_template:
            raise ConfigError(
                f"the model {name} has no chat template; name one that is tuned to follow instructions (often called Instruct)"
            )
        self.ends = _ends(name, self._tokenizer, config)
        if not self.ends:
            raise ConfigError(
                f"the model {name} names no token that ends an answer; set eos_token_id in its config.json"
            )
        self.window: int | None = getattr(config.get_text_config(), "max_position_embeddings", None)
        self.padding: int = self.ends[0] if self._tokenizer.pad_token_id is None else self._tokenizer.pad_token_id

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of a chat (`role` and `content`), up to where the answer begins.

        The template writes the token that begins a text, if the model has one: a tokenizer asked for special tokens too would
        add it a second time. Raises jinja2.TemplateError where the template takes no such chat.
        """
        text = self._tokenizer.apply_chat_template(
            [dict(message) for message in messages], tokenize=False, add_generation_prompt=True, **NO_THINKING
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens of an answer say, without special ones."""
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def check_model(config: TransformersEngine | VllmEngine) -> None:
    """Raises ConfigError where the model cannot answer chats. Needs torch and transformers, and fetches all but the weights."""
    import jinja2
    import transformers

    try:
        ChatModel(config.model).prompt([{"role": "user", "content": "a text"}])
    except jinja2.TemplateError as error:
        raise ConfigError(
            f"the model {config.model} has a chat template that takes no message of a user: {error}"
        ) from error
    with loading(config.model):
        kind = type(transformers.AutoConfig.from_pretrained(config.model))
    if kind not in transformers.MODEL_FOR_CAUSAL_LM_MAPPING and isinstance(config, TransformersEngine):
        raise ConfigError(
            f"the model {config.model} ({kind.__name__}) does not write text; name a language model with a decoder"
        )


@contextmanager
def loading(name: str) -> Iterator[None]:
    """What the libraries raise for a model that is not there or is damaged becomes a ConfigError."""
    try:
        yield
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ConfigError(f"the model {name} cannot be loaded: {first_line}") from error


def _ends(name: str, tokenizer: Any, config: Any) -> tuple[int, ...]:
    """In order. Models tuned to chats end a turn, and name it in generation_config.json or in the tokenizer, not always in both."""
    import transformers

    try:
        named = [transformers.GenerationConfig.from_pretrained(name).eos_token_id]
    except OSError:  # it has no such file
        named = []
    found: set[int] = set()
    for ends in (*named, getattr(config, "eos_token_id", None), tokenizer.eos_token_id):
        found |= set(ends if isinstance(ends, list) else [] if ends is None else [ends])
    return tuple(sorted(found))
