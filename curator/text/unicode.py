"""Clean Unicode: one form for what reads the same, so that exact duplicates are equal bytes."""

from __future__ import annotations

import unicodedata

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.characters import decode, inlined

# Every space of Unicode (category Zs) and the tab; with the line ends, what is stripped from the ends of a text.
SPACES = "\t \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

LINE_ENDS = "\n\r\v\f\u2028\u2029"  # a form feed or a vertical tab stands between words as often as between lines

INVISIBLE = (
    *(
        (0x00, 0x08),
        (0x0E, 0x1F),
        (0x7F, 0x9F),
    ),  # category Cc but the white space; C1 read as cp1252 is for repair_mojibake
    (0x00AD, 0x00AD),  # soft hyphen: a place where a line may be cut
    *(
        (0x061C, 0x061C),
        (0x200E, 0x200F),
        (0x202A, 0x202E),
    ),  # direction marks: text is stored in reading order without them
    *((0x200B, 0x200B), (0xFEFF, 0xFEFF)),  # zero-width space, byte order mark
    (0x2060, 0x206F),  # word joiner, invisible operators, directional isolates, deprecated format controls
    *(
        (0xE000, 0xF8FF),
        (0xF0000, 0x10FFFF),
    ),  # private use: glyphs of an icon font or a PDF, unreadable without that font
    *(
        (0xFDD0, 0xFDEF),
        (0xFFF0, 0xFFFC),
        (0xFFFE, 0xFFFF),
    ),  # not characters; annotation controls, placeholder of an image
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0x10000, 0xF0000, 0x10000)),
    (0xE0000, 0xE007F),  # tags: text that no reader sees and every model does. Three flags of emoji turn black by this
)
"""Code points (first, last) that clean text does not hold."""

STABLE = (
    *((0x00, 0x2FF), (0x388, 0x482), (0x48A, 0x52F), (0x531, 0x58A), (0x5D0, 0x5EA), (0x620, 0x64A), (0x660, 0x66F)),
    *((0x671, 0x6D5), (0x10A0, 0x10FF), (0x1200, 0x135A), (0x13A0, 0x13F5), (0x1401, 0x167F), (0x1E00, 0x1EFF)),
    *((0x2002, 0x20C0), (0x2100, 0x2125), (0x212C, 0x2328), (0x232B, 0x2ADB), (0x2E80, 0x3029), (0x3030, 0x3098)),
    *((0x309B, 0xA48C), (0xAC00, 0xD7A3), (0xFE00, 0xFE0F), (0xFE30, 0xFE6F), (0xFF01, 0xFFEF), (0x1D400, 0x1D7FF)),
    *((0x1F000, 0x1FAFF), (0x20000, 0x2F7FF), (0xE0100, 0xE01EF)),
)
"""Code points that NFC never changes, whatever stands beside them: a text of these alone skips the slow normalisation.
Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic letters, Georgian, Ethiopic, CJK, kana, Hangul syllables, symbols, emoji."""

_WORD, _BARE, _SPACE, _LINE_END, _GONE, _JOINER, _SELECTOR, _UNSTABLE = 0, 1, 2, 3, 4, 5, 6, 8


def _kinds() -> npt.NDArray[np.uint8]:
    """One of the kinds above for each code point, and _UNSTABLE added outside the ranges of STABLE."""
    kinds = np.full(0x110000, _WORD | _UNSTABLE, dtype=np.uint8)
    for first, last in STABLE:
        kinds[first : last + 1] = _WORD
    kinds[:0x80] = _BARE
    kinds[[0x037E, 0x1FEF, 0x212A]] = _BARE | _UNSTABLE  # ASCII after NFC
    for first, last in INVISIBLE:
        kinds[first : last + 1] = _GONE
    kinds[[ord(character) for character in SPACES]] = _SPACE
    kinds[[0x2000, 0x2001]] |= _UNSTABLE
    kinds[[ord(character) for character in LINE_ENDS]] = _LINE_END
    kinds[[0x200C, 0x200D]] = _JOINER
    kinds[0xFE00:0xFE10] = kinds[0xE0100:0xE01F0] = _SELECTOR
    kinds.flags.writeable = False
    return kinds


