"""Texts to tokens: one tokenizer for all models, trained on as much of every corpus or given, and lossless in any case."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError, InputError
from curator.evaluation.chunks import encode_chunks
from curator.store.files import filesystem_for
from curator.text.buffers import text_buffers

BEGIN = "<|begin|>"
PART = 100_000
"""Characters given to the library at once. It holds 100 bytes for each, and a text without a space is one word to it."""
PIECE = 16_000_000  # bytes of text tokenised at once: memory does not depend on the corpus
PROBE = "".join(map(chr, range(32, 127))) + (
    "  two  blanks\n\n\ttab ÄßÉ Ελλ Жя עב ب हि 中文 かな 한 \U0001f469\u200d\U0001f52c \u0301 \ufb01 \uff12 I' m don't <|begin|>."
)

Tokens = npt.NDArray[np.unsignedinteger[Any]]


class TextTokenizer:
    """A tokenizer.json, as `train_tokenizer` and `load_tokenizer` give it, at work.

    `size` is the number of different tokens, `begin` the one that stands before every document, `dtype` that of tokens.
    """

    def __init__(self, content: bytes) -> None:
        self._tokenizer = _tokenizer(content)
        self.begin = int(self._tokenizer.token_to_id(BEGIN))
        names = self._tokenizer.get_vocab()
        self.size = max(names.values()) + 1
        self.dtype: type[np.unsignedinteger[Any]] = np.uint16 if self.size <= 1 << 16 else np.uint32
        self._token_bytes = np.zeros(self.size, np.int64)
        self._token_bytes[list(names.values())] = list(map(len, names))  # byte-level: a character for each byte
        self._by_chunks = _splits_at_words(json.loads(content))

    def encode(self, texts: pa.Array | pa.ChunkedArray) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """The tokens of all documents, one after another, and where each begins and the last one ends, int64 (documents + 1).

        Before every document, an empty or a null one too, stands `begin`; in no other place, for a text that has its name in
        it is read as text. What is longer than 100,000 characters is tokenised in parts.
        """
        tokens: list[Tokens] = [self._ids("")]
        lengths = [np.zeros(1, np.int64)]
        for piece in _pieces(texts):
            found, counts = self._encode_piece(piece)
            tokens.append(found)
            lengths.append(counts)
        return np.concatenate(tokens), np.cumsum(np.concatenate(lengths))

    def _encode_piece(self, texts: pa.Array) -> tuple[Tokens, npt.NDArray[np.int64]]:
        if self._by_chunks:
            return encode_chunks(texts, self._token_bytes, self.begin, self._ids)
        begin = np.array([self.begin], self.dtype)
        found = [np.append(begin, self._ids(text or "")) for text in texts.to_pylist()]
        return np.concatenate(found), np.fromiter(map(len, found), np.int64, len(found))

    def _ids(self, text: str) -> Tokens:
        ids = [id for part in _parts(text) for id in self._tokenizer.encode(part, add_special_tokens=False).ids]
        return np.array(ids, self.dtype)


def train_tokenizer(corpora: Sequence[pa.Array], *, vocabulary: int, sample_bytes: int) -> bytes:
    """A tokenizer.json of a byte-level BPE of `vocabulary` tokens, `<|begin|>` the first, 256 bytes among them.

    It is trained on the beginnings (shuffled texts are expected) of all corpora, equally many bytes of each: `sample_bytes` in
    all, less where a corpus is smaller than its part. The same bytes in any process, with any number of threads. Raises
    InputError where there is too little text for so many tokens.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one worker, one core
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BEGIN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(corpora, sample_bytes), trainer)
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
    tokenizer = _tokenizer(_json_file(path) if path.endswith(".json") else _of_hub(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.add_special_tokens([BEGIN])
    ids = tokenizer.encode(PROBE, add_special_tokens=False).ids
    if tokenizer.decode(ids, skip_special_tokens=False) != PROBE:
        raise ConfigError(
            f"tokenizer.path: {path} loses characters, so bits per byte cannot be computed; name a byte-level one or null"
        )
    return str(tokenizer.to_str()).encode()


def _tokenizer(content: bytes) -> Any:
    from tokenizers import Tokenizer

    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one worker, one core
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except ValueError as error:
        raise ConfigError(f"tokenizer.path: not a tokenizer.json: {error}") from error
    tokenizer.encode_special_tokens = True  # what looks like a special token in a text is text
    return tokenizer


def _json_file(path: str) -> bytes:
    try:
        filesystem, inside = filesystem_for(path)
        with filesystem.open_input_stream(inside, compression=None) as stream:
            return bytes(stream.read())
    except OSError as error:
        raise ConfigError(f"tokenizer.path: {path} cannot be read: {error}") from error


def _of_hub(name: str) -> bytes:
    import transformers

    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise ConfigError(f"tokenizer.path: {name} cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    if not tokenizer.is_fast:
        raise ConfigError(f"tokenizer.path: {name} has no tokenizer.json; name another")
    return str(tokenizer.backend_tokenizer.to_str()).encode()


def _sample(corpora: Sequence[pa.Array], sample_bytes: int) -> Iterator[str]:
    """The beginning of every corpus, of all as many bytes, in parts."""
    share = sample_bytes // max(1, len(corpora))
    share = min([share, *(pc.sum(pc.binary_length(texts)).as_py() or 0 for texts in corpora)])
    for texts in corpora:
        left = share
        for part in (part for text in texts for part in _parts(text.as_py() or "")):
            content = part.encode()[:left]
            left -= len(content)
            yield content.decode(errors="ignore")
            if not left:
                break


def _parts(text: str) -> Iterator[str]:
    return (text[start : start + PART] for start in range(0, len(text), PART))


def _pieces(texts: pa.Array | pa.ChunkedArray) -> Iterator[pa.Array]:
    """Slices of about PIECE bytes, a longer text alone."""
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        number = np.cumsum(np.diff(text_buffers(chunk)[1])) // PIECE
        bounds = np.unique(np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1, [len(chunk)]])).tolist()
        yield from (chunk.slice(start, stop - start) for start, stop in pairwise(bounds))


def _splits_at_words(settings: Any) -> bool:
    """Whether a tokenizer.json cuts text as GPT-2 does, and nothing comes before that."""
    splitter = settings["pre_tokenizer"] or {}
    is_plain = settings["normalizer"] is None and all(token["special"] for token in settings["added_tokens"])
    return is_plain and (splitter.get("type"), splitter.get("add_prefix_space"), splitter.get("use_regex")) == (
        "ByteLevel",
        False,
        True,
    )
