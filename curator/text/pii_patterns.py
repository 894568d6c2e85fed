"""Decides which candidates are personal data: one function for each kind, from bytes and a span to the spans of hits in it.

Every pattern is linear: what may repeat is bounded, or disjoint from what follows it.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

Spans = Iterator[tuple[int, int]]
"""First byte and the byte after the last one of each hit."""
Finder = Callable[[bytes, int, int], Spans]

# E-mail ---------------------------------------------------------------------------------------------------------------
_EMAIL = re.compile(
    rb"([\w%+-]+(?:\.[\w%+-]+)*)@((?:[A-Za-z0-9][A-Za-z0-9-]*\.)+([A-Za-z]{2,3}|[a-z]{4,24}|[A-Z]{4,24}))(?![\w@])"
)
_EXAMPLE = re.compile(rb"(?:^|\.)(?:example(?:\.(?:com|net|org|edu))?|test|invalid|localhost|local|localdomain)$", re.I)
_FILE_ENDINGS = frozenset(b"png jpg jpeg gif svg webp css js ts html php py zip exe".split())
_MESSAGE_ID = re.compile(rb"(?:(?:article|message-id:?|references:?|in-reply-to:?)\s{1,3}<?|\bin\s<|\$)$", re.I)


def emails(text: bytes, start: int, end: int) -> Spans:
    """Addresses of real domains: RFC 2606 and 6762 reserve example.com, .test, .local and others, which are nobody's."""
    found = _EMAIL.search(text, start, min(len(text), end + 1))
    if found is None or _EXAMPLE.search(found[2]) or found[3].lower() in _FILE_ENDINGS:
        return
    if found[1].lower() == b"git" or _MESSAGE_ID.search(text[max(0, found.start() - 16) : found.start()]):
        return
    yield found.span()


# IP addresses ---------------------------------------------------------------------------------------------------------
_IP4 = re.compile(rb"(?<![\w.-])(?<![\w.]/)\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)")
_IP6 = re.compile(rb"(?=(?:[0-9A-Fa-f]{1,4}::?){2})[0-9A-Fa-f:]{8,39}(?![\w:])")
_GROUP_BEFORE = re.compile(rb"(?:^|\W)[0-9A-Fa-f]{0,4}:$")  # the middle of an address is not the start of one
_VERSION = re.compile(
    rb"(?:\bv|ver|versions?|release|revision|rev|build|firmware|player|section|sections|\xc2\xa7)\W{0,3}$", re.I
)
_NETWORK = re.compile(
    rb"(?:\b(?:ip|ips|addr|address|host|server|from|at|ping|network|dns|rhost|client|ipv4)\W{1,3}|//|\[)$", re.I
)
_NOT_PUBLIC4 = tuple(
    map(
        ipaddress.IPv4Network,
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 "
        "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3".split(),
    )
)
_NOT_PUBLIC6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_PUBLIC6 = ipaddress.IPv6Network("2000::/3")


def addresses4(text: bytes, start: int, end: int) -> Spans:
    """Public IPv4 addresses (the special ranges of IANA left out) that do not look like the number of a version or section.

    Versions and sections begin with a small number and have few above 99, so where the first one is below 10 (4 of 100 addresses)
    or all are below 100 (2 of 100), a word such as "host" must stand before the address.
    """
    for found in _IP4.finditer(text, start, min(len(text), end + 2)):
        before = text[max(0, found.start() - 12) : found.start()]
        if _VERSION.search(before) or not (_is_no_version(found[0]) or _NETWORK.search(before)):
            continue
        if _is_public4(found[0]):
            yield found.span()


def _is_no_version(address: bytes) -> bool:
    numbers = address.split(b".")
    return len(numbers[0]) > 1 and any(len(number) == 3 for number in numbers)


def _is_public4(address: bytes) -> bool:
    try:
        parsed = ipaddress.IPv4Address(address.decode())
    except ValueError:  # a number above 255, or with a leading zero
        return False
    return not any(parsed in network for network in _NOT_PUBLIC4)


def addresses6(text: bytes, start: int, end: int) -> Spans:
    """Public IPv6 addresses: 2000::/3 without the ranges for documentation and protocols."""
    found = _IP6.match(text, start)
    if found is None or _GROUP_BEFORE.search(text[max(0, start - 6) : start]):
        return
    try:
        parsed = ipaddress.IPv6Address(found[0].decode())
    except ValueError:
        return
    if parsed in _PUBLIC6 and not any(parsed in network for network in _NOT_PUBLIC6):
        yield found.span()


