"""Names of an answer that its source does not have."""

from __future__ import annotations

from collections.abc import Sequence

from curator.rephrase.reading import Reading, Sentence
from curator.text.facts import Name, kindred

_PEOPLES = """france french|spain spanish|britain british|uk british britain kingdom|usa us american america states united
    |netherlands dutch holland|switzerland swiss|greece greek|poland polish pole|denmark danish dane|wales welsh|ireland irish
    |scotland scottish scots|england english|turkey turkish turk|finland finnish finn|sweden swedish swede|norway norwegian
    |portugal portuguese|germany german|philippines filipino|thailand thai|iceland icelandic|belgium belgian|peru peruvian
    |deutschland deutsch deutsche deutschen|frankreich französisch französische französischen|eu european union|un nations
    |españa español española españoles|france français française|allemagne allemand allemande|suisse suisses"""
_SAME_PEOPLE = [frozenset(group.split()) for group in _PEOPLES.split("|")]
COMMON_ENDINGS = (
    "ing", "ly", "ed", "tion", "sion", "ment", "ness", "ity", "ers", "ists", "ants", "ents", "ees", "ors", "ies", "ance",
    "ence", "s"
)  # fmt: skip
"""A word at the beginning of a sentence with one of these is hardly a name."""
ALIGNED = 0.5
"""Share of a sentence's other words that a sentence of the source must have for its first word to stand for a name there."""


def foreign_name(
    source: Reading, known: Sequence[Name], answer: Reading, found: Sequence[Name]
) -> tuple[str | None, int]:
    """The first name of the answer that the source does not have, and how many there are.

    The source has a name if it has each of its words in any case, a word of the same family (German, Germany), the words an
    acronym is made of or the acronym of these words. Speakers are no foreign names. At the beginning of a sentence a word is
    only taken for a name where it stands in the place of one.
    """
    speakers = {word for label in answer.labels for word in label.split()}
    foreign = [
        name.text
        for name in found
        if name.sure and _strangers(name, source, speakers) and not _abbreviates(name, source, known)
    ]
    if not foreign and answer.language != "de":
        foreign = _replaced(source, known, answer, [name for name in found if not name.sure], speakers)
    return (foreign[0] if foreign else None), len(foreign)


def _strangers(name: Name, source: Reading, speakers: set[str]) -> bool:
    return any(word not in speakers and not has_word(word, source) for word in name.words)


def has_word(word: str, source: Reading) -> bool:
    """Whether the source has a word of the family of this one."""
    if word in source.words:
        return True
    family = kindred(word)
    if not source.words.isdisjoint(family):
        return True
    if any(word in people and not people.isdisjoint(source.words) for people in _SAME_PEOPLE):
        return True
    return any(other.startswith(word[:4]) and not family.isdisjoint(kindred(other)) for other in source.words)


def _abbreviates(name: Name, source: Reading, known: Sequence[Name]) -> bool:
    """Whether it is the acronym of a span of the source, or a span of whose acronym the source speaks."""
    letters = "".join(word[0] for word in name.text.split() if word[0].isupper()).lower()
    if len(letters) > 1 and letters in source.words:
        return True
    acronym = name.text.replace(".", "").lower()
    if not name.text.isupper() or not acronym.isalpha():
        return False
    spans = ("".join(word[0] for word in other.text.split() if word[0].isupper()).lower() for other in known)
    return any(acronym in (span, span + "s") for span in spans) or _initials(acronym, source)


def _initials(acronym: str, source: Reading) -> bool:
    """Whether words of one sentence that follow each other begin with these letters."""
    return any(
        acronym in "".join(word[0] for word in sentence.text.lower().split() if word[0].isalpha())
        for sentence in source.sentences
        if len(acronym) > 2
    )


def _replaced(
    source: Reading, known: Sequence[Name], answer: Reading, unsure: Sequence[Name], speakers: set[str]
) -> list[str]:
    """First words of sentences that the source does not have, where the sentence that says the rest has a name that is lost."""
    found = []
    for sentence in answer.sentences:
        first = next((name for name in unsure if sentence.text.startswith(name.text)), None)
        if first is None or sentence.asks or first.words[0].endswith(COMMON_ENDINGS):
            continue
        word = first.words[0]
        if word in speakers or has_word(word, source):
            continue
        twin = _twin(sentence, source)
        if twin is not None and any(
            name.text in twin.text and answer.words.isdisjoint(name.words) and twin.text.find(name.text) < 40
            for name in known
        ):
            found.append(first.text)
    return found


def _twin(sentence: Sentence, source: Reading) -> Sentence | None:
    """The sentence of the source that has most of this one's content words."""
    shared = dict[int, int]()
    for stem in sentence.different:
        for place in source.places.get(stem, ())[:64]:
            shared[place] = shared.get(place, 0) + 1
    best = max(shared, key=lambda place: (shared[place], -place), default=None)
    if best is None or shared[best] < max(2, ALIGNED * (len(sentence.different) - 1)):
        return None
    return source.sentences[best]
