"""What rewrites are held against: the checks of the YAML, and what the run holds its other documents against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curator.config import Config
from curator.config.embedding import Embedding
from curator.config.filters import Filters
from curator.config.quality import Quality
from curator.config.rephrase import Rephrase
from curator.models.embedder import is_transformer
from curator.rephrase.strategy import load_strategies
from curator.steps.embed import needs_fit

LEXICAL = 0.6
"""A faithful rewrite keeps less of the words than of the meaning: by TF-IDF 1 % of 60 faithful ones have less than .36 of the way
from random pairs to the same text, and 95 % of random pairs of 1,500 real documents less than .3; floors are .4 to .5."""


@dataclass(frozen=True, kw_only=True)
class Standards:
    """What a rewrite is held against. Travels to workers."""

    rephrase: Rephrase
    filters: Filters
    embedding: Embedding | None
    decontaminated: float | None
    quality: Quality | None = None

    @staticmethod
    def of(config: Config, rephrase: Rephrase) -> Standards:
        return Standards(
            rephrase=rephrase,
            filters=config.filters,
            embedding=config.embedding if config.budgets is not None else None,
            decontaminated=config.decontamination.item_share if config.decontamination is not None else None,
            quality=config.quality if rephrase.checks.quality else None,
        )

    def settings(self) -> dict[str, Any]:
        """What decides; the embedder, its vectors, the benchmarks, and models and rule of quality are upstream."""
        versions = {strategy.name: strategy.version for strategy in load_strategies(self.rephrase)}
        return {
            "checks": self.rephrase.checks.model_dump(exclude={"near_duplicates"}),
            "filters": self.shape_filters.model_dump() if self.rephrase.checks.heuristics else None,
            "strategies": versions,
            "seed": self.rephrase.seed,
        }

    @property
    def floor_scale(self) -> float:
        """What the least similarity of a strategy is multiplied by: 1 for embedders that read meaning."""
        return LEXICAL if self.embedding is not None and needs_fit(self.embedding) else 1.0

    @property
    def gpus(self) -> float:
        """Of a task that judges answers: what all its models ask for, but no second GPU where each asks for one at most."""
        embedder = (
            self.embedding.gpus_per_actor if self.embedding is not None and is_transformer(self.embedding) else 0.0
        )
        regressor = self.quality.regressor if self.quality is not None else None
        scorer = regressor.gpus_per_actor if regressor is not None else 0.0
        entailment = self.rephrase.checks.entailment
        asked = (embedder, scorer, entailment.gpus_per_actor if entailment is not None else 0.0)
        return min(sum(asked), max(1.0, *asked))

    @property
    def shape_filters(self) -> Filters:
        """The heuristics of the run that judge a text alone: what clean-up removed is known of what was ingested only."""
        return self.filters.model_copy(update={"urls": None, "robots": (), "own": {}, "refinedweb": None})
