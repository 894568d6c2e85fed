"""All checks of a finished rewrite that need no model but the project's own functions, the cheapest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from curator.config.rephrase import Checks
from curator.rephrase.faithfulness import (
    Finding,
    Text,
    lost_facts,
    opposite,
    own_name,
    own_number,
    rebound,
    supported_share,
    unsupported,
)
from curator.rephrase.strategy import Strategy
from curator.text.language import UNDETERMINED, identify, paragraph_share

SHINGLE = 5
"""Words of a piece that is compared with the source: a new word at every tenth place leaves 59 % of them."""
FEWEST_CHARACTERS = 80
"""Of an answer whose language is judged."""
SURE, POSSIBLE = 0.5, 0.2
"""Probability that another language must have, and that the source's must not reach as the second."""
IN_LANGUAGE = 0.5
"""Share of an answer that must be in paragraphs of the source's language when each is judged alone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is None for a rewrite that may stay; `value` decided, `detail` shows where. `supported`: share of its words."""

    reason: str | None = None
    value: float = 0.0
    detail: str = ""
    supported: float = 1.0


def verdict(source: str, answer: str, *, strategy: Strategy, checks: Checks, language: str | None) -> Verdict:
    """The verdict on one rewrite, an `answer` without its opening line and, if appended, without the original.

    `language` is the source's (ISO 639-1 as `identify` names it); None has it identified.
    """
    return verdicts([source], [answer], strategies=[strategy], checks=checks, languages=[language])[0]


def verdicts(
    sources: Sequence[str],
    answers: Sequence[str],
    *,
    strategies: Sequence[Strategy],
    checks: Checks,
    languages: Sequence[str | None],
) -> list[Verdict]:
    """The verdicts on answers to sources, each pair with its strategy and language. Equal sources that follow are read once."""
    languages = _known_languages(sources, languages)
    changed = _changed(answers, languages) if checks.language else [None] * len(answers)
    found, read = list[Verdict](), Text("")
    for source, answer, strategy, language, other in zip(sources, answers, strategies, languages, changed, strict=True):
        if read.text != source or read.language != language:
            read = Text(source, language)
        found.append(_judge(read, Text(answer, language), strategy, checks, other))
    return found


def _judge(source: Text, answer: Text, strategy: Strategy, checks: Checks, changed: Finding | None) -> Verdict:
    finding = (
        _out_of_length(source.text, answer.text, strategy.length)
        or (None if strategy.appended else _near(source.text, answer.text, checks.near_source))
        or changed
        or (own_number(source, answer, computes=strategy.style == "exercise") if checks.numbers else None)
        or (own_name(source, answer) if checks.names else None)
        or (opposite(source, answer) if checks.negations else None)
        or unsupported(source, answer, least=checks.supported_share)
        or (rebound(source, answer) if checks.bindings else None)
        or lost_facts(source, answer, least=strategy.key_facts)
    )
    if finding is None:
        return Verdict(supported=supported_share(source, answer))
    return Verdict(finding.reason, finding.value, finding.detail)


def _out_of_length(source: str, answer: str, limits: tuple[float, float]) -> Finding | None:
    ratio = len(answer) / max(1, len(source))
    if ratio < limits[0]:
        return Finding("too_short", ratio, f"{len(answer)} characters of {len(source)}")
    if ratio > limits[1]:
        return Finding("too_long", ratio, f"{len(answer)} characters of {len(source)}")
    return None


def _near(source: str, answer: str, least: float) -> Finding | None:
    """The share of the answer's pieces of five words that the source has too, if it reaches `least`: nothing is gained."""
    theirs, ours = _shingles(source), _shingles(answer)
    share = len(theirs & ours) / max(1, len(ours))
    return Finding("near_source", share, f"pieces of {SHINGLE} words") if share >= least else None


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(*(words[place:] for place in range(SHINGLE)), strict=False))


def _known_languages(sources: Sequence[str], languages: Sequence[str | None]) -> list[str | None]:
    """The languages, those of None identified, `und` and names with a region as None and without."""
    named = [None if one == UNDETERMINED else one for one in languages]
    missing = [place for place, one in enumerate(named) if one is None]
    if missing:
        guesses = identify(pa.array([sources[place] for place in missing], pa.large_string()))
        for place, guess in zip(missing, guesses["language"].to_pylist(), strict=True):
            named[place] = None if guess == UNDETERMINED else guess
    return named


def _changed(answers: Sequence[str], languages: Sequence[str | None]) -> list[Finding | None]:
    """Whether each answer is, as a whole or in most of its paragraphs, in another language. Short ones are not judged."""
    text = pa.array(answers, pa.large_string())
    guesses = identify(text).to_pydict()
    shares = paragraph_share(text, pa.array(languages, pa.string()))
    found = list[Finding | None]()
    for place, (answer, language) in enumerate(zip(answers, languages, strict=True)):
        guess, sure = guesses["language"][place], guesses["language_probability"][place]
        second, likely = guesses["second_language"][place], guesses["second_probability"][place]
        if language is None or len(answer) < FEWEST_CHARACTERS:
            found.append(None)
        elif guess != language and sure >= SURE and (second != language or likely < POSSIBLE):
            found.append(Finding("language_changed", sure, guess))
        elif guess == language and shares[place] < IN_LANGUAGE:
            found.append(Finding("language_changed", float(shares[place]), "most paragraphs"))
        else:
            found.append(None)
    return found
