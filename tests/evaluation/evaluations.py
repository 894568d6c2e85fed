"""Invented training runs whose corpora are so many times faster than another, with noise of seeds, sets and evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from curator.config.evaluation import AGAIN
from curator.evaluation.results import Point, RunResult

SETS = {"prose": 0.0, "reference": -0.2, "code": -0.5, "web": 0.1}
GATING = ["prose", "reference", "code"]
TOKENS = (150_000, 300_000, 600_000)


def runs(
    speeds: Mapping[str, float],
    *,
    seeds: Sequence[int] = (1, 2, 3),
    sizes: Mapping[str, int] | None = None,
    noise: float = 0.002,
) -> list[RunResult]:
    """One result a model, corpus and seed; the corpus "again" has seeds of its own."""
    generator = np.random.default_rng(1)
    results = []
    for model, parameters in (sizes or {"nano": 800_000}).items():
        of_seed = {seed: generator.normal(0, 5 * noise) for seed in seeds}
        for corpus, speed in speeds.items():
            for seed in seeds:
                common = generator.normal(0, 5 * noise) if corpus == AGAIN else of_seed[seed]
                points = tuple(
                    Point(
                        tokens=tokens,
                        bits_per_byte={
                            name: 1.1 + 8 / parameters**0.2 + 28 / (tokens * speed) ** 0.27 + base + common + rest
                            for (name, base), rest in zip(SETS.items(), generator.normal(0, noise, 4), strict=True)
                        },
                    )
                    for tokens in TOKENS
                )
                results.append(
                    RunResult(
                        corpus=corpus,
                        model=model,
                        seed=seed + 100 * (corpus == AGAIN),
                        parameters=parameters,
                        non_embedding_parameters=parameters // 2,
                        seconds=10.0,
                        device="cpu",
                        unique_tokens=400_000,
                        epochs=1.5,
                        points=points,
                        curve=tuple(
                            Point(
                                tokens=point.tokens, bits_per_byte={n: b + 0.1 for n, b in point.bits_per_byte.items()}
                            )
                            for point in points
                        ),
                    )
                )
    return results
