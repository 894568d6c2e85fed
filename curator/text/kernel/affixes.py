"""Cuts a run without white space into tokens as spaCy's blank English does, by its rules for punctuation (without its lists).

Punctuation, units and contractions are taken off both ends, one piece after the other; the rest is cut at hyphens between
letters and the like, unless it is an address.
"""

from __future__ import annotations

import numpy as np

from curator.text.characters import LETTER, LOWER, UPPER, Flags
from curator.text.kernel.compiled import inlined, integer, part
from curator.text.kernel.hosts import Codes, is_address, is_digit
from curator.text.profiles import BOUNDARY, CURRENCY, ICON, QUOTE, STOPPED

_UNITS = (
    "km² km³ km m² m³ dm² dm³ dm cm² cm³ cm mm² mm³ mm ha µm nm yd in ft kg mg µg lb oz m/s km/h kmh mph hPa Pa mbar mb MB kb KB "
    "gb GB tb TB g t m T G M K %"
)


def _key(text: str) -> int:
    return int.from_bytes(text.encode("latin-1"), "big")


_UNIT_KEYS = np.array([_key(unit) for unit in _UNITS.split()])
_LONGEST_UNIT = 4
_ONE_LETTER_ENDINGS, _TWO_LETTER_ENDINGS = tuple(map(_key, "sSdm")), tuple(map(_key, ("ll", "ve", "re")))
_STOP, _COMMA, _PLUS, _HYPHEN, _ELLIPSIS = map(ord, ".,+-\u2026")
_APOSTROPHE, _CURLY_APOSTROPHE, _EN_DASH, _EM_DASH, _TILDE, _N, _T = map(ord, "'\u2019\u2013\u2014~nt")
_OPENERS, _SIGNS, _RELATIONS = (tuple(map(ord, marks)) for marks in ("\u00a7%=", "+-*^", ":<>=/"))


@inlined
def _is_lower(kind: int) -> bool:
    """A letter that is not upper case: letters of scripts without case are both."""
    return (kind & (LETTER | UPPER)) == LETTER


@inlined
def _is_upper(kind: int) -> bool:
    return (kind & (LETTER | LOWER)) == LETTER


@part
def _stops_from(codes: Codes, left: int, right: int) -> int:
    """The number of full stops from `left` on, if two or more."""
    place = left
    while place < right and codes[place] == _STOP:
        place += 1
    return place - left if place > left + 1 else 0


@part
def _stops_up_to(codes: Codes, left: int, right: int) -> int:
    place = right
    while place > left and codes[place - 1] == _STOP:
        place -= 1
    return right - place if right > place + 1 else 0


@part
def _prefix(characters: Flags, codes: Codes, left: int, right: int) -> int:
    """Code points of the piece of punctuation at the start."""
    code = codes[left]
    stops = _stops_from(codes, left, right)
    if stops:
        return stops
    if code == _PLUS:
        return int(not (left + 1 < right and is_digit(codes[left + 1])))
    return int(code in _OPENERS or characters[code] & (BOUNDARY | CURRENCY | ICON) != 0)


@part
def _contraction(codes: Codes, left: int, right: int) -> int:
    """Code points of 's, 'll, n't and the like at the end."""
    size = right - left
    if size >= 2 and codes[right - 2] in (_APOSTROPHE, _CURLY_APOSTROPHE):
        if codes[right - 1] in _ONE_LETTER_ENDINGS:
            return 2
        if size >= 3 and codes[right - 1] == _T and codes[right - 3] == _N:
            return 3
    if size >= 3 and codes[right - 3] in (_APOSTROPHE, _CURLY_APOSTROPHE):
        if (codes[right - 2] << 8 | codes[right - 1]) in _TWO_LETTER_ENDINGS:
            return 3
    return 0


@inlined
def _is_unit(key: int) -> bool:
    for unit in _UNIT_KEYS:
        if key == unit:
            return True
    return False


@part
def _unit(codes: Codes, left: int, right: int) -> int:
    """Code points of the unit at the end that follows a digit."""
    key = 0
    for size in range(1, _LONGEST_UNIT + 1):
        place = right - size
        if place <= left or codes[place] > 0xFF or is_digit(codes[place]):
            return 0
        key |= integer(codes[place]) << 8 * (size - 1)
        if is_digit(codes[place - 1]):
            return size if _is_unit(key) else 0
    return 0


