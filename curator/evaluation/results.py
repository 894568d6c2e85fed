"""What a training run found, and the shape of `evaluation.json`: the same numbers compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypedDict


@dataclass(frozen=True, kw_only=True)
class Point:
    """Bits per byte of each held-out set after so many tokens of training, repeats counted."""

    tokens: int
    bits_per_byte: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One training run: a corpus, a size and a seed."""

    corpus: str
    model: str
    seed: int
    parameters: int
    non_embedding_parameters: int
    seconds: float
    device: str
    unique_tokens: int
    epochs: float
    """How often the longest budget reads the corpus."""
    points: tuple[Point, ...]
    """One a budget, ascending: each the end of a whole schedule, the mean of its last evaluations."""
    curve: tuple[Point, ...]
    """Single evaluations along the trunk, where the learning rate has not decayed: for the picture only."""

    def to_json(self) -> dict[str, Any]:
        """This result as a plain dict: numbers, text and lists."""
        return asdict(self) | {"points": _points(self.points), "curve": _points(self.curve)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RunResult:
        """The result whose `to_json` this is. Other keys, or too few, raise TypeError."""
        points, curve = (tuple(Point(**point) for point in content[name]) for name in ("points", "curve"))
        return cls(**{**content, "points": points, "curve": curve})


def _points(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    return [{"tokens": point.tokens, "bits_per_byte": dict(point.bits_per_byte)} for point in points]


class CorpusSummary(TypedDict):
    """One corpus trained on by one model, at its largest budget."""

    corpus: str
    seeds: list[int]
    tokens: int
    unique_tokens: int
    epochs: float
    seconds: float  # of training, all seeds together
    bits_per_byte: dict[str, float]  # by held-out set, the mean over seeds
    macro: float  # the mean over the gating sets
    spread: float | None  # standard deviation of the macro average over seeds; None for one seed
    faster: dict[str, Any] | None  # the fields of comparison.Ratio; None for the baseline
    better: dict[str, Any] | None  # the fields of comparison.Difference; None for the baseline


class Checks(TypedDict, total=False):
    """Whether the comparison can be trusted: True as it must be, False not, None too few seeds to tell; absent if not run."""

    copied: bool | None  # the negative control is distinguishably worse
    again: bool | None  # A/A is not distinguishable


class ModelSummary(TypedDict):
    """All corpora trained on by one model."""

    model: str
    parameters: int
    non_embedding_parameters: int
    corpora: list[CorpusSummary]  # the baseline first
    checks: Checks


class ScalingSummary(TypedDict):
    """The scaling law of one corpus: `law` holds E, A, B, alpha and beta of its macro bits per byte, None where nothing fits."""

    law: dict[str, float] | None
    deviation: float | None  # root mean square of the relative error
    reason: str | None  # what could not be fitted, and why
    optimal: dict[str, float] | None  # parameters and tokens that reach the lowest loss with `Summary.flops`


class Summary(TypedDict):
    """What `summary.summarise` makes of the training runs."""

    baseline: str
    gating: list[str]  # the held-out sets of the macro average
    sets: list[str]  # all held-out sets
    models: list[ModelSummary]  # by parameters, ascending
    smaller: dict[str, dict[str, Any]]  # by corpus, the fields of comparison.Ratio; empty for fewer than two models
    flops: float  # 6 * parameters * tokens of the largest run
    scaling: dict[str, ScalingSummary]  # by corpus
    published: dict[str, dict[str, float]]  # by published law, its optimal parameters and tokens for `flops`


class OverlapSummary(TypedDict):
    """What a corpus lost because held-out sets hold the same words: the fields of overlap.Overlap that the report reads."""

    documents: int
    removed_documents: int
    by_set: dict[str, int]


class Evaluation(Summary, total=False):
    """`evaluation.json`, as far as the report reads it."""

    overlap: dict[str, OverlapSummary]  # by corpus
