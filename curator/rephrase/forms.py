# ruff: noqa: RUF001
"""The forms an answer may have: pairs of question and answer, turns of a conversation, a list, a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.rephrase.strategy import Parser

_ASKS = re.compile(r"[?？؟\u037e][\s*_\"'”’»)]*$")  # \u037e is Greek's own
_MARKS = r"[\s*_#>-]{0,12}"
_LABEL = re.compile(_MARKS + r"(?:\d{1,4}\s?[.)]\s?)?[*_]{0,3}([^\W\d_]{1,20})\s?\d{0,4}[*_]{0,3}\s?[:：.)]")
_BOLD_QUESTION = re.compile(r"([?？؟](?:\*\*|__))[ \t]+(?=\S)")  # `**Which river?** The Rhine.`
_TURN = re.compile(_MARKS + r"([^\s:：*_|][^:：\n|]{0,40}?)[*_]{0,3}\s?[:：][*_]{0,3}\s*\S")
_ITEM = re.compile(r"(?:[-*+•–‣·]|\(?\d{1,4}[.)])\s+\S")
_BORDER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")
_NUMBERED = re.compile(_MARKS + r"(?:[^\W\d_]{1,20}\s?)?(\d{1,4})(?=\s?[.):：])")
_NUMBERED_REPLY = re.compile(_MARKS + r"[^\W\d_]{1,20}\s?(\d{1,4})(?=\s?[.):：])")


def shaped(answer: str, parser: Parser) -> str | None:
    """The answer in the form that the parser reads, tidied where that is needed, or null if it does not have it."""
    if parser == "questions":
        return "\n\n".join(f"{question}\n{reply}" for question, reply in _pairs(answer)) or None
    fits = {"text": _is_text, "dialogue": _has_turns, "list": _has_items, "table": _has_rows}[parser]
    return answer if fits(_lines(answer)) else None


def renumbered(parts: Sequence[str]) -> list[str]:
    """Questions of several parts, as `shaped` gives them, with one row of numbers where each part has its own 1, 2, 3."""
    blocks = [part.split("\n\n") for part in parts]
    numbers = [[int(found[1]) for block in part if (found := _NUMBERED.match(block))] for part in blocks]
    if any(own != list(range(1, len(part) + 1)) for own, part in zip(numbers, blocks, strict=True)):
        return list(parts)
    before = [sum(map(len, blocks[:place])) for place in range(len(blocks))]
    return [
        "\n\n".join(_with_number(block, first + place + 1) for place, block in enumerate(part))
        for first, part in zip(before, blocks, strict=True)
    ]


def _with_number(block: str, number: int) -> str:
    """A numbered pair with another number; `Answer 2:` follows its question's number, `2. January` does not."""
    question, _, reply = block.partition("\n")
    asked, given = _NUMBERED.match(question), _NUMBERED_REPLY.match(reply)
    assert asked is not None
    if given is not None and given[1] == asked[1]:
        reply = f"{reply[: given.start(1)]}{number}{reply[given.end(1) :]}"
    return f"{question[: asked.start(1)]}{number}{question[asked.end(1) :]}\n{reply}"


def _pairs(answer: str) -> list[tuple[str, str]]:
    """Questions with their answers, each without empty lines. What has no question before it or no answer after it is left out."""
    lines = _lines(_BOLD_QUESTION.sub(r"\1\n", answer))
    asks = _questions(lines)
    starts = [place for place, line_asks in enumerate(asks) if line_asks]
    stops = [*starts[1:], len(lines)]
    return [
        (lines[start], "\n".join(lines[start + 1 : stop]))
        for start, stop in zip(starts, stops, strict=False)
        if stop > start + 1
    ]


def _questions(lines: Sequence[str]) -> list[bool]:
    """Which lines are questions: those that end with a question mark, or else those that have the first of two labels."""
    asks = [bool(_ASKS.search(line)) for line in lines]
    if any(asks):
        return asks
    labels = [found[1].casefold() if (found := _LABEL.match(line)) else "" for line in lines]
    named = list(dict.fromkeys(label for label in labels if label))
    return [len(named) > 1 and label == named[0] for label in labels]


def _is_text(lines: Sequence[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line)


def _has_turns(lines: Sequence[str]) -> bool:
    """At least two speakers, in at least half of the lines."""
    speakers = [found[1].casefold() for line in lines if (found := _TURN.match(line))]
    return len(set(speakers)) >= 2 and 2 * len(speakers) >= len(lines)


def _has_items(lines: Sequence[str]) -> bool:
    """At least one item, and items in at least half of the lines."""
    items = [bool(_ITEM.match(line)) for line in lines]
    return any(items) and 2 * sum(items) >= len(items)


def _has_rows(lines: Sequence[str]) -> bool:
    """A row of hyphens between a header and a row, each with as many cells as it has, two or more."""
    cells = [_cells(line) for line in lines]
    return any(
        cells[place] >= 2 and cells[place - 1] == cells[place] == cells[place + 1]
        for place in range(1, len(lines) - 1)
        if _BORDER.match(lines[place])
    )


def _cells(row: str) -> int:
    return len(re.split(r"(?<!\\)\|", row.removeprefix("|").removesuffix("|")))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
