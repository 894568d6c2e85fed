"""Web and mail addresses as datatrove's tokenizer knows them, told from words with full stops, without a regular expression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import HOST, Flags
from curator.text.kernel.compiled import inlined, part

Codes = npt.NDArray[np.int32]

_STOP, _HYPHEN, _AT, _COLON, _SLASH, _UNDERSCORE = map(ord, ".-@:/_")
_SCHEME, _PATH = tuple(map(ord, "_+.-")), tuple(map(ord, "/?#"))


@inlined
def is_digit(code: int) -> bool:
    return 0x30 <= code <= 0x39


@part
def _is_host(characters: Flags, codes: Codes, start: int, right: int) -> bool:
    """Labels with full stops between, the last one of small letters, then the end, a port or a path."""
    place, label, labels, small = start, start, 0, True
    while place < right and (characters[codes[place]] & HOST or codes[place] in (_HYPHEN, _UNDERSCORE, _STOP)):
        code = codes[place]
        if place == label and code in (_HYPHEN, _UNDERSCORE, _STOP):
            return False
        if code == _STOP:
            label, labels, small = place + 1, labels + 1, True
        else:
            small = small and 0x61 <= code <= 0x7A
        place += 1
    if labels == 0 or not small or not 2 <= place - label <= 63:
        return False
    if place < right and codes[place] == _COLON:
        port = place + 1
        while port < right and port <= place + 5 and is_digit(codes[port]):
            port += 1
        if port - place < 3:
            return False
        place = port
    return place == right or codes[place] in _PATH


@part
def is_address(characters: Flags, codes: Codes, left: int, right: int) -> bool:
    """A web or mail address: a host at the start, behind the first "://", or behind any "@"."""
    if _is_host(characters, codes, left, right):
        return True
    scheme = True
    for place in range(left, right):
        code = codes[place]
        if code == _AT and place > left and _is_host(characters, codes, place + 1, right):
            return True
        if scheme and code == _COLON and place >= left + 2 and place + 2 < right:
            slashes = codes[place + 1] == _SLASH and codes[place + 2] == _SLASH
            if slashes and _is_host(characters, codes, place + 3, right):
                return True
        scheme = scheme and ((code < 0x80 and characters[code] & HOST != 0) or code in _SCHEME)
    return False
