"""Phrases of boilerplate, "javascript" and web addresses in a run, found by comparing packed bytes in lower case.

The phrases are those whose lines C4 removes (Raffel 2020): terms of use, privacy policy, cookie policy, uses cookies, use of
cookies, use cookies; and its "lorem ipsum".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import LOREM_IPSUM
from curator.text.characters import POLICY as OF_POLICY
from curator.text.kernel.compiled import inlined, integer, part

Bytes = npt.NDArray[np.uint8]


def _packed(text: str) -> int:
    return int.from_bytes(text.encode(), "big")


_JAVA, _SCRIPT = _packed("java"), _packed("script")
_HTTP, _HTTPS, _WWW = _packed("http://"), _packed("https://"), _packed("www.")
_LOREM, _IPSUM = _packed("lorem "), _packed("ipsum")
_PRIVACY, _COOKIE, _POLICY = _packed("privacy "), _packed("cookie "), _packed("policy")
_USES, _USE_OF, _USE, _COOKIES = _packed("uses "), _packed("use of "), _packed("use "), _packed("cookies")
_ERMS_OF, _JUST_USE = _packed("erms of "), _packed("use")


@inlined
def _key(data: Bytes, start: int, size: int) -> int:
    """Up to eight bytes with ASCII letters in lower case as one number; 0 where they do not lie inside the data."""
    key = integer(0)
    if start < 0 or start + size > len(data):
        return key
    for place in range(start, start + size):
        byte = integer(data[place])
        key = key << 8 | (byte | 0x20 if 0x41 <= byte <= 0x5A else byte)
    return key


@part
def phrase_at(data: Bytes, start: int, end: int) -> int:
    """The flag of a phrase whose last word begins the run [start, end): single spaces, any case, within longer words too."""
    first, size = data[start] | 0x20, end - start
    if first == 0x70 and size >= 6 and _key(data, start, 6) == _POLICY:  # p
        return OF_POLICY * (_key(data, start - 8, 8) == _PRIVACY or _key(data, start - 7, 7) == _COOKIE)
    if first == 0x63 and size >= 7 and _key(data, start, 7) == _COOKIES:  # c
        uses = _key(data, start - 5, 5) == _USES or _key(data, start - 4, 4) == _USE
        return OF_POLICY * (uses or _key(data, start - 7, 7) == _USE_OF)
    if first == 0x75 and size >= 3 and _key(data, start, 3) == _JUST_USE:  # u
        return OF_POLICY * (start > 8 and _key(data, start - 8, 8) == _ERMS_OF and data[start - 9] | 0x20 == 0x74)
    if first == 0x69 and size >= 5 and _key(data, start, 5) == _IPSUM:  # i
        return LOREM_IPSUM * (_key(data, start - 6, 6) == _LOREM)
    return 0


@part
def has_javascript(data: Bytes, start: int, end: int) -> bool:
    for place in range(start, end - 9):
        if data[place] | 0x20 == 0x6A and _key(data, place, 4) == _JAVA and _key(data, place + 4, 6) == _SCRIPT:
            return True
    return False


@part
def is_address(data: Bytes, start: int) -> bool:
    return _key(data, start, 4) == _WWW or _key(data, start, 7) == _HTTP or _key(data, start, 8) == _HTTPS
