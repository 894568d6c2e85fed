"""Main text of pages from a child process: a page that hangs, crashes or swells the extractor costs itself and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

from curator.errors import ConfigError
from curator.text.extraction.main_text import ExtractorName, check_installed
from curator.text.extraction.messages import FIELDS, Page, answer_size, group_parts, unpacked_answer
from curator.text.extraction.page import Extraction
from curator.text.extraction.process import Ended, Process

GROUP_BYTES = 256 << 10  # of pages sent at once, so that small pages do not wait for each other's answers
STARTS = 3  # tries; what kills a child while it starts is the machine, not a page


@dataclass(frozen=True, kw_only=True)
class ExtractionSettings:
    """How pages are extracted: by what, and within which limits."""

    extractor: ExtractorName = "resiliparse"
    seconds: float = 20.0
    """Processor time of one page. Real pages take up to 0.1 s with resiliparse and a few seconds with trafilatura."""
    memory_bytes: int = 2_000_000_000
    """Address space of the child process, its program included (Linux only)."""


class Extractor:
    """Extracts pages in a child process, which starts with the first page and ends with the context.

    A page on which the child dies, for whatever reason but the time limit, is tried once more, alone in a fresh child:
    so its result does not depend on the pages before it, nor on a process killed from outside. Not thread-safe.
    """

    def __init__(self, settings: ExtractionSettings) -> None:
        """Raises ConfigError where the extractor is not installed."""
        check_installed(settings.extractor)
        self._settings = settings
        self._child: Process | None = None

    def __enter__(self) -> Extractor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; a later `extract` starts another."""
        if self._child:
            self._child.end()
            self._child = None

    @property
    def child_pid(self) -> int | None:
        """The process at work, if any."""
        return self._child.pid if self._child else None

    def extract(self, pages: Sequence[bytes], charsets: Sequence[str | None]) -> list[Extraction]:
        """The extraction of every page, in order; never raises for a page.

        `charsets` is what the HTTP headers said; see charset.py for what decides where that is missing or unknown.
        Raises ConfigError where the child cannot start at all.
        """
        found: list[Extraction] = []
        try:
            for group in _groups([Page(page, charset) for page, charset in zip(pages, charsets, strict=True)]):
                found += self._group(group)
        except BaseException:  # such as Ctrl-C: the child owes answers that must not meet other pages
            self._drop()
            raise
        return found

    def _group(self, pages: Sequence[Page]) -> list[Extraction]:
        found: list[Extraction] = []
        while len(found) < len(pages):
            try:
                for extraction in self._answers(pages[len(found) :]):
                    found.append(extraction)
            except Ended as ended:
                self._child = None
                found.append(self._again(pages[len(found)]) if ended.again else Extraction(None, ended.reason))
        return found

    def _again(self, page: Page) -> Extraction:
        """The second and last try of a page, in a child that has seen no other."""
        try:
            (extraction,) = self._answers([page])
        except Ended as ended:
            self._child = None
            return Extraction(None, ended.reason)
        return extraction

    def _answers(self, pages: Sequence[Page]) -> Iterator[Extraction]:
        """The answers of the child as they come. Raises Ended at the page on which it dies."""
        self._child = child = self._child or self._started()
        deadline = child.deadline()
        for part in group_parts(pages):
            child.write(part, deadline)
        for _ in pages:
            deadline = child.deadline()
            header = child.read(FIELDS.size, deadline)
            yield unpacked_answer(header, child.read(answer_size(header), deadline))

    def _started(self) -> Process:
        settings = self._settings
        for _ in range(STARTS):
            try:
                return Process(settings.extractor, settings.seconds, settings.memory_bytes)
            except Ended as ended:
                failure = ended
        raise ConfigError(f"the extractor {settings.extractor} does not start: {failure.reason}; {failure.last_words}")

    def _drop(self) -> None:
        if self._child:
            self._child.end(patience=0)
            self._child = None


def _groups(pages: Sequence[Page]) -> Iterator[Sequence[Page]]:
    """The pages in runs of at least GROUP_BYTES."""
    first = size = 0
    for position, page in enumerate(pages):
        size += len(page.content)
        if size >= GROUP_BYTES:
            yield pages[first : position + 1]
            first, size = position + 1, 0
    if first < len(pages):
        yield pages[first:]
