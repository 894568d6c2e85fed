# ruff: noqa: RUF001
"""From an engine's answer to text, or to the reason why it is none; and from the texts of the parts to a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from curator.rephrase.forms import renumbered, shaped
from curator.rephrase.meta_talk import meta_talk, talk_of_the_text
from curator.rephrase.requests import CUT, FAILED, Response
from curator.rephrase.strategy import Strategy
from curator.rephrase.templates import instructions

ECHO_WORDS = 8
"""So many words of the instructions in a row are no coincidence; a whole line of them is none from ECHO_LINE_WORDS."""
ECHO_LINE_WORDS = 3

_FENCE = re.compile(r"(```+|~~~+)[^\n`]*\n(.*)\n\1[ \t]*\Z", re.DOTALL)
_RULE = re.compile(r"\A[-*_=]{3,}[ \t]*\n|\n[ \t]*[-*_=]{3,}[ \t]*\Z")
_THINKS = re.compile(r"\s*[<\[](?:think(?:ing)?|thought|reasoning)[>\]]", re.IGNORECASE)
_THOUGHT = re.compile(r"[<\[]/(?:think(?:ing)?|thought|reasoning)[>\]]", re.IGNORECASE)
_BEFORE, _AFTER = r"[\s*_#>\"'“„«`]*", r"[*_\"'”“»`]*"


@dataclass(frozen=True)
class Parsed:
    """The text of one answer, or the reason why there is none, and what shows it."""

    text: str = ""
    reason: str = ""
    detail: str = ""


def parsed(answer: Response, strategy: Strategy, segment: str) -> Parsed:
    """What the answer for a part of a document (`segment`, as in the request) gives.

    Reasons: failed, truncated, thinking, empty, meta_talk, prompt_echo, missing_opening, unparsable, in this order.
    """
    if answer.failed:
        return Parsed(reason="failed", detail=answer.outcome.removeprefix(FAILED).lstrip(": "))
    if answer.outcome == CUT:
        return Parsed(reason="truncated", detail=answer.text.strip()[-80:])
    said = _after_thinking(answer.text, segment)
    if said is None:
        return Parsed(reason="thinking", detail=answer.text.strip()[:80])
    whole = _tidy(said)
    body = _after_opening(whole, strategy.opening)
    if not whole or body == "":
        return Parsed(reason="empty")
    told = whole if body is None else body
    talk = meta_talk(told, segment, turns=strategy.parser == "dialogue")
    if talk is not None:
        return Parsed(reason="meta_talk", detail=talk[:80])
    echo = _echo(told, strategy, segment)
    if echo is not None:
        return Parsed(reason="prompt_echo", detail=echo)
    outside = talk_of_the_text(told, segment)
    if outside is not None:
        return Parsed(reason="meta_talk", detail=outside)
    if body is None:
        return Parsed(reason="missing_opening", detail=whole.partition("\n")[0][:80])
    return _in_form(body, strategy)


def _in_form(body: str, strategy: Strategy) -> Parsed:
    text = shaped(body, strategy.parser)
    if text is None:
        return Parsed(reason="unparsable", detail=f"no {strategy.parser}: {body[:60]}")
    return Parsed(text=text)


def joined(original: str, parts: Sequence[str], strategy: Strategy) -> str:
    """The texts of the answers for all parts, in their order, as one document; an appended one begins with the original."""
    texts = renumbered(parts) if strategy.parser == "questions" else list(parts)
    return "\n\n".join([original.rstrip(), *texts] if strategy.appended else texts)


def _after_thinking(text: str, segment: str) -> str | None:
    """What follows a block in which the model thinks first, or null where it has no end. Its beginning may stand in the prompt."""
    ends = [] if _THOUGHT.search(segment) and not _THINKS.match(text) else list(_THOUGHT.finditer(text))
    if ends:
        return text[ends[-1].end() :]
    return None if _THINKS.match(text) and not _THINKS.match(segment) else text


def _tidy(text: str) -> str:
    """Without blanks, rules and a code fence around all of it."""
    text = _RULE.sub("", text.replace("\r\n", "\n").strip()).strip()
    fenced = _FENCE.fullmatch(text)
    return fenced[2].strip() if fenced and fenced[1] not in fenced[2] else text


def _after_opening(text: str, opening: str | None) -> str | None:
    """What follows the opening line, or null where it is missing. Case, marks, quotes and the colon may differ."""
    if opening is None:
        return text
    words = r"\s+".join(map(re.escape, opening.rstrip(" :.").split()))
    found = re.match(rf"{_BEFORE}{words}{_AFTER}(?:\s*[:：]{_AFTER}|[ \t]*(?:\n|\Z))", text, re.IGNORECASE)
    return None if found is None else _tidy(text[found.end() :])


def _echo(body: str, strategy: Strategy, segment: str) -> str | None:
    """Words of the instructions that stand in the answer, though not in the source, or null."""
    pieces = instructions(strategy.prompt)
    own = _runs(body, ECHO_WORDS) & {run for piece in pieces for run in _runs(piece, ECHO_WORDS)}
    told = {line for piece in pieces for line in _lines(piece) if len(line) >= ECHO_LINE_WORDS}
    told -= _lines(strategy.opening or "")
    found = sorted((own - _runs(segment, ECHO_WORDS)) | ((told & _lines(body)) - _lines(segment)))
    return " ".join(found[0]) if found else None


def _runs(text: str, words: int) -> set[tuple[str, ...]]:
    found = _words(text)
    return {tuple(found[start : start + words]) for start in range(len(found) - words + 1)}


def _lines(text: str) -> set[tuple[str, ...]]:
    return {tuple(_words(line)) for line in text.splitlines()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
