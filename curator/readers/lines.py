"""Lines of a content, plain or compressed, whole or a range of bytes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from curator.readers.compression import chunks
from curator.readers.stream import RawFile

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its newline; `content` is None where it is longer than was allowed."""

    position: int
    length: int
    content: bytes | None


def owned_lines(raw: RawFile, start: int, stop: int, limit: int) -> Iterator[Line]:
    """The lines that start in [start, stop) of a plain file, or all of a compressed one, without byte order mark and CR.

    Blank lines are left out. Of a range inside a file, the first line starts behind the first newline at or after
    start - 1.
    """
    before = max(0, start - 1)
    lines = split_lines(chunks(raw, before), before, limit)
    if start:
        next(lines, None)
    for line in lines:
        if not raw.file.compression and line.position >= stop:
            return
        content = line.content
        if content is not None:
            content = content.removeprefix(BYTE_ORDER_MARK) if line.position == 0 else content
            content = content.removesuffix(b"\r")
        if content is None or (content and not content.isspace()):
            yield Line(line.position, line.length, content)


def split_lines(parts: Iterable[bytes], position: int, limit: int) -> Iterator[Line]:
    """The lines of a content that arrives in parts and starts at byte `position`; a line above `limit` is not held."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        first, *others = part.split(b"\n")
        length += len(first)
        held = [*held, first] if length <= limit else []
        for other in others:
            yield Line(position, length, b"".join(held) if length <= limit else None)
            position += length + 1
            held, length = [other], len(other)
    if length:
        yield Line(position, length, b"".join(held) if length <= limit else None)
