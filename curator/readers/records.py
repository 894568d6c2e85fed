"""The raw records that every reader yields, the reasons why one is unusable, and the error of a file that is damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import pyarrow as pa

from curator.errors import InputError
from curator.readers.dates import seconds_of_values
from curator.readers.media import MEDIUM

RAW = pa.schema(
    [
        ("file", pa.int32()),
        ("position", pa.int64()),
        ("text", pa.large_string()),
        ("html", pa.large_binary()),
        ("content_type_charset", pa.string()),
        ("url", pa.string()),
        ("source", pa.string()),
        ("date", pa.int64()),
        ("medium", MEDIUM),
        ("metadata", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)

EMPTY_TEXT = "the text is empty or only white space"
INVALID_UTF8 = "the bytes are not valid UTF-8"
ROW_BYTES = 100  # what a row costs in a batch beside its content

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How records are read: names of the fields, the longest document in bytes, about how many bytes make a batch.

    A name may lead into nested objects (`meta.url`); a field whose own name has the dot wins. Several text fields are
    joined by a blank line.
    """

    text_field: str | tuple[str, ...] = "text"
    url_field: str = "url"
    source_field: str = "source"
    date_field: str = "date"
    medium_field: str | None = None
    max_document_bytes: int
    batch_bytes: int = 16 << 20

    @property
    def text_fields(self) -> tuple[str, ...]:
        return (self.text_field,) if isinstance(self.text_field, str) else self.text_field

    @property
    def medium_fields(self) -> tuple[str, ...]:
        return () if self.medium_field is None else (self.medium_field,)

    @property
    def too_large(self) -> str:
        """The detail of a record that is longer than a document may be."""
        return f"it is longer than the {self.max_document_bytes:,} bytes of max_document_bytes"


class DamagedFile(InputError):
    """A file cannot be read from `position` on (bytes of the decompressed stream; rows for Parquet and Arrow)."""

    def __init__(self, path: str, position: int, detail: str) -> None:
        super().__init__(path, position, detail)  # all arguments, so that the error survives pickling
        self.path = path
        self.position = position
        self.detail = detail

    @property
    def damage(self) -> str:
        """Which file is damaged, where and how."""
        return f"{self.path} at {self.position}: {self.detail}"

    def __str__(self) -> str:
        return f"{self.damage}; repair the file or set input.on_bad_file: skip"


class RawRecord(NamedTuple):
    """One row of RAW without its file number, its `date` as it was found, and `size`, the bytes it holds."""

    position: int
    source: str
    text: str | None = None
    html: bytes | None = None
    content_type_charset: str | None = None
    url: str | None = None
    metadata: bytes = b"{}"
    reason: str | None = None
    detail: str | None = None
    size: int = 0
    date: object = None
    medium: dict[str, str] | None = None


def grouped(items: Iterable[Item], size_of: Callable[[Item], int], limit: int) -> Iterator[list[Item]]:
    """Items in runs of about `limit` bytes; when the items end in an InputError, all before it are yielded first."""
    group: list[Item] = []
    held = 0
    try:
        for item in items:
            group.append(item)
            held += size_of(item)
            if held >= limit:
                yield group
                group, held = [], 0
    except InputError:
        if group:
            yield group
        raise
    if group:
        yield group


def tables(records: Iterable[RawRecord], index: int, batch_bytes: int) -> Iterator[pa.Table]:
    """Tables of RAW of about `batch_bytes` bytes of content each."""
    for rows in grouped(records, lambda record: record.size + ROW_BYTES, batch_bytes):
        columns = dict(zip(RawRecord._fields, zip(*rows, strict=True), strict=True))
        columns |= {"file": (index,) * len(rows), "date": seconds_of_values(columns["date"])}
        yield pa.Table.from_arrays([pa.array(columns[field.name], field.type) for field in RAW], schema=RAW)
