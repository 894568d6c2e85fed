"""Rewrites with known faults: faithful ones, written for these tests, and what is made of them by planting one fault each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STRATEGIES = {
    "paraphrase": "encyclopaedia",
    "easy": "easy",
    "questions": "questions",
    "list": "knowledge",
    "dialogue": "dialogue",
}
"""The form of a rewrite -> the built-in strategy whose limits hold for it."""

FAITHFUL = "faithful"
PARTS = ("developed on", "held out", "last texts")
FIRST_OF_THE_LAST = 43
INVENTED = ("plain", "with a number", "with a name", "of the source's words")
_FILE = Path(__file__).with_name("labelled_sources.txt")
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d+(?:[.,  ]\d{3})*(?:[.,]\d+)?")
_NUMBER_WORDS = {
    "en": "two three four five six seven eight nine eleven",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn",
    "fr": "deux trois quatre cinq six sept huit neuf dix",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez",
}
_NEGATE = {
    "en": (r"\b(is|are|was|were|can|will|should|must|has|have|had|may|could)\b(?! not)(?!n't)", r"\1 not"),
    "de": (r"\b(ist|sind|wurde|wurden|hat|haben|kann|soll|dürfen|darf)\b(?! nicht)", r"\1 nicht"),
    "fr": (r"(?<!n')(?<!ne )\b(est|sont|a|ont|était|peut|doit)\b(?! pas)(?!-)", r"n'\1 pas"),
    "es": (r"(?<!no )\b(es|está|son|fue|vendió|vende|cuesta|llegan|subieron|costó|encontró|halló)\b", r"no \1"),
}
_AFFIRM = {
    "en": [
        (r"\b(do|does|did) not (\w+)", r"\2"),
        (r"\b(is|are|was|were|can|will|should|must|has|have|had|may) not\b", r"\1"),
        (r"\bcannot\b", "can"),
        (r"\bnever (\w+)", r"always \1"),
        (r"\b(is|are|was|were|be) (no|never) ", r"\1 "),
        (r"\bno (?=[a-z])", "a "),
    ],
    "de": [(r" nicht\b", ""), (r"\bkeine?n?\b", "viele"), (r"\b[Oo]hne\b", "mit")],
    "fr": [(r"\bn'(\w+) pas\b", r"\1"), (r"\bne (\w+) (?:pas|rien)\b", r"\1")],
    "es": [(r"\bno (\w+)", r"\1"), (r"\bnunca\b", "siempre")],
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One pair of source and answer, and what was done to the answer (`fault`, or FAITHFUL)."""

    source: str
    answer: str
    strategy: str
    language: str
    fault: str
    number: int  # of the source


@dataclass(frozen=True, kw_only=True)
class _Source:
    number: int
    language: str
    text: str
    rewrites: tuple[tuple[str, str], ...]
    swap: tuple[str, str] | None
    invented: tuple[str, ...]  # as in INVENTED, those from the fourth on of the source's words


def cases() -> list[Case]:
    """All cases, in the order of the file."""
    sources = _sources()
    return [case for source in sources for case in _of_source(source, sources)]


def part(case: Case) -> str:
    """One of PARTS: the first was looked at all the time while the checks were written, the others when they were nearly done,
    and what general errors they showed was mended."""
    if case.number >= FIRST_OF_THE_LAST:
        return PARTS[2]
    return PARTS[case.number % 2]


def _sources() -> list[_Source]:
    blocks = _FILE.read_text(encoding="utf-8").replace("\n    ", " ").strip().split("\n\n")
    return [_source(number, block) for number, block in enumerate(blocks)]


def _source(number: int, block: str) -> _Source:
    head, text, *rest = block.split("\n")
    body, invented, swap = "\n".join(line for line in rest if line[:2] not in ("~ ", "+ ")), [], None
    for line in rest:
        if line.startswith("+ "):
            invented.append(line[2:])
        elif line.startswith("~ ") and "->" in line:
            old, new = line[2:].split(" -> ")
            swap = (old, new)
    rewrites = [part.split("\n", 1) for part in ("\n" + body).split("\n= ")[1:]]
    return _Source(
        number=number,
        language=head.split()[-1],
        text=text,
        rewrites=tuple((form, answer.strip()) for form, answer in rewrites),
        swap=swap,
        invented=tuple(invented),
    )


