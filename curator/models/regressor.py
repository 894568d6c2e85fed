"""Quality by a transformer with a head: a regressor such as FineWeb-Edu's (Penedo et al. 2024, arXiv 2406.17557), or one label of a
classifier. The tokens are made ahead, by `tokens.Tokenizer` on other cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError
from curator.models.batches import length_batches, longest_first
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import Tokenizer
from curator.models.transformer import CPU_TOKENS, GPU_MULTIPLE, GPU_TOKENS, DataType

USUAL_TOKENS = 512
"""How far a text is read where nobody says more, as FineWeb-Edu's."""


def described_regressor(name: str, max_tokens: int | None = None) -> SentenceModel:
    """A model by name or path as `Tokenizer` and `TransformerRegressor` take it; `max_tokens` None is 512, or what it can read."""
    return SentenceModel(name=name, max_tokens=max_tokens or USUAL_TOKENS)


def load_regressor_tokenizer(model: SentenceModel) -> Tokenizer:
    """What makes the windows, one for each text. Raises ConfigError for a model that is not there or has no fast tokenizer."""
    with _loading(model):
        return Tokenizer(model, "first")


def regressor_output(model: SentenceModel, label: str | int | None = None) -> int:
    """Which of the model's outputs `label` names, by name or number; the only one needs no label. Reads no weights.

    Raises ConfigError for a model that is not there, and for a label that it lacks, with those it has.
    """
    names: dict[int, str] = _config(model).id2label
    named = {str(number): number for number in names}
    if isinstance(label, str):  # a name goes before a number that is written the same
        named |= {name: number for number, name in names.items()}
    if label is None and len(names) == 1:
        return 0
    if label is not None and str(label) in named:
        return named[str(label)]
    wish = "several outputs" if label is None else f"no label {label}"
    raise ConfigError(f"the quality model {model.name} has {wish}; choose one of {', '.join(names.values())}")


class TransformerRegressor:
    """A loaded model. Settings as of `TransformerEncoder`: micro-batches of 2,048 padded tokens and float32 on the CPU, on one
    thread; 65,536 and bfloat16 on a GPU. Raises ConfigError as `regressor_output` does, and for a model without a trained head.
    """

    def __init__(
        self,
        model: SentenceModel,
        label: str | int | None = None,
        *,
        batch_tokens: int | None = None,
        dtype: DataType = "auto",
        compile: bool = False,
        on_gpu: bool = False,
    ) -> None:
        import torch

        if on_gpu and not torch.cuda.is_available():  # on the CPU the same step would give other bytes
            raise ConfigError(f"{model.name} is to run on a GPU, but PyTorch finds none on the worker; mend its CUDA")
        if not on_gpu:
            torch.set_num_threads(1)
        self._name, self._on_gpu = model.name, on_gpu
        self._output = regressor_output(model, label)
        usual = "bfloat16" if on_gpu else "float32"
        loaded = _load(model).to(_device(on_gpu), getattr(torch, usual if dtype == "auto" else dtype)).eval()
        self._labels, self._padding = loaded.config.num_labels, loaded.config.pad_token_id
        self._positions = getattr(loaded.config, "max_position_embeddings", 0)
        # a decoder's head reads the last token, and without a padding token takes the padding for it
        self._batch_tokens = 1 if self._padding is None else batch_tokens or (GPU_TOKENS if on_gpu else CPU_TOKENS)
        self._transformer = torch.compile(loaded, dynamic=True) if compile else loaded

    def score(self, windows: pa.ListArray) -> npt.NDArray[np.float32]:
        """float32 (n,) of the windows of n texts (type WINDOWS of tokens.py, at most one each): the output of a regressor, or
        the label's probability by softmax.

        Neutral, for a text of nothing but white space: 0 of a regressor, one in so many as there are labels of a classifier.
        """
        counts = pc.list_value_length(windows).to_numpy().astype(np.int64)
        assert counts.max(initial=0) <= 1, "a quality model reads the first window alone"
        flat = windows.flatten()
        scores = np.full(len(windows), 0 if self._labels == 1 else 1 / self._labels, np.float32)
        scores[counts == 1] = self._scores(
            flat.flatten().to_numpy(), pc.list_value_length(flat).to_numpy().astype(np.int64)
        )
        if not np.isfinite(scores).all():
            raise ConfigError(
                f"the quality model {self._name} gives scores that are no finite numbers; set dtype: float32"
            )
        return scores

    def _scores(self, ids: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The scores (windows,); nothing waits for a GPU before the end."""
        import torch

        order = longest_first(lengths)
        starts = (np.cumsum(lengths) - lengths)[order]
        scores = np.zeros(len(lengths), np.float32)
        with torch.inference_mode():
            parts = [
                self._batch(ids, starts[batch], lengths[order[batch]])
                for batch in length_batches(lengths[order], self._batch_tokens)
            ]
            scores[order] = torch.cat(parts).cpu().numpy() if parts else 0
        return scores

    def _batch(self, ids: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Any:
        """The scores of one micro-batch, on the device."""
        import torch

        columns = np.arange(self._padded(int(lengths[0])))
        inside = columns < lengths[:, None]
        places = np.minimum(starts[:, None] + columns, len(ids) - 1)
        tokens = np.where(inside, ids[places], self._padding or 0).astype(np.int64)
        mask = (
            None if inside.all() else self._sent(inside.astype(np.int64))
        )  # without one attention takes its fastest kernel
        logits = self._transformer(input_ids=self._sent(tokens), attention_mask=mask).logits.float()
        return logits[:, 0] if self._labels == 1 else torch.softmax(logits, dim=1)[:, self._output]

    def _padded(self, length: int) -> int:
        rounded = -(-length // GPU_MULTIPLE) * GPU_MULTIPLE
        return rounded if self._on_gpu and self._padding is not None and rounded <= self._positions else length

    def _sent(self, array: npt.NDArray[np.int64]) -> Any:
        import torch

        given = torch.from_numpy(array)
        return given.pin_memory().to(_device(True), non_blocking=True) if self._on_gpu else given


def _device(on_gpu: bool) -> str:
    return "cuda" if on_gpu else "cpu"


def _config(model: SentenceModel) -> Any:
    import transformers

    with _loading(model):
        config = transformers.AutoConfig.from_pretrained(model.name, subfolder=model.subfolder)
    if config.is_encoder_decoder:
        raise ConfigError(f"the quality model {model.name} has an encoder and a decoder; name one that is one of them")
    config.use_cache = False  # of keys and values for the next token, which nobody asks for
    return config


def _load(model: SentenceModel) -> Any:
    """The model with its head. transformers makes up the weights that a file lacks."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    with _loading(model):
        loaded, notes = transformers.AutoModelForSequenceClassification.from_pretrained(
            model.name, subfolder=model.subfolder, config=_config(model), output_loading_info=True
        )
    if notes["missing_keys"]:
        missing = ", ".join(sorted(notes["missing_keys"])[:3])
        raise ConfigError(
            f"the quality model {model.name} has no trained {missing}; name one made to classify or score texts"
        )
    return loaded


@contextmanager
def _loading(model: SentenceModel) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ConfigError(f"the quality model {model.name} cannot be loaded: {first_line}") from error
