"""A transformer that embeds texts: tokens in, one L2-normalised row for each document out, on a GPU or one core."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError
from curator.models.batches import length_batches, longest_first
from curator.models.dense import dense_config, dense_layers
from curator.models.pooling import pooled
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import Tokenizer
from curator.models.vectors import Rows, unit_rows, window_means

DataType = Literal["auto", "float32", "bfloat16", "float16"]
CPU_TOKENS = 2_048
"""Of a micro-batch on a core: the widest layer of a small model stays in the cache (10 % faster than 16,384)."""
GPU_TOKENS = 65_536
"""Of a micro-batch on a GPU: launching its kernels takes the CPU less time than running them takes the GPU."""
GPU_MULTIPLE = 8  # padded lengths that tensor cores and masked attention take without a slower kernel


class TransformerEncoder:
    """A loaded model. Sums in float32 wherever tokens or windows meet, so `dtype` is that of the transformer alone.

    `batch_tokens` counts padded tokens; None: 2,048 on the CPU, 65,536 on a GPU. `compile`: PyTorch's compiler, minutes at the
    start. On the CPU one thread, for sums in another order on another number of cores would change the bytes.
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
        import torch

        if on_gpu and not torch.cuda.is_available():  # on the CPU the same step would give other bytes
            raise ConfigError(
                "embedding.gpus_per_actor is above 0, but PyTorch finds no GPU on the worker; mend its CUDA"
            )
        if not on_gpu:
            torch.set_num_threads(1)
        self._on_gpu = on_gpu
        self._device = torch.device("cuda" if on_gpu else "cpu")
        self._batch_tokens = batch_tokens or (GPU_TOKENS if on_gpu else CPU_TOKENS)
        self._pooling = model.pooling
        self._width = model_width(model)
        self._dense = dense_layers(model).to(self._device).eval()
        transformer = _load(model).to(self._device, _dtype(dtype, on_gpu)).eval()
        self._padding = transformer.config.pad_token_id or 0
        self._positions = getattr(transformer.config, "max_position_embeddings", 0)
        self._transformer = torch.compile(transformer, dynamic=True) if compile else transformer

    def encode(self, windows: pa.ListArray) -> Rows:
        """L2-normalised float32 (documents, d) of their windows (type WINDOWS of tokens.py), the windows of one document weighted
        by their tokens before that; zeros for a document without tokens.
        """
        flat = windows.flatten()
        tokens = pc.list_value_length(flat).to_numpy().astype(np.int64)
        counts = pc.list_value_length(windows).to_numpy().astype(np.int64)
        ids = flat.flatten().to_numpy()
        return unit_rows(window_means(self._vectors(ids, tokens), tokens, counts))

    def _vectors(self, ids: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64]) -> Rows:
        """The vectors (windows, d). All tokens go to the device at once and are padded there; nothing waits before the end."""
        import torch

        order = longest_first(lengths)
        if not len(order):
            return np.zeros((len(lengths), self._width), np.float32)
        descending = lengths[order]
        with torch.inference_mode():
            values, starts, sizes = map(self._sent, (ids, (np.cumsum(lengths) - lengths)[order], descending))
            parts = [
                self._batch(values, starts[batch], sizes[batch], descending[batch])
                for batch in length_batches(descending, self._batch_tokens)
            ]
            found = torch.cat(parts).cpu().numpy()
        vectors = np.zeros((len(lengths), found.shape[1]), np.float32)
        vectors[order] = found
        return vectors

    def _batch(self, values: Any, starts: Any, sizes: Any, lengths: npt.NDArray[np.int64]) -> Any:
        """The vectors of one micro-batch, on the device. `lengths` are `sizes` on the host, so that nobody has to wait for them."""
        import torch

        longest = self._padded(int(lengths[0]))
        columns = torch.arange(longest, device=self._device)
        places = starts[:, None] + columns
        if lengths[-1] == longest:  # without a mask attention takes its fastest kernel
            mask, tokens = None, values[places]
        else:
            mask = columns < sizes[:, None]
            tokens = values[places.clamp(max=len(values) - 1)].masked_fill(~mask, self._padding)
        given = None if mask is None else mask.long()
        states = self._transformer(input_ids=tokens.long(), attention_mask=given).last_hidden_state
        return self._dense(pooled(states, mask, self._pooling))

    def _padded(self, length: int) -> int:
        """The padded length of a batch whose longest text has so many tokens."""
        rounded = -(-length // GPU_MULTIPLE) * GPU_MULTIPLE
        return rounded if self._on_gpu and rounded <= self._positions else length

    def _sent(self, array: npt.NDArray[Any]) -> Any:
        """A copy on the device; to a GPU from pinned memory, without waiting."""
        import torch

        copied = torch.tensor(array)
        return copied.pin_memory().to(self._device, non_blocking=True) if self._on_gpu else copied


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
    return int(_config(model).hidden_size)


def _load(model: SentenceModel) -> Any:
    import transformers

    transformers.utils.logging.disable_progress_bar()
    return transformers.AutoModel.from_pretrained(model.name, subfolder=model.subfolder, config=_config(model))


def _config(model: SentenceModel) -> Any:
    import transformers

    config = transformers.AutoConfig.from_pretrained(model.name, subfolder=model.subfolder)
    if config.is_encoder_decoder:
        raise ConfigError(
            f"embedding.model: {model.name} has an encoder and a decoder; name a model that is one of them"
        )
    config.use_cache = False  # of keys and values for the next token, which nobody asks for
    return config


def _dtype(name: DataType, on_gpu: bool) -> Any:
    import torch

    usual = "bfloat16" if on_gpu else "float32"
    return getattr(torch, usual if name == "auto" else name)
