"""Documents to tokens, each ended by the token that ends a text, by a tokenizer that is given or trained in the run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from curator.errors import ConfigError
from curator.models.byte_pairs import beginnings, train_byte_pairs
from curator.models.text_encoder import Numbers, TextEncoder, Tokens
from curator.models.tokenizer_files import built, end_token_of, read_tokenizer, tokenizers_library

END = "<|end|>"
"""What ends a text of a tokenizer that is trained here, where nothing else is named."""


class DocumentTokenizer:
    """A tokenizer.json at work: `size` different tokens of `dtype` (uint16 or uint32), `end_id` after every document."""

    def __init__(self, content: bytes, end_token: str) -> None:
        self._encoder = TextEncoder(content)
        self.size, self.dtype = self._encoder.size, self._encoder.dtype
        self.end_id = int(self._encoder.tokenizer.token_to_id(end_token))

    def encode(self, texts: pa.Array | pa.ChunkedArray) -> tuple[Tokens, Numbers]:
        """The tokens of all documents, one after another, and where each begins and the last one ends, int64 (documents + 1,).

        After the tokens of every document, an empty or a null one too, comes `end_id`; its name in a text is text, and no special
        token. Nothing is cut off or added. Long documents: see `TextEncoder.encode`. Memory beside the result is that of about
        16 MB of text, or of the longest one.
        """
        tokens, counts = self._encoder.encode(texts)
        return np.insert(tokens, np.cumsum(counts), self.end_id), np.cumsum(np.append(0, counts + 1))


def train_tokenizer(texts: Iterable[str], *, vocabulary: int, sample_bytes: int, end_token: str) -> bytes:
    """A tokenizer.json of a byte-level BPE, trained on the first `sample_bytes` of the texts; its end token is token 0.

    It has `vocabulary` tokens, or as many as so little text gives.
    """
    sample = beginnings(texts, sample_bytes)
    tokenizer = train_byte_pairs(sample, vocabulary=vocabulary, special_tokens=[end_token])
    return str(tokenizer.to_str()).encode()


def check_new_end_token(end_token: str) -> None:
    """Raises ConfigError where a tokenizer that is trained here could make the same token of a word."""
    splitter = tokenizers_library().pre_tokenizers.ByteLevel(add_prefix_space=False)
    if len(splitter.pre_tokenize_str(end_token)) < 2:
        raise ConfigError(f"tokenizer.end_token: {end_token!r} could be a word of a text; name one such as {END}")


def given_tokenizer(path: str, end_token: str | None) -> tuple[bytes, str]:
    """The tokenizer.json at `path` as it is, and the name of the token that ends a text. Raises ConfigError."""
    content = read_tokenizer(path)
    return content, end_token_of(path, built(content), end_token)
