"""Reads the documents out of what is installed: descriptions, licences, documentation files, help topics, docstrings."""

from __future__ import annotations

import email
import gc
import hashlib
import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from curator.sample.docstrings import SHORTEST, Piece, pieces, topics
from curator.sample.sources import SearchPaths, Source, find_sources, this_python

LIMIT_BYTES = 30_000_000


@dataclass(frozen=True)
class SampleDocument:
    """One text with where it came from. `kind`: description, licence, document, topic, docstring or module."""

    text: str
    url: str
    kind: str
    title: str
    package: str
    version: str


def collect_documents(limit_bytes: int = LIMIT_BYTES, paths: SearchPaths | None = None) -> Iterator[SampleDocument]:
    """All documents of at least 200 characters, by package, path and line; natural duplicates stay.

    Above `limit_bytes` of text (UTF-8) the files are taken in the order of a hash of their URLs until the limit is
    reached: an even sample of all packages, and nothing beyond it is parsed. Files that do not parse, are not UTF-8 or
    cannot be read, and distributions with broken metadata, are passed over.
    """
    found = find_sources(paths or this_python())
    kept: list[tuple[tuple[str, str, int], SampleDocument]] = []
    size = 0
    with _quick_parsing():
        for source in sorted(found, key=lambda source: hashlib.sha1(source.url.encode()).digest()):
            for number, document in enumerate(_documents(source)):
                size += len(document.text.encode())
                if size > limit_bytes:
                    return _in_order(kept)
                kept.append(((source.package, source.path, number), document))
    return _in_order(kept)


def _in_order(kept: list[tuple[tuple[str, str, int], SampleDocument]]) -> Iterator[SampleDocument]:
    return (document for _, document in sorted(kept, key=lambda pair: pair[0]))


def _documents(source: Source) -> Iterator[SampleDocument]:
    seen: set[str] = set()
    for piece in _pieces(source):
        name = f"{piece.name}@{piece.line}" if piece.name in seen else piece.name  # overloads, setters, branches
        seen.add(piece.name)
        text = piece.text.encode("utf-8", "replace").decode()  # "\ud800" in a docstring cannot be written
        url = f"{source.url}#{quote(name)}" if name else source.url
        yield SampleDocument(text, url, piece.kind, _title(source, name), source.package, source.version)


def _pieces(source: Source) -> list[Piece]:
    try:
        text = Path(source.base, source.path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return []
    if source.kind in ("python", "topics"):
        return (pieces if source.kind == "python" else topics)(text)
    text = (_description(text) if source.kind == "description" else text).strip()
    return [Piece(source.kind, "", 1, text)] if len(text) >= SHORTEST else []


def _description(text: str) -> str:
    """The long description of a METADATA file: its body, or the `Description` field of older versions of the format."""
    message = email.message_from_string(text)
    return str(message.get_payload()).strip() or inspect.cleandoc(message["Description"] or "")


def _title(source: Source, name: str) -> str:
    if source.kind == "python":
        module = source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return f"{module}.{name}".removesuffix(".*").removesuffix(".")
    label = {"description": "", "topics": name}.get(source.kind, PurePosixPath(source.path).name)
    return f"{source.package} {source.version} {label}".strip()


@contextmanager
def _quick_parsing() -> Iterator[None]:
    """Silence the warnings of foreign sources, and pause the garbage collector: syntax trees hold no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collecting:
            gc.enable()
