"""Web archives (WARC, WET, ARC) as a stream of bytes that knows where its records lie in the file."""

from __future__ import annotations

import io
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator

from curator.readers.compression import CHUNK, COMPRESSED_CHUNK, chunks, damaged_stream
from curator.readers.records import DamagedFile
from curator.readers.stream import RawFile

MAX_HEADER_BYTES = 1 << 20


def open_archive(raw: RawFile) -> tuple[io.BufferedReader, Callable[[int], int]]:
    """The decompressed content, and a function from a byte of it to the position that names a record.

    In a gzip file that is the byte of the file at which the member of the record starts, as an archive's index has it;
    in any other file the byte of the content.
    """
    if raw.file.compression != "gzip":
        return io.BufferedReader(Parts(chunks(raw)), CHUNK), int
    if not raw.file.size:
        raise DamagedFile(raw.file.path, 0, "it is empty, not a gzip stream")
    members = GzipMembers(raw)
    return io.BufferedReader(members, CHUNK), members.member_at


def read_whole(stream: io.BufferedReader, size: int, *, held: bool) -> bytes | None:
    """The next `size` bytes, or nothing but a step past them where they need not be held. EOFError where there are fewer."""
    if held:
        content = stream.read(size)
        if len(content) < size:
            raise EOFError
        return content
    while size:
        passed = len(stream.read(min(size, CHUNK)))
        if not passed:
            raise EOFError
        size -= passed
    return None


class Parts(io.RawIOBase):
    """Parts of a content as one readable file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._pending = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._pending:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._pending = memoryview(part)
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size


class GzipMembers(io.RawIOBase):
    """The decompressed bytes of a gzip file that remembers where its members start."""

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._inflater = zlib.decompressobj(wbits=31)
        self._pending = b""
        self._out = 0
        self._out_starts, self._in_starts = [0], [0]

    def member_at(self, position: int) -> int:
        """The byte of the file at which the member starts that holds byte `position` of the decompressed content."""
        return self._in_starts[bisect_right(self._out_starts, position) - 1]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if not self._pending:
                self._pending = self._raw.read(COMPRESSED_CHUNK)
            if self._inflater.eof and not self._next_member():
                return 0
            content = self._inflate(len(buffer))
            if content:
                buffer[: len(content)] = content
                self._out += len(content)
                return len(content)

    def _next_member(self) -> bool:
        if not self._pending:
            return False
        self._inflater = zlib.decompressobj(wbits=31)
        self._out_starts.append(self._out)
        self._in_starts.append(self._raw.tell() - len(self._pending))
        return True

    def _inflate(self, size: int) -> bytes:
        at_end = not self._pending
        try:
            content = self._inflater.decompress(self._pending, size)
        except zlib.error as error:
            raise damaged_stream(self._raw, self._out, str(error)) from error
        self._pending = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
        if at_end and not content and not self._inflater.eof:
            raise damaged_stream(self._raw, self._out, "Truncated")
        return content
