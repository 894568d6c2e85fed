"""What goes through the pipes: to the child a group of pages, from the child one answer for each of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from curator.text.extraction.page import Extraction

READY = b"ready"
COUNT = struct.Struct("<i")
SIZES = struct.Struct("<qq")  # bytes of charset and page
FIELDS = struct.Struct("<4q")  # bytes of text, error, licence and robots; -1 for None


class Page(NamedTuple):
    """A page as read, with the charset that the HTTP header gave."""

    content: bytes
    charset: str | None


def group_parts(pages: Sequence[Page]) -> Iterator[bytes]:
    """A group of pages as bytes, uncopied: a header with all sizes, then charset and content of each."""
    charsets = [(page.charset or "").encode(errors="replace") for page in pages]
    sizes = [SIZES.pack(len(charset), len(page.content)) for charset, page in zip(charsets, pages, strict=True)]
    yield b"".join([COUNT.pack(len(pages)), *sizes])
    for charset, page in zip(charsets, pages, strict=True):
        if charset:
            yield charset
        yield page.content


def read_group(stream: IO[bytes]) -> list[Page]:
    """The next group of pages; none at the end of the stream, which may come anywhere: the parent is gone."""
    header = stream.read(COUNT.size)
    if len(header) < COUNT.size:
        return []
    (count,) = COUNT.unpack(header)
    sizes = list(SIZES.iter_unpack(stream.read(SIZES.size * count)))
    return [Page(charset=stream.read(charset).decode() or None, content=stream.read(page)) for charset, page in sizes]


def packed_answer(found: Extraction) -> bytes:
    """An answer as bytes: the sizes of its fields, then the fields in UTF-8."""
    fields = [None if field is None else field.encode() for field in found]
    sizes = [-1 if field is None else len(field) for field in fields]
    return b"".join([FIELDS.pack(*sizes), *(field for field in fields if field)])


def answer_size(header: bytes) -> int:
    """How many bytes follow this header of FIELDS.size bytes."""
    return sum(size for size in FIELDS.unpack(header) if size > 0)


def unpacked_answer(header: bytes, body: bytes) -> Extraction:
    """The answer of which `packed_answer` made header and body."""
    fields: list[str | None] = []
    start = 0
    for size in FIELDS.unpack(header):
        fields.append(body[start : start + size].decode() if size >= 0 else None)
        start += max(0, size)
    return Extraction(*fields)
