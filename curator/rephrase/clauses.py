# ruff: noqa: RUF001
"""Clauses of a sentence, and how often each denies what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from curator.rephrase.reading_words import GRAMMAR, IMPLIED, NEGATIONS, STANDING
from curator.rephrase.stems import FIGURE, WORD, content, denies_by_prefix, digits_of

_CLAUSE = re.compile(
    r"[;()–—]| - |[,:](?!\d)|\b(?:but|because|although|though|while|whereas|which|who|since|so that|if|when|and"
    r"|aber|sondern|weil|obwohl|während|und|mais|car|parce que|et|pero|sino|porque|y)\b"
)
_CANCELLING = frozenset({"en", "de", "nl"})
_TOGETHER = (
    ("n't", " not"),
    ("no. ", " "),
    ("cannot", "can not"),
    ("not only", "only"),
    ("at most", "atmost"),
    ("at least", "atleast"),
    ("up to", "upto"),
)
_SHORT_CLAUSE = 4
"""Words of a clause that the negation of the one before may still hold for: neither hot nor cold, not hot and dry."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`stems` of all its words but those of grammar, and its numbers, `scope` those behind its first negation. `negations` are
    counted less those that cancel out, and where a language doubles them (no es nunca) once.

    `softly`: something else in it can stand for a negation, or the negation before it can hold for it as well.
    """

    stems: frozenset[str]
    scope: frozenset[str]
    negations: int
    softly: bool


def plain(text: str) -> str:
    text = text.lower().replace("’", "'")
    for phrase, one in _TOGETHER:
        text = text.replace(phrase, one)
    return text


def clauses_of(lowered: str, language: str) -> Iterator[Clause]:
    negations, carried = NEGATIONS.get(language, frozenset()), False
    for piece in _CLAUSE.split(lowered):
        words = WORD.findall(piece)
        figures = FIGURE.findall(piece)
        if not (words or figures) or (len(words) == 1 and words[0] in negations):  # No, ...
            continue
        soft = [word in IMPLIED or denies_by_prefix(word) for word in words]
        denied = [word in negations for word in words]
        cancels = [one and word not in STANDING for one, word in zip(soft, words, strict=True)]
        cancelled = sum(one and after for one, after in zip(denied, cancels[1:], strict=False))  # not unlikely
        stems = [stem for word in words if word not in GRAMMAR for stem in content(word, language, True)]
        goes_on = len(words) <= _SHORT_CLAUSE or "zu" in words  # ist verboten, Luchse zu schießen
        softly = (carried and goes_on) or sum(soft) > cancelled
        count = sum(denied) - cancelled
        behind = words[denied.index(True) + 1 :] if any(denied) else []
        scope = [stem for word in behind if word not in GRAMMAR for stem in content(word, language, True)]
        every = frozenset(stems + [digits_of(one) for one in figures])
        yield Clause(every, frozenset(scope) or every, count if language in _CANCELLING else min(count, 1), softly)
        carried = any(denied) or softly
