"""What the index of past nights is made of, and the names of its files (see `history`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.store.files import Folder

BANDS, CONTENT, URLS, KEEPERS = "bands", "content", "urls", "keepers"
KEEPER_ROWS = 65_536  # entries of one part of `keepers`: 17 MB with sketches of 256 bytes


@dataclass(frozen=True, kw_only=True)
class Night:
    """One published run: its output, the digest of its step `remember`, and its entries."""

    number: int
    output: str
    digest: str
    first_entry: int
    entries: int

    @property
    def name(self) -> str:
        return night_name(self.number, self.digest)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A table of some nights in files; `rows` of each piece, 0 where there is no file."""

    name: str
    first_night: int
    last_night: int
    rows: tuple[int, ...]

    @property
    def bits(self) -> int:
        """How many leading bits of a key name its piece."""
        return len(self.rows).bit_length() - 1

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Segment:
        return Segment(**{**values, "rows": tuple(values["rows"])})


def night_name(number: int, digest: str) -> str:
    """The name of a night's own segments."""
    return f"{number:05d}-{digest}"


def merged_name(first_night: int, last_night: int, digest: str) -> str:
    """The name of a segment that the run with this digest merged from several."""
    return f"{first_night:05d}-{last_night:05d}-{digest}"


def piece_file(table: str, segment: str, piece: int) -> str:
    return f"{table}/{segment}/{piece:05d}.parquet"


def keeper_file(night: str, part: int) -> str:
    return f"{KEEPERS}/{night}/{part:06d}.parquet"


def output_name(uri: str) -> str:
    """A folder's URI without options and credentials: what names it, and may be written down and shown."""
    head = Folder(uri).uri.partition("?")[0].rstrip("/")
    scheme, mark, rest = head.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else head
