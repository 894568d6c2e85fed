"""How varied the words of a text are, whatever its length: MTLD (McCarthy & Jarvis 2010).

Words are those of `curator.text.folding`. The cache of numba watches this file alone: touch it after a change to `read_words`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.folded_words import BLOCK, read_words
from curator.text.folding import folding_table

MOST_WORDS = BLOCK
"""Words that decide. No memory or time is spent on those behind them."""
_TYPES, _TOKENS = 18, 25
"""A factor is full when 18 of 25 of its words are different, a share of .72, or fewer."""
_SLOTS = 4 * BLOCK


def lexical_diversity(texts: pa.Array) -> npt.NDArray[np.float32]:
    """MTLD of the first 4,096 words of each text (string or large_string), float32[documents]; NaN without a word.

    The text is cut into factors: strings of words of which the share of different ones has just fallen to .72. What is left at
    the end is the part of a factor by which its share has fallen. MTLD is the number of words over that of factors, the mean of
    forwards and backwards: 27 for exercises of arithmetic, 40 to 60 for manuals, 80 to 100 for novels and newspapers. A text in
    which no word recurs, of which the paper says nothing, has the factors that it would have if the next word did: of n words
    MTLD is 0.28 n (n + 1) then.
    Below a hundred words the number says little. Compare it within a language: a word of Chinese is one character.
    """
    data, offsets = text_buffers(texts)
    diversity = np.empty(len(texts), np.float32)
    _measure(data, offsets, folding_table(), diversity)
    return diversity


@numba.njit(cache=True, nogil=True)
def _measure(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    diversity: npt.NDArray[np.float32],
) -> None:
    words, before, behind = np.empty(BLOCK + 1, np.uint64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    keys, places = np.empty(_SLOTS, np.uint64), np.full(_SLOTS, -1, np.int64)
    for text in range(offsets.size - 1):
        _, count = read_words(data, offsets[text], offsets[text + 1], folded, words, None, 0)
        _link(words, count, text * BLOCK, keys, places, before, behind)
        forwards, backwards = _factors(before, count), _factors(behind, count)
        diversity[text] = (count / forwards + count / backwards) / 2 if count else np.nan


@inlined
def _link(
    words: npt.NDArray[np.uint64],
    count: int,
    first: int,
    keys: npt.NDArray[np.uint64],
    places: npt.NDArray[np.int64],
    before: npt.NDArray[np.int64],
    behind: npt.NDArray[np.int64],
) -> None:
    """How many words ago each word stood last, and in how many it stands again; a distance beyond the text where it does not.

    `first` numbers the words through all texts, so that what earlier texts left in the table is known to be theirs.
    """
    mask = np.uint64(_SLOTS - 1)
    for place in range(count):
        slot = words[place] & mask
        while places[slot] >= first and keys[slot] != words[place]:
            slot = (slot + np.uint64(1)) & mask
        before[place] = behind[count - 1 - place] = BLOCK
        if places[slot] >= first:
            earlier = places[slot] - first
            before[place] = behind[count - 1 - earlier] = place - earlier
        keys[slot], places[slot] = words[place], first + place


@inlined
def _factors(distances: npt.NDArray[np.int64], count: int) -> float:
    """Factors in a text of which each word stood last so many words ago."""
    full, tokens, types = 0, 0, 0
    for place in range(count):
        tokens += 1
        types += distances[place] >= tokens
        if _TOKENS * types <= _TYPES * tokens:
            full, tokens, types = full + 1, 0, 0
    repeated = tokens - types
    if full == 0 and repeated == 0:
        tokens, repeated = tokens + 1, 1
    return full + min(1.0, repeated / max(tokens, 1) / (1 - _TYPES / _TOKENS))
