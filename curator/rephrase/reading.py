"""A text as the checks of faithfulness read it: sentences, their content words as stems, their clauses and what these deny."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from curator.rephrase.clauses import Clause, clauses_of
from curator.rephrase.negation_words import NEGATIONS
from curator.rephrase.plain_words import plain
from curator.rephrase.reading_words import FRAMES
from curator.rephrase.stems import FIGURE, WORD, content, digits_of

_ABBREVIATED = "Dr Mr Mrs Ms St Sen Sens Rep Gen Inc Corp Prof No Nr ca vs bzw".split()
_NO_END = "".join(rf"(?<!\b{word}\.)" for word in (r"[A-Z]", *_ABBREVIATED)) + r"(?<!^\d\.)(?<!^\d\d\.)"
_BREAK = re.compile(
    rf"(?m)(?<=[.!?…]){_NO_END}[\"'”»)\]*_]*\s+(?=[\"'“«„(\[*_¿¡-]*[^\Wa-zà-ÿ_])|\n\s*(?![a-zà-ÿ])|(?<=[。！？])"  # noqa: RUF001
)
_TOKEN = re.compile(f"{FIGURE.pattern}|{WORD.pattern}")
_PARTS = re.compile(r"[^\W_]+")
_MARKER = re.compile(r"[ \t>*#•–-]*(?:\(?\d{1,3}[.):](?=\s))?[ \t*]*")  # noqa: RUF001
_LABEL = re.compile(r"([^\W\d_][^\s:：]*(?: [^\s:：]+){0,3}?)(?: ?\d{1,3})?\**[ \u00a0]?[:：]\**(?=\s|$)")  # noqa: RUF001


@dataclass(frozen=True)
class Sentence:
    """One sentence without list marker and label, the stems of its content words in order, and where it begins in the text."""

    text: str
    stems: tuple[str, ...]
    start: int
    language: str | None
    place: int = 0

    @property
    def asks(self) -> bool:
        return self.text.rstrip("\"'”»)* ").endswith(("?", "？", "؟"))  # noqa: RUF001

    @cached_property
    def different(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clauses_of(plain(self.text), self.language or "en", self.place))

    @cached_property
    def said(self) -> frozenset[str]:
        """The stems of its clauses."""
        return frozenset(stem for clause in self.clauses for stem in clause.stems)


@dataclass(frozen=True)
class Reading:
    """One text, read once for all checks. `places`: the sentences of a stem. `labels`: what lines begin with, before a colon."""

    text: str
    language: str | None
    sentences: tuple[Sentence, ...]
    labels: frozenset[str]
    places: dict[str, list[int]] = field(repr=False)

    @cached_property
    def body(self) -> str:
        """One sentence to a line, without list markers and labels."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @cached_property
    def words(self) -> frozenset[str]:
        """All words and figures in lower case, those of well-known apart."""
        return frozenset(_PARTS.findall(self.text.lower()))

    @cached_property
    def statements(self) -> dict[str, list[Clause]]:
        """The clauses a stem stands in."""
        found = dict[str, list[Clause]]()
        for clause in (clause for sentence in self.sentences for clause in sentence.clauses):
            for stem in clause.stems:
                found.setdefault(stem, []).append(clause)
        return found

    @cached_property
    def polarities(self) -> frozenset[tuple[frozenset[str], int]]:
        """The stems of each clause and how often it denies."""
        return frozenset((one.stems, one.negations) for sentence in self.sentences for one in sentence.clauses)

    @cached_property
    def denied(self) -> frozenset[str]:
        """The stems of all that is denied."""
        clauses = (clause for sentence in self.sentences for clause in sentence.clauses)
        return frozenset(stem for clause in clauses if clause.negations for stem in clause.scope)

    @cached_property
    def denies(self) -> bool:
        return not NEGATIONS.get(self.language or "en", frozenset()).isdisjoint(WORD.findall(plain(self.text)))


def read(text: str, language: str | None = None) -> Reading:
    """The sentences of the text. Labels are those of frames (`Question:`) and of speakers, who have the word more than once."""
    lines = list(_lines(text))
    marks = [_MARKER.match(line) for line, _ in lines]
    ends = [mark.end() if mark else 0 for mark in marks]
    labels = [_LABEL.match(line, end) for (line, _), end in zip(lines, ends, strict=True)]
    names = [label.group(1).lower().rstrip("0123456789 ") if label else "" for label in labels]
    spoken = (
        frozenset(name for name in names if name and (name in FRAMES or names.count(name) > 1))
        if any(names)
        else frozenset()
    )
    sentences, places = list[Sentence](), dict[str, list[int]]()
    for (line, start), end, label, name in zip(lines, ends, labels, names, strict=True):
        end = label.end() if label and name in spoken else end
        body = line[end:]
        stems = tuple(stem for token in _TOKEN.findall(plain(body)) for stem in _content(token, language))
        sentence = Sentence(body.strip(), stems, start + end, language, len(sentences))
        for stem in sentence.different:
            places.setdefault(stem, []).append(len(sentences))
        sentences.append(sentence)
    return Reading(text, language, tuple(sentences), spoken, places)


def _content(token: str, language: str | None) -> tuple[str, ...]:
    return (digits_of(token),) if token[0].isdigit() else content(token, language)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Sentences and lines with their places, those without any sign left out."""
    start = 0
    for match in _BREAK.finditer(text):
        if text[start : match.start()].strip():
            yield text[start : match.start()], start
        start = match.end()
    if text[start:].strip():
        yield text[start:], start
