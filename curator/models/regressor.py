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

from curator.errors import ConfigError
from curator.models.batches import list_lengths
from curator.models.loaded_transformer import DataType, LoadedTransformer, load_config, load_weights, prepared_device
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import Tokenizer

USUAL_TOKENS = 512
"""How far a text is read where nobody says more, as FineWeb-Edu's."""


def described_regressor(name: str, max_tokens: int | None = None) -> SentenceModel:
    """A model by name or path as `Tokenizer` and `TransformerRegressor` take it; `max_tokens` None is 512, or what it can read."""
    return SentenceModel(name=name, max_tokens=max_tokens or USUAL_TOKENS)


def load_regressor_tokenizer(model: SentenceModel) -> Tokenizer:
    """What makes the windows, one for each text. Raises ConfigError for a model that is not there or has no fast tokenizer."""
    with loading(model):
        return Tokenizer(model, "first")


def regressor_output(model: SentenceModel, label: str | int | None = None) -> int:
    """Which of the model's outputs `label` names, by name or number; the only one needs no label. Reads no weights.

    Raises ConfigError for a model that is not there, and for a label that it lacks, with those it has.
    """
    with loading(model):
        names: dict[int, str] = load_config(model).id2label
    named = {str(number): number for number in names}
    if isinstance(label, str):  # a name goes before a number that is written the same
        named |= {name: number for number, name in names.items()}
    if label is None and len(names) == 1:
        return 0
    if label is not None and str(label) in named:
        return named[str(label)]
    wish = "several outputs" if label is None else f"no label {label}"
    raise ConfigError(f"the model {model.name} has {wish}; choose one of {', '.join(names.values())}")


class TransformerRegressor:
    """A loaded model; the settings are those of `LoadedTransformer`. Raises ConfigError as `prepared_device` and
    `regressor_output` do, and for a model without a trained head.
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
        separator: int | None = None,
    ) -> None:
        device = prepared_device(model, on_gpu)
        self._name = model.name
        self._output = regressor_output(model, label)
        weights = _load(model)
        self._labels = weights.config.num_labels
        # a decoder's head reads the last token, and without a padding token takes the padding for it
        padded = weights.config.pad_token_id is not None
        self._transformer = LoadedTransformer(
            weights, device, batch_tokens=batch_tokens, dtype=dtype, compile=compile, padded=padded, separator=separator
        )

    def score(self, windows: pa.ListArray) -> npt.NDArray[np.float32]:
        """float32 (n,) of the windows of n texts (type WINDOWS of tokens.py, at most one each): the output of a regressor, or
        the label's probability by softmax.

        Neutral, for a text of nothing but white space: 0 of a regressor, one in so many as there are labels of a classifier.
        """
        counts = list_lengths(windows)
        assert counts.max(initial=0) <= 1, "a quality model reads the first window alone"
        scores = np.full(len(windows), 0 if self._labels == 1 else 1 / self._labels, np.float32)
        scores[counts == 1] = self._transformer.rows(windows.flatten(), self._scores)
        if not np.isfinite(scores).all():
            raise ConfigError(f"the model {self._name} gives scores that are no finite numbers; set dtype: float32")
        return scores

    def _scores(self, given: Any, mask: Any) -> Any:
        import torch

        logits = given.logits.float()
        return logits[:, 0] if self._labels == 1 else torch.softmax(logits, dim=1)[:, self._output]


def _load(model: SentenceModel) -> Any:
    """The model with its head. transformers makes up the weights that a file lacks."""
    import transformers

    kind = transformers.AutoModelForSequenceClassification
    with loading(model):
        weights, notes = load_weights(kind, model, output_loading_info=True)
    if notes["missing_keys"]:
        missing = ", ".join(sorted(notes["missing_keys"])[:3])
        raise ConfigError(f"the model {model.name} has no trained {missing}; name one made to classify or score texts")
    return weights


@contextmanager
def loading(model: SentenceModel) -> Iterator[None]:
    """Makes one sentence of what transformers raises for a model that is not there, or is none."""
    try:
        yield
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ConfigError(f"the model {model.name} cannot be loaded: {first_line}") from error
