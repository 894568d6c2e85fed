"""The hash by which documents of the same content are found, and hashes of web addresses."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.characters import decode, where
from curator.text.folded_words import mix
from curator.text.kernel.compiled import inlined, integer, whole
from curator.text.kernel.words import fold
from curator.text.url_form import normal_urls
from curator.text.url_table import SEED, hashed

BLOCK = 4096
WORD = 8
LAST_SPACE = 0x3000
_BLANK = 0x20
_SPACE, _MAY_BE_SPACE = 1, 2
_HIGH, _LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def content_hashes(text: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The content hash, uint64[2, n] (high, low), and the code points, int64[n], of texts (string or large_string; null is empty).

    It is a hash of the text without white space at its ends and with one blank for every run of it inside, so it is the same
    for texts that `str.split` takes apart alike. Eight bytes are folded at a time, into two numbers of different start. 460 MB/s.
    """
    data, offsets = text_buffers(text)
    hashes, characters = np.empty((2, len(text)), np.uint64), np.empty(len(text), np.int64)
    _hash_texts(data, offsets, *_spaces(), np.empty(BLOCK + 4 * WORD, np.uint8), hashes, characters)
    return hashes, characters


def url_hashes(url: pa.Array) -> pa.Array:
    """uint64 hashes of addresses (string or large_string) in their normal form; null stays null."""
    data, offsets = text_buffers(normal_urls(url))
    hashes = np.empty(len(url), np.uint64)
    _hash_bytes(data, offsets, hashes)
    return pc.if_else(pc.is_valid(url), pa.array(hashes), None)


@cache
def _spaces() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """Which code points up to the last white space are such (`str.isspace`), and which bytes are one or may begin one."""
    spaces = np.zeros(LAST_SPACE + 1, np.bool_)
    spaces[where(str.isspace, range(LAST_SPACE + 1))] = True
    leads = np.zeros(256, np.uint8)
    for code in np.flatnonzero(spaces).tolist():
        leads[chr(code).encode()[0]] = _SPACE if code < 0x80 else _MAY_BE_SPACE
    for table in (spaces, leads):
        table.flags.writeable = False
    return spaces, leads


@whole
def _hash_texts(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    spaces: npt.NDArray[np.bool_],
    leads: npt.NDArray[np.uint8],
    plain: npt.NDArray[np.uint8],
    hashes: npt.NDArray[np.uint64],
    characters: npt.NDArray[np.int64],
) -> None:
    """Block by block: white space is made plain, almost without branches, and what fills words of eight bytes is hashed.

    The last byte of a block waits for the next one, as it may be the blank at the end of the text.
    """
    for document in range(len(offsets) - 1):
        place, end = offsets[document], offsets[document + 1]
        characters[document] = _count_characters(data, place, end)
        high, low, total = _LOW, _HIGH, integer(0)
        filled, before = integer(0), integer(1)
        while place < end:
            place, filled, before = _make_plain(data, place, end, spaces, leads, plain, filled, before)
            whole_words = max(filled - 1, 0) // WORD
            for word in range(whole_words):
                value = _word(plain, word * WORD)
                high, low = fold(high, value), fold(low, value)
            total += whole_words * WORD
            filled -= whole_words * WORD
            for rest in range(filled):
                plain[rest] = plain[whole_words * WORD + rest]
        if filled and before:
            filled -= 1
        if filled:
            plain[filled:WORD] = 0
            value = _word(plain, 0)
            high, low = fold(high, value), fold(low, value)
        length = np.uint64(total + filled)
        hashes[0, document], hashes[1, document] = fold(high, length), fold(low, length)


@inlined
def _make_plain(
    data: npt.NDArray[np.uint8],
    place: int,
    end: int,
    spaces: npt.NDArray[np.bool_],
    leads: npt.NDArray[np.uint8],
    plain: npt.NDArray[np.uint8],
    filled: int,
    before: int,
) -> tuple[int, int, int]:
    """Append a block of the text from `place` on, white space as one blank; `before` tells whether white space came last."""
    stop = min(end, place + BLOCK)
    while place < stop:
        byte = data[np.uint64(place)]
        kind = integer(leads[byte])
        if kind == _MAY_BE_SPACE:
            code, width = decode(data, place, end)
            kind = integer(code <= LAST_SPACE and spaces[code])
            place += (width - 1) * kind
        plain[np.uint64(filled)] = _BLANK if kind else byte
        filled += 1 - (kind & before)
        before = kind
        place += 1
    return place, filled, before


@inlined
def _word(plain: npt.NDArray[np.uint8], place: int) -> np.uint64:
    """Eight bytes as a number, the first one lowest; the compiler makes it one load."""
    value = np.uint64(0)
    for byte in range(WORD):
        value |= np.uint64(plain[np.uint64(place + byte)]) << np.uint64(8 * byte)
    return value


@inlined
def _count_characters(data: npt.NDArray[np.uint8], first: int, end: int) -> int:
    count = integer(0)
    for place in range(first, end):
        count += (data[place] & 0xC0) != 0x80
    return count


@whole
def _hash_bytes(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint64]) -> None:
    for row in range(len(offsets) - 1):
        state = SEED
        for place in range(offsets[row], offsets[row + 1]):
            state = hashed(state, data[place])
        hashes[row] = mix(state)
