"""Texts to token ids, in windows that a transformer can read, as Arrow lists: made ahead of the model on other cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError
from curator.models.sentence_files import SentenceModel

Windows = Literal["first", "mean"]
WINDOWS = pa.list_(pa.list_(pa.int32()))
"""One list of windows for each text, each window a list of token ids."""
PIECE_BYTES = 2_000_000  # of text tokenised at once; the tokenizer's own notes on it take 50 times that
ROW_BYTES = 100  # what a text counts beside its bytes, so that a piece of nothing but short ones ends too


def load_fast_tokenizer(model: SentenceModel) -> tuple[Any, int]:
    """The tokenizer of transformers, and how many tokens the model reads at most. Raises ConfigError where there is no fast one,
    OSError or ValueError for what is not there.
    """
    import transformers

    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one worker, one core
    tokenizer = transformers.AutoTokenizer.from_pretrained(model.name, subfolder=model.subfolder)
    if not tokenizer.is_fast or len(tokenizer) <= len(
        tokenizer.all_special_tokens
    ):  # transformers makes up an empty one
        raise ConfigError(f"{model.name} has no fast tokenizer (tokenizer.json); name another model")
    config = transformers.AutoConfig.from_pretrained(model.name, subfolder=model.subfolder)
    positions = getattr(config, "max_position_embeddings", None) or 0
    limits = (model.max_tokens, tokenizer.model_max_length, positions)
    return tokenizer, min(limit for limit in limits if limit > 0)  # 0 and -1: positions without a limit


class Tokenizer:
    """The tokenizer of a model with the model's own limits."""

    def __init__(self, model: SentenceModel, windows: Windows = "first") -> None:
        self._model = model
        self._all_windows = windows == "mean"
        self._tokenizer, self.max_tokens = load_fast_tokenizer(model)

    def windows(self, texts: pa.Array) -> pa.ListArray:
        """The windows (type WINDOWS) of each text: the first `max_tokens` tokens, or all of the text in windows of so many.

        The prefix stands once, before the text. A text of nothing but white space has no window.
        """
        texts = pc.fill_null(texts, "")
        pieces = [self._windows(piece) for piece in _pieces(texts)]
        return pa.concat_arrays(pieces) if pieces else pa.array([], WINDOWS)

    def _windows(self, texts: pa.Array) -> pa.ListArray:
        written = pc.invert(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0)).to_numpy(zero_copy_only=False)
        counts = np.zeros(len(texts), np.int64)
        ids: list[list[int]] = []
        if written.any():
            found = self._tokens(texts.filter(pa.array(written)))
            ids = found["input_ids"]
            owners = found["overflow_to_sample_mapping"] if self._all_windows else range(len(ids))
            counts[written] = np.bincount(owners, minlength=int(written.sum()))
        offsets = np.concatenate([[0], np.cumsum(counts)])
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(ids, WINDOWS.value_type))

    def _tokens(self, texts: pa.Array) -> Any:
        texts = pc.utf8_lower(texts) if self._model.lower_case else texts
        return self._tokenizer(
            [self._model.prefix + text for text in texts.to_pylist()],
            truncation=True,
            max_length=self.max_tokens,
            return_overflowing_tokens=self._all_windows,
            return_attention_mask=False,
            return_token_type_ids=False,
        )


def _pieces(texts: pa.Array) -> Iterator[pa.Array]:
    """Slices of about PIECE_BYTES of text."""
    ends = np.cumsum(pc.binary_length(texts).to_numpy().astype(np.int64) + ROW_BYTES)
    cuts = np.flatnonzero(np.diff(ends // PIECE_BYTES, prepend=0)) + 1
    bounds = np.unique(np.concatenate([[0], cuts, [len(texts)]])).tolist()
    for start, stop in pairwise(bounds):
        yield texts.slice(start, stop - start)
