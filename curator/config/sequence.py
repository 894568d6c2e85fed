"""What the YAML says about the training order: stages with mixtures of their own, and the order inside a stage."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import prod
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from curator.config.base import Model
from curator.config.concepts import Name, Seed
from curator.config.quality import QualityClass

Order = Literal["shuffle", "ascending", "descending", "interleave", "chain"]
Difficulty = Literal["compression", "diversity", "readability", "loss", "length", "quality", "distance"]
Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Weights = Mapping[Name, Weight]
Start = Annotated[float, Field(ge=0.0, lt=1.0)]

OTHER, ORIGINAL = "other", "original"
QUALITY_CLASSES = ("low", *get_args(QualityClass))
DIFFICULTY_CLASSES = ("easy", "medium", "hard")
MEETS_BY_CONCEPT = ("interleave", "chain")
MOST_GROUPS = 10_000  # the mixture of every 1 % of the order is held, and shown in order.json


class Mixture(Model):
    """How many times more a stage takes of documents than their share; weights of several kinds are multiplied.

    By name of the source, the language, the number of the theme, the class of quality and that of difficulty (thirds of the
    tokens; where a measure compares within a language only, of each), and of synthetic text by its strategy, all other being
    `original`. What is not named weighs 1, or what `other` says.
    """

    source: Weights = Field(default_factory=dict)
    language: Weights = Field(default_factory=dict)
    theme: Weights = Field(default_factory=dict)
    quality: Weights = Field(default_factory=dict)
    difficulty: Weights = Field(default_factory=dict)
    synthetic: Weights = Field(default_factory=dict)

    @model_validator(mode="after")
    def _classes_exist(self) -> Mixture:
        for kind, classes in (("quality", QUALITY_CLASSES), ("difficulty", DIFFICULTY_CLASSES)):
            strange = [name for name in getattr(self, kind) if name not in (*classes, OTHER)]
            if strange:
                raise ValueError(f"{kind} has no class {strange[0]!r}: name {', '.join(classes)} or {OTHER}")
        return self


class Sequence(Model):
    """The order in which a model reads the documents; every copy has its own place, and the output is written in that order.

    `stages` begin at shares of the tokens: `[[0.0, {}], [0.8, {quality: {high: 4}}]]` reads the best late. All text is used
    whatever the weights are, each as often as its copies say: weights only say when. Between stages mixtures go by `transition`.
    Inside a stage: `shuffle`; by `difficulty`; `interleave` (documents of a concept far from each other) or `chain` (similar
    documents next to each other, In-Context Pretraining). The copies of a document are spread evenly over the order, and where
    a stage or its order would bring two closer than `copy_distance`, a share of the tokens, they move apart.
    """

    stages: Annotated[tuple[tuple[Start, Mixture], ...], Field(min_length=1, max_length=100)] = ((0.0, Mixture()),)
    transition: Literal["step", "linear"] = "step"
    order: Order = "shuffle"
    difficulty: Difficulty = "compression"
    copy_distance: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    seed: Seed = 1

    @model_validator(mode="after")
    def _stages_rise_from_zero(self) -> Sequence:
        starts = [start for start, _ in self.stages]
        if starts[0] != 0.0 or any(first >= second for first, second in pairwise(starts)):
            raise ValueError("sequence.stages must begin at 0.0 and rise: [[0.0, {...}], [0.8, {...}]]")
        return self

    @model_validator(mode="after")
    def _groups_are_few(self) -> Sequence:
        named = [
            {name for _, mixture in self.stages for name in getattr(mixture, kind)} - {OTHER}
            for kind in Mixture.model_fields
        ]
        count = prod(len(names) + 1 for names in named)
        if count > MOST_GROUPS:
            raise ValueError(
                f"sequence.stages tell {count:,} groups of documents apart, at most {MOST_GROUPS:,} can be: name fewer of those "
                f"kinds of which every combination counts, or leave small ones to {OTHER}"
            )
        return self

    @property
    def needs_concepts(self) -> str:
        """The setting that a run without concepts cannot do; empty where there is none."""
        if self.order in MEETS_BY_CONCEPT:
            return f"sequence.order: {self.order}"
        if self.asks_difficulty and self.difficulty == "distance":
            return "sequence.difficulty: distance"
        return "sequence.stages by theme" if any(mixture.theme for _, mixture in self.stages) else ""

    @property
    def asks_difficulty(self) -> bool:
        """Whether documents have to be measured."""
        return self.order in ("ascending", "descending") or any(mixture.difficulty for _, mixture in self.stages)
