"""Texts to tokens: one tokenizer for all models, trained on as much of every corpus or given, and lossless in any case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError, InputError
from curator.models.byte_pairs import beginnings, train_byte_pairs
from curator.models.text_encoder import TextEncoder, Tokens
from curator.models.tokenizer_files import built, read_tokenizer

BEGIN = "<|begin|>"
PROBE = "".join(map(chr, range(32, 127))) + (
    "  two  blanks\n\n\ttab ÄßÉ Ελλ Жя עב ب हि 中文 かな 한 \U0001f469\u200d\U0001f52c \u0301 \ufb01 \uff12 I' m don't <|begin|>."
)


class TextTokenizer:
    """A tokenizer.json, as `train_tokenizer` and `load_tokenizer` give it, at work.

    `size` is the number of different tokens, `begin` the one that stands before every document, `dtype` that of tokens.
    """

    def __init__(self, content: bytes) -> None:
        self._encoder = TextEncoder(content)
        self.size, self.dtype = self._encoder.size, self._encoder.dtype
        self.begin = int(self._encoder.tokenizer.token_to_id(BEGIN))

    def encode(self, texts: pa.Array | pa.ChunkedArray) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """The tokens of all documents, one after another, and where each begins and the last one ends, int64 (documents + 1).

        Before every document, an empty or a null one too, stands `begin`; in no other place, for a text that has its name in
        it is read as text. Long documents: see `TextEncoder.encode`.
        """
        tokens, counts = self._encoder.encode(texts)
        return np.insert(tokens, np.cumsum(counts) - counts, self.begin), np.cumsum(np.append(0, counts + 1))


def train_tokenizer(corpora: Sequence[pa.Array], *, vocabulary: int, sample_bytes: int) -> bytes:
    """A tokenizer.json of a byte-level BPE of `vocabulary` tokens, `<|begin|>` the first, 256 bytes among them.

    It is trained on the beginnings (shuffled texts are expected) of all corpora, equally many bytes of each: `sample_bytes` in
    all, less where a corpus is smaller than its part. The same bytes in any process, with any number of threads. Raises
    InputError where there is too little text for so many tokens.
    """
    tokenizer = train_byte_pairs(_sample(corpora, sample_bytes), vocabulary=vocabulary, special_tokens=[BEGIN])
    if tokenizer.get_vocab_size() < vocabulary:
        raise InputError(
            f"the corpora hold too little text for a vocabulary of {vocabulary} tokens: "
            f"lower tokenizer.vocabulary to {tokenizer.get_vocab_size()} or name larger corpora"
        )
    return str(tokenizer.to_str()).encode()


def load_tokenizer(path: str) -> bytes:
    """The tokenizer.json at `path` (a file, local or by URI, or a folder or name of Hugging Face), with `<|begin|>` as a new token.

    Raises ConfigError where there is none, or where it does not give back every text: bits per byte would be those of
    another text.
    """
    tokenizer = built(read_tokenizer(path))
    tokenizer.add_special_tokens([BEGIN])
    ids = tokenizer.encode(PROBE, add_special_tokens=False).ids
    if tokenizer.decode(ids, skip_special_tokens=False) != PROBE:
        raise ConfigError(
            f"tokenizer.path: {path} loses characters, so bits per byte cannot be computed; name a byte-level one or null"
        )
    return str(tokenizer.to_str()).encode()


def _sample(corpora: Sequence[pa.Array], sample_bytes: int) -> Iterator[str]:
    """The beginning of every corpus, of all as many bytes, in parts."""
    share = sample_bytes // max(1, len(corpora))
    share = min([share, *(pc.sum(pc.binary_length(texts)).as_py() or 0 for texts in corpora)])
    for texts in corpora:
        yield from beginnings((text.as_py() or "" for text in texts), share)
