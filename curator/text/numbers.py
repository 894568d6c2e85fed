# ruff: noqa: RUF001
"""The numbers of a text in one form: 1,000, 1 000, 1000 and one thousand are the same, 5 % and 5 km are not.

Signs are not read, and a range is two numbers. Digits of all scripts count.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from curator.text.number_words import DECIMAL_COMMA, LONG_SCALE, SCALES, UNITS
from curator.text.spoken_numbers import Number, spoken_numbers

NOT_COUNTS = frozenset({"place", "name of month"})
"""Kinds whose value is nothing that a bare number could say again."""
MOST_DIGITS = 24  # longer ones are codes, and no number is ever made of them
_GROUPED = r"\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})+(?![\d])"
_DIGITS = re.compile(rf"(?<![A-Za-zÀ-ÿ\d])(?:{_GROUPED}|\d+)(?:[.,]\d+)*")
_AFTER = re.compile(r"[ \u00a0\u202f-]?(%|°[CF]|\$|€|£|¥|km²|[^\W\d_]+)(?:[ \u00a0](cent|ciento|[^\W\d_]+))?")
_DATE = re.compile(r"\b(?:\d{4}-(\d{1,2})-\d{1,2}|(\d{1,2})([./])(\d{1,2})\3\d{2,4})\b")
_RANGE = re.compile(r"\b(\d\d)(\d\d)[–/-](\d\d)\b(?![.,/–-]?\d)")
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.]\d\d)? ?(?:[AaPp]\.?[Mm]\b)|\b(\d{1,2}):\d\d\b")
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_ASCII_DIGITS = {
    code: str(unicodedata.digit(chr(code))) for code in range(0x660, sys.maxunicode + 1) if chr(code).isdecimal()
}


def numbers(text: str, language: str | None = None) -> list[Number]:
    """All numbers of the text, digits first, each kind in the order of the text, and hints.

    The language (ISO 639-1; None is taken as English) says what a comma is, and which words are numbers.
    """
    if not text.isascii():
        text = text.translate(_ASCII_DIGITS)
    return [*_digits(text, language), *spoken_numbers(text, language or "en")]


def agrees(kind: str, kinds: set[str]) -> bool:
    """Whether a number of this kind can be one of equal value that has been seen with `kinds`: not if both are of two kinds."""
    if kind in kinds or "" in kinds:
        return True
    return not kinds <= NOT_COUNTS if not kind else kind == "ordinal" and "place" in kinds


def _digits(text: str, language: str | None) -> Iterator[Number]:
    found = False
    for match in _DIGITS.finditer(text):
        if match.end() - match.start() > MOST_DIGITS:
            continue
        found = True
        values = _values(match.group(), language in DECIMAL_COMMA)
        before = text[match.start() - 1] if match.start() else ""
        kind, scale, end = _kind(text, match.end(), language)
        kind = UNITS.get(before, kind) if before else kind
        for value in values[:-1]:
            yield Number(value, "", match.group(), match.start())
        yield Number(values[-1] * scale, kind, text[match.start() : end], match.start())
        if " " in match.group():  # "On May 5 100 people": both readings
            for part in match.group().split(" "):
                yield from (Number(one, "", part, match.start(), True) for one in _values(part, False))
    if found:
        yield from _hints(text)


def _kind(text: str, end: int, language: str | None) -> tuple[str, Decimal, int]:
    """Unit, scale and end of the number whose digits end at `end`."""
    scale, kind = Decimal(1), ""
    after = _AFTER.match(text, end)
    if after is None:
        return kind, scale, end
    word, following = after.group(1).casefold(), (after.group(2) or "").casefold()
    if word in SCALES:
        scale = Decimal(10**12) if word == "billion" and language in LONG_SCALE else SCALES[word]
        end, word, following = after.end(1), following, ""
    if word == "s" and after.start(1) == end:
        return kind, scale, end  # the 1990s
    if word in UNITS:
        return UNITS[word], scale, max(end, after.end(1))
    if following in ("cent", "ciento") and word in ("per", "pour", "por"):
        return "percent", scale, after.end()
    if word in _ORDINAL and after.start(1) == end:
        return "ordinal", scale, after.end(1)
    return kind, scale, end


def _values(token: str, comma: bool) -> list[Decimal]:
    """The number in a token of digits, points, commas and white space, or its parts where it is none (1.2.3)."""
    token = re.sub(r"[^\d.,]", "", token)
    if token.isdigit():
        return [Decimal(token)]
    parts, marks = re.split(r"[.,]", token), re.findall(r"[.,]", token)
    threes = all(len(part) == 3 for part in parts[1:]) and 0 < len(parts[0]) <= 3 and parts[0] != "0"
    if len(marks) == 1:
        thousands = threes and marks[0] == ("." if comma else ",")
        return [Decimal("".join(parts)) if thousands else Decimal(".".join(parts))]
    if len(set(marks)) == 1:
        indian = marks[0] == "," and len(parts[-1]) == 3 and all(len(part) == 2 for part in parts[1:-1])
        return [Decimal("".join(parts))] if threes or indian else [Decimal(part) for part in parts]
    if len(set(marks[:-1])) == 1 and all(len(part) == 3 for part in parts[1:-1]):
        return [Decimal("".join(parts[:-1]) + "." + parts[-1])]
    return [Decimal(part) for part in parts]


def _hints(text: str) -> Iterator[Number]:
    """Months of dates in digits, the end of 1914-18 in full, and hours on the other clock."""
    for match in _DATE.finditer(text):
        for part in (match.group(1), match.group(2), match.group(4)):
            if part and 1 <= int(part) <= 12:
                yield Number(Decimal(int(part)), "name of month", match.group(), match.start(), True)
    for match in _RANGE.finditer(text):
        yield Number(Decimal(match.group(1) + match.group(3)), "", match.group(), match.start(), True)
    for match in _CLOCK.finditer(text):
        hour = int(match.group(1) or match.group(2))
        yield Number(Decimal(hour + 12 if hour <= 12 else hour - 12), "", match.group(), match.start(), True)
