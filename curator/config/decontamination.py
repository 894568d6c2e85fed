"""Settings of the step that keeps benchmarks out of the training set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from curator.config.base import Model


class Decontamination(Model):
    """Documents that contain items of the benchmarks under `path` (JSON lines; a file, folder or glob) are dropped.

    An item is contained if the document shares `ngram_words` words in a row with it (Brown 2020, GPT-3), or if runs of
    `item_ngram_words` cover more than `item_share` of one of its texts (Llama 3, Tulu 3). `fields` null means all fields with
    text. What more than `template_items` items of a benchmark have in common is its template and does not count:
    passages are shared by up to about 30 questions, templates by hundreds.
    """

    path: str
    fields: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    ngram_words: Annotated[int, Field(ge=2, le=100)] = 13
    item_ngram_words: Annotated[int, Field(ge=2, le=100)] = 8
    item_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    template_items: Annotated[int, Field(ge=1)] = 50

    @model_validator(mode="after")
    def _long_ngrams_hold_short_ones(self) -> Decontamination:
        if self.item_ngram_words > self.ngram_words:
            raise ValueError(f"item_ngram_words {self.item_ngram_words} is above ngram_words {self.ngram_words}")
        return self
