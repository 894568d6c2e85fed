"""Numbers in words: English ones up to a million, the small ones of other languages, and names of months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from curator.text.number_words import (
    ALSO_WORDS,
    FIRST_TO_NINTH,
    HINTED,
    MONTHS,
    ORDINALS,
    OTHER_LANGUAGES,
    SMALL,
    TENS,
    UNITS,
)

_WORD = re.compile(r"[^\W\d_]+")
_ARTICLES = frozenset({"a", "an", "ein", "eine", "einen", "un", "une", "una"})
_SCALE_WORDS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_ENGLISH = {**SMALL, **TENS, **ORDINALS}
_NUMERALS = {"en": _ENGLISH, **OTHER_LANGUAGES}
_TRIGGERS = {
    language: frozenset({*words, *MONTHS, *HINTED, *_SCALE_WORDS, *_ARTICLES}) for language, words in _NUMERALS.items()
}
_OTHER_TRIGGERS = frozenset(MONTHS)


@dataclass(frozen=True, slots=True)
class Number:
    """One number: `value`, `kind` ("", "percent", "ordinal", "name of month", "place" or a unit), `text` as written, at `start`.

    "place" is that of `first` and `second`, which count nothing. A hint is no number of the text's, but one that may be
    said instead of what stands there: 2 for "both".
    """

    value: Decimal
    kind: str
    text: str
    start: int
    hint: bool = False


def spoken_numbers(text: str, language: str) -> Iterator[Number]:
    """Numbers in words. Tokens of one number stand side by side: two hundred and fifty-one."""
    lowered = text.lower()
    triggers = _TRIGGERS.get(language, _OTHER_TRIGGERS)
    if len(lowered) != len(text) or triggers.isdisjoint(_WORD.findall(lowered)):
        return
    numerals = _NUMERALS.get(language, {})
    tokens = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(lowered)]
    place = 0
    while place < len(tokens):
        word, start, end = tokens[place]
        place += 1
        if word not in triggers:
            continue
        if word in HINTED and language == "en":
            yield Number(HINTED[word], "place" if word in FIRST_TO_NINTH else "", word, start, True)
        if word in MONTHS and _is_month(text, word, start, end):
            yield Number(Decimal(MONTHS[word]), "name of month", text[start:end], start)
        elif language == "en" and (word in _ENGLISH or word in _ARTICLES):
            number, place = _spoken(text, tokens, place - 1)
            if number is not None:
                yield number
        elif word in numerals:
            yield Number(Decimal(numerals[word]), _unit(tokens, place), text[start:end], start, numerals[word] == 1)
        elif word in _ARTICLES and _unit(tokens, place):
            yield Number(Decimal(1), _unit(tokens, place), text[start:end], start, True)


def _is_month(text: str, word: str, start: int, end: int) -> bool:
    if word not in ALSO_WORDS:
        return True
    beside = text[max(0, start - 5) : start] + text[end : end + 4]
    if any(character.isdigit() for character in beside):
        return True
    return text[start].isupper() and text[max(0, start - 2) : start - 1].isalpha() and word in ("may", "march", "mar")


def _unit(tokens: list[tuple[str, int, int]], place: int) -> str:
    following = [word for word, _, _ in tokens[place : place + 2]]
    return "percent" if following == ["per", "cent"] else UNITS.get(following[0], "") if following else ""


def _spoken(text: str, tokens: list[tuple[str, int, int]], first: int) -> tuple[Number | None, int]:
    """The English number that begins with token `first`, and the token behind it. `one` alone is only a hint."""
    total, group, kind, place = 0, 0, "", first
    while place < len(tokens):
        word, start, _ = tokens[place]
        if place > first and text[tokens[place - 1][2] : start] not in (" ", "-"):
            break
        if place == first and word in _ARTICLES:
            group = 1
        elif word in _SCALE_WORDS and group:
            scale = _SCALE_WORDS[word]
            total, group = (total, group * scale) if scale == 100 else (total + group * scale, 0)
        elif word == "dozen" and place > first:
            group = max(group, 1) * 12
        elif word in SMALL and _fits(group, SMALL[word]):
            group += SMALL[word]
        elif word in TENS and group % 100 == 0:
            group += TENS[word]
        elif word in FIRST_TO_NINTH and group % 10 == 0 and (group % 100 >= 20 or word in ORDINALS):
            group, kind = group + FIRST_TO_NINTH[word], "ordinal"
        elif word in ORDINALS and group % 100 == 0:
            group, kind = group + ORDINALS[word], "ordinal"
        elif word != "and" or not (total or group >= 100) or not _goes_on(tokens, place + 1):
            break
        place += 1
        if kind:
            break
    bare = place == first + 1 and tokens[first][0] in (*_ARTICLES, "one")
    unit = kind or _unit(tokens, place)
    if place == first or (bare and not unit) or (kind and place == first + 2 and tokens[first][0] in _ARTICLES):
        return None, max(place, first + 1)  # "a third" is a share
    value = Decimal(total + group)
    written = text[tokens[first][1] : tokens[place - 1][2]]
    return Number(value, unit, written, tokens[first][1], bare), place


def _fits(group: int, small: int) -> bool:
    return group % 100 == 0 or (small < 10 and group % 10 == 0 and group % 100 >= 20)


def _goes_on(tokens: list[tuple[str, int, int]], place: int) -> bool:
    return place < len(tokens) and (tokens[place][0] in SMALL or tokens[place][0] in TENS)
