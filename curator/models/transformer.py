"""A sentence-embedding transformer by name or path: mean pooling over tokens, length-sorted batches under a token budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from curator.errors import ConfigError


class TransformerEmbedder:
    """Loads once, encodes many times; on a GPU in bfloat16, on the CPU in float32."""

    def __init__(self, *, model: str, max_tokens: int, batch_tokens: int, on_gpu: bool) -> None:
        import torch
        import transformers

        if on_gpu and not torch.cuda.is_available():  # on the CPU the same step would give other bytes
            raise ConfigError(
                "embedding.gpus_per_actor is above 0, but PyTorch finds no GPU on the worker; mend its CUDA"
            )
        self._device = "cuda" if on_gpu else "cpu"
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model)
        self._model: Any = transformers.AutoModel.from_pretrained(model)
        self._model.to(self._device, torch.bfloat16 if on_gpu else torch.float32).eval()
        self._max_tokens = min(max_tokens, self._tokenizer.model_max_length)
        self._batch_tokens = batch_tokens
        if not on_gpu:
            torch.set_num_threads(1)  # sums in another order on another number of cores would change the bytes

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """L2-normalised float32 (n, hidden size); each row is the mean of its text's token vectors."""
        rows = np.zeros((len(texts), self._model.config.hidden_size), np.float32)
        if not texts:
            return rows
        tokens = self._tokenizer(list(texts), truncation=True, max_length=self._max_tokens)
        for chosen in length_batches([len(ids) for ids in tokens["input_ids"]], self._batch_tokens):
            batch = {name: [values[index] for index in chosen] for name, values in tokens.items()}
            rows[chosen] = self._encode_batch(batch)
        return rows

    def _encode_batch(self, batch: dict[str, Any]) -> npt.NDArray[np.float32]:
        import torch

        padded = self._tokenizer.pad(batch, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            states = self._model(**padded).last_hidden_state.float()
            mask = padded["attention_mask"].unsqueeze(-1).float()
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
            rows: npt.NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=-1).cpu().numpy()
        return rows


def length_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    """Indices in batches of similar length whose padded size stays within `batch_tokens` (a longer text goes alone)."""
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        size = max(1, batch_tokens // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
