"""The schema of `curator evaluate`: which corpora are compared, on which held-out texts, by models of which size and training."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model
from curator.config.load import load_yaml
from curator.config.schema import Output, Resources

ModelSize = Literal["nano", "4m", "20m", "60m"]
Count = Annotated[int, Field(ge=1, le=10**13)]
Portion = Annotated[float, Field(gt=0.0, le=1.0)]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
COPIED = "copied"
"""The negative control: the baseline, half of its documents replaced by copies of the other half."""
AGAIN = "again"
"""The A/A comparison: the baseline with other seeds."""
CONTROLS = (COPIED, AGAIN)  # corpora that the command adds


class Corpus(Model):
    """Documents to train on: a file, a folder or a glob, local or by URI, with the field `text`.

    `keep_share` of the documents are taken, chosen by a hash of their place and the seed. A field `copies` repeats a document.
    They are read shuffled, every seed another way; `ordered` ones as they stand in the files, by name: a training order.
    """

    path: str
    keep_share: Portion = 1.0
    ordered: bool = False


class HeldOut(Model):
    """Texts that no model is trained on. Sets that do not gate are shown, but are no part of the macro average."""

    path: str
    gates: bool = True


class Vocabulary(Model):
    """The tokenizer of all models: `path` names a tokenizer.json, or a model's folder or name on Hugging Face.

    Null: a byte-level BPE of `vocabulary` tokens, trained once on `sample_bytes` of the baseline: a corpus that is added later then
    changes nothing for the others.
    """

    path: str | None = None
    vocabulary: Annotated[int, Field(ge=257, le=262_144)] = 4096  # 256 bytes and the begin of a text
    sample_bytes: Annotated[int, Field(ge=1_000, le=10**9)] = 20_000_000


class Training(Model):
    """One schedule for all runs: warm-up, a constant rate, linear decay over the last `decay_share` (Haegele 2024).

    `budgets` are shares of `tokens`, each with a decay of its own; its score is the mean of its last `checkpoints`
    evaluations. `seeds` are paired over the corpora. `learning_rate` null: the one of the model's size.
    """

    tokens: Count = 600_000
    budgets: Annotated[tuple[Portion, ...], Field(min_length=1, max_length=100)] = (0.25, 0.5, 1.0)
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, le=2**31)], ...], Field(min_length=1, max_length=1_000)] = (
        1,
        2,
        3,
    )
    batch_tokens: Count = 2_048
    sequence: Annotated[int, Field(ge=8, le=131_072)] = 256
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    decay_share: Portion = 0.2
    warmup_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.05
    threads: Annotated[int, Field(ge=1, le=1_024)] = 1
    checkpoints: Annotated[int, Field(ge=1, le=100)] = 5

    @model_validator(mode="after")
    def _runs_can_be_told_apart(self) -> Training:
        if any(first >= second for first, second in pairwise(self.budgets)) or self.budgets[-1] != 1.0:
            raise ValueError("budgets must rise, and the last one must be 1.0")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds must differ from one another")
        return self

    @model_validator(mode="after")
    def _schedule_fits(self) -> Training:
        least = int(self.budgets[0] * self.tokens)
        if self.batch_tokens % self.sequence:
            raise ValueError(f"batch_tokens {self.batch_tokens} must be a multiple of sequence {self.sequence}")
        if least < self.checkpoints * self.batch_tokens:
            raise ValueError(
                f"the smallest budget, {least} tokens, is less than {self.checkpoints} checkpoints of a batch of "
                f"{self.batch_tokens} tokens each: raise tokens or lower batch_tokens"
            )
        if self.warmup_share * self.tokens > (1 - self.decay_share) * least:
            raise ValueError(
                "the warm-up must end before the smallest budget decays: lower warmup_share or decay_share"
            )
        return self


class Evaluation(Model):
    """A whole evaluation. The first corpus is the baseline.

    A document that shares `overlap_words` words in a row with a held-out text is removed from every corpus (Brown 2020, GPT-3).
    Of each held-out set at most `heldout_bytes` are used: every evaluation reads them all.
    """

    output: Output
    corpora: Annotated[Mapping[str, Corpus], Field(min_length=1)]
    heldout: Annotated[Mapping[str, HeldOut], Field(min_length=1)]
    tokenizer: Vocabulary = Vocabulary()
    models: Annotated[tuple[ModelSize, ...], Field(min_length=1)] = ("nano",)
    training: Training = Training()
    overlap_words: Annotated[int, Field(ge=2, le=100)] = 13
    heldout_bytes: Annotated[int, Field(ge=1_000)] = 20_000
    resources: Resources = Resources()

    @property
    def baseline(self) -> str:
        """The corpus that the others are compared with."""
        return next(iter(self.corpora))

    @model_validator(mode="after")
    def _names_work(self) -> Evaluation:
        for name in (*self.corpora, *self.heldout):
            if not NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is no name: use up to 64 letters, digits and _ . - that begin with a letter or digit"
                )
        taken = next((name for name in CONTROLS if name in self.corpora), None)
        if taken:
            raise ValueError(f"corpora.{taken}: the evaluation itself adds a corpus of that name; choose another")
        if len(set(self.models)) < len(self.models):
            raise ValueError("models must differ from one another")
        return self

    @model_validator(mode="after")
    def _orders_are_read_whole(self) -> Evaluation:
        ordered = next((name for name, corpus in self.corpora.items() if corpus.ordered), None)
        if ordered and len(self.training.budgets) > 1:
            raise ValueError(
                f"corpora.{ordered} is ordered: a smaller budget would have seen only the beginning of its order; set "
                "training.budgets to [1.0]"
            )
        if self.corpora[self.baseline].ordered:
            raise ValueError(
                f"corpora.{self.baseline} is the baseline, of which the controls are made: name a shuffled one first"
            )
        return self

    @model_validator(mode="after")
    def _something_gates(self) -> Evaluation:
        if not any(heldout.gates for heldout in self.heldout.values()):
            raise ValueError("heldout: at least one set must gate, for the macro average is over those that do")
        return self


def load_evaluation(path: str, overrides: Sequence[str] = ()) -> Evaluation:
    """Read the YAML file `path`, apply `key.path=value` settings, validate. Raises ConfigError."""
    return load_yaml(Evaluation, path, overrides)