# Payment cards --------------------------------------------------------------------------------------------------------
_CARD = re.compile(
    rb"(?<![\w+/.,#=-])(?<!\d )(?:[2456]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|35\d\d([ -]?)\d{4}\2\d{4}\2\d{4}"
    rb"|3[47]\d\d([ -]?)\d{6}\3\d{5}|3[0689]\d\d([ -])\d{6}\4\d{4})(?![\w/]|[.,-]\d)"
)
_ISSUERS = re.compile(
    rb"(?:4|5[1-5]|6011|64[4-9]|65|62|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35(?:2[89]|[3-8])|3[47]|30[0-5]|3[689])"
)


def cards(text: bytes, start: int, end: int) -> Spans:
    """Numbers in the groups and with the first digits of the big issuers (ISO/IEC 7812) whose check digit (Luhn) is right."""
    if end - start < 14:
        return
    for found in _CARD.finditer(text, start, min(len(text), end + 2)):
        digits = re.sub(rb"\D", b"", found[0])
        if _ISSUERS.match(digits) and _luhn(digits) and len(set(digits)) > 1:
            yield found.span()


def _luhn(digits: bytes) -> bool:
    doubled = (2 * (digit - 48) for digit in digits[-2::-2])
    return (sum(digit - 48 for digit in digits[-1::-2]) + sum(digit - 9 * (digit > 9) for digit in doubled)) % 10 == 0


# Bank accounts --------------------------------------------------------------------------------------------------------
_IBAN = re.compile(rb"[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]){11,30}")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters of an IBAN by country: SWIFT's IBAN registry."""


_DIGITS = [str(int(chr(byte), 36)) if chr(byte).isalnum() and byte < 128 else "" for byte in range(256)]


def accounts(text: bytes, start: int, end: int) -> Spans:
    """IBANs, in one piece or in groups: the length of the country, the rest 1 modulo 97 (ISO 13616)."""
    found = _IBAN.match(text, start)
    length = _IBAN_LENGTHS.get(text[start : start + 2].decode("latin-1"))
    if found is None or length is None:
        return
    characters = found[0].translate(None, b" -")[:length]
    if len(characters) < length or int("".join([_DIGITS[byte] for byte in characters[4:] + characters[:4]])) % 97 != 1:
        return
    last = [place for place in range(start, found.end()) if text[place] not in b" -"][length - 1] + 1
    if not text[last : last + 1].isalnum():
        yield start, last


# Keys -----------------------------------------------------------------------------------------------------------------
_KEY = re.compile(
    rb"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{40,255}|glpat-[\w-]{20,64}"
    rb"|sk-(?:(?:proj|ant|or|svcacct|admin)-[\w-]{20,255}|[A-Za-z0-9]{20,64})|[srw]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9]{24,64}"
    rb"|xox[abeoprs]-[\w-]{16,255}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,512}"
    rb")(?![A-Za-z0-9])"
)
_JWT = re.compile(rb"eyJ[\w-]{12,4096}\.eyJ[\w-]{8,16384}\.[\w-]{16,4096}")
_SECRET_WORDS = (b"secret", b"key", b"token", b"passw", b"bearer")
_SECRET = re.compile(
    rb"(?:secret|api[_-]?key|apikey|(?:access|auth|private|account|refresh|client)[_-]?(?:key|token)|token|passw(?:or)?d|bearer)"
    rb"""["'\]]{0,3}(?:\s{0,3}(?::|=|=>|:=)\s{0,3}|\s)["']?([\w+/.~-]{20,255}={0,2})(?![\w+/])""",
    re.I,
)
_BLOCK = re.compile(
    rb"-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){100,16384}-----END [A-Z ]{8,40}-----"
)


def keys(text: bytes, start: int, end: int) -> Spans:
    """Blocks of private keys; tokens with the prefix of a well-known issuer; random tokens right after a word like "api_key".

    A token must look random, so that names in source code and placeholders ("EXAMPLE", "xxxxx") stay.
    """
    if text.startswith(b"-----BEGIN", start):
        found = _BLOCK.match(text, start)
    else:
        found = _JWT.match(text, start) or _KEY.search(text, start, min(len(text), end + 1))
        if found is None or not (found[0].startswith(b"eyJ") or _is_random(found[0])):
            yield from _named_secrets(text, start, end)
            return
    if found is not None:
        yield found.span()


def _named_secrets(text: bytes, start: int, end: int) -> Spans:
    before = text[max(0, start - 64) : start].lower()
    if any(word in before for word in _SECRET_WORDS):
        for found in _SECRET.finditer(text, max(0, start - 64), min(len(text), end + 255)):
            if found.end(1) > start and found.start(1) < end and _is_random(found[1]):
                yield found.span(1)


def _is_random(token: bytes) -> bool:
    """At least 3 digits and 3 bits a character; a word of 20 letters has some 3.3 and no digit, random base64 above 3.8."""
    digits = sum(48 <= byte <= 57 for byte in token)
    if digits < 3 or digits == len(token) or b"example" in token.lower():
        return False
    return -sum(count / len(token) * math.log2(count / len(token)) for count in Counter(token).values()) >= 3.0
