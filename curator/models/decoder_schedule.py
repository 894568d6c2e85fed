"""When a decoder learns how fast: warm-up, a constant rate, and for every budget a branch that decays to zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LAST_SHARE = 0.05  # of a budget's tokens: its evaluations are spread over them
CURVE = 8  # evaluations along the trunk


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """A warm-up, a constant rate, a linear decay (Hägele 2024, arXiv 2405.18392).

    `budgets`: ascending shares of `tokens`. `warmup_share`: of `tokens`, so the same warm-up for every budget. `decay_share`: of
    each budget. `checkpoints`: how many evaluations are averaged; fewer where the last 5 % of a budget have fewer steps.
    """

    tokens: int
    budgets: Sequence[float]
    batch_tokens: int
    learning_rate: float
    decay_share: float = 0.2
    warmup_share: float = 0.05
    checkpoints: int = 5


class Schedule:
    """Which step does what. A budget is known by its end, the number of its steps."""

    def __init__(self, settings: TrainingSettings, sequence: int) -> None:
        self.rows = max(1, settings.batch_tokens // sequence)
        self.batch_tokens = self.rows * sequence
        self.ends = [max(1, int(share * settings.tokens) // self.batch_tokens) for share in settings.budgets]
        self.last = self.ends[-1]
        self.curve = {max(1, round(self.last * part / CURVE)) for part in range(1, CURVE + 1)}
        self._settings = settings
        self._warmup = max(1, round(settings.warmup_share * self.last))

    def decay_start(self, end: int) -> int:
        """The step at which the branch of a budget leaves the trunk."""
        return end - max(1, round(self._settings.decay_share * end))

    def rate(self, step: int, end: int) -> float:
        """The learning rate of a step, counted from 0, on the way to `end`."""
        left = (end - step) / (end - self.decay_start(end))
        return self._settings.learning_rate * min(1.0, (step + 1) / self._warmup, left)

    def checkpoints(self, end: int) -> set[int]:
        """After how many steps a budget's evaluations are made."""
        count = self._settings.checkpoints
        first = self.decay_start(end) + 1
        return {max(first, end - round(LAST_SHARE * end * part / count)) for part in range(count)}
