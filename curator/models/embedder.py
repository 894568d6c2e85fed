"""What an embedder is, and which one a configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from curator.config.schema import Embedding
from curator.models.tfidf import TfidfEmbedder
from curator.models.transformer import TransformerEmbedder

TFIDF = "tfidf"


class Embedder(Protocol):
    """Texts to vectors."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One L2-normalised float32 row for each text; a row of zeros where a text has nothing the model knows."""


def load_embedder(config: Embedding, fitted: bytes) -> Embedder:
    """The embedder of a configuration; `fitted` is what `fit` gave (empty for models that come fitted)."""
    if config.model == TFIDF:
        return TfidfEmbedder.from_bytes(fitted)
    return TransformerEmbedder(
        model=config.model,
        max_tokens=config.max_tokens,
        batch_tokens=config.batch_tokens,
        on_gpu=config.gpus_per_actor > 0,
    )
