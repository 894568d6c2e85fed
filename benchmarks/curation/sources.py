"""Documents of the shared sources, cut in pages of the size of the web, and which documents are held out.

A document is on one side by the hash of the group that it is copied inside of: its thread, author, host or title. So neither the
seed of a pool nor its size moves a held-out document into it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import orjson
import pyarrow as pa

Row = dict[str, Any]
Side = Literal["pool", "heldout", "web"]

LEAST, MOST = 500, 8_000  # characters of a page
MEDIAN, SPREAD = 2_200, 0.7  # of the log-normal length of a page
LONGEST_PARAGRAPH = 4_000
PAGES_IN_A_ROW = 12  # of one document: whole books would be half of their topic
HELD_OUT = {
    "classic_books": 0.15,
    "newsgroups20": 0.04,
    "openstax_textbooks": 0.04,
    "python_peps": 0.06,
    "medquad": 0.22,
}
"""The share of the groups of a source that only the held-out sets see."""
WEB = 0.02  # of the groups of every source: only the held-out set `web` sees them

_PIECES = re.compile(
    rf"(?s).{{1,{LONGEST_PARAGRAPH}}}(?:\n|\Z)|.{{1,{LONGEST_PARAGRAPH}}}(?:\s|\Z)|.{{{LONGEST_PARAGRAPH}}}"
)


class Page(NamedTuple):
    """A text, the document that it is from (`<source>/<name>#<page>`), and its address where there is one."""

    origin: str
    text: str
    url: str | None = None


class Source(NamedTuple):
    """A file of `text/`, which of its rows are meant, and whether short ones are joined to pages (else left out)."""

    name: str
    keep: Callable[[Row], bool] = lambda row: True
    joined: bool = False


def rows(path: Path) -> list[Row]:
    """The rows of a JSONL.zst file."""
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
        return [orjson.loads(line) for line in bytes(stream.read()).splitlines()]


def documents(shared: Path, source: Source, side: Side) -> list[Page]:
    """The documents of a source that are on one side."""
    found = rows(shared / "text" / f"{source.name}.jsonl.zst")
    return [
        Page(row["id"], row["text"], row["url"])
        for row in found
        if source.keep(row) and side_of(source.name, group_of(source.name, row)) == side
    ]


def side_of(source: str, group: str) -> Side:
    """Where a group of documents goes, by its hash alone."""
    place = int.from_bytes(hashlib.blake2b(f"{source}\n{group}".encode(), digest_size=8).digest(), "big") / 2**64
    if place < HELD_OUT.get(source, 0.0):
        return "heldout"
    return "web" if place >= 1 - WEB else "pool"


def group_of(source: str, row: Row) -> str:
    """What must not be torn apart: replies quote their thread, an author repeats himself, a site its pages."""
    name = str(row["id"])
    if source == "newsgroups20":
        return re.sub(r"^((re|fwd?)\b[:\s]*)+", "", str(row["title"] or name).lower()).strip()
    if source == "classic_books":
        return name.split("/")[1]
    if source == "medquad":
        return str(row["title"] or name).lower()
    if source == "wcxb_dev":
        return urlsplit(row["url"] or name).netloc or name
    return name.rpartition("/")[0] if source == "bln600_ocr" else name


def generator(*key: int | str) -> np.random.Generator:
    """Random numbers that depend on the key alone."""
    return np.random.default_rng(list(hashlib.blake2b(repr(key).encode(), digest_size=16).digest()))


def pages(
    found: Iterable[Page], choice: np.random.Generator, *, joined: bool = False, in_a_row: int = PAGES_IN_A_ROW
) -> Iterator[Page]:
    """The documents in random order, long ones cut at paragraph ends; short ones are left out, or joined to pages."""
    shuffled = list(found)
    shuffled = [shuffled[place] for place in choice.permutation(len(shuffled))]
    if joined:
        shuffled = list(_joined(shuffled, choice))
    for origin, text, url in shuffled:
        parts = [text] if joined and len(text) <= MOST else list(cut(text, choice))
        start = int(choice.integers(max(1, len(parts) - in_a_row + 1)))
        for number, part in list(enumerate(parts, 1))[start : start + in_a_row]:
            address = url if url is None or number == 1 else f"{url}{'&' if '?' in url else '?'}page={number}"
            yield Page(f"{origin}#{number}", part, address)


def cut(text: str, choice: np.random.Generator) -> Iterator[str]:
    """Runs of whole paragraphs of 500 to 8,000 characters (single paragraphs above 4,000 are cut); a short rest is left out."""
    part: list[str] = []
    length, wanted = 0, _length(choice)
    for paragraph in _paragraphs(text):
        if length >= LEAST and length + len(paragraph) > wanted:
            yield "\n\n".join(part)
            part, length, wanted = [], 0, _length(choice)
        part.append(paragraph)
        length += len(paragraph) + 2
    if length - 2 >= LEAST:
        yield "\n\n".join(part)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        pieces = [paragraph] if len(paragraph) <= LONGEST_PARAGRAPH else _PIECES.findall(paragraph)
        yield from (piece.strip("\n") for piece in pieces if not piece.isspace() and piece)


def _joined(found: list[Page], choice: np.random.Generator) -> Iterator[Page]:
    texts: list[str] = []
    length, wanted = 0, _length(choice)
    for origin, text, _ in found:
        texts.append(text.strip())
        length += len(text) + 2
        if length >= wanted:
            yield Page(origin, "\n\n".join(texts))
            texts, length, wanted = [], 0, _length(choice)


def _length(choice: np.random.Generator) -> float:
    return float(np.clip(MEDIAN * np.exp(choice.normal(0, SPREAD)), LEAST, MOST))
