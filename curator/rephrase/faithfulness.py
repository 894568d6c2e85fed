"""What an answer says that its source does not: numbers, names and sentences of its own, denials, and what it leaves out.

Words are compared by their beginnings; that two words mean the same is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from curator.rephrase.bindings import unbound
from curator.rephrase.negations import flipped
from curator.rephrase.own_names import foreign_name
from curator.rephrase.own_numbers import foreign_number
from curator.rephrase.reading import Reading, Sentence, read
from curator.text.facts import Name, names
from curator.text.numbers import numbers
from curator.text.spoken_numbers import Number

LEAST_SUPPORT = 0.25
"""Share of a sentence's content words and numbers that its source must have. The lowest of 281 sentences of faithful rewrites has
0.33; what is invented takes little but its subject from the source."""
FEWEST_UNITS = 3
"""Content words and numbers of the shortest sentence that is judged alone."""
FEWEST_FACTS = 4
"""Of a source with fewer key facts no share is judged: one lost would be a quarter."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that failed: its reason in the ledger, the value that decided, and the place or word."""

    reason: str
    value: float
    detail: str


@dataclass(frozen=True)
class Text:
    """One text and what the checks need of it, each read when first asked for. The source of several answers is read once."""

    text: str
    language: str | None = None

    @cached_property
    def reading(self) -> Reading:
        return read(self.text, self.language)

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers(self.reading.body, self.language)

    @cached_property
    def names(self) -> list[Name]:
        return names(self.reading.body, self.language)

    @cached_property
    def values(self) -> dict[Decimal, set[str]]:
        """The kinds of number that each value has."""
        found = dict[Decimal, set[str]]()
        for number in self.numbers:
            found.setdefault(number.value, set()).add(number.kind)
        return found


def own_number(source: Text, answer: Text, *, computes: bool = False) -> Finding | None:
    """The first number that the source does not have; where the answer `computes`, nor + - * / of two it may have."""
    number, count = foreign_number(source.numbers, answer.numbers, answer.reading.body, computes=computes)
    return None if number is None else Finding("foreign_number", count, number.text)


def own_name(source: Text, answer: Text) -> Finding | None:
    """The first name that the source does not have."""
    name, count = foreign_name(source.reading, source.names, answer.reading, answer.names)
    return None if name is None else Finding("foreign_name", count, name)


def opposite(source: Text, answer: Text) -> Finding | None:
    """The first sentence that denies what the source says, or says what it denies."""
    sentence = flipped(source.reading, answer.reading)
    return None if sentence is None else Finding("negation", 1.0, sentence)


def supported_share(source: Text, answer: Text) -> float:
    """The share of the answer's content words and numbers that the source has; questions aside, 1 where it only asks.

    An answer without any such word is noise, and has 0, but where the source has none either.
    """
    places = source.reading.places
    stems = [stem for sentence in answer.reading.sentences if not sentence.asks for stem in sentence.stems]
    if not stems:
        return float(not places or any(sentence.stems for sentence in answer.reading.sentences))
    return sum(stem in places for stem in stems) / len(stems)


def unsupported(source: Text, answer: Text, *, least: float) -> Finding | None:
    """Less than `least` of the whole answer's words in the source, or one sentence with nearly nothing from it."""
    share = supported_share(source, answer)
    if share < least:
        return Finding("unsupported", share, "the whole answer")
    if least == 0.0:
        return None
    for sentence in _claims(answer.reading):
        share = _support(sentence, source.reading)
        if share < LEAST_SUPPORT:
            return Finding("unsupported", share, sentence.text)
    return None


def claims(answer: str, language: str | None) -> list[str]:
    """The sentences of an answer that say enough to be held against its source alone, without list markers and labels."""
    return [sentence.text for sentence in _claims(read(answer, language))]


def _claims(reading: Reading) -> Iterator[Sentence]:
    return (one for one in reading.sentences if len(one.stems) >= FEWEST_UNITS and not one.asks)


def rebound(source: Text, answer: Text) -> Finding | None:
    """The first sentence made of words of the source that it says nowhere together."""
    found = unbound(source.reading, answer.reading)
    return None if found is None else Finding("unbound", found[1], found[0])


def lost_facts(source: Text, answer: Text, *, least: float) -> Finding | None:
    """Less than `least` of the different numbers and names of the source in the answer; the detail says some that are lost."""
    words, values = answer.reading.words, answer.values
    facts = {number.value: number for number in source.numbers if not number.hint}
    lost = [number.text for value, number in facts.items() if value not in values]
    spans = {name.words: name for name in source.names if name.sure}
    lost += [name.text for words_of, name in spans.items() if words.isdisjoint(words_of)]
    total = len(facts) + len(spans)
    if total < FEWEST_FACTS or 1 - len(lost) / total >= least:
        return None
    return Finding("key_facts_lost", 1 - len(lost) / total, ", ".join(lost[:8]))


def _support(sentence: Sentence, source: Reading) -> float:
    return sum(stem in source.places for stem in sentence.stems) / len(sentence.stems)
