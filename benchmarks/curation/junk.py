"""Junk of the web: streams of pages that are endless where they are made, and end where they are found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np

from .boilerplate import boilerplate
from .sources import LEAST, Page, Row, Side, Source, documents, generator, pages, rows, side_of
from .templates import template_pages

SHARES = {
    "template": 0.19,
    "boilerplate": 0.18,
    "spam": 0.13,
    "keywords": 0.09,
    "truncated": 0.08,
    "ocr": 0.07,
    "noise": 0.06,
    "listing": 0.06,
    "log": 0.05,
    "clickbait": 0.04,
    "table": 0.02,
    "bad page": 0.02,
    "script": 0.01,
}
"""The shares of the junk's bytes. Nobody has measured them on the web: what sites make themselves (templates, boilerplate) is
most of it, and what was rare in crawls but is well known (logs, tables, scripts) stays rare."""

LISTS = ("web/listing", "web/collection", "web/product")
STUFFED = (
    "Buy {} online",
    "cheap {} {}",
    "best {} for {}",
    "{} {} {}",
    "where to get {} without {}",
    "{} discount, {} and {}",
    "top 10 {}",
    "free {} no {}",
    "order {} today",
)
LIST_TITLES = (
    "You won't believe these {}",
    "{} stories everybody talks about",
    "Trending now: {} posts",
    "More from us ({})",
)
LIST_ENDS = ("Next page", "See more", "Around the web", "Sponsored", "Click here to load more stories")
MISREAD = {
    "m": "rn",
    "l": "1",
    "e": "c",
    "h": "li",
    "o": "0",
    "s": "5",
    "i": ";",
    "u": "ii",
    "b": "6",
    "t": "f",
    " ": "",
}
ENDS = (
    "[...]",
    "Read more",
    "Continue reading",
    "... Sign in to read the full article",
    "This preview is limited. Subscribe now.",
)


def junk(shared: Path, side: Side, seed: int, spare: Iterator[Page]) -> dict[str, Iterator[Page]]:
    """The streams by kind. Good pages that nobody else gets (`spare`) become the truncated and the noisy ones."""

    def found(source: Source, joined: bool = False) -> Iterator[Page]:
        return pages(documents(shared, source, side), generator(seed, side, source.name, "junk"), joined=joined)

    def choice(kind: str) -> np.random.Generator:
        return generator(seed, side, kind)

    texts = Source("sms_spam", lambda row: row["meta"]["label"] == "spam")
    read = Source("bln600_ocr", lambda row: row["meta"]["variant"] == "ocr")
    return {
        "template": template_pages(choice("template")),
        "boilerplate": boilerplate(shared, side, choice("boilerplate")),
        "spam": in_turn(found(Source("spamassassin", _is_low)), found(texts, joined=True)),
        "keywords": stuffed(_words(shared, side), choice("keywords")),
        "truncated": truncated(spare, choice("truncated")),
        "ocr": in_turn(found(read), found(Source("ocr_books"))),
        "noise": noisy(spare, choice("noise")),
        "listing": found(Source("wcxb_dev", lambda row: row["domain"] in LISTS)),
        "log": found(Source("system_logs")),
        "clickbait": clickbait(_headlines(shared, side), choice("clickbait")),
        "table": found(Source("raw_tables")),
        "bad page": found(Source("dclm_human_quality", _is_low)),
        "script": found(Source("minified_js")),
    }


def stuffed(words: list[str], choice: np.random.Generator) -> Iterator[Page]:
    """Pages around three to eight terms of a list of comment spam, named again and again in nearly the same phrases."""
    number = 0
    while words:
        number += 1
        terms = [words[place] for place in choice.integers(len(words), size=choice.integers(3, 9))]
        length, phrases = choice.integers(LEAST, 4_000), list[str]()
        while sum(map(len, phrases)) < length:
            phrase = STUFFED[choice.integers(len(STUFFED))]
            some = [terms[place] for place in choice.integers(len(terms), size=phrase.count("{}"))]
            phrases.append(phrase.format(*some) + choice.choice([" ", ", ", ". ", "\n"], p=[0.3, 0.3, 0.3, 0.1]))
        yield Page(f"keywords/{number}", "".join(phrases))


def clickbait(headlines: list[str], choice: np.random.Generator) -> Iterator[Page]:
    """Lists of headlines that lead elsewhere."""
    number = 0
    while headlines:
        number += 1
        some = [headlines[place] for place in choice.integers(len(headlines), size=choice.integers(12, 60))]
        title = LIST_TITLES[choice.integers(len(LIST_TITLES))].format(len(some))
        yield Page(f"clickbait/{number}", "\n".join([title, *some, LIST_ENDS[choice.integers(len(LIST_ENDS))]]))


def truncated(spare: Iterator[Page], choice: np.random.Generator) -> Iterator[Page]:
    """The first 200 to 600 characters of each page, as portals show them to those who are not signed in."""
    for origin, text, url in spare:
        end = ENDS[choice.integers(len(ENDS))]
        yield Page(f"truncated/{origin}", f"{text[: choice.integers(200, 600)]}{end}", url)


def noisy(spare: Iterator[Page], choice: np.random.Generator) -> Iterator[Page]:
    """Each page with 3 to 15 % of its characters misread, as a bad scan has them."""
    for origin, text, url in spare:
        wrong = choice.random(len(text)) < choice.uniform(0.03, 0.15)
        read = [MISREAD.get(one, "~") if miss else one for one, miss in zip(text, wrong, strict=True)]
        yield Page(f"noise/{origin}", "".join(read), url)


def in_turn(first: Iterator[Page], second: Iterator[Page]) -> Iterator[Page]:
    """One page of each; then the rest of the longer one."""
    return (page for page in chain.from_iterable(zip_longest(first, second)) if page is not None)


def _is_low(row: Row) -> bool:
    return bool(row["quality"] == "low")


def _words(shared: Path, side: Side) -> list[str]:
    found = documents(shared, Source("spam_keyword_lists"), side)
    return [line for page in found for line in page.text.splitlines() if line]


def _headlines(shared: Path, side: Side) -> list[str]:
    found = rows(shared / "text" / "clickbait_headlines.jsonl.zst")
    return [
        row["text"]
        for row in found
        if row["topic"] == "clickbait" and side_of("clickbait_headlines", row["id"]) == side
    ]
