"""What the YAML says about quality: which models score a document, how their ranks are combined, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Fields, Model
from curator.config.duplicates import Count

Fitted = Literal["classifier", "importance", "perplexity"]
QualityClass = Literal["medium_low", "medium", "medium_high", "high"]
"""The classes of `curator.algorithms.quality_ranks.quality_classes` but the lowest."""
Combine = Literal["mean", "max"]


class Texts(Model):
    """Texts beside the corpus: a file, folder or glob of any format that `input` reads, and the fields that are the text."""

    path: str
    text_field: str | Fields = "text"


class Fasttext(Model):
    """A fastText classifier (`.bin`), such as DCLM's; the score is the probability of `label`."""

    path: str
    label: str


class Regressor(Model):
    """A transformer with a head of one number (FineWeb-Edu's), or a classifier of which `label` is the wanted class.

    `batch_tokens` and `dtype` as in `embedding`.
    """

    model: str
    label: str | None = None
    max_tokens: Count = 512
    batch_tokens: Count | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    actors: Count = 2
    gpus_per_actor: Annotated[float, Field(ge=0.0)] = 0.0


class Quality(Model):
    """Scores of several models, each as 20 equal ranks inside a language, combined, and what that decides.

    `models` are fitted in the run on `sample_documents`: a classifier of good texts against random ones, importance weights
    towards the good ones (DSIR), and typicality under a language model of the good ones. Good are the texts of `positives`, or else
    question-and-answer- and reference-shaped documents found in the corpus. `keep_share` of the documents of each language stay,
    the best ones; with `temperature` they are drawn with p ~ exp(s / temperature) instead (QuRating: 2). Documents of the
    class `spared` or above stay whatever the heuristics say (Nemotron-CC). Of the texts in `watched`, by name, the report says what
    share the same rule would keep: dialects, plain prose, whatever must not get lost.
    """

    models: tuple[Fitted, ...] = ("classifier", "importance", "perplexity")
    positives: Texts | None = None
    fasttext: Fasttext | None = None
    regressor: Regressor | None = None
    combine: Combine = "mean"
    keep_share: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    temperature: Annotated[float, Field(gt=0.0)] | None = None
    spared: QualityClass | None = None
    watched: Mapping[str, Texts] = Field(default_factory=dict)
    sample_documents: Annotated[int, Field(ge=1_000)] = 20_000
    sample_characters: Count = 5_000
    rank_documents: Annotated[int, Field(ge=1_000)] = 200_000
    language_documents: Count = 500
    seed: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _at_least_one_model(self) -> Quality:
        if not self.models and self.fasttext is None and self.regressor is None:
            raise ValueError("name at least one of quality.models, or quality.fasttext, or quality.regressor")
        if len(set(self.models)) < len(self.models):
            raise ValueError("quality.models names a model twice")
        return self
