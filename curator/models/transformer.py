"""A transformer that embeds texts: tokens in, one L2-normalised row for each document out, on a GPU or one core."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from curator.models.batches import list_lengths
from curator.models.dense import dense_config, dense_layers
from curator.models.loaded_transformer import (
    DataType,
    LoadedTransformer,
    load_config,
    load_weights,
    prepared_device,
)
from curator.models.pooling import pooled
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import Tokenizer
from curator.models.vectors import Rows, unit_rows, window_means


class TransformerEncoder:
    """A loaded model; the settings are those of `LoadedTransformer`. Sums in float32 wherever tokens or windows meet, so `dtype`
    is that of the transformer alone. Raises ConfigError as `prepared_device`, `load_config` and `dense_config` do.
    """

    def __init__(
        self,
        model: SentenceModel,
        *,
        batch_tokens: int | None = None,
        dtype: DataType = "auto",
        compile: bool = False,
        on_gpu: bool = False,
    ) -> None:
        import transformers

        device = prepared_device(model, on_gpu)
        self._pooling = model.pooling
        self._width = model_width(model)
        self._dense = dense_layers(model).to(device).eval()
        weights = load_weights(transformers.AutoModel, model)
        self._transformer = LoadedTransformer(weights, device, batch_tokens=batch_tokens, dtype=dtype, compile=compile)

    def encode(self, windows: pa.ListArray) -> Rows:
        """L2-normalised float32 (documents, d) of their windows (type WINDOWS of tokens.py), the windows of one document weighted
        by their tokens before that; zeros for a document without tokens.
        """
        flat = windows.flatten()
        vectors = self._transformer.rows(flat, self._vectors, (self._width,))
        return unit_rows(window_means(vectors, list_lengths(flat), list_lengths(windows)))

    def _vectors(self, given: Any, mask: Any) -> Any:
        return self._dense(pooled(given.last_hidden_state, mask, self._pooling))


class TransformerEmbedder:
    """Tokenizer and model in one process; the step `embed` has them in two, one ahead of the other."""

    def __init__(self, tokenizer: Tokenizer, encoder: TransformerEncoder) -> None:
        self._tokenizer = tokenizer
        self._encoder = encoder

    def encode(self, texts: pa.Array) -> Rows:
        """L2-normalised float32 (n, d); a row of zeros for a text of nothing but white space."""
        return self._encoder.encode(self._tokenizer.windows(texts))


def model_width(model: SentenceModel) -> int:
    """The dimensions of a model's rows, from its files alone."""
    if model.dense:
        return int(dense_config(model, model.dense[-1])["out_features"])
    return int(load_config(model).hidden_size)
