"""What the YAML says about synthetic text: which documents are rephrased, in which ways, by which engine, and what is let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model, Share
from curator.config.concepts import Name, PositiveShare, Seed
from curator.config.duplicates import Count
from curator.config.engines import HttpEngine, Sampling, TransformersEngine, VllmEngine
from curator.config.entailment import Entailment
from curator.config.sequence import QUALITY_CLASSES
from curator.config.spelling import hint

Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Weights = Mapping[Name, Weight]
Style = Literal["exposition", "list", "questions", "conversation", "exercise", "caption"]
OTHER = "other"


class Choice(Model):
    """Which documents are rephrased. Weights are of language, source, theme, concept (by number) and class of quality, multiplied;
    what is not named weighs 1, or what `other` says.

    `gaps` makes concepts that have less than their quota more likely, up to that many times: synthetic text fills the holes of
    the distribution (BeyondWeb, lesson 2). A document is rephrased at most `variants` times, each time by another strategy.
    """

    language: Weights = Field(default_factory=dict)
    source: Weights = Field(default_factory=dict)
    theme: Weights = Field(default_factory=dict)
    concept: Weights = Field(default_factory=dict)
    quality: Weights = Field(default_factory=dict)
    gaps: Annotated[float, Field(ge=1.0, le=100.0)] = 4.0
    variants: Annotated[int, Field(ge=1, le=16)] = 2

    @model_validator(mode="after")
    def _classes_exist(self) -> Choice:
        classes = (*QUALITY_CLASSES, OTHER)
        strange = next((name for name in self.quality if name not in classes), None)
        if strange is not None:
            meant = hint(strange, classes, f"classes are {', '.join(classes)}")
            raise ValueError(f"quality has no class {strange!r}; {meant}")
        return self


class Limits(Model):
    """What a run may spend, by estimates made before the first request: the choice is cut until it fits. Null: no limit."""

    requests: Count | None = None
    tokens: Count | None = None
    cost: Annotated[float, Field(gt=0.0)] | None = None
    input_price: Annotated[float, Field(ge=0.0)] = 0.0
    output_price: Annotated[float, Field(ge=0.0)] = 0.0

    @model_validator(mode="after")
    def _cost_has_a_price(self) -> Limits:
        if self.cost is not None and self.input_price == 0 and self.output_price == 0:
            raise ValueError("cost needs input_price or output_price, per million tokens")
        return self


class Checks(Model):
    """What an answer must be like. Limits of a strategy itself (length, similarity, key facts) stand in its file.

    `bindings`: the words of a sentence must stand together somewhere in the source, so it is no lie of the source's own words.

    `collapse_share`: of the documents of one strategy at most this share, and never fewer than `collapse_least`, may begin with
    the same words (115 of 1,000 outputs of one model did). `near_duplicates`: none may be like a curated document or another
    rewrite, by the settings of `near`. `quality`: where a run has models of quality, its rule judges what would enter the corpus
    as it judged the documents. `entailment`: a model judges whether each sentence follows from the source.
    """

    numbers: bool = True
    names: bool = True
    negations: bool = True
    bindings: bool = True
    supported_share: Share = 0.6
    language: bool = True
    near_source: PositiveShare = 0.8
    collapse_share: PositiveShare = 0.02
    collapse_least: Count = 5
    heuristics: bool = True
    quality: bool = True
    near_duplicates: bool = True
    entailment: Entailment | None = None


class Rephrase(Model):
    """Rephrased text for the corpus, grounded in its documents: there is no prompt without one.

    `share` is how much of the tokens of the final mix may be synthetic (BeyondWeb: 40 %). `strategies` are weights by name; null
    takes all that are built in with their own. `own_strategies` names YAML files of more. No more than `conversation_share` of
    the synthetic tokens are conversations (what they gain saturates at once). `in_output: false` leaves synthetic text out of
    the output, whatever is stored.

    Captions of media (`input.medium_field`) are all expanded, but the share `original_captions` of them: they take the place of
    what they are made of, and `share` does not count them.
    """

    http: HttpEngine | None = None
    transformers: TransformersEngine | None = None
    vllm: VllmEngine | None = None
    sampling: Sampling = Sampling()
    share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.4
    strategies: Weights | None = None
    own_strategies: str | None = None
    conversation_share: Share = 0.1
    original_captions: Share = 0.05
    choice: Choice = Choice()
    limits: Limits = Limits()
    checks: Checks = Checks()
    in_output: bool = True
    seed: Seed = 1

    @property
    def engine_name(self) -> Literal["http", "transformers", "vllm"]:
        """Which of them is given."""
        return "http" if self.http else "transformers" if self.transformers else "vllm"

    @property
    def engine(self) -> HttpEngine | TransformersEngine | VllmEngine:
        """The one that is given."""
        found = self.http or self.transformers or self.vllm
        assert found is not None, "validated"
        return found

    @property
    def needs_concepts(self) -> str:
        """The setting that a run without concepts cannot do; empty where there is none."""
        named = (kind for kind in ("theme", "concept") if getattr(self.choice, kind))
        return next((f"rephrase.choice.{kind}" for kind in named), "")

    @model_validator(mode="after")
    def _one_engine(self) -> Rephrase:
        given = [name for name in ("http", "transformers", "vllm") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"rephrase needs one engine of http, transformers and vllm, and has {' and '.join(given) or 'none'}"
            )
        return self
