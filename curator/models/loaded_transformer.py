"""What every use of a transformer shares: its device, its files, and micro-batches of tokens through it, on a GPU or one core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.errors import ConfigError
from curator.models.batches import Lengths, length_batches, list_lengths, longest_first
from curator.models.sentence_files import SentenceModel

DataType = Literal["auto", "float32", "bfloat16", "float16"]
Head = Callable[[Any, Any], Any]
"""From what the transformer gives for a micro-batch and its mask (n, length), true at tokens, None without padding, to n rows."""
CPU_TOKENS = 2_048
"""Of a micro-batch on a core: the widest layer of a small model stays in the cache (10 % faster than 16,384)."""
GPU_TOKENS = 65_536
"""Of a micro-batch on a GPU: launching its kernels takes the CPU less time than running them takes the GPU."""
GPU_MULTIPLE = 8  # padded lengths that tensor cores and masked attention take without a slower kernel


def prepared_device(model: SentenceModel, on_gpu: bool) -> Any:
    """The torch device `model` is to run on. Raises ConfigError where a GPU is asked for and missing.

    The CPU has one thread from here on, for sums in another order on another number of cores would change the bytes.
    """
    import torch

    if on_gpu and not torch.cuda.is_available():  # on the CPU the same step would give other bytes
        raise ConfigError(
            f"{model.name} is to run on a GPU (gpus_per_actor is above 0), but PyTorch finds none on the worker; mend its CUDA"
        )
    if not on_gpu:
        torch.set_num_threads(1)
    return torch.device("cuda" if on_gpu else "cpu")


def load_config(model: SentenceModel) -> Any:
    """The model's configuration. Raises ConfigError for an encoder with a decoder, OSError or ValueError for what is not there."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(model.name, subfolder=model.subfolder)
    if config.is_encoder_decoder:
        raise ConfigError(f"{model.name} has an encoder and a decoder; name a model that is one of them")
    config.use_cache = False  # of keys and values for the next token, which nobody asks for
    return config


def load_weights(kind: Any, model: SentenceModel, **wishes: Any) -> Any:
    """The model as `kind`, an Auto class of transformers, makes it with these `wishes`. Raises as `load_config` does."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    return kind.from_pretrained(model.name, subfolder=model.subfolder, config=load_config(model), **wishes)


class LoadedTransformer:
    """Weights on a device. `dtype` "auto" is float32 on the CPU and bfloat16 on a GPU; `compile`: PyTorch's compiler, minutes at
    the start. `batch_tokens` counts padded tokens; None: 2,048 on the CPU, 65,536 on a GPU. Not `padded`: one window at a time.
    `separator`: the token that ends the first text of a pair, for models that tell the two by types of tokens (BERT).
    """

    def __init__(
        self,
        weights: Any,
        device: Any,
        *,
        batch_tokens: int | None = None,
        dtype: DataType = "auto",
        compile: bool = False,
        padded: bool = True,
        separator: int | None = None,
    ) -> None:
        import torch

        self._device, self._on_gpu = device, device.type == "cuda"
        self._batch_tokens = (batch_tokens or (GPU_TOKENS if self._on_gpu else CPU_TOKENS)) if padded else 1
        self._multiple = GPU_MULTIPLE if self._on_gpu and padded else 1
        self._separator = separator if (getattr(weights.config, "type_vocab_size", 0) or 0) > 1 else None
        self._padding = weights.config.pad_token_id or 0
        self._positions = getattr(weights.config, "max_position_embeddings", None) or 0  # of rotary ones it may be none
        usual = "bfloat16" if self._on_gpu else "float32"
        placed = weights.to(device, getattr(torch, usual if dtype == "auto" else dtype)).eval()
        self._transformer = torch.compile(placed, dynamic=True) if compile else placed

    def rows(self, windows: pa.ListArray, head: Head, shape: tuple[int, ...] = ()) -> npt.NDArray[np.float32]:
        """float32 (windows, ...) of lists of token ids: what `head` makes of each; zeros for a window without tokens. `shape` is
        that of a row, for where no window has any.

        All tokens go to the device at once and are padded there; nothing waits for a GPU before the end.
        """
        import torch

        lengths = list_lengths(windows)
        order = longest_first(lengths)
        if not len(order):
            return np.zeros((len(lengths), *shape), np.float32)
        ids, starts, descending = windows.flatten().to_numpy(), (np.cumsum(lengths) - lengths)[order], lengths[order]
        with torch.inference_mode():
            values, begins, sizes = map(self._sent, (ids, starts, descending))
            parts = [
                self._batch(values, begins[batch], sizes[batch], descending[batch], head)
                for batch in length_batches(descending, self._batch_tokens)
            ]
            found = torch.cat(parts).cpu().numpy()
        rows = np.zeros((len(lengths), *found.shape[1:]), np.float32)
        rows[order] = found
        return rows

    def _batch(self, values: Any, starts: Any, sizes: Any, lengths: Lengths, head: Head) -> Any:
        """The rows of one micro-batch, on the device. `lengths` are `sizes` on the host, so that nobody has to wait for them."""
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
        types = {} if self._separator is None else {"token_type_ids": _types(tokens == self._separator)}
        return head(self._transformer(input_ids=tokens.long(), attention_mask=given, **types), mask)

    def _padded(self, length: int) -> int:
        """The padded length of a batch whose longest window has so many tokens."""
        rounded = -(-length // self._multiple) * self._multiple
        return rounded if rounded <= self._positions else length

    def _sent(self, array: npt.NDArray[Any]) -> Any:
        """A copy on the device; to a GPU from pinned memory, without waiting."""
        import torch

        copied = torch.tensor(array)
        return copied.pin_memory().to(self._device, non_blocking=True) if self._on_gpu else copied


def _types(separates: Any) -> Any:
    """0 up to the first separator of each row, and 1 behind it."""
    return (separates.long().cumsum(dim=1) - separates.long()).clamp(max=1)
