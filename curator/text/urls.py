"""Judges the URLs of documents by the user's block lists (RefinedWeb, Penedo 2023, appendix G.1; datatrove's URL filter)."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.characters import inlined
from curator.text.url_form import normal_urls
from curator.text.url_lists import UrlLists
from curator.text.url_table import SEED, Entries, find, hashed

DOMAIN, ADDRESS, HARD_WORD, SOFT_WORDS = range(4)
REASONS = ("url.domain", "url.address", "url.hard_word", "url.soft_words")

_DOT, _COLON, _SLASH, _AT, _OPEN, _CLOSE = (ord(character) for character in ".:/@[]")
_ENDS = tuple(b"/?#\\")  # of the authority
_PARTS = tuple(b"/?#&")  # where an address may go on below an entry
_SCHEME = tuple(b"0123456789+-.")  # beside letters
_WWW = tuple(b"www.")
_MAX_HOST = 253  # RFC 1035


def judge_urls(url: pa.Array, lists: UrlLists) -> pa.Table:
    """One row for each URL (string or large_string): `reason` (string), `value` (float64) and `detail` (string), null if it passes.

    The first that holds: `url.domain`, the host or a domain above it is an entry; `url.address`, the URL without scheme, user,
    `www.` and port is an entry, or goes on after one with `/`, `?`, `&` or `#`; `url.hard_word`, a word of the URL is an entry;
    `url.soft_words`, more than `max_soft_words` different ones are. A word is a run of letters and digits, where everything
    beyond ASCII counts as a letter. `detail` is the entry, of several the first to begin in the URL and then the most specific
    domain, the shortest address; `value` is 1, or the number of soft words. A URL that is null or has no host passes: without a
    scheme, a host must have a dot.
    """
    data, offsets = text_buffers(normal_urls(url))
    verdicts = np.empty((len(url), 3), dtype=np.int64)
    tables = (lists.domains, lists.urls, lists.hard_words, lists.soft_words)
    _judge(data, offsets, *tables, lists.max_soft_words, verdicts)
    reason, row, count = np.ascontiguousarray(verdicts.T)
    details = [entries.strings().take(_where(row, reason == place)) for place, entries in enumerate(tables)]
    return pa.table(
        {
            "reason": pa.array(REASONS).take(_where(reason, reason >= 0)),
            "value": _where(count.astype(np.float64), reason >= 0),
            "detail": pc.coalesce(*details).cast(pa.string()),
        }
    )


def _where(values: npt.NDArray[np.generic], valid: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(values, mask=~valid)


class _Place(NamedTuple):
    """Where things are in a URL: the host without user, port and last dot, and what follows host and port. No host: start < 0."""

    start: int
    end: int
    rest: int


@inlined
def _in(byte: np.uint8, members: tuple[int, ...]) -> bool:
    for member in members:
        if byte == member:
            return True
    return False


@inlined
def _after_scheme(data: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """The byte after `scheme://` or `//`; `start` where there is neither."""
    place = start
    while place < end and (0x61 <= data[place] <= 0x7A or (place > start and _in(data[place], _SCHEME))):
        place += 1
    if place > start:
        if place == end or data[place] != _COLON:
            return start
        place += 1
    return place + 2 if place + 1 < end and data[place] == _SLASH and data[place + 1] == _SLASH else start


@inlined
def _locate(data: npt.NDArray[np.uint8], first: int, last: int) -> _Place:
    start = _after_scheme(data, first, last)
    dotted = start > first
    rest = start
    while rest < last and not _in(data[rest], _ENDS):
        rest += 1
        if data[rest - 1] == _AT:
            start = rest
    end = start
    bracket = end < rest and data[end] == _OPEN
    while end < rest and (bracket or data[end] != _COLON):
        if data[end] <= 0x20:
            return _Place(-1, -1, rest)
        dotted |= data[end] == _DOT
        end += 1
        if bracket and data[end - 1] == _CLOSE:
            break
    if end > start and data[end - 1] == _DOT:
        end -= 1
    if end == start or end - start > _MAX_HOST or not dotted:
        return _Place(-1, -1, rest)
    return _Place(start, end, rest)


@inlined
def _find_domain(data: npt.NDArray[np.uint8], start: int, end: int, domains: Entries) -> int:
    """The row of the first entry among the host and the domains above it."""
    for place in range(start, end):
        if place == start or data[place - 1] == _DOT:
            state = SEED
            for inner in range(place, end):
                state = hashed(state, data[inner])
            row: int = find(domains, state, data, place, end, end, end)
            if row >= 0:
                return row
    return -1


@inlined
def _find_address(data: npt.NDArray[np.uint8], host: _Place, end: int, addresses: Entries) -> int:
    """The row of the shortest entry with which the address begins."""
    start = _after_www(data, host.start, host.end)
    state = SEED
    for place in range(start, host.end):
        state = hashed(state, data[place])
    for place in range(host.rest, end):
        if _in(data[place], _PARTS):
            row: int = find(addresses, state, data, start, host.end, host.rest, place)
            if row >= 0:
                return row
        state = hashed(state, data[place])
    row = find(addresses, state, data, start, host.end, host.rest, end)
    return row


@inlined
def _after_www(data: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """The host without `www.`, if a dot is left in it."""
    if end - start < 5:
        return start
    for offset in range(4):
        if data[start + offset] != _WWW[offset]:
            return start
    for place in range(start + 4, end):
        if data[place] == _DOT:
            return start + 4
    return start


@inlined
def _find_words(
    data: npt.NDArray[np.uint8], start: int, end: int, words: Entries, document: int, seen: npt.NDArray[np.int64]
) -> tuple[int, int]:
    """The row of the first word that is an entry, or -1, and how many different ones there are.

    `seen` holds for each entry the last document in which it was found.
    """
    first, count, place = -1, 0, start
    while place < end:
        state, begin = SEED, place
        while place < end and _is_word(data[place]):
            state = hashed(state, data[place])
            place += 1
        if place > begin:
            row = find(words, state, data, begin, place, place, place)
            if row >= 0 and seen[row] != document:
                seen[row] = document
                count += 1
                if first < 0:
                    first = row
        place += 1
    return first, count


@inlined
def _is_word(byte: np.uint8) -> bool:
    return bool(0x61 <= byte <= 0x7A or 0x30 <= byte <= 0x39 or byte >= 0x80)


@numba.njit(cache=True, nogil=True)
def _judge(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    domains: Entries,
    addresses: Entries,
    hard_words: Entries,
    soft_words: Entries,
    max_soft_words: int,
    verdicts: npt.NDArray[np.int64],
) -> None:
    """Fill one row of `verdicts`, int64[documents, 3]: the reason or -1, the row of the entry, the value."""
    hard_seen, soft_seen = np.full(len(hard_words.offsets), -1), np.full(len(soft_words.offsets), -1)
    for document in range(len(offsets) - 1):
        start, end = offsets[document], offsets[document + 1]
        verdict = verdicts[document]
        verdict[:] = -1, -1, 1
        host = _locate(data, start, end)
        if host.start < 0:
            continue
        row = _find_domain(data, host.start, host.end, domains)
        if row >= 0:
            verdict[0], verdict[1] = DOMAIN, row
            continue
        row = _find_address(data, host, end, addresses)
        if row >= 0:
            verdict[0], verdict[1] = ADDRESS, row
            continue
        row, count = _find_words(data, start, end, hard_words, document, hard_seen)
        if row >= 0:
            verdict[0], verdict[1] = HARD_WORD, row
            continue
        row, count = _find_words(data, start, end, soft_words, document, soft_seen)
        if count > max_soft_words:
            verdict[0], verdict[1], verdict[2] = SOFT_WORDS, row, count
