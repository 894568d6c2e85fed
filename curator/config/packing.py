"""What the YAML says about tokens: which tokenizer makes them, and how documents become sequences of one length."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model

Method = Literal["best_fit", "concatenate", "by_length"]
MOST_TOKENS = 1 << 24  # of a sequence
BatchTokens = Annotated[int, Field(ge=8, le=1 << 30)]  # the boundaries in a batch are int32
Until = Annotated[float, Field(gt=0.0, lt=1.0)]


class Tokenizer(Model):
    """`path` names a tokenizer.json, local or by URI, or a folder or name of Hugging Face.

    Null: a byte-level BPE of at most `vocabulary` tokens is trained in the run, on about `sample_bytes` of what it keeps.
    `end_token` ends every document; null: the tokenizer's own end of text, or `<|end|>` of one that is trained here.
    """

    path: Annotated[str, Field(min_length=1)] | None = None
    vocabulary: Annotated[int, Field(ge=257, le=1_048_576)] = 32_768  # 256 bytes and the end of a text
    sample_bytes: Annotated[int, Field(ge=1_000_000, le=10**9)] = 100_000_000
    end_token: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class Packing(Model):
    """How documents become sequences of at most `sequence` tokens.

    `best_fit` cuts only documents longer than that (Ding et al. 2024, arXiv 2404.10830); `concatenate` cuts one stream of all;
    `by_length` cuts documents into powers of two from `smallest` on, so that a batch has one length (Dataset Decomposition,
    Pouransari et al. 2024, arXiv 2405.13226): sequences stand in batches of `batch_tokens`, each of one length.

    A batch of `curator.loader.CuratedBatches` has `batch_tokens` over all ranks, padding counted. `batch_ramp` makes the first
    ones smaller: `[[0.01, 65_536], [0.05, 262_144]]` are batches of 65,536 tokens until 1 % of the tokens are read, then of
    262,144 until 5 %, then of `batch_tokens`.
    """

    method: Method = "best_fit"
    sequence: Annotated[int, Field(ge=8, le=MOST_TOKENS)] = 2048
    smallest: Annotated[int, Field(ge=8, le=MOST_TOKENS)] = 256
    batch_tokens: BatchTokens = 524_288
    batch_ramp: Annotated[tuple[tuple[Until, BatchTokens], ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _batches_hold_a_sequence(self) -> Packing:
        if self.batch_tokens < self.sequence:
            raise ValueError(f"batch_tokens {self.batch_tokens} hold no sequence of {self.sequence}: raise them")
        small = next((tokens for _, tokens in self.batch_ramp if tokens < self.sequence), None)
        if small is not None:
            raise ValueError(f"batch_ramp: {small} tokens hold no sequence of {self.sequence}: raise them")
        return self

    @model_validator(mode="after")
    def _batches_grow(self) -> Packing:
        steps = (*self.batch_ramp, (1.0, self.batch_tokens))
        if any(share >= later or tokens > more for (share, tokens), (later, more) in pairwise(steps)):
            raise ValueError(
                f"batch_ramp must rise in shares and tokens up to batch_tokens {self.batch_tokens}: "
                "[[0.01, 65_536], [0.05, 262_144]] are shares of all tokens until which, and tokens of a batch"
            )
        return self

    @model_validator(mode="after")
    def _lengths_are_powers_of_two(self) -> Packing:
        if self.method != "by_length":
            return self
        for name in ("sequence", "smallest"):
            length = getattr(self, name)
            if length.bit_count() != 1:
                below = 1 << (length.bit_length() - 1)
                raise ValueError(
                    f"{name} {length} is no power of two, as by_length needs it: take {below} or {2 * below}"
                )
        if self.smallest > self.sequence:
            raise ValueError(f"smallest {self.smallest} is longer than sequence {self.sequence}: lower it")
        return self
