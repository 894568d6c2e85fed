"""Benchmark files to the texts of their items: JSON lines, one item a line, whatever its fields are called."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson

from curator.errors import InputError
from curator.readers.compression import chunks
from curator.readers.listing import InputFile, list_input
from curator.readers.records import DamagedFile
from curator.readers.stream import RawFile

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SUFFIXES = re.compile(r"\.(jsonl|ndjson|json)(\.\w+)?$")


@dataclass(frozen=True)
class Benchmark:
    """The items of one file in order; `items[i]` are the texts of item i."""

    name: str
    items: tuple[tuple[str, ...], ...]


def read_benchmarks(path: str, fields: Sequence[str] | None) -> list[Benchmark]:
    """The benchmarks of a file, folder or glob of JSON lines (plain, .gz or .zst), sorted by path.

    A benchmark is named after its file, with the folders below what all files share (`mmlu/test`). The texts of an item are
    its strings, one text each, and its lists of strings, each list joined to one text (so that no single answer is taken
    for the item), at any depth; where `fields` are given, only those of these top-level fields. Names and numbers may stay among
    them: what is shorter than an n-gram says nothing. Raises InputError, with file and line, for what is missing, empty,
    damaged or not JSON lines, or has none of the fields.
    """
    files = _files(path)
    return [Benchmark(name, tuple(_items(file, fields))) for name, file in files.items()]


def benchmarks_digest(path: str) -> str:
    """A hash of the names and contents of all benchmark files. Raises InputError where they cannot be read."""
    content = hashlib.sha256()
    for name, file in _files(path).items():
        content.update(hashlib.sha256(name.encode()).digest())
        content.update(hashlib.sha256(_content(file)).digest())
    return content.hexdigest()[:16]


def _files(path: str) -> dict[str, InputFile]:
    """The files by the name of their benchmark."""
    try:
        found = list_input(path, source=None, format=None)
    except InputError as error:
        raise InputError(f"decontamination.path: {error}") from error
    common = os.path.commonpath([os.path.dirname(file.path) for file in found])
    named: dict[str, InputFile] = {}
    for file in found:
        if file.format != "jsonl":
            raise InputError(
                f"{file.path} is not JSON lines; let decontamination.path mean only those, such as bench/*.jsonl.zst"
            )
        name = SUFFIXES.sub("", os.path.relpath(file.path, common))
        if name in named:
            raise InputError(f"{named[name].path} and {file.path} would both be the benchmark {name}: rename one")
        named[name] = file
    return named


def _content(file: InputFile) -> bytes:
    try:
        with closing(RawFile(file)) as raw:
            return b"".join(chunks(raw))
    except DamagedFile as error:
        raise InputError(f"{error.damage}; repair the file or take it out of decontamination.path") from error


def _items(file: InputFile, fields: Sequence[str] | None) -> Iterator[tuple[str, ...]]:
    known: set[str] = set()
    found = False
    for number, line in enumerate(_content(file).removeprefix(BYTE_ORDER_MARK).split(b"\n"), start=1):
        if not line or line.isspace():
            continue
        item = _parsed(file.path, number, line)
        known.update(item)
        wanted = item if fields is None else {name: item[name] for name in fields if name in item}
        found = found or bool(wanted)
        yield tuple(_texts(wanted))
    if not known:
        raise InputError(f"{file.path} has no items; take it out of decontamination.path")
    if not found:
        raise InputError(
            f"{file.path} has none of decontamination.fields ({', '.join(fields or ())}); its fields are {', '.join(sorted(known))}"
        )


def _parsed(path: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {number}: not valid JSON ({error}); a benchmark has one JSON object on each line"
        ) from error
    if not isinstance(item, dict):
        raise InputError(f"{path}, line {number}: not an object; a benchmark has one JSON object on each line")
    return item


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        strings = [part for part in value if isinstance(part, str)]
        if strings:
            yield "\n".join(strings)
        for part in value:
            if not isinstance(part, str):
                yield from _texts(part)
