# ruff: noqa: RUF001
"""The names of a text: capitalised spans, acronyms and codes such as A320.

A capital says nothing at the beginning of a sentence, a line, a quotation or a cell, nor in a heading: names there are not `sure`.
In German, where every noun has one, only spans of two and more, acronyms, codes and what follows a title are sure. Scripts
without capitals have no names but those in Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from curator.text.function_words import FUNCTION_WORDS
from curator.text.number_words import MONTHS, SCALES, SMALL, TENS, UNITS

UPPER = "".join(chr(code) for code in range(0x41, 0x2C00) if unicodedata.category(chr(code)) == "Lu")
_WORD = rf"[{UPPER}](?<!\w.)[^\W_]*(?:[-.'’][{UPPER}\d][^\W_]*)*"
_LINK = r"(?:[ \u00a0-](?:of|de|du|des|del|della|da|di|von|van|zu|der|den|la|le|el|al|bin|ibn|the)){0,2}"
_SPAN = re.compile(rf"{_WORD}(?:{_LINK}[ \u00a0]{_WORD})*")
_GERMAN_SPAN = re.compile(rf"{_WORD}(?:[ \u00a0]{_WORD})*")
_WORDS = re.compile(r"[^\W_]+")
_PASSED = " \t\u00a0*_~`'‘(\u200b"
_QUOTES = '"“”„«»¿¡'
_EDGES = ".!?:;…\n\r|>#•·-–—()[]{}/。！？：\u2028"
TITLES = frozenset(
    """dr mr mrs ms miss sir dame lord lady prof professor professorin doctor docteur doctora doktor st saint sankt san santa rev
    hon gov sen rep gen col lt sgt capt captain herr frau madame monsieur mme m señor señora president präsident président king
    queen könig königin judge minister king chief governor coach""".split()
)
"""Words before a name; those that are abbreviated end no sentence."""
_ABBREVIATED = frozenset(
    "dr mr mrs ms prof st sr jr rev hon gov sen rep gen col lt sgt capt no nr vs bzw ca etc mme m inc corp ltd co fig eg ie".split()
)
_GENERIC = frozenset(
    """city county state river lake mount mountain island street road avenue university college school institute company group
    north south east west northern southern eastern western park museum hospital church bridge department ministry government
    stadt fluss see universität straße ville université rue ciudad río universidad calle""".split()
)
"""What kind of thing has the name: `Mount Everest` names what `Everest` does."""
_NOT_NAMES = (
    frozenset(FUNCTION_WORDS)
    | TITLES
    | _GENERIC
    | frozenset(MONTHS) - {"august"}
    | frozenset(SCALES)
    | frozenset(SMALL)
    | frozenset(TENS)
)
_NOT_NAMES |= frozenset(UNITS) | frozenset(
    """le la il lo el en su se es un de du et au ou ce je tu os as um er ob i im ive id ill a an in on at to by it is if he we as so
    or no ok my me us do be am go up ad bc ce bce pm""".split()
)
_SUFFIXES = (
    "s",
    "es",
    "n",
    "en",
    "ns",
    "an",
    "ian",
    "ians",
    "y",
    "i",
    "er",
    "ers",
    "ese",
    "ish",
    "ic",
    "e",
    "in",
    "isch",
    "ische",
    "ischen",
)
_LEAST = 4  # letters that a word keeps when a suffix is taken off
_TITLE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Name:
    """One span of capitalised words. `words` are those that name something, in lower case; `sure` as the module says."""

    text: str
    words: tuple[str, ...]
    start: int
    sure: bool


def names(text: str, language: str | None = None) -> list[Name]:
    """The names of the text in its order. A span whose first word alone is unsure comes as two."""
    headings = _headings(text)
    found: list[Name] = []
    for match in (_GERMAN_SPAN if language == "de" else _SPAN).finditer(text):
        edge = _is_edge(text, match.start())
        heading = bool(headings) and any(first <= match.start() < last for first, last in headings)
        parts = [(part.group(), match.start() + part.start()) for part in _WORDS.finditer(match.group())]
        found += _german(parts, text, edge) if language == "de" else _split(parts, edge or heading, heading)
    return found


def naming_words(text: str) -> tuple[str, ...]:
    """The words of a span that name something, in lower case: neither titles nor function words nor kinds of things."""
    return tuple(word.lower() for word in _WORDS.findall(text) if _names_something(word))


def kindred(word: str) -> set[str]:
    """A name in lower case and what is left of it without an ending: germans, german and germany meet."""
    return {word} | {
        word.removesuffix(suffix) for suffix in _SUFFIXES if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST
    }


def _names_something(word: str) -> bool:
    if word.isdigit() or (len(word) == 1 and word.isascii()):
        return False
    return word.lower() not in _NOT_NAMES or (len(word) > 1 and word.isupper() and word.lower() in ("us", "who", "it"))


def _split(parts: list[tuple[str, int]], edge: bool, heading: bool) -> list[Name]:
    """The span as it is, or its first word apart where that stands at an edge."""
    if heading:
        return [name for part in parts for name in _name([part], False)]
    if edge and not _is_code(parts[0][0]):
        return _name(parts[:1], False) + _name(parts[1:], True)
    return _name(parts, True)


def _german(parts: list[tuple[str, int]], text: str, edge: bool) -> list[Name]:
    """Sure are two words that are no function words, and one behind a title."""
    naming = [part for part in parts if _names_something(part[0])]
    inside = naming[1:] if edge and naming[:1] == parts[:1] else naming
    sure = len(inside) > 1 or any(word.lower() in TITLES for word, _ in parts)
    return [name for part in naming for name in _name([part], sure or _is_code(part[0]))]


def _name(parts: list[tuple[str, int]], sure: bool) -> list[Name]:
    while parts and parts[0][0][0].islower():  # what linked it to a word that is no part of it
        parts = parts[1:]
    words = tuple(word.lower() for word, _ in parts if _names_something(word) and (word[0].isupper() or _is_code(word)))
    if not words:
        return []
    return [Name(" ".join(word for word, _ in parts), words, parts[0][1], sure)]


def _is_code(word: str) -> bool:
    """An acronym, or letters and digits."""
    return len(word) > 1 and (word.isupper() or (not word.isalpha() and any(letter.isupper() for letter in word)))


def _is_edge(text: str, start: int) -> bool:
    """Whether a sentence, line, quotation or cell begins at `start`."""
    place = start - 1
    while place >= 0 and text[place] in _PASSED:
        place -= 1
    if place < 0 or text[place] in _QUOTES:
        return True
    if text[place] != ".":
        return text[place] in _EDGES and (text[place] not in "-–—()/" or place == 0 or text[place - 1] in "\n ")
    word = re.search(r"[^\W_]*$", text[max(0, place - 8) : place])
    last = word.group() if word else ""
    return not (last.lower() in _ABBREVIATED or (len(last) == 1 and last.isupper()))


def _headings(text: str) -> list[tuple[int, int]]:
    """Where lines stand that write most of their words with a capital, or all in capitals."""
    found, start = list[tuple[int, int]](), 0
    if "\n" not in text:
        return found
    for line in text.split("\n"):
        if line and len(line) < 120 and (line[0] in "#*|" or line.rstrip()[-1:] not in (".", "!", "?")):
            words = [word for word in _WORDS.findall(line) if len(word) > 3 and word.isalpha()]
            capitals = sum(word[0].isupper() for word in words)
            if len(words) <= _TITLE_WORDS and 2 <= len(words) and capitals * 3 >= len(words) * 2:
                found.append((start, start + len(line)))
        start += len(line) + 1
    return found
