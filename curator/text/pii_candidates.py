"""Finds the few places of a text that could be personal data, in one pass over its bytes; `pii_patterns` decides about them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined

ADDRESS, NUMBER, DOTTED, COLON, ACCOUNT, TOKEN = 1, 2, 4, 8, 16, 32
"""What a candidate is: text around "@"; a run of 9 and more digits and their separators; one with three dots between digits;
the start of an IPv6 address; the start of an IBAN; a long unbroken token."""

TOKEN_BYTES = 20  # the shortest well-known key: AKIA and 16 more

_LOCAL, _DOMAIN, _DIGIT, _SEPARATOR, _HEX, _UPPER, _TOKEN, _ANCHOR = (1 << bit for bit in range(8))
_AT, _DOT, _DASH, _COLON = 0x40, 0x2E, 0x2D, 0x3A
_MAX_LOCAL, _MAX_DOMAIN = 64, 253  # RFC 5321
_MAX_GAP = 4  # bytes between two digits of one number: ") - ", or a space and a hyphen that is not ASCII
_MIN_DIGITS, _MAX_GROUP = 9, 19  # a payment card without separators has up to 19
_MAX_NUMBER = 512  # bytes: 40 telephone numbers with nothing but spaces between them; beyond it is a table
_MAX_ACCOUNT = 44  # 34 characters in groups of four, and what stands after them
_JWT = tuple(b"eyJ")
_BEGIN = int.from_bytes(b"BEGIN", "big")


def _classes() -> npt.NDArray[np.uint8]:
    digits, upper, lower = b"0123456789", bytes(range(0x41, 0x5B)), bytes(range(0x61, 0x7B))
    members = {
        _LOCAL: digits + upper + lower + b"._%+-",
        _DOMAIN: digits + upper + lower + b".-",
        _DIGIT: digits,
        _SEPARATOR: b" .-/()\xc2\xa0\xe2\x80\x90\x91\x92\x93",  # the last: U+00A0 and the hyphens U+2010 to U+2013
        _HEX: digits + b"abcdefABCDEF",
        _UPPER: upper,
        _TOKEN: digits + upper + lower + b"_-",
        _ANCHOR: digits + b"@:-",
    }
    classes = np.zeros(256, dtype=np.uint8)
    for flag, characters in members.items():
        classes[list(characters)] |= flag
    classes.flags.writeable = False
    return classes


_CLASSES = _classes()


def candidates(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], wanted: int) -> npt.NDArray[np.int64]:
    """All candidates of the `wanted` kinds (a sum of the constants above), in the order of the documents.

    int64[candidates, 4]: document (row), kind, first byte and the byte after the last one, counted from the document's start.
    """
    found = np.empty((1024 + int(offsets[-1] - offsets[0]) // 128, 4), dtype=np.int64)
    count = _find(data, offsets, _CLASSES, wanted, found)
    if count > len(found):
        found = np.empty((count, 4), dtype=np.int64)
        _find(data, offsets, _CLASSES, wanted, found)
    return found[:count]


@inlined
def _word(data: npt.NDArray[np.uint8], place: int, start: int, classes: npt.NDArray[np.uint8]) -> bool:
    """Is the byte before `place` part of a word (or of a hyphenated one)?"""
    return place > start and (classes[data[place - 1]] & _TOKEN) != 0


@inlined
def _address(
    data: npt.NDArray[np.uint8], at: int, start: int, end: int, classes: npt.NDArray[np.uint8]
) -> tuple[int, int]:
    """What stands around an "@", or an empty span where one side is missing or the domain has no dot before a letter."""
    left, right, dotted = at, at + 1, False
    while left > start and at - left <= _MAX_LOCAL and classes[data[left - 1]] & _LOCAL:
        left -= 1
    while left < at and right < end and right - at <= _MAX_DOMAIN and classes[data[right]] & _DOMAIN:
        dotted |= data[right - 1] == _DOT and not classes[data[right]] & _DIGIT
        right += 1
    return (left, right) if dotted and at - left <= _MAX_LOCAL else (at, at)


@inlined
def _number(data: npt.NDArray[np.uint8], place: int, end: int, classes: npt.NDArray[np.uint8]) -> tuple[int, int, int]:
    """The end of a run of digits and separators, its digits and the dots between two of them, all after the last group too long."""
    last, digits, dots, group = place, 0, 0, 0
    while place < end and place - last <= _MAX_GAP:
        byte = data[place]
        if classes[byte] & _DIGIT:
            dots += place - last == 1 and digits > 0 and data[last] == _DOT
            group = group + 1 if place == last else 1
            digits += 1
            last = place + 1
            if group > _MAX_GROUP:
                digits, dots = 0, 0
        elif not classes[byte] & _SEPARATOR:
            break
        place += 1
    return last, digits, dots


@inlined
def _begins_account(data: npt.NDArray[np.uint8], place: int, start: int, classes: npt.NDArray[np.uint8]) -> bool:
    """Two capitals before the digits, and no word before them: the country of an IBAN."""
    if place - start < 2 or not classes[data[place - 1]] & classes[data[place - 2]] & _UPPER:
        return False
    return not _word(data, place - 2, start, classes)


@inlined
def _begins_address6(
    data: npt.NDArray[np.uint8], colon: int, start: int, end: int, classes: npt.NDArray[np.uint8]
) -> bool:
    """2xxx: or 3xxx: and more: the only public addresses of IPv6 (2000::/3)."""
    if colon - start < 4 or colon + 1 >= end or not 0x32 <= data[colon - 4] <= 0x33:
        return False
    if _word(data, colon - 4, start, classes) or not classes[data[colon - 3]] & classes[data[colon - 2]] & _HEX:
        return False
    after = data[colon + 1]
    return bool(classes[data[colon - 1]] & _HEX and (after == _COLON or classes[after] & _HEX))


@inlined
def _begins_block(data: npt.NDArray[np.uint8], place: int, end: int) -> bool:
    """-----BEGIN, as in front of a private key."""
    if end - place < 10:
        return False
    for offset in range(5):
        if data[place + offset] != _DASH:
            return False
    word = np.int64(0)
    for offset in range(5, 10):
        word = word << 8 | np.int64(data[place + offset])
    return bool(word == _BEGIN)


@inlined
def _next_token(data: npt.NDArray[np.uint8], place: int, end: int, classes: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """The next run of at least TOKEN_BYTES token bytes. Looks from the back of each window, so few bytes are read."""
    while place + TOKEN_BYTES <= end:
        back = place + TOKEN_BYTES - 1
        while back >= place and classes[data[back]] & _TOKEN:
            back -= 1
        if back < place:
            last = place + TOKEN_BYTES
            while last < end and classes[data[last]] & _TOKEN:
                last += 1
            return place, last
        place = back + 1
    return end, end


@inlined
def _next_anchor(data: npt.NDArray[np.uint8], place: int, end: int, classes: npt.NDArray[np.uint8]) -> int:
    while place < end and not classes[data[place]] & _ANCHOR:
        place += 1
    return place


@inlined
def _looks_random(data: npt.NDArray[np.uint8], place: int, end: int, classes: npt.NDArray[np.uint8]) -> bool:
    """Letters and at least three digits, which leaves out rules, long words and most names in source code; or a JWT."""
    if place < end and data[place] == _JWT[0] and data[place + 1] == _JWT[1] and data[place + 2] == _JWT[2]:
        return True
    digits, letters = 0, 0
    while place < end and (digits < 3 or letters < 3):
        digits += (classes[data[place]] & _DIGIT) != 0
        letters += data[place] > 0x40
        place += 1
    return digits >= 3 and letters >= 3


@inlined
def _append(found: npt.NDArray[np.int64], count: int, document: int, kind: int, start: int, end: int) -> int:
    if count < len(found):
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = document, kind, start, end
    return count + 1


@numba.njit(cache=True, nogil=True)
def _find(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    classes: npt.NDArray[np.uint8],
    wanted: int,
    found: npt.NDArray[np.int64],
) -> int:
    """Fill `found` with a row for each candidate as far as there is room; how many rows there are."""
    count = 0
    for document in range(len(offsets) - 1):
        start, end = offsets[document], offsets[document + 1]
        place = start
        while True:
            place = _next_anchor(data, place, end, classes)
            if place == end:
                break
            byte, here = data[place], place
            kind, first, last = 0, here, here
            place += 1
            if byte == _AT:
                kind = ADDRESS
                first, last = _address(data, here, start, end, classes)
            elif byte == _COLON:
                if _begins_address6(data, here, start, end, classes):
                    kind, first = COLON, here - 4
            elif byte == _DASH:
                if _begins_block(data, here, end):
                    kind, last = TOKEN, here + 10
            else:
                if wanted & ACCOUNT and _begins_account(data, here, start, classes):
                    last = min(end, here + _MAX_ACCOUNT)
                    count = _append(found, count, document, ACCOUNT, here - 2 - start, last - start)
                place, digits, dots = _number(data, here, end, classes)
                if wanted & DOTTED and dots >= 3:
                    count = _append(found, count, document, DOTTED, here - start, place - start)
                if digits >= _MIN_DIGITS and place - here <= _MAX_NUMBER:
                    kind, last = NUMBER, place
            if kind & wanted and first < last:
                count = _append(found, count, document, kind, first - start, last - start)
        place = start if wanted & TOKEN else end
        while place < end:
            first, place = _next_token(data, place, end, classes)
            if _looks_random(data, first, place, classes):
                count = _append(found, count, document, TOKEN, first - start, place - start)
    return count
