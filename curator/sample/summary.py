"""What a sample holds and what it was made from: the content of `sample.json`, and the report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from curator.sample.collect import SampleDocument
from curator.store.files import Folder

_NAME = "sample.json"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Environment(_Record):
    """What decides the bytes of a sample: two runs in one environment write the same."""

    curator: str
    python: str
    limit_bytes: int
    distributions: dict[str, str]


class Count(_Record):
    """A kind of documents: how many, and the UTF-8 bytes of their texts."""

    kind: str
    documents: int
    text_bytes: int


class SampleFile(_Record):
    """A file: its documents, the UTF-8 bytes of their texts, and its own size in bytes."""

    name: str
    documents: int
    text_bytes: int
    file_bytes: int


class Summary(_Record):
    """The content of `sample.json`. Put unfinished before any file, so that what a killed run left is known as ours."""

    finished: bool
    environment: Environment
    kinds: tuple[Count, ...] = ()
    files: tuple[SampleFile, ...] = ()


class SampleReport(_Record):
    """What lies under `out`; `reused` where a finished sample of the same environment was there already."""

    out: str
    reused: bool
    kinds: tuple[Count, ...]
    files: tuple[SampleFile, ...]

    @property
    def documents(self) -> int:
        return sum(kind.documents for kind in self.kinds)

    @property
    def text_bytes(self) -> int:
        return sum(kind.text_bytes for kind in self.kinds)

    def lines(self) -> list[str]:
        """The report for people: one line of totals, then one for each kind and each file."""
        state = "already there, left as it is" if self.reused else "written"
        total = f"{self.documents:,} documents, {self.text_bytes / 1e6:.1f} MB of text in {self.out}: {state}"
        kinds = [_line(kind.kind, kind.documents, kind.text_bytes) for kind in self.kinds]
        files = [
            f"{_line(file.name, file.documents, file.text_bytes)} of text, {file.file_bytes / 1e6:.1f} MB compressed"
            for file in self.files
        ]
        return [total, *kinds, *files]


def _line(label: str, documents: int, text_bytes: int) -> str:
    return f"  {label:<25}{documents:>7,} documents {text_bytes / 1e6:>6.1f} MB"


def count_kinds(documents: Iterable[SampleDocument]) -> tuple[Count, ...]:
    """The documents and text bytes of each kind, by name."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for document in documents:
        counts[document.kind] += 1
        sizes[document.kind] += len(document.text.encode())
    return tuple(Count(kind=kind, documents=counts[kind], text_bytes=sizes[kind]) for kind in sorted(counts))


def read_summary(folder: Folder) -> Summary | None:
    """The summary in a folder; None where there is none, or a file of that name with other content."""
    try:
        return Summary.model_validate_json(folder.get(_NAME) or b"")
    except ValidationError:
        return None


def put_summary(folder: Folder, summary: Summary) -> None:
    """Write `sample.json` in one atomic act."""
    folder.put(_NAME, summary.model_dump_json(indent=2).encode())
