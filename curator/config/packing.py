"""What the YAML says about tokens: which tokenizer makes them, and how documents become sequences of one length."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model

Method = Literal["best_fit", "concatenate", "by_length"]
MOST_TOKENS = 1 << 24  # of a sequence


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
    """

    method: Method = "best_fit"
    sequence: Annotated[int, Field(ge=8, le=MOST_TOKENS)] = 2048
    smallest: Annotated[int, Field(ge=8, le=MOST_TOKENS)] = 256
    batch_tokens: Annotated[int, Field(ge=8)] = 524_288

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
        if self.batch_tokens < self.sequence:
            raise ValueError(f"batch_tokens {self.batch_tokens} hold no sequence of {self.sequence}: raise them")
        return self
