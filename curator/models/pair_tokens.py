"""Pairs of texts to token ids, in windows of the first text that a transformer can read together with the second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.errors import ConfigError
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import WINDOWS, load_fast_tokenizer

OVERLAP = 0.25
"""Of what a model reads, that a window shares with the next: a sentence of 100 tokens stands whole in one of 512."""


class PairTokenizer:
    """The tokenizer of a model with the model's own limits. Raises ConfigError for one that is not made for pairs."""

    def __init__(self, model: SentenceModel) -> None:
        self._tokenizer, self._max_tokens = load_fast_tokenizer(model)
        if self._tokenizer.sep_token_id is None:
            raise ConfigError(f"{model.name} has no token between two texts; name a model made for pairs of texts")
        self.separator = int(self._tokenizer.sep_token_id)

    def windows(self, firsts: Sequence[str], seconds: Sequence[str]) -> tuple[pa.ListArray, npt.NDArray[np.int64]]:
        """The windows of all pairs, one list (type WINDOWS) with one window each, and (windows,) the pair that each is of.

        A second text of more than half of what the model reads is cut there.
        """
        found = self._tokenizer(
            list(firsts),
            self._shortened(seconds),
            truncation="only_first",
            max_length=self._max_tokens,
            stride=int(self._max_tokens * OVERLAP),
            return_overflowing_tokens=True,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        ids = pa.array(found["input_ids"], WINDOWS.value_type)
        windows = pa.ListArray.from_arrays(pa.array(np.arange(len(ids) + 1), pa.int32()), ids)
        return windows, np.array(found["overflow_to_sample_mapping"], np.int64)

    def _shortened(self, texts: Sequence[str]) -> list[str]:
        most = self._max_tokens // 2
        found = self._tokenizer(
            list(texts), truncation=True, max_length=most, add_special_tokens=False, return_offsets_mapping=True
        )
        ends = [offsets[-1][1] if len(offsets) == most else None for offsets in found["offset_mapping"]]
        return [text[:end] for text, end in zip(texts, ends, strict=True)]
