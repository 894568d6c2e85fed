"""Training a byte-level BPE, which cuts text as GPT-2's does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from curator.models.tokenizer_files import tokenizers_library

PART = 100_000
"""Characters given to the library at once. It holds 100 bytes for each, and a text without a space is one word to it."""


def train_byte_pairs(texts: Iterable[str], *, vocabulary: int, special_tokens: Sequence[str]) -> Any:
    """A `tokenizers.Tokenizer` of at most `vocabulary` tokens, fewer of little text: the special ones first, then 256 bytes.

    It gives back every text. The same for any number of threads.
    """
    library = tokenizers_library()
    tokenizer = library.Tokenizer(library.models.BPE())
    tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = library.decoders.ByteLevel()
    trainer = library.trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(special_tokens),
        initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def beginnings(texts: Iterable[str], most_bytes: int) -> Iterator[str]:
    """The first texts, as many as `most_bytes` of UTF-8 hold, in parts."""
    left = most_bytes
    for part in (part for text in texts for part in parts(text)):
        content = part.encode()[:left]
        left -= len(content)
        yield content.decode(errors="ignore")
        if not left:
            break


def parts(text: str) -> Iterator[str]:
    return (text[start : start + PART] for start in range(0, len(text), PART))