def _of_source(source: _Source, sources: list[_Source]) -> Iterator[Case]:
    for form, answer in source.rewrites:
        for fault, text in [(FAITHFUL, answer), *_faults(source, answer), *_unusable(source, form, answer, sources)]:
            yield Case(
                source=source.text,
                answer=text,
                strategy=STRATEGIES[form],
                language=source.language,
                fault=fault,
                number=source.number,
            )


def _faults(source: _Source, answer: str) -> Iterator[tuple[str, str]]:
    language = source.language
    for place in _spread(
        [match.start() for match in _NUMBER.finditer(answer) if not _is_marker(answer, match.end())], 2
    ):
        changed = _change_number(answer, place)
        if not re.search(rf"(?<!\d){re.escape(changed[1])}(?!\d)", source.text):
            yield "number changed", changed[0]
    yield from (("number word changed", text) for text in _change_word(answer, language, source.text))
    if source.swap is not None and source.swap[0] in answer:
        yield "name swapped", answer.replace(*source.swap)
    yield from (("negation added", text) for text in _rewritten(answer, [_NEGATE[language]], 2))
    yield from (("negation removed", text) for text in _rewritten(answer, _AFFIRM[language], 2))
    for place, sentence in enumerate(source.invented):
        yield f"invented, {INVENTED[min(place, len(INVENTED) - 1)]}", _insert(answer, sentence)


def _unusable(source: _Source, form: str, answer: str, sources: list[_Source]) -> Iterator[tuple[str, str]]:
    words = answer.split(" ")
    if form != "questions":  # appended to the original: there an echo is found by its form
        yield "echo", source.text
    yield "truncated", " ".join(words[: max(3, len(words) // 12)])
    other = next(one for one in sources[::-1] if one.language != source.language and one.number != source.number)
    yield "language changed", f"{other.rewrites[0][1]}"


def _is_marker(answer: str, end: int) -> bool:
    """Whether the number is that of a list's item."""
    line = answer[answer.rfind("\n", 0, end) + 1 : end]
    return line.isdigit() and answer[end : end + 2] == ". "


def _spread(places: list[int], most: int) -> list[int]:
    """`most` of them: the middle one, the last one."""
    return sorted({places[len(places) // 2], places[-1]})[:most] if places else []


def _change_number(answer: str, place: int) -> tuple[str, str]:
    """The number at `place` with another first or last digit."""
    match = _NUMBER.match(answer, place)
    assert match is not None
    old = match.group()
    at = 0 if len(old) > 4 else len(old) - 1
    digit = str(int(old[at]) % 9 + 1)
    new = old[:at] + digit + old[at + 1 :]
    return answer[:place] + new + answer[match.end() :], new


def _change_word(answer: str, language: str, source: str) -> Iterator[str]:
    """The first number in words, one more."""
    words = _NUMBER_WORDS[language].split()
    for match in re.finditer(r"\b(?:" + "|".join(words[:-1]) + r")\b", answer):
        new = words[words.index(match.group()) + 1]
        if not re.search(rf"\b{new}\b", source):
            yield answer[: match.start()] + new + answer[match.end() :]
            return


def _rewritten(answer: str, rules: list[tuple[str, str]], most: int) -> Iterator[str]:
    """The answer with one match of one rule replaced, for up to `most` matches far from each other."""
    found = [(match, replacement) for pattern, replacement in rules for match in re.finditer(pattern, answer)]
    found = [one for one in found if not _in_question(answer, one[0].start())]
    found.sort(key=lambda one: one[0].start())
    for match, replacement in (
        [found[place] for place in sorted({len(found) // 3, len(found) - 1})[:most]] if found else []
    ):
        yield answer[: match.start()] + match.expand(replacement) + answer[match.end() :]


def _in_question(answer: str, place: int) -> bool:
    end = re.compile(r"[.!?\n]").search(answer, place)
    return end is not None and end.group() == "?"


def _insert(answer: str, sentence: str) -> str:
    """The sentence behind the middle line or sentence, in the form of the answer."""
    if "\n" not in answer:
        parts = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜÉ])", answer)
        return " ".join([*parts[: len(parts) // 2], sentence, *parts[len(parts) // 2 :]])
    lines = answer.split("\n")
    place = next(at for at in range(len(lines) // 2, len(lines)) if not lines[at].rstrip().endswith("?"))
    marker = re.match(r"[-*] ", lines[place])
    if marker:
        return "\n".join([*lines[: place + 1], marker.group() + sentence, *lines[place + 1 :]])
    return "\n".join([*lines[:place], lines[place] + " " + sentence, *lines[place + 1 :]])
