"""Copies as the web has them: a few documents many times, most once or twice; some to the letter, some with small changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .sources import Page, Side, cut, rows, side_of

MOST_COPIES = 60
EXPONENT = 2.0  # of the Zipf law: 61 % of what is copied is copied once, one in 300 more than 30 times; 2.9 on average
NOTICES = (
    "Home | About us | Contact | Sitemap",
    "Skip to content",
    "We use cookies to give you the best experience. Accept all  Reject  Settings",
    "Sign in or create a free account to leave a comment",
    "Share this page: Mail  Print  Copy link",
    "Subscribe to our newsletter and never miss a story",
    "All rights reserved. Terms of use | Privacy",
    "This page was last checked on the day of publication",
    "You may also like",
    "Previous article  Next article",
    "Advertisement",
    "Back to top",
    "Posted in Uncategorised by the editor",
    "Loading comments, please wait",
)
MONTHS = "January February March April May June July August September October November December".split()
_NUMBER = re.compile(r"\d+")
_MONTH = re.compile("|".join(MONTHS))
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")


class Copy(NamedTuple):
    """A text, the number of the original that it is a copy of, and how it was changed (exact, notices, numbers, sentences)."""

    text: str
    original: int
    edit: str


def copies(
    originals: Sequence[Page],
    text_bytes: int,
    choice: np.random.Generator,
    edit: Callable[[str, np.random.Generator], tuple[str, str]],
) -> Iterator[Copy]:
    """Copies of random originals until there are so many bytes of text; how many of one follows the Zipf law."""
    ranks = np.arange(1, MOST_COPIES + 1)
    law = ranks**-EXPONENT / (ranks**-EXPONENT).sum()
    left = text_bytes
    for place in choice.permutation(len(originals)):
        for _ in range(choice.choice(ranks, p=law)):
            if left <= 0:
                return
            text, how = edit(originals[place].text, choice)
            left -= len(text.encode())
            yield Copy(text, int(place), how)


def unchanged(text: str, choice: np.random.Generator) -> tuple[str, str]:
    return text, "exact"


def edited(text: str, choice: np.random.Generator) -> tuple[str, str]:
    """The text as another site shows it: among notices, with other numbers and months, or without some of its sentences."""
    kinds = [with_notices, with_other_numbers, without_sentences]
    for place in choice.permutation(len(kinds)):
        if (changed := kinds[place](text, choice)) != text:
            return changed, kinds[place].__name__.split("_")[-1]
    return with_notices(text, choice), "notices"


def with_notices(text: str, choice: np.random.Generator) -> str:
    """One to four lines of a site above, and two to six below."""
    lines = [NOTICES[place] for place in choice.permutation(len(NOTICES))]
    above, below = choice.integers(1, 5), choice.integers(2, 7)
    return "\n".join([*lines[:above], "", text, "", *lines[above : above + below]])


def with_other_numbers(text: str, choice: np.random.Generator) -> str:
    """A third of the numbers and of the names of months are others; the text itself where it has fewer than three."""
    if len(_NUMBER.findall(text)) + len(_MONTH.findall(text)) < 3:
        return text

    def number(found: re.Match[str]) -> str:
        return (
            str(choice.integers(10 ** (len(found[0][:9]) - 1), 10 ** len(found[0][:9])))
            if choice.random() < 1 / 3
            else found[0]
        )

    def month(found: re.Match[str]) -> str:
        return MONTHS[choice.integers(12)] if choice.random() < 1 / 3 else found[0]

    return _MONTH.sub(month, _NUMBER.sub(number, text))


def without_sentences(text: str, choice: np.random.Generator) -> str:
    """Without 3 to 12 % of the sentences, at least one; the text itself where it has fewer than eight."""
    ends = [0, *(found.end() for found in _SENTENCE.finditer(text)), len(text)]
    sentences = [text[start:end] for start, end in pairwise(ends)]
    if len(sentences) < 8:
        return text
    gone = set(
        choice.permutation(len(sentences))[: max(1, round(choice.uniform(0.03, 0.12) * len(sentences)))].tolist()
    )
    return "".join(sentence for place, sentence in enumerate(sentences) if place not in gone)


ALIKE = 0.5  # Jaccard similarity of word 5-grams with what most extractors agree on


def extractions(shared: Path, side: Side, choice: np.random.Generator) -> Iterator[list[Page]]:
    """Real near copies: the first part of a page of news as up to six extractors see it, in random order."""
    groups: dict[str, list[str]] = {}
    for row in rows(shared / "neardup" / "same_page_extractors.jsonl.zst"):
        alike = "google-trends" in row["group"] and (row["jaccard5_majority"] or 0) >= ALIKE
        if alike and side_of("same_page_extractors", row["group"]) == side:
            groups.setdefault(row["group"], []).append(row["text"])
    names = list(groups)
    for place in choice.permutation(len(names)):
        texts = list(dict.fromkeys(groups[names[place]]))
        first = [
            next(cut(texts[number], np.random.default_rng(0)), "") for number in choice.permutation(len(texts))[:6]
        ]
        yield [
            Page(f"same_page_extractors/{names[place]}#{number}", text) for number, text in enumerate(first, 1) if text
        ]
