"""Counts of what stands inside the words of one document: letters, stop words, symbols, sentences, shapes of lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import LETTER, MARK, UNSPACED, decode, inlined
from curator.text.tally import Tally
from curator.text.words import ENDS_TERMINAL, Words

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""English function words, of which good text has at least two (Rae 2021, Gopher)."""
SHORT_LINE = 30
"""Characters of a line that FineWeb calls short."""

_STOP_WORD_KEYS = tuple(int.from_bytes(word.encode(), "big") for word in STOP_WORDS)
_LOREM, _IPSUM = int.from_bytes(b"lorem", "big"), int.from_bytes(b"ipsum", "big")
_HASH, _FULL_STOP, _HYPHEN, _OPEN, _CLOSE = 0x23, 0x2E, 0x2D, 0x7B, 0x7D
_BULLET, _ELLIPSIS = 0x2022, 0x2026
_THREE_STOPS, _ELLIPSIS_BYTES = 0x2E2E2E, 0xE280A6


@inlined
def _key(data: npt.NDArray[np.uint8], start: int, end: int) -> np.int64:
    """Up to five bytes in lower case as one number. Bit 0x20 makes letters of A-Z only, so a match with letters is exact."""
    key = np.int64(0)
    for place in range(start, end):
        key = key << 8 | np.int64(data[place]) | 0x20
    return key


@inlined
def _is_punctuation(byte: int) -> bool:
    return 0x21 <= byte <= 0x2F or 0x3A <= byte <= 0x40 or 0x5B <= byte <= 0x60 or 0x7B <= byte <= 0x7E


@inlined
def _stop_word(data: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """The bit of the stop word in these bytes, in any case and within any ASCII punctuation; 0 where there is none."""
    while start < end and _is_punctuation(data[start]):
        start += 1
    while start < end and _is_punctuation(data[end - 1]):
        end -= 1
    if 2 <= end - start <= 4:
        key = _key(data, start, end)
        for index in range(len(_STOP_WORD_KEYS)):
            if key == _STOP_WORD_KEYS[index]:
                return 1 << index
    return 0


@inlined
def count_vocabulary(data: npt.NDArray[np.uint8], words: Words, tally: npt.NDArray[np.int64]) -> None:
    """Words with a letter, distinct stop words, and "lorem ipsum" in any case with any white space between."""
    found = 0
    after_lorem = False
    for word in range(tally[Tally.WORDS]):
        start, end = words.first_bytes[word], words.last_bytes[word]
        tally[Tally.ALPHABETIC_WORDS] += (words.kinds[word] & LETTER) != 0
        found |= _stop_word(data, start, end)
        long = end - start >= 5
        tally[Tally.LOREM_IPSUM] += after_lorem and long and _key(data, start, start + 5) == _IPSUM
        after_lorem = long and _key(data, end - 5, end) == _LOREM
    while found:
        tally[Tally.STOP_WORDS] += found & 1
        found >>= 1


@inlined
def count_symbols(data: npt.NDArray[np.uint8], words: Words, tally: npt.NDArray[np.int64]) -> None:
    """Hashes, curly brackets and ellipses (three full stops, not overlapping, or the one character)."""
    for word in range(tally[Tally.WORDS]):
        if words.kinds[word] & MARK:
            place, end, stops = words.first_bytes[word], words.last_bytes[word], 0
            while place < end:
                code, width = decode(data, place, end)
                stops = (stops + 1) % 3 if code == _FULL_STOP else 0
                tally[Tally.ELLIPSES] += code == _ELLIPSIS or (code == _FULL_STOP and stops == 0)
                tally[Tally.HASHES] += code == _HASH
                tally[Tally.CURLY_BRACKETS] += code in (_OPEN, _CLOSE)
                place += width


@inlined
def _close_unspaced(
    data: npt.NDArray[np.uint8], place: int, end: int, characters: npt.NDArray[np.uint8], is_open: bool
) -> tuple[int, bool]:
    """Sentences that end inside one word, as Chinese ones do, and whether a sentence is open after it."""
    sentences = 0
    while place < end:
        code, width = decode(data, place, end)
        kind = characters[code]
        is_open = is_open or (kind & LETTER) != 0
        if is_open and kind & UNSPACED:
            sentences += 1
            is_open = False
        place += width
    return sentences, is_open


@inlined
def count_sentences(
    data: npt.NDArray[np.uint8], characters: npt.NDArray[np.uint8], words: Words, tally: npt.NDArray[np.int64]
) -> None:
    """Runs that hold a letter and end in a TERMINAL before white space or the end, or in an UNSPACED one anywhere."""
    is_open = False
    for word in range(tally[Tally.WORDS]):
        kinds = words.kinds[word]
        if kinds & UNSPACED:
            start, end = words.first_bytes[word], words.last_bytes[word]
            sentences, is_open = _close_unspaced(data, start, end, characters, is_open)
            tally[Tally.SENTENCES] += sentences
        elif kinds & LETTER:
            is_open = True
        if is_open and kinds & ENDS_TERMINAL:
            tally[Tally.SENTENCES] += 1
            is_open = False


@inlined
def _ends_in_ellipsis(data: npt.NDArray[np.uint8], start: int, end: int) -> bool:
    if end - start < 3:
        return False
    last = np.int64(data[end - 3]) << 16 | np.int64(data[end - 2]) << 8 | np.int64(data[end - 1])
    return last in (_THREE_STOPS, _ELLIPSIS_BYTES)


@inlined
def count_line_shapes(data: npt.NDArray[np.uint8], words: Words, tally: npt.NDArray[np.int64]) -> None:
    """Lines by how they start (bullet), end (ellipsis, TERMINAL) and how long they are, white space around them left out."""
    count = tally[Tally.WORDS]
    first = 0
    for word in range(count):
        if word + 1 == count or words.newlines[word + 1] > 0:
            start, end = words.first_bytes[word], words.last_bytes[word]
            code, _ = decode(data, words.first_bytes[first], end)
            length = words.starts[word] + words.lengths[word + 1] - words.lengths[word] - words.starts[first]
            tally[Tally.BULLET_LINES] += code in (_BULLET, _HYPHEN)
            tally[Tally.ELLIPSIS_LINES] += _ends_in_ellipsis(data, start, end)
            tally[Tally.PUNCTUATED_LINES] += (words.kinds[word] & ENDS_TERMINAL) != 0
            tally[Tally.SHORT_LINES] += length <= SHORT_LINE
            first = word + 1
