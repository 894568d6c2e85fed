"""Telephone numbers in a run of digits and separators: what is written like one, or follows a word such as "call"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_S = rb"(?:[ .-]|\xc2\xa0|\xe2\x80[\x90-\x93])"  # between two groups of digits; U+00A0 and Unicode's hyphens too
_LEFT = rb"(?<![\w+/=#&%.-])(?<![\w,],)"
_RIGHT = rb"(?![\w/=]|[-.,]\d|:\w)"

_INTERNATIONAL = re.compile(rb"(?:(?<![\w+])\+|(?<![\w+.,/-])00)[1-9](?:(?:" + _S + rb"|[()/]){0,3}\d){7,14}(?!\d)")
_NATIONAL = re.compile(
    _LEFT
    + rb"(?:(?:\+?1[ .-]?)?(?:\([2-9]\d\d\)[ -]{0,2}[2-9]\d\d[ .-]\d{4}|[2-9]\d\d(?:([.-])[2-9]\d\d\1|[ /][2-9]\d\d-)\d{4})"
    + rb"|(?<!\d )(?:(?:1 )?[2-9]\d\d [2-9]\d\d \d{4}|0[1-9]([ .-])\d\d(?:\2\d\d){3}"
    + (rb"|\(?0[1-9]\d{1,3}\)?(?: ?[/-] ?|" + _S + rb")\d{3,8}(?:" + _S + rb"\d{3,5}){0,2})(?! \d))")
    + _RIGHT
)
"""North America with brackets, dots, hyphens; the same in three groups with spaces; France in pairs; other plans with a trunk 0."""
_AFTER_WORD = re.compile(rb"\d(?:(?:" + _S + rb"|[()/]){0,3}\d){8,14}(?![\w/=]|[-.,]\d)")
_WORD = re.compile(
    rb"(?:(?<![<\w])(?:tel|phones?|telephone|fax|mobile|mob|cell|call|called|calling|ring|dial|whatsapp|sms|hotline|landline|telefon|telefax|ph)"
    rb"|t\xc3\xa9l(?:\xc3\xa9phone)?)"
    rb"(?:\W{1,2}(?:us|me|now|at|on|is|no|nr|number|numbers|free|freephone)){0,3}(?:[^\w\"]{1,5}|\"\s?:\s?\")$",
    re.I,
)
_PLUS = 0x2B
_CODES = frozenset(
    b"1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 "
    b"93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 "
    b"243 244 245 246 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 "
    b"351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 "
    b"502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 "
    b"685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 "
    b"970 971 972 973 974 975 976 977 979 992 993 994 995 996 998".split()
)
"""Country codes that the ITU has assigned (E.164)."""
_LENGTHS = {b"1": 10, b"7": 10, b"31": 9, b"33": 9, b"34": 9, b"44": 10, b"61": 9, b"91": 10}
"""Digits after the country code, where a plan has one length for all: what follows them is another number."""


def phones(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the telephone numbers: international (+ or 00), North American, with a trunk 0, or any 9 to 15 digits after a word.

    Groups of digits without a word before them must have the shape of a number, and no other number beside them.
    """
    first, last = max(0, start - 2), min(len(text), end + 3)
    shaped = [*_international(text, first, last), *_national(text, first, last)]
    yield from shaped
    if not shaped and _WORD.search(text[max(0, start - 40) : start]):
        found = _AFTER_WORD.match(text, start, last)
        if found is not None:
            yield start - len(text[first:start]) + len(text[first:start].rstrip(b"+(")), found.end()


def _national(text: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
    while found := _NATIONAL.search(text, first, last):
        if 10 <= len(_places(found)) <= 12 and not _counts_up(found[0]):
            yield found.span()
            first = found.end()
        else:
            first = found.start() + 1


def _counts_up(number: bytes) -> bool:
    """01 02 03 04 05 is a list."""
    groups = [int(group) for group in re.findall(rb"\d+", number)]
    return len(groups) > 3 and all(after == before + 1 for before, after in pairwise(groups))


def _international(text: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Numbers with an assigned country code, cut to the length of its plan; after 00 the code must stand by itself."""
    for found in _INTERNATIONAL.finditer(text, first, last):
        places = _places(found)[2 if found[0].startswith(b"0") else 0 :]
        digits = bytes(text[place] for place in places)
        size = next((size for size in (1, 2, 3) if digits[:size] in _CODES), len(digits))
        trunk = text[places[size - 1] + 1 : places[-1]].lstrip(b" ").startswith(b"(0)")
        length = _LENGTHS.get(digits[:size])
        kept = places[: size + trunk + length] if length else places
        alone = text[places[size - 1] + 1 : places[size - 1] + 2]
        complete = len(kept) - size - trunk >= (length or 7) and not text[kept[-1] + 1 : kept[-1] + 2].isalnum()
        if complete and (text[found.start()] == _PLUS or alone in b" (/"):
            yield found.start(), kept[-1] + 1


def _places(found: re.Match[bytes]) -> list[int]:
    return [found.start() + place for place, byte in enumerate(found[0]) if 48 <= byte <= 57]
