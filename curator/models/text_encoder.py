"""Texts to tokens by any tokenizer.json, in pieces: one that cuts text as GPT-2 does by chunks, any other by the library alone."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.models.byte_pairs import PART
from curator.models.chunks import encode_chunks
from curator.models.tokenizer_files import built, tokenizers_library
from curator.text.buffers import text_buffers

PIECE = 16_000_000  # bytes of text tokenised at once: memory does not depend on the corpus
BATCH = 1_000_000  # characters given to one call of the library, whose notes on them take 100 times that
CALL = 20  # characters that a text counts beside its own: the library's notes on an empty one
BEFORE_A_WORD = re.compile(r".+(?= \S)", re.DOTALL)

Tokens = npt.NDArray[np.unsignedinteger[Any]]
Numbers = npt.NDArray[np.int64]


class TextEncoder:
    """A tokenizer.json at work, on one core. `size` is the number of different tokens, `dtype` that of tokens."""

    def __init__(self, content: bytes) -> None:
        self.tokenizer = built(content)
        names = self.tokenizer.get_vocab()
        self.size = max(names.values(), default=0) + 1
        self.dtype: type[np.unsignedinteger[Any]] = np.uint16 if self.size <= 1 << 16 else np.uint32
        self._token_bytes = np.zeros(self.size, np.int64)
        self._token_bytes[list(names.values())] = list(map(len, names))  # byte-level: a character for each byte
        settings = json.loads(content)
        self._by_chunks = _cuts_as_gpt2(settings)
        self._special = _special_pieces(settings)
        self._careful = _cutting_names(built(content), self._special) if self._special else self.tokenizer

    def encode(self, texts: pa.Array | pa.ChunkedArray) -> tuple[Tokens, Numbers]:
        """The tokens of all texts, one after another, and how many each has, int64 (texts,); null is an empty text.

        They are the library's for whole texts without special tokens, whose names in a text are text. What is longer than
        100,000 characters is tokenised in parts, which begin at a word where they can: with most tokenizers that changes nothing.
        """
        found = [np.zeros(0, self.dtype)], [np.zeros(0, np.int64)]
        for piece in _pieces(texts):
            tokens, counts = self._encode_piece(piece)
            found[0].append(tokens)
            found[1].append(counts)
        return np.concatenate(found[0]), np.concatenate(found[1])

    def _encode_piece(self, texts: pa.Array) -> tuple[Tokens, Numbers]:
        if self._by_chunks:
            return encode_chunks(texts, self._token_bytes, self._encode_strings)
        return self._encode_strings([text or "" for text in texts.to_pylist()])

    def _encode_strings(self, texts: Sequence[str]) -> tuple[Tokens, Numbers]:
        tokens = array("H" if self.dtype is np.uint16 else "I")
        counts = np.zeros(len(texts), np.int64)
        for batch in _batches((place, part) for place, text in enumerate(texts) for part in _parts(text)):
            encodings = self.tokenizer.encode_batch_fast([part for _, part in batch], add_special_tokens=False)
            for (place, part), encoding in zip(batch, encodings, strict=True):
                ids = encoding.ids
                if self._special and not self._special.keys().isdisjoint(ids):  # a name of one stands in the text
                    ids = self._careful.encode(part, add_special_tokens=False).ids
                tokens.extend(ids)
                counts[place] += len(ids)
        return np.array(tokens, self.dtype), counts


def _pieces(texts: pa.Array | pa.ChunkedArray) -> Iterator[pa.Array]:
    """Slices of about PIECE bytes, a longer text alone."""
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        number = np.cumsum(np.diff(text_buffers(chunk)[1])) // PIECE
        bounds = np.unique(np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1, [len(chunk)]])).tolist()
        yield from (chunk.slice(start, stop - start) for start, stop in pairwise(bounds))


def _batches(parts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Parts for one call each of the library."""
    batch: list[tuple[int, str]] = []
    size = 0
    for part in parts:
        batch.append(part)
        size += CALL + len(part[1])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parts(text: str) -> Iterator[str]:
    """A text, cut before words where it is long: there expressions that split text must split, and so must white space."""
    start = 0
    while len(text) - start > PART:
        word = BEFORE_A_WORD.match(text, start, start + PART)
        stop = word.end() if word else start + PART
        yield text[start:stop]
        start = stop
    if start < len(text):
        yield text[start:]


def _special_pieces(settings: Any) -> dict[int, str]:
    """Special tokens of a Unigram by number, but for the unknown: they are among its pieces, so the library finds them in texts."""
    if settings["model"].get("type") != "Unigram":
        return {}
    special = {token["id"]: token["content"] for token in settings["added_tokens"] if token["special"]}
    unknown = settings["model"].get("unk_id")
    return {number: name for number, name in special.items() if len(name) > 1 and number != unknown}


def _cutting_names(tokenizer: Any, special: Mapping[int, str]) -> Any:
    """The same tokenizer, but to it no special name is whole; expressions for a hundred of them take its time twice."""
    library = tokenizers_library()
    tails = "|".join(f"(?<={re.escape(name[0])}){re.escape(name[1:])}" for name in special.values())
    cut = library.pre_tokenizers.Split(library.Regex(tails), "isolated")
    before = [] if tokenizer.pre_tokenizer is None else [tokenizer.pre_tokenizer]
    tokenizer.pre_tokenizer = library.pre_tokenizers.Sequence([*before, cut])
    return tokenizer


def _cuts_as_gpt2(settings: Any) -> bool:
    """Whether a tokenizer.json is a byte-level BPE that cuts text as GPT-2's, and nothing comes before that."""
    splitter, model = settings["pre_tokenizer"] or {}, settings["model"]
    is_plain = settings["normalizer"] is None and all(token["special"] for token in settings["added_tokens"])
    is_bpe = model.get("type") == "BPE" and not (
        model.get("continuing_subword_prefix") or model.get("end_of_word_suffix")
    )
    splits = splitter.get("type"), splitter.get("add_prefix_space"), splitter.get("use_regex")
    if not (is_plain and is_bpe and splits == ("ByteLevel", False, True)):
        return False
    letters: list[str] = tokenizers_library().pre_tokenizers.ByteLevel.alphabet()
    return all(
        letter in model["vocab"] for letter in letters
    )  # with a byte that has no token, tokens would not tell bytes
