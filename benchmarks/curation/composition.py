"""What a pool is made of before copies: good pages of skewed topics, other languages, junk, pages in several extractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .copies import extractions
from .junk import LISTS, SHARES, junk
from .sources import Page, Row, Side, Source, documents, generator, pages

PARTS = {"good": 0.38, "other language": 0.05, "junk": 0.30, "exact": 0.14, "edited": 0.10, "extracted": 0.03}
"""The shares of the pool's bytes. FineWeb's and DCLM's heuristics keep 20 to 50 % of a crawl, and a third of what
passes them repeats (DCLM: 19.9 % of the documents, then 13.7 %); so a good third is good and seen for the first time."""


def english(row: Row) -> bool:
    return bool(row["lang"] == "en")


def foreign(row: Row) -> bool:
    return not english(row)


def prose(row: Row) -> bool:
    return row["lang"] != "fr" and row["domain"] not in LISTS


GOOD = (
    Source("wcxb_dev", prose),  # articles, services, forums, manuals of 2025
    Source("open_terms"),  # every site has them
    Source("newsgroups20"),
    Source("reuters21578"),
    Source("us_appellate_opinions"),
    Source("medquad"),
    Source("classic_books"),
    Source("keyphrase_docs", english),
    Source("openstax_textbooks"),
    Source("gov_18f_blog"),
    Source("movie_reviews"),
    Source("python_peps"),
    Source("react_docs"),
    Source("chatdoctor5k", joined=True),
    Source("cia_factbook"),
    Source("paper_abstracts"),
    Source("gpteacher", joined=True),
    Source("gsm8k_train", joined=True),
    Source("daniel_news", english),
    Source("progit2", english),
    Source("dclm_human_quality", lambda row: row["quality"] == "high"),
    Source("based_cooking"),
    Source("licences"),
    Source("express_docs", english),
    Source("tldr_pages", english, joined=True),
)
"""By rank: the bytes of a source are in proportion to 1 / rank, as of topics on the web."""
FOREIGN = tuple(
    Source(name, foreign)
    for name in (
        "masakhane_news",
        "daniel_news",
        "react_docs_translations",
        "eltec_novels",
        "progit2",
        "bible_chapters",
        "udhr",
    )
)


class Entry(NamedTuple):
    """A document of the pool; `original` is the place of the entry that it copies."""

    kind: str
    page: Page
    original: int | None = None
    edit: str | None = None


def originals(shared: Path, side: Side, *, seed: int, text_bytes: int) -> list[Entry]:
    """Good pages, those in other languages, and junk: what there is before anything is copied."""

    def streams(sources: Sequence[Source]) -> dict[str, Iterator[Page]]:
        return {
            source.name: pages(
                documents(shared, source, side), generator(seed, side, source.name), joined=source.joined
            )
            for source in sources
        }

    good, zipf = streams(GOOD), {source.name: 1 / rank for rank, source in enumerate(GOOD, 1)}
    found = [Entry("good", page) for _, page in draw(good, zipf, PARTS["good"] * text_bytes)]
    other = streams(FOREIGN)
    even = dict.fromkeys(other, 1.0)
    found += [Entry("other language", page) for _, page in draw(other, even, PARTS["other language"] * text_bytes)]
    spoiled = junk(shared, side, seed, spare(good, zipf, generator(seed, side, "spare")))
    return found + [Entry(kind, page) for kind, page in draw(spoiled, SHARES, PARTS["junk"] * text_bytes)]


def draw(
    streams: Mapping[str, Iterator[Page]], weights: Mapping[str, float], text_bytes: float
) -> list[tuple[str, Page]]:
    """Pages of each stream in proportion to its weight; what a stream lacks the others give, by their weights."""
    found: list[tuple[str, Page]] = []
    left, open_streams = text_bytes, list(streams)
    while open_streams and left > 0:
        total, ended = sum(weights[name] for name in open_streams), []
        wanted = {name: left * weights[name] / total for name in open_streams}
        for name in open_streams:
            for page in streams[name]:
                found.append((name, page))
                size = len(page.text.encode())
                wanted[name] -= size
                left -= size
                if wanted[name] <= 0:
                    break
            else:
                ended.append(name)
        if not ended:
            break
        open_streams = [name for name in open_streams if name not in ended]
    return found


def spare(
    streams: Mapping[str, Iterator[Page]], weights: Mapping[str, float], choice: np.random.Generator
) -> Iterator[Page]:
    """What is left of the streams, one page at a time from a stream drawn by its weight."""
    names = list(streams)
    while names:
        law = np.array([weights[name] for name in names])
        name = names[choice.choice(len(names), p=law / law.sum())]
        if (page := next(streams[name], None)) is None:
            names.remove(name)
        else:
            yield page


def extracted(shared: Path, seed: int, text_bytes: float, start: int) -> list[Entry]:
    """Real near copies: good pages of which several extractors have made slightly different texts."""
    found: list[Entry] = []
    for versions in extractions(shared, "pool", generator(seed, "extracted")):
        if sum(len(entry.page.text.encode()) for entry in found) >= text_bytes:
            break
        place = start + len(found)
        found += [
            Entry("good", page) if number == 0 else Entry("good", page, place, "extractor")
            for number, page in enumerate(versions)
        ]
    return found
