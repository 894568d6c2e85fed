"""What the YAML says about a model that judges whether a rewrite follows from its source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from curator.config.base import Model, Share
from curator.config.duplicates import Count


class Entailment(Model):
    """A classifier of pairs of texts (natural language inference): the first is the source, the second a sentence of the answer.

    `label` is that of a sentence that follows from the source; each must have at least `least` of it. `batch_tokens` and `dtype`
    as in `embedding`.
    """

    model: str
    label: str = "entailment"
    least: Share = 0.5
    max_tokens: Annotated[int, Field(ge=16)] = 512
    batch_tokens: Count | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    gpus_per_actor: Annotated[float, Field(ge=0.0)] = 0.0
