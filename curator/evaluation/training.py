"""One training run: a corpus, a size and a seed, from tokens to bits per byte. Its result is one file, and is not made twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator.config.evaluation import AGAIN, CONTROLS, Evaluation
from curator.evaluation.data import Data
from curator.evaluation.documents import HeldOutSet, read_documents, read_sets, vocabulary_size
from curator.evaluation.results import Point, RunResult
from curator.evaluation.streams import Stream, token_stream

VERSION = 1
OTHER_SEEDS = 1_000_003  # added to the seeds of the A/A comparison
EVALUATED_TOKENS = {"cpu": 1_024, "cuda": 65_536}  # padded ones at once


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one task is told. Travels to workers."""

    config: Evaluation
    data: Data
    corpus: str
    model: str
    seed: int

    @property
    def name(self) -> str:
        """Names the file of its result; the hash is of what decides that."""
        settings = self.config.training.model_dump(exclude={"seeds", "threads"})
        decides = [
            VERSION,
            self.data.corpora.get(self.corpus, self.data.corpora[self.config.baseline]),
            settings,
            self.corpus,
            self.model,
            self.seed,
        ]
        digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:8]
        return f"{self.corpus}-{self.model}-{self.seed}-{digest}.json"


def planned(config: Evaluation, data: Data) -> Iterator[Run]:
    """All runs, the baseline's first: corpora and controls, by size and seed. The controls are of the smallest size alone."""
    for model in config.models:
        controls = CONTROLS if model == config.models[0] else ()
        for corpus in (*config.corpora, *controls):
            for seed in config.training.seeds:
                other = OTHER_SEEDS if corpus == AGAIN else 0
                yield Run(config=config, data=data, corpus=corpus, model=model, seed=seed + other)


def train_run(run: Run, device: str) -> RunResult:
    """Train and measure. The same run gives the same numbers on the same machine with the same number of threads."""
    import torch

    from curator.models.decoder import Decoder
    from curator.models.decoder_presets import PRESETS
    from curator.models.decoder_schedule import TrainingSettings
    from curator.models.decoder_training import train

    training, preset = run.config.training, PRESETS[run.model]
    torch.set_num_threads(training.threads)
    sets = read_sets(run.data, list(run.config.heldout))
    stream = _stream(run)

    def evaluate(model: Decoder) -> dict[str, float]:
        return {name: _bits_per_byte(model, held, training.sequence, device) for name, held in sets.items()}

    trained = train(
        preset.shape(vocabulary=vocabulary_size(run.data), sequence=training.sequence),
        stream.tokens,
        settings=TrainingSettings(
            tokens=training.tokens,
            budgets=training.budgets,
            batch_tokens=training.batch_tokens,
            learning_rate=training.learning_rate or preset.learning_rate,
            decay_share=training.decay_share,
            warmup_share=training.warmup_share,
            checkpoints=training.checkpoints,
        ),
        seed=run.seed,
        evaluate=evaluate,
        device=device,
    )
    return RunResult(
        corpus=run.corpus,
        model=run.model,
        seed=run.seed,
        parameters=trained.parameters,
        non_embedding_parameters=trained.non_embedding_parameters,
        seconds=trained.seconds,
        device=device,
        unique_tokens=stream.unique_tokens,
        epochs=stream.epochs,
        points=_points(trained.points),
        curve=_points(trained.curve),
    )


def _stream(run: Run) -> Stream:
    wanted = run.config.training.tokens
    documents = read_documents(run.data, run.corpus, baseline=run.config.baseline, tokens=wanted)
    ordered = run.corpus in run.config.corpora and run.config.corpora[run.corpus].ordered
    return token_stream(
        documents.tokens, documents.offsets, documents.copies, wanted=wanted, seed=run.seed, ordered=ordered
    )


def _bits_per_byte(model: Any, held: HeldOutSet, sequence: int, device: str) -> float:
    from curator.models.bits_per_byte import bits_per_byte

    batch_tokens = EVALUATED_TOKENS[device]
    return bits_per_byte(
        model, held.documents, held.byte_counts, sequence=sequence, batch_tokens=batch_tokens, device=device
    )


def _points(points: Any) -> tuple[Point, ...]:
    return tuple(Point(tokens=tokens, bits_per_byte=scores) for tokens, scores in points)
