"""The held-out sets: of each family one whose source has other documents in the pool, and one whose source has none there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import orjson

from .composition import originals
from .sources import Page, Row, Side, Source, documents, generator, pages, rows

Family = Literal["prose", "reference", "conversation", "technical", "answers", "web"]
TEXT_BYTES = 200_000  # a set; the bits per byte of 100 pages of one kind hardly move with more of them
IN_A_ROW = 4  # pages of one document: a held-out book must not be the whole set

_PASSAGE = re.compile(r"(?s)\APassage: (.*?)\s*(?:\nQuestion:|\Z)")


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """A set: where it is from, whether the pool has other documents of that source, and whether it decides."""

    name: str
    family: Family
    source: str
    in_domain: bool
    gates: bool = True


SETS = (
    HeldOut(name="books", family="prose", source="classic_books", in_domain=True),  # by author
    HeldOut(name="speeches", family="prose", source="state_of_the_union", in_domain=False),
    HeldOut(name="textbooks", family="reference", source="openstax_textbooks", in_domain=True),  # by section
    HeldOut(name="encyclopedia", family="reference", source="boolq", in_domain=False),
    HeldOut(name="forums", family="conversation", source="newsgroups20", in_domain=True),  # by thread
    HeldOut(name="mail", family="conversation", source="spamassassin", in_domain=False),  # the pool has spam only
    HeldOut(name="proposals", family="technical", source="python_peps", in_domain=True),  # by document
    HeldOut(name="manual", family="technical", source="rust_book", in_domain=False),
    HeldOut(name="health", family="answers", source="medquad", in_domain=True),  # by topic
    HeldOut(name="questions", family="answers", source="arc_easy, jeopardy_all", in_domain=False),
    HeldOut(name="web", family="web", source="the pool's", in_domain=True, gates=False),
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A set that was written: its file, documents and bytes of text."""

    heldout: HeldOut
    path: Path
    documents: int
    text_bytes: int


def write_heldout(shared: Path, out: Path, *, text_bytes: int = TEXT_BYTES) -> tuple[Written, ...]:
    """Write `out/<name>.jsonl` (id, text, source) for each of `SETS`, about so many bytes each. It is the same for every pool."""
    out.mkdir(parents=True, exist_ok=True)
    return tuple(
        _written(one, out / f"{one.name}.jsonl", _first(pages_of(shared, one, text_bytes), text_bytes)) for one in SETS
    )


def pages_of(shared: Path, heldout: HeldOut, text_bytes: int) -> Iterator[Page]:
    """The pages of a set in random order; those of `web` are drawn as the originals of a pool are, twice as many as wanted."""
    choice = generator("heldout", heldout.name)
    if heldout.name == "web":
        mixed = [entry.page for entry in originals(shared, "web", seed=0, text_bytes=2 * text_bytes)]
        return (mixed[place] for place in choice.permutation(len(mixed)))
    if heldout.name == "encyclopedia":
        return pages(passages(shared), choice, joined=True)
    if heldout.name == "questions":
        return pages(questions(shared), choice, joined=True)
    keep = {"mail": _ham, "health": _by_hand, "textbooks": _plain}.get(heldout.name, _all)
    sides: tuple[Side, ...] = ("heldout",) if heldout.in_domain else ("heldout", "web", "pool")
    found = chain.from_iterable(documents(shared, Source(heldout.source, keep), side) for side in sides)
    return pages(found, choice, in_a_row=IN_A_ROW)


def passages(shared: Path) -> list[Page]:
    """The passages of encyclopedia pages that BoolQ asks about, each once."""
    found: dict[str, Page] = {}
    for row in rows(shared / "bench" / "boolq.jsonl.zst"):
        if (passage := _PASSAGE.match(row["query"])) is not None:
            found.setdefault(passage[1], Page(row["id"], passage[1]))
    return list(found.values())


def questions(shared: Path) -> list[Page]:
    """Questions of schools and quizzes, each with its right answer."""
    school = [
        Page(row["id"], f"{row['query'].strip()}\nAnswer: {row['choices'][row['gold']]}")
        for row in rows(shared / "bench" / "arc_easy.jsonl.zst")
    ]
    quiz = [
        Page(row["id"], f"{row['context']}\nAnswer: {row['continuation']}")
        for row in rows(shared / "bench" / "jeopardy_all.jsonl.zst")
    ]
    return school + quiz


def _first(found: Iterator[Page], text_bytes: int) -> list[Page]:
    taken: list[Page] = []
    left = text_bytes
    while left > 0 and (page := next(found, None)) is not None:
        taken.append(page)
        left -= len(page.text.encode())
    return taken


def _written(heldout: HeldOut, path: Path, found: list[Page]) -> Written:
    records = [{"id": page.origin, "text": page.text, "source": heldout.name} for page in found]
    path.write_bytes(b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records))
    size = sum(len(page.text.encode()) for page in found)
    return Written(heldout=heldout, path=path, documents=len(found), text_bytes=size)


def _all(row: Row) -> bool:
    return True


def _ham(row: Row) -> bool:
    return bool(row["topic"] == "easy_ham")


def _by_hand(row: Row) -> bool:
    """The two other large parts of the health pages fill one frame, and would be near copies of the pool's."""
    return bool(row["domain"] == "medicine/MPlus")


def _plain(row: Row) -> bool:
    """The textbook on physics is full of markup of its formulas."""
    return bool(row["topic"] != "physics")
