"""Whether sentences follow from texts, by a transformer made for natural language inference. What follows from any window of a long
text follows from the text (SummaC, Laban et al. 2022, arXiv 2111.09525; MiniCheck, Tang et al. 2024, arXiv 2404.10774).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from curator.config.entailment import Entailment
from curator.models.pair_tokens import PairTokenizer
from curator.models.regressor import TransformerRegressor, described_regressor, loading, regressor_output
from curator.models.sentence_files import SentenceModel

PAIRS = 1_024  # tokenised at once: 2 MB of tokens for each window that they have


def check_entailment(entailment: Entailment) -> None:
    """Raises ConfigError for a model that is not there, lacks the label, or is not made for pairs. Reads no weights."""
    described = _described(entailment)
    regressor_output(described, entailment.label)
    _pair_tokenizer(described)


class EntailmentModel:
    """A loaded model. Raises ConfigError as `check_entailment` and `TransformerRegressor` do."""

    def __init__(self, entailment: Entailment) -> None:
        described = _described(entailment)
        self._tokenizer = _pair_tokenizer(described)
        self._model = TransformerRegressor(
            described,
            entailment.label,
            batch_tokens=entailment.batch_tokens,
            dtype=entailment.dtype,
            on_gpu=entailment.gpus_per_actor > 0,
            separator=self._tokenizer.separator,
        )

    def score(self, sources: Sequence[str], sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """float32 (n,): the probability that each sentence follows from its source, the greatest of all windows of that."""
        scores = np.zeros(len(sources), np.float32)
        for start in range(0, len(sources), PAIRS):
            some = slice(start, start + PAIRS)
            windows, owners = self._tokenizer.windows(sources[some], sentences[some])
            np.maximum.at(scores[some], owners, self._model.score(windows))
        return scores


def _described(entailment: Entailment) -> SentenceModel:
    return described_regressor(entailment.model, entailment.max_tokens)


def _pair_tokenizer(described: SentenceModel) -> PairTokenizer:
    with loading(described):
        return PairTokenizer(described)
