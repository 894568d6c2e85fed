"""What the YAML says about concepts: how they are found, how varied they are, what stays of each, and how often it is repeated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model, Share
from curator.config.duplicates import Count

PositiveShare = Annotated[float, Field(gt=0.0, le=1.0)]
Seed = Annotated[int, Field(ge=0)]
Measure = Literal["intra", "inter", "product", "participation", "bits_per_letter", "vocabulary_growth"]
Fill = Literal["farthest", "nearest", "random", "quality", "coverage", "density"]
Name = Annotated[str, Field(coerce_numbers_to_str=True, strict=False)]
MixedBy = Literal["concept", "theme", "source", "language"]


class Concepts(Model):
    """Spherical k-means over the embeddings, once so that repeats meet (cells) and, without them, once more (concepts).

    `count` null is about the square root of the number of documents; `themes` null about that of the number of concepts. A cell of
    more than `max_cell_documents` is clustered again, so that its work is shared.
    """

    count: Count | None = None
    themes: Count | None = None
    iterations: Count = 20
    sample_per_concept: Count = 128
    max_cell_documents: Annotated[int, Field(ge=100)] = 50_000
    terms: Annotated[int, Field(ge=1, le=100)] = 8
    on_gpu: bool = False
    seed: Seed = 1


class Redundancy(Model):
    """Semantic duplicates: a document is one if a better document of its cell has at least this cosine similarity.

    The default fits the tfidf embedder: most pairs above it are one template with other facts, or one story told twice. With a
    transformer 0.95 is usual (SemDeDup). With `distinct_share` the similarity is chosen so that about this share of the documents
    is distinct (D4: 0.75).
    """

    similarity: PositiveShare = 0.98
    distinct_share: PositiveShare | None = None


class Complexity(Model):
    """How varied a concept is, measured on about `sample_documents` of its distinct documents and their beginnings.

    docs/concepts.md compares the measures. All are in `concepts.parquet`; `measure` is the one that budgets go by.
    """

    measure: Measure = "bits_per_letter"
    neighbours: Count = 20
    sample_documents: Annotated[int, Field(ge=8)] = 128
    sample_characters: Annotated[int, Field(ge=100)] = 1_000
    seed: Seed = 1


class Budgets(Model):
    """What stays of each concept: a quota that grows with its variety, and of each semantic group one document to `max_repeats`.

    The target is `keep_documents`, `keep_tokens`, or else `keep_share` of the documents. A concept's share is its effective
    number of documents (alike ones count together) times softmax(complexity / temperature) of the standardised complexity; with
    `share_ratio` instead, the largest of these factors is that many times the smallest. `floor` is the least part of an equal
    share that a concept gets. `fill` says which documents fill a quota; repeats come after all distinct documents.
    """

    keep_share: PositiveShare = 0.8
    keep_documents: Count | None = None
    keep_tokens: Count | None = None
    share_ratio: Annotated[float, Field(ge=1.0)] = 3.0
    temperature: Annotated[float, Field(gt=0.0)] | None = None
    floor: Share = 0.1
    max_repeats: Count = 3
    fill: Fill = "farthest"
    seed: Seed = 1

    @model_validator(mode="after")
    def _one_target(self) -> Budgets:
        if self.keep_documents is not None and self.keep_tokens is not None:
            raise ValueError("give one of keep_documents and keep_tokens")
        return self


class QualityCurve(Model):
    """Better documents more often (OLMo 3): of 20 ranks of quality none below `drop_share`, then C (x - drop_share)^exponent."""

    drop_share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.4
    exponent: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0


class Rebalance(Model):
    """How often each document is repeated, so that groups (`by`) get their part of the tokens: whole copies, 0 to `max_passes`.

    `temperature`: parts are size^(1/temperature). `unimax`: equal parts. `mixture`: the named parts, others share by size what is
    left. `size`: parts are as they are. What would be repeated more often than `max_passes` is given to the other groups (UniMax's
    water-filling). `tokens` null: as many as were selected. Up to 4 passes are nearly as good as new text (Muennighoff 2023).
    Copies multiply those of `duplicates.rehydrate`, which count as text that is there.
    """

    by: MixedBy = "theme"
    method: Literal["size", "temperature", "unimax", "mixture"] = "temperature"
    temperature: Annotated[float, Field(ge=1.0)] = 2.0
    mixture: dict[Name, Share] = Field(default_factory=dict)
    quality: QualityCurve | None = None
    tokens: Count | None = None
    max_passes: Annotated[int, Field(ge=1, le=100)] = 4
    seed: Seed = 1

    @model_validator(mode="after")
    def _mixture_is_one(self) -> Rebalance:
        if (self.method == "mixture") != bool(self.mixture):
            raise ValueError("method: mixture and the key mixture go together")
        if sum(self.mixture.values()) > 1 + 1e-9:
            raise ValueError("the parts of mixture add up to more than 1")
        return self