_KINDS = _kinds()


def clean_text(text: pa.Array) -> pa.Array:
    """Texts (string or large_string) in one clean form, as large_string; null stays null. Idempotent.

    Line ends become LF; the code points of INVISIBLE go; a zero-width joiner or non-joiner stays after a character that can
    join (Indic, Persian, emoji; not after ASCII, white space or another one), a variation selector stays when it is the first
    after its character: runs of either hide data. Then the white space at line ends goes, more than two newlines become two,
    the whole is stripped, and NFC comes last, because removal may bring a letter and its accent together and NFC can undo
    none of this.
    """
    text = text.cast(pa.large_string())
    data, offsets = text_buffers(text)
    cleaned = np.empty(offsets[-1] - offsets[0], np.uint8)
    ends = np.zeros(len(text) + 1, np.int64)
    unstable = np.zeros(len(text), np.bool_)
    _clean(data, offsets, _KINDS, cleaned, ends, unstable)
    validity = pc.is_valid(text).buffers()[1] if text.null_count else None
    result = pa.LargeStringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(cleaned), validity)
    return _composed(result, pa.array(unstable)) if unstable.any() else result


def _composed(text: pa.Array, unstable: pa.Array) -> pa.Array:
    """NFC by Python's own tables: Arrow's kernel leaves texts as they are in pyarrow 25.0.1, the last one for Python 3.10."""
    texts = (row and unicodedata.normalize("NFC", row) for row in text.filter(unstable).to_pylist())
    return pc.replace_with_mask(text, unstable, pa.array(texts, pa.large_string()))


@numba.njit(cache=True, nogil=True)
def _clean(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.uint8],
    cleaned: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.int64],
    unstable: npt.NDArray[np.bool_],
) -> None:
    """Write all texts one after the other into `cleaned`; ends[i + 1] is the end of text i, unstable[i] if it needs NFC."""
    for document in range(len(offsets) - 1):
        place = _after_white_space(data, offsets[document], offsets[document + 1], kinds)
        end, flags = _clean_one(data, place, offsets[document + 1], kinds, cleaned, ends[document])
        ends[document + 1] = end
        unstable[document] = flags & _UNSTABLE != 0


@inlined
def _after_white_space(data: npt.NDArray[np.uint8], place: int, end: int, kinds: npt.NDArray[np.uint8]) -> int:
    while place < end:
        code, width = decode(data, place, end)
        if kinds[code] & 7 < _SPACE:
            break
        place += width
    return place


@inlined
def _clean_one(
    data: npt.NDArray[np.uint8],
    place: int,
    end: int,
    kinds: npt.NDArray[np.uint8],
    cleaned: npt.NDArray[np.uint8],
    written: int,
) -> tuple[int, int]:
    """Write one text from `written` on; returns where it ends and the kinds of its characters. Starts with no white space."""
    solid, newlines, previous, flags = written, 0, _LINE_END, 0
    while place < end:
        start = written
        while place < end and 0x20 <= data[place] <= 0x7E:
            cleaned[written] = data[place]
            place, written = place + 1, written + 1
        if written > start:
            last = written
            while last > start and cleaned[last - 1] == 0x20:
                last -= 1
            if last > start:
                solid, newlines = last, 0
            previous = _BARE if last == written else _SPACE
            continue
        code, width = decode(data, place, end)
        flags |= kinds[code]
        kind = int(kinds[code] & 7)
        if kind == _LINE_END:
            if newlines < 2:
                newlines += 1
            cleaned[solid + newlines - 1] = 0x0A
            written = solid + newlines
            if data[place] == 0x0D and place + 1 < end and data[place + 1] == 0x0A:
                width = 2
        elif kind < _LINE_END or _attaches(kind, previous):
            for offset in range(width):
                cleaned[written + offset] = data[place + offset]
            written += width
            if kind != _SPACE:
                solid, newlines = written, 0
        else:
            kind = previous
        previous = kind
        place += width
    return solid, flags


@inlined
def _attaches(kind: int, previous: int) -> bool:
    if kind == _JOINER:
        return previous == _WORD or previous == _SELECTOR
    return kind == _SELECTOR and previous <= _BARE