@part
def _ends_in_stop(characters: Flags, codes: Codes, left: int, right: int) -> bool:
    """Whether the full stop at the end is cut off: not that of "U.S." or "J.", but that of "USA."."""
    if right - left < 2:
        return False
    before = codes[right - 2]
    kind = characters[before]
    if is_digit(before) or _is_lower(kind) or kind & STOPPED:
        return True
    if right - left < 3:
        return False
    return _is_upper(kind) and _is_upper(characters[codes[right - 3]])


@part
def _suffix(characters: Flags, codes: Codes, left: int, right: int) -> int:
    """Code points of the piece of punctuation, the unit or the contraction at the end."""
    stops = _stops_up_to(codes, left, right)
    if stops:
        return stops
    contraction = _contraction(codes, left, right)
    if contraction:
        return contraction
    last = codes[right - 1]
    kind = characters[last]
    if last == _STOP:
        return int(_ends_in_stop(characters, codes, left, right))
    if right - left > 1 and is_digit(codes[right - 2]) and (last == _PLUS or kind & CURRENCY):
        return 1
    unit = _unit(codes, left, right)
    if unit:
        return unit
    return int((kind & (BOUNDARY | ICON)) != 0)


@part
def _hyphens(characters: Flags, codes: Codes, place: int, right: int) -> int:
    """Code points of the hyphens or the dash at `place`, if a letter follows: up to three hyphens, two em dashes, or one."""
    code = codes[place]
    if code not in (_HYPHEN, _EN_DASH, _EM_DASH, _TILDE):
        return 0
    most = 3 if code == _HYPHEN else (2 if code == _EM_DASH else 1)
    size = 1
    while size <= most and place + size < right:
        if characters[codes[place + size]] & LETTER:
            return size
        if codes[place + size] != code:
            return 0
        size += 1
    return 0


@part
def _infix(characters: Flags, codes: Codes, left: int, right: int, place: int) -> int:
    """Code points of the piece at `place` that parts a word in two."""
    code = integer(codes[place])
    stops = _stops_from(codes, place, right)
    if stops:
        return stops
    if code == _ELLIPSIS or characters[code] & ICON:
        return 1
    if place == left:
        return 0
    before, after = integer(codes[place - 1]), integer(codes[place + 1]) if place + 1 < right else integer(0)
    kind, kind_after = characters[before], characters[after]
    if code in _SIGNS and is_digit(before) and (is_digit(after) or after == _HYPHEN):
        return 1
    if code == _STOP:
        opens, closes = _is_upper(kind_after) or kind_after & QUOTE != 0, _is_lower(kind) or kind & QUOTE != 0
        return int(opens and closes)
    if code == _COMMA:
        return int((kind & kind_after & LETTER) != 0)
    if not (is_digit(before) or kind & LETTER):
        return 0
    if code in _RELATIONS:
        return int((kind_after & LETTER) != 0)
    return _hyphens(characters, codes, place, right)


@part
def cut_affixes(characters: Flags, codes: Codes, count: int, ends: Codes, tail: Codes) -> int:
    """Write where each token of the first `count` code points ends and return their number."""
    pieces, taken, left, right = 0, 0, 0, count
    while left < right:
        width = _prefix(characters, codes, left, right)
        if width:
            left += width
            ends[pieces] = left
            pieces += 1
        cut = _suffix(characters, codes, left, right) if left < right else 0
        if cut:
            tail[taken] = right
            taken += 1
            right -= cut
        if not width and not cut:
            break
    pieces = _cut_inside(characters, codes, left, right, ends, pieces)
    for piece in range(taken - 1, -1, -1):
        ends[pieces] = tail[piece]
        pieces += 1
    return pieces


@part
def _cut_inside(characters: Flags, codes: Codes, left: int, right: int, ends: Codes, pieces: int) -> int:
    start = place = left
    while place < right:
        width = _infix(characters, codes, left, right, place)
        if width:
            if start == left and is_address(characters, codes, left, right):
                break
            if place > start:
                ends[pieces] = place
                pieces += 1
            start = place + width
            ends[pieces] = start
            pieces += 1
        place += width or 1
    if start < right:
        ends[pieces] = right
        pieces += 1
    return pieces
