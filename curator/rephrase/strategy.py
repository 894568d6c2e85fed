"""A way to rephrase: which documents it fits, what is asked, and what an answer must be like. One YAML file each."""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from curator.config.base import Model, Share
from curator.config.duplicates import Count
from curator.config.load import load_yaml
from curator.config.rephrase import Rephrase, Style, Weight
from curator.config.spelling import hint
from curator.errors import ConfigError
from curator.rephrase.templates import flaw

BUILT_IN = Path(__file__).with_name("strategies")
QualityClass = Literal["low", "medium_low", "medium", "medium_high", "high"]
Parser = Literal["text", "questions", "dialogue", "list", "table"]
Ratio = Annotated[float, Field(ge=0.0, le=100.0)]


class Strategy(Model):
    """One way to rephrase. Documents of `quality` and `languages` (empty: all), of `least_tokens` and more, with at least
    `numbers` numbers in 100 words, are cut into parts of `input_tokens`; each is put into `prompt`, a Jinja template.

    An answer has at most `output_tokens`, begins with the line `opening` (null: none), which is removed, and has the form that
    `parser` reads. Its characters over those of its part are within `length`. Its similarity to the part is within
    `similarity`: 0 is that of random pairs of documents, 1 that of a text to itself. It keeps at least `key_facts` of the part's
    numbers and names. An `appended` answer comes after the original, any other takes its place. `weight` is the strategy's
    part among all.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    style: Style
    weight: Weight
    quality: tuple[QualityClass, ...] = ()
    languages: tuple[str, ...] = ()
    least_tokens: Annotated[int, Field(ge=0)] = 0
    numbers: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    input_tokens: Count
    output_tokens: Count
    opening: Annotated[str, Field(pattern=r"^\S[^\n]*$")] | None = None
    parser: Parser = "text"
    appended: bool = False
    length: tuple[Ratio, Ratio]
    similarity: tuple[Share, Share]
    key_facts: Share
    prompt: str

    @property
    def for_captions(self) -> bool:
        """Whether it is for captions of media, and for nothing else."""
        return self.style == "caption"

    @property
    def goes_on(self) -> bool:
        """Whether the answers for consecutive parts read as one text; those of the others stand side by side."""
        return self.style in ("exposition", "conversation") and not self.appended

    @property
    def version(self) -> str:
        """16 hexadecimal digits of all but the weight, which decides how often something is asked, and not what."""
        content = self.model_dump_json(exclude={"weight"})
        return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()

    def parts_of(self, tokens: int) -> int:
        """Into how many parts a document of so many is cut: where it is more than one, they have a tenth of room for borders.

        As many requests are planned, so that none is made beyond a limit.
        """
        return -(-tokens * 10 // (self.input_tokens * 9)) if tokens > self.input_tokens else min(1, tokens)

    def tokens_out_of(self, tokens: int) -> int:
        """How many tokens are expected to come out of a document of so many: the middle of `length`, within the limits."""
        return min(round(tokens * sum(self.length) / 2), self.parts_of(tokens) * self.output_tokens)

    @field_validator("prompt")
    @classmethod
    def _has_the_text(cls, prompt: str) -> str:
        found = flaw(prompt)
        if found is not None:
            raise ValueError(f"the template {found}")
        return prompt

    @field_validator("length", "similarity")
    @classmethod
    def _is_a_range(cls, limits: tuple[float, float]) -> tuple[float, float]:
        if limits[0] >= limits[1]:
            raise ValueError("the first number must be below the second")
        return limits

    @model_validator(mode="after")
    def _demands_its_opening(self) -> Strategy:
        if self.opening is not None and self.opening not in self.prompt:
            raise ValueError(f"the prompt must demand the opening line: {self.opening}")
        return self


def load_strategies(rephrase: Rephrase) -> tuple[Strategy, ...]:
    """The strategies in use, by name: those that are built in and the user's, or only those in `rephrase.strategies`.

    Weights there replace those of the files; a weight of 0 takes a strategy out. Raises ConfigError with file and mend.
    """
    files = [str(path) for path in sorted(BUILT_IN.glob("*.yaml"))] + _own_files(rephrase.own_strategies)
    known: dict[str, Strategy] = {}
    for file in files:
        strategy = load_yaml(Strategy, file)
        if strategy.name in known:
            raise ConfigError(f"{file}: there is already a strategy {strategy.name}; give this one another name")
        known[strategy.name] = strategy
    weights = {name: strategy.weight for name, strategy in known.items()}
    if rephrase.strategies is not None:
        weights = {_known(name, list(known)): weight for name, weight in rephrase.strategies.items()}
    used = [known[name].model_copy(update={"weight": weight}) for name, weight in weights.items() if weight > 0]
    if not used:
        raise ConfigError("rephrase.strategies: all weights are 0; give at least one strategy a weight")
    return tuple(sorted(used, key=lambda strategy: strategy.name))


def _own_files(pattern: str | None) -> list[str]:
    """The YAML files that `own_strategies` names: a file, a folder of them, or a glob."""
    if pattern is None:
        return []
    files = sorted(glob.glob(f"{pattern}/*.yaml" if Path(pattern).is_dir() else pattern, recursive=True))
    if not files:
        raise ConfigError(
            f"rephrase.own_strategies: {pattern} names no file; give a YAML file, a folder or a glob of them"
        )
    return files


def _known(name: str, names: list[str]) -> str:
    if name in names:
        return name
    meant = hint(name, names, f"there are {', '.join(names)}")
    raise ConfigError(f"rephrase.strategies: there is no strategy {name}; {meant}")
