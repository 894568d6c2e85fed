"""Trains a decoder once and gets the result of several budgets: a trunk at a constant rate, and a branch that decays for each."""

from __future__ import annotations

import contextlib
import copy
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from curator.errors import ConfigError
from curator.models.decoder import Decoder, autocast, parameter_counts
from curator.models.decoder_presets import DecoderShape
from curator.models.decoder_schedule import Schedule, TrainingSettings

Scores = Mapping[str, float]
Points = tuple[tuple[int, dict[str, float]], ...]
"""(tokens seen, scores), ascending."""

CPU_TOKENS = 1_024
"""Of a micro-batch on a core: memory that is in the cache, and not asked from the system each time (8,192: a third slower)."""
GPU_TOKENS = 65_536


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came out: `points`, one a budget, and `curve`, single evaluations along the trunk; seconds with all evaluations."""

    points: Points
    curve: Points
    parameters: int
    non_embedding_parameters: int
    seconds: float


def train(
    shape: DecoderShape,
    tokens: npt.NDArray[np.integer[Any]],
    *,
    settings: TrainingSettings,
    seed: int,
    evaluate: Callable[[Decoder], Scores],
    device: str = "cpu",
) -> Trained:
    """Trains once through a stream of at least settings.tokens + 1 tokens; each budget's point is that of a whole run so long.

    Row r of step s is the `shape.sequence` tokens from (s * rows + r) * sequence on, each of which predicts the next. The seed
    is that of the weights. The same arguments give the same numbers on the same machine with the same number of threads.
    Raises ConfigError where the loss is not finite.
    """
    began = time.perf_counter()
    schedule = Schedule(settings, shape.sequence)
    assert len(tokens) > schedule.last * schedule.batch_tokens, "the stream ends before the training"
    run = _Run(tokens, schedule, evaluate, device)
    with _deterministic(device):
        trunk = _Learner(shape, seed, device)
        points, curve = _trained(trunk, run)
    everything, without_embeddings = parameter_counts(trunk.model)
    return Trained(
        points=points,
        curve=curve,
        parameters=everything,
        non_embedding_parameters=without_embeddings,
        seconds=time.perf_counter() - began,
    )


class _Learner:
    """A model and its optimiser; a deep copy goes its own way."""

    def __init__(self, shape: DecoderShape, seed: int, device: str) -> None:
        self.model = Decoder(shape, seed).to(device)
        parameters = list(self.model.parameters())
        groups = [
            {"params": [parameter for parameter in parameters if parameter.dim() > 1], "weight_decay": 0.1},
            {"params": [parameter for parameter in parameters if parameter.dim() == 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.95), fused=True)

    def step(self, inputs: Any, targets: Any, rate: float, device: str) -> float:
        """Learns from one batch (rows, places) and returns its loss, nats per token."""
        rows = max(1, (CPU_TOKENS if device == "cpu" else GPU_TOKENS) // inputs.shape[1])
        losses = []
        for some, wanted in zip(inputs.split(rows), targets.split(rows), strict=True):
            with autocast(device):
                loss = self.model.loss(some, wanted) / targets.numel()
            loss.backward()
            losses.append(loss.detach())
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        self.optimiser.zero_grad()
        return float(sum(losses))


@dataclass(frozen=True)
class _Run:
    """What the trunk and its branches share."""

    tokens: npt.NDArray[np.integer[Any]]
    schedule: Schedule
    evaluate: Callable[[Decoder], Scores]
    device: str

    def advance(self, learner: _Learner, steps: range, end: int, at: Set[int]) -> dict[int, Scores]:
        """Takes the steps of a schedule that ends at `end`; the scores after those that `at` names."""
        scores = {}
        for step in steps:
            rate = self.schedule.rate(step, end)
            if not np.isfinite(learner.step(*self._batch(step), rate, self.device)):
                raise ConfigError(
                    f"training.learning_rate: the loss is not finite at step {step + 1} of {end}, where the learning rate is "
                    f"{rate:.2g}; set a smaller training.learning_rate"
                )
            if step + 1 in at:
                scores[step + 1] = self.evaluate(learner.model)
        return scores

    def _batch(self, step: int) -> tuple[Any, Any]:
        """The inputs and targets (rows, sequence) of a step."""
        size = self.schedule.batch_tokens
        part = torch.from_numpy(self.tokens[step * size : (step + 1) * size + 1].astype(np.int64)).to(self.device)
        return part[:-1].view(self.schedule.rows, -1), part[1:].view(self.schedule.rows, -1)


def _trained(trunk: _Learner, run: _Run) -> tuple[Points, Points]:
    """The points and the curve. The branch of the longest budget is the end of the trunk."""
    schedule, step, points = run.schedule, 0, []
    curve: dict[int, Scores] = {}
    for end in schedule.ends:
        start = schedule.decay_start(end)
        curve |= run.advance(trunk, range(step, start), schedule.last, schedule.curve)
        wanted = schedule.checkpoints(end)
        at = wanted | schedule.curve if end == schedule.last else wanted
        scores = run.advance(copy.deepcopy(trunk), range(start, end), end, at)
        points.append((end * schedule.batch_tokens, _mean([scores[place] for place in sorted(wanted)])))
        step = start
    curve |= {place: scores[place] for place in schedule.curve & scores.keys()}
    return tuple(points), tuple((place * schedule.batch_tokens, dict(curve[place])) for place in sorted(curve))


def _mean(scores: Sequence[Scores]) -> dict[str, float]:
    return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}


@contextlib.contextmanager
def _deterministic(device: str) -> Iterator[None]:
    """On a GPU the same sums in the same order, where torch has such a kernel; on one thread of a CPU it is so anyway."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    if device != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it
        torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
