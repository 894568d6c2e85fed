"""Words of UTF-8 text as 64-bit hashes, folded for comparison: case, punctuation and white space make no difference."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers
from curator.text.characters import decode, inlined
from curator.text.folding import ALONE, LEFT_OUT, LETTER, OPENS, UNSPACED, folding_table

BLOCK = 4096  # words read at once: memory does not depend on the document

_PRIME = np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_LEFT_OUT, _ONE = np.uint32(LEFT_OUT), np.uint32(1)
_ALONE_BIT, _LETTER_BIT, _UNSPACED_BIT, _OPENS_BIT = (
    np.uint32(flag.bit_length() - 1) for flag in (ALONE, LETTER, UNSPACED, OPENS)
)


def hash_words(texts: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Hash and letters of all words of all texts, and where the words of each text start among them (texts + 1).

    `texts` is a string or large_string array, null is empty. Words are those of `folding_table`. A character of Chinese or
    Japanese counts as two letters, as it stands for more than one.
    """
    data, offsets = text_buffers(texts)
    most = (len(data) + len(texts)) // 2 + 1  # between words of one byte there is another byte
    hashes, letters, starts = np.empty(most, np.uint64), np.empty(most, np.int32), np.empty(len(texts) + 1, np.int64)
    _hash_words(data, offsets, folding_table(), hashes, letters, starts)
    return hashes[: starts[-1]].copy(), letters[: starts[-1]].copy(), starts


@numba.njit(cache=True, nogil=True)
def _hash_words(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.uint32],
    hashes: npt.NDArray[np.uint64],
    letters: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
) -> None:
    """Hash and letters of the words of all texts one after another, and where each text begins and the last one ends."""
    words, tallies = np.empty(BLOCK + 1, np.uint64), np.empty(BLOCK + 1, np.int32)
    starts[0] = 0
    for text in range(offsets.size - 1):
        at, done = offsets[text], starts[text]
        while at < offsets[text + 1]:
            at, count = read_words(data, at, offsets[text + 1], folded, words, tallies, 0)
            hashes[done : done + count] = words[:count]
            letters[done : done + count] = tallies[:count]
            done += count
        starts[text + 1] = done


@numba.njit(cache=True, nogil=True)
def read_words(
    data: npt.NDArray[np.uint8],
    at: int,
    end: int,
    folded: npt.NDArray[np.uint32],
    words: npt.NDArray[np.uint64],
    letters: npt.NDArray[np.int32] | None,
    held: int,
) -> tuple[int, int]:
    """Append the hashes of the words from `at` on to `words[:held]` until the block is full; new `at` and count.

    `letters`, where wanted, are those of each word, and for Chinese and Japanese two for each character.
    Almost without branches, for the end of a word cannot be predicted. A full block leaves the word behind it unread.
    """
    count, width, word = held, 0, np.uint64(0)
    inside, script, tally = np.uint32(0), np.uint32(0), np.uint32(0)
    while at < end and count < BLOCK:
        code, width = decode(data, at, end)
        value = folded[code]
        at += width
        if value == _LEFT_OUT:
            continue
        letter, kind = np.uint32(value != 0), (value >> _UNSPACED_BIT & _ONE) + (value >> _ALONE_BIT & _ONE)
        ends = inside & ((letter ^ _ONE) | value >> _OPENS_BIT | np.uint32(kind != script))
        words[count] = word  # final if the word ends here, else overwritten
        if letters is not None:
            letters[count] = tally
            tally = tally * (inside & (ends ^ _ONE)) + (value >> _LETTER_BIT & _ONE) + (value >> _OPENS_BIT)
        count += int(np.int64(ends))
        begun = np.uint64(0) - np.uint64(inside & (ends ^ _ONE))
        word = (word & begun ^ np.uint64(value)) * _PRIME
        inside, script = letter, kind
    if inside and count < BLOCK:
        words[count] = word
        if letters is not None:
            letters[count] = tally
        count += 1
    elif inside:
        at -= width
    for place in range(held, count):
        words[place] = mix(words[place])
    return at, count


@inlined
def mix(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64: every input bit changes every output bit with probability about one half."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
