"""Sentences of an answer that deny what the source says, or say what it denies.

Clauses are compared: each of the answer with those of the source that have most of its words. What an `unable` or `forbidden`
stands for is left open, so only plain negations without any counterpart are found. Questions are not judged.
"""

from __future__ import annotations

from collections import Counter

from curator.rephrase.clauses import Clause
from curator.rephrase.reading import Reading

SAME = 0.5
"""Share of the stems of an answer's clause that the source's must have to be about the same."""
SAME_UNDENIED = 0.3
"""The same for clauses without a negation: those that the source denies have the denied words besides."""
NEAR = 0.7
"""Clauses of the source count beside the best one from this share of its common stems on."""
MOST_CLAUSES = 64
"""A stem in more clauses of the source aligns nothing: time stays linear."""


def flipped(source: Reading, answer: Reading) -> str | None:
    """The first sentence of the answer with another polarity than what the source says, or None."""
    if not source.denies and not answer.denies:
        return None
    for sentence in answer.sentences:
        if not sentence.asks:
            for clause in sentence.clauses:
                if clause.negations == 0 and clause.stems.isdisjoint(source.denied):
                    continue
                theirs = _alike(clause, source)
                if theirs and _opposed(clause, theirs) and not _said_elsewhere(clause, theirs, sentence.clauses):
                    return sentence.text
    return None


def _alike(clause: Clause, source: Reading) -> list[Clause]:
    """The clauses of the source that say or deny the same; none where no clause does."""
    shared, found = Counter[int](), dict[int, Clause]()
    for stem in clause.stems:
        places = source.statements.get(stem, ())
        if len(places) <= MOST_CLAUSES:
            for other in places:
                shared[id(other)] += 1
                found[id(other)] = other
    least = SAME if clause.negations else SAME_UNDENIED
    if max(shared.values(), default=0) < max(1, least * len(clause.stems)):
        return []
    alike = {one: count**2 / (len(clause.stems) + len(found[one].stems)) for one, count in shared.items()}
    most = max(alike.values())
    return [found[one] for one, share in alike.items() if share >= NEAR * most or _deny_the_same(clause, found[one])]


def _deny_the_same(clause: Clause, other: Clause) -> bool:
    return clause.negations > 0 and other.negations > 0 and len(clause.scope & other.scope) > 1


def _opposed(clause: Clause, theirs: list[Clause]) -> bool:
    """Whether all of `theirs` have the other polarity. Twice denied is said, and so is what one negation more denies."""
    if clause.negations == 0:
        return not clause.softly and all(
            other.negations % 2 == 1 and not other.softly and clause.stems & other.scope for other in theirs
        )
    if clause.negations == 1:
        return not clause.softly and all(other.negations == 0 and not other.softly for other in theirs)
    return all(other.negations < clause.negations for other in theirs)


def _said_elsewhere(clause: Clause, theirs: list[Clause], clauses: tuple[Clause, ...]) -> bool:
    """Whether another clause of the sentence has the negation: until the end of the year, it is not sold."""
    if clause.negations:
        return False
    scope = {stem for other in theirs for stem in other.scope}
    return any((own.negations or own.softly) and not own.stems.isdisjoint(scope) for own in clauses)
