# ruff: noqa: RUF001
"""Function words of the big languages, of which good text of the language has at least two (Rae 2021, Gopher, for English)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.parts import Runs, Words
from curator.text.kernel.tally import Tally
from curator.text.profiles import BARE_STOP_WORDS, FOLDED_STOP_WORDS, RUN_STOP_WORDS, Rules

LONGEST = 8
"""Bytes of UTF-8 that fit a key."""
_SLOT_BITS = 6
_SHIFT = 64 - _SLOT_BITS

STOP_WORDS = {
    "en": "the be to of and that have with",  # Gopher's eight; the other lists were written for this table
    "ar": "من في على إلى أن ما هذا التي لا",
    "bg": "и на да се за от не по",
    "bn": "ও না এই যে এ কি সে তা",
    "ca": "de la que el i en per les",
    "cs": "a se na je že v s to",
    "da": "og at det i en som er på",
    "de": "der die und in den von zu das mit",
    "el": "και το του της να με για από",
    "es": "de la que el en y los se",
    "et": "ja on ei et see ta oli kui",
    "fa": "و در به از که این را با",
    "fi": "ja on ei että se oli hän ovat",
    "fr": "de la le et les des en que",
    "he": "של את על לא הוא כי זה עם",
    "hi": "के का की है से को पर ने भी",
    "hr": "i je u na se da za od",
    "hu": "a az és hogy nem is egy van",
    "id": "yang dan di dari untuk ini itu pada",
    "it": "di e il la che in per un",
    "ja": "の に は を た が で て と も",
    "ko": "이 그 수 것 및 등 있는 하는 있다",
    "lt": "ir kad į su yra ne iš tai",
    "ms": "yang dan di dari untuk ini itu pada",
    "nl": "de het en van een dat die is",
    "no": "og at det i en som er på",
    "pl": "i w na z że się do nie",
    "pt": "de a o que e do da em",
    "ro": "de și în la cu pe care nu",
    "ru": "и в не на что по с как",
    "sk": "a sa na je že v s to",
    "sl": "in je na se da za so pri",
    "sr": "и је у на се да за од",
    "sv": "och att det i en som är på",
    "sw": "na ya wa kwa ni la za katika",
    "tr": "ve bir bu için ile de da çok",
    "uk": "і в на що не та з до",
    "ur": "کے کی میں سے اور کا کو ہے",
    "vi": "là và có của cho các không được",
    "zh": "的 了 在 是 和 有 不 我",
}


class StopWords(NamedTuple):
    """The words of all languages as packed bytes in one small hash table for each, without collisions."""

    keys: npt.NDArray[np.uint64]  # [languages, slots]; 0 where there is none
    words: npt.NDArray[np.uint8]  # [languages, slots]: which word of the list
    factors: npt.NDArray[np.uint64]  # [languages]: the slot of a key is the highest bits of key * factor
    sizes: npt.NDArray[np.int64]  # [languages]: bit n is set if some key has n bytes


@cache
def packed(folded: bool) -> StopWords:
    """The table; `folded` for words in any case."""
    tables = [_table(_spellings(text.split(), folded)) for text in STOP_WORDS.values()]
    keys, words, factors, sizes = zip(*tables, strict=True)
    return StopWords(
        np.array(keys, np.uint64), np.array(words, np.uint8), np.array(factors, np.uint64), np.array(sizes, np.int64)
    )


def key_of(word: bytes, folded: bool) -> int:
    """The bytes as one number. Bit 0x20 tells the cases of A-Z apart, and those of most letters of Latin-1, Greek, Cyrillic."""
    return int.from_bytes(bytes(byte | 0x20 for byte in word) if folded else word, "big")


def _spellings(words: list[str], folded: bool) -> dict[int, tuple[int, int]]:
    """Key -> word and bytes. A letter whose case is not bit 0x20 is listed in both."""
    found: dict[int, tuple[int, int]] = {}
    for index, word in enumerate(words):
        for spelling in (word, word.title(), word.upper()) if folded else (word,):
            encoded = spelling.encode()
            if len(encoded) <= LONGEST:
                found[key_of(encoded, folded)] = (index, len(encoded))
    return found


def _table(spellings: dict[int, tuple[int, int]]) -> tuple[list[int], list[int], int, int]:
    """The first of a sequence of factors that gives every key a slot of its own: after 200 trials at most."""
    factor = 0x9E3779B97F4A7C15
    while len({_slot(key, factor) for key in spellings}) < len(spellings):
        factor = (factor * 0xD1342543DE82EF95 + 2) & 0xFFFFFFFFFFFFFFFF | 1
    keys, words, sizes = [0] * (1 << _SLOT_BITS), [0] * (1 << _SLOT_BITS), 0
    for key, (word, size) in spellings.items():
        keys[_slot(key, factor)], words[_slot(key, factor)] = key, word
        sizes |= 1 << size
    return keys, words, factor, sizes


def _slot(key: int, factor: int) -> int:
    return (key * factor & 0xFFFFFFFFFFFFFFFF) >> _SHIFT


def rows_of(language: pa.Array) -> npt.NDArray[np.int64]:
    """The row of each document's language in the table; -1 where there is no list."""
    rows = pc.index_in(language, pa.array(list(STOP_WORDS), pa.string()))
    found: npt.NDArray[np.int64] = pc.fill_null(rows, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


@inlined
def _is_punctuation(byte: int) -> bool:
    return 0x21 <= byte <= 0x2F or 0x3A <= byte <= 0x40 or 0x5B <= byte <= 0x60 or 0x7B <= byte <= 0x7E


@inlined
def _stop_word(data: npt.NDArray[np.uint8], start: int, end: int, flags: int, stop_words: StopWords, row: int) -> int:
    """The bit of the stop word in these bytes, or 0."""
    if flags & BARE_STOP_WORDS:
        while start < end and _is_punctuation(data[start]):
            start += 1
        while start < end and _is_punctuation(data[end - 1]):
            end -= 1
    size = end - start
    if size == 0 or size > LONGEST or not stop_words.sizes[row] >> size & 1:
        return 0
    key, bit = np.uint64(0), np.uint64(0x20 if flags & FOLDED_STOP_WORDS else 0)
    for place in range(start, end):
        key = key << np.uint64(8) | np.uint64(data[place]) | bit
    slot = integer((key * stop_words.factors[row]) >> np.uint64(_SHIFT))
    return 1 << stop_words.words[row, slot] if stop_words.keys[row, slot] == key else 0


@part
def count_stop_words(
    data: npt.NDArray[np.uint8],
    runs: Runs,
    words: Words,
    rules: Rules,
    stop_words: StopWords,
    row: int,
    tally: npt.NDArray[np.int64],
) -> None:
    """How many different stop words of the language in `row` there are, and how many in all."""
    in_runs = (rules.flags & RUN_STOP_WORDS) != 0
    first_bytes = runs.first_bytes if in_runs else words.first_bytes
    last_bytes = runs.last_bytes if in_runs else words.last_bytes
    found, copies = 0, 0
    for word in range(tally[Tally.RUNS] if in_runs else tally[Tally.WORDS]):
        bit = _stop_word(data, integer(first_bytes[word]), integer(last_bytes[word]), rules.flags, stop_words, row)
        found |= bit
        copies += bit != 0
    tally[Tally.STOP_WORD_COPIES] = copies
    while found:
        tally[Tally.STOP_WORDS] += found & 1
        found >>= 1
