"""What the YAML says about the document embedder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from curator.config.base import Model
from curator.config.duplicates import Count


class OwnEmbedder(Model):
    """A class of the user's own, `module:Class`, made once in each actor with `settings`; it has one method, `encode`, that
    gives `dimensions` numbers for each text (docs/extending.md).
    """

    name: Annotated[str, Field(alias="class", pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    dimensions: Count
    settings: Mapping[str, Any] = {}


class Embedding(Model):
    """The embedder: `tfidf` (fitted on the corpus), the name or path of a transformer, or a class of your own.

    `dimensions` and `sample_documents` are of tfidf. Of a transformer, what is null is what the model itself says
    (sentence-transformers' files), else mean pooling without a prefix; `max_tokens: null` is the model's own limit, at most 256.
    `windows: mean` embeds a long document as the mean of its windows of `max_tokens`, weighted by their tokens, `first` as its
    first window; `max_characters` bounds both. `batch_tokens: null` is 2,048 padded tokens on the CPU and 65,536 on a GPU.
    `dtype: auto` is bfloat16 on a GPU and float32 on the CPU.
    """

    model: str = "tfidf"
    own: OwnEmbedder | None = None
    dimensions: Annotated[int, Field(ge=2)] = 128
    sample_documents: Count = 10_000
    max_characters: Count = 5_000
    max_tokens: Count | None = None
    batch_tokens: Count | None = None
    pooling: Literal["mean", "cls", "last"] | None = None
    prefix: str | None = None
    windows: Literal["first", "mean"] = "first"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    compile: bool = False
    actors: Count = 2
    gpus_per_actor: Annotated[float, Field(ge=0.0)] = 0.0
    seed: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _one_embedder(self) -> Embedding:
        if self.own is not None and "model" in self.model_fields_set:
            raise ValueError("give embedding.model or embedding.own, not both")
        return self
