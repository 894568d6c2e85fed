"""What an embedder is, and which one a configuration names."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.embedding import Embedding
from curator.models.own_embedder import CheckedEmbedder
from curator.models.sentence_files import SentenceModel, sentence_model
from curator.models.tfidf import TfidfEmbedder
from curator.models.tokens import Tokenizer
from curator.models.transformer import TransformerEmbedder, TransformerEncoder, model_width

TFIDF = "tfidf"


class Embedder(Protocol):
    """Texts to vectors."""

    def encode(self, texts: pa.Array) -> npt.NDArray[np.float32]:
        """One L2-normalised float32 row for each text of a string array; a row of zeros where a text has nothing in it that
        the model knows.
        """


def load_embedder(config: Embedding, fitted: bytes = b"") -> Embedder:
    """The embedder of a configuration; `fitted` is what `fit` gave (empty for models that come fitted)."""
    if config.own is not None:
        return CheckedEmbedder(config.own)
    if config.model == TFIDF:
        return TfidfEmbedder.from_bytes(fitted)
    return TransformerEmbedder(load_tokenizer(config), load_encoder(config))


def is_transformer(config: Embedding) -> bool:
    return config.own is None and config.model != TFIDF


def load_tokenizer(config: Embedding) -> Tokenizer:
    """The tokenizer of a configuration that names a transformer."""
    return Tokenizer(described(config), config.windows)


def load_encoder(config: Embedding) -> TransformerEncoder:
    """The model of a configuration that names a transformer."""
    return TransformerEncoder(
        described(config),
        batch_tokens=config.batch_tokens,
        dtype=config.dtype,
        compile=config.compile,
        on_gpu=config.gpus_per_actor > 0,
    )


def described(config: Embedding) -> SentenceModel:
    """What the model's files say, and the configuration before them."""
    return sentence_model(config.model, pooling=config.pooling, prefix=config.prefix, max_tokens=config.max_tokens)


def embedding_width(config: Embedding) -> int:
    """The dimensions of the embeddings, known before anything is embedded."""
    if config.own is not None:
        return config.own.dimensions
    return config.dimensions if config.model == TFIDF else model_width(described(config))
