# ruff: noqa: RUF001
"""Clauses of a sentence, and how often each denies what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from curator.rephrase.negation_words import (
    BOUNDED,
    DETERMINERS,
    IMPLIED,
    LACKING,
    LINKS,
    NEGATIONS,
    STANDING,
    SUPPOSED,
    WITHOUT,
)
from curator.rephrase.reading_words import GRAMMAR
from curator.rephrase.stems import FIGURE, WORD, content, denies_by_prefix, digits_of

_SIGNS = r"[;()–—]| - |[,:](?!\d)"
_CLAUSE = {
    language: re.compile(rf"{_SIGNS}|\b(?:{'|'.join(links.split(', '))})\b") for language, links in LINKS.items()
}
_BY_SIGNS = re.compile(_SIGNS)
_CANCELLING = frozenset({"en", "de", "nl"})
_VERB_LAST = frozenset({"de", "nl"})
_SHORT_CLAUSE = 2
"""Words of a clause that the negation of the one before may still hold for: neither hot nor cold, not hot and dry."""
_FRAGMENT = 4
"""Words of a `without` that has no verb of its own."""
_BEGINNING = 4
"""Letters by which words that can stand for a negation are compared: stays, stayed."""
_LONGEST_ENDING = 5
CARRIED = "<"
"""Stands for what the clause before says."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`stems` of all its words but those of grammar, and its numbers, `scope` those behind its first negation, `heads` the first
    of these. `negations` are counted less those that cancel out, and where a language doubles them (no es nunca) once.

    `soft`: beginnings of its words that can stand for a negation, and CARRIED where that of the clause before can hold for it.
    `of_thing`: the first negation is that of a thing, not of a verb. `place`: of its sentence.
    """

    stems: frozenset[str]
    scope: frozenset[str]
    heads: frozenset[str]
    negations: int
    soft: frozenset[str]
    of_thing: bool
    place: int


def clauses_of(lowered: str, language: str, place: int = 0) -> Iterator[Clause]:
    """The clauses of the sentence at `place`, of text as `plain` makes it."""
    negations, carried = NEGATIONS.get(language, frozenset()), False
    for piece in _CLAUSE.get(language, _BY_SIGNS).split(lowered):
        words = WORD.findall(piece)
        figures = [digits_of(one) for one in FIGURE.findall(piece)]
        if not (words or figures) or (len(words) == 1 and words[0] in negations):  # No, ...
            continue
        goes_on = carried and (len(words) <= _SHORT_CLAUSE or "zu" in words)  # ist verboten, Luchse zu schießen
        fragment = bool(words) and words[0] in LACKING and len(words) <= _FRAGMENT
        yield _clause(words, figures, language, place, soft={CARRIED} if goes_on or fragment else set())
        carried = any(word in negations or word in IMPLIED for word in words)


def _clause(words: list[str], figures: list[str], language: str, place: int, *, soft: set[str]) -> Clause:
    negations = NEGATIONS.get(language, frozenset())
    first = next((at for at, word in enumerate(words) if word in negations), len(words))
    denies, cancelled = first < len(words), 0
    for previous, word in pairwise(["", *words]):
        if _can_deny(word, language, denies=denies):
            if previous in negations and word not in STANDING and language in _CANCELLING:  # not unlikely
                cancelled += 1
            else:
                soft.add(word[:_BEGINNING])
    count = sum(word in negations for word in words) - cancelled
    before, behind = _stems(words[:first], language), _stems(words[first + 1 :], language)
    heads = behind[:1] if behind or language not in _VERB_LAST else before[-1:]  # wird nicht gespielt
    return Clause(
        stems=frozenset(before + behind + figures),
        scope=frozenset(behind) or frozenset(before + figures),
        heads=frozenset(heads),
        negations=count if language in _CANCELLING else min(count, 1),
        soft=frozenset(soft),
        of_thing=denies and _of_thing(words[first], language, first == 0),
        place=place,
    )


def _of_thing(word: str, language: str, leads: bool) -> bool:
    """A negation that begins a clause (but not the rice) has its verb elsewhere, where the language says the subject."""
    return (leads and language in _CANCELLING) or word in DETERMINERS.get(language, LACKING)


def _stems(words: list[str], language: str) -> list[str]:
    return [stem for word in words if len(word) > 1 and word not in GRAMMAR for stem in content(word, language, True)]


def _can_deny(word: str, language: str, *, denies: bool) -> bool:
    """What is only supposed is open, what would not be is denied."""
    return (
        word in IMPLIED
        or word in (BOUNDED if denies else SUPPOSED)
        or denies_by_prefix(word)
        or (len(word) > _LONGEST_ENDING and word.endswith(WITHOUT.get(language, "\0")))
    )
