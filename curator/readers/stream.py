"""Bytes of a file, decompressed piece by piece; every kind of damage ends in a DamagedFile after the last good byte."""

from __future__ import annotations

import io
import zlib
from bisect import bisect_right
from collections.abc import Iterator

import pyarrow as pa

from curator.errors import InputError
from curator.readers.listing import InputFile
from curator.readers.records import DamagedFile
from curator.store.files import filesystem_for, is_local

CHUNK = 1 << 20
COMPRESSED_CHUNK = 1 << 16


class RawFile:
    """The undecoded bytes of one file as a Python file, so that Arrow's decoders can pull from it.

    It tells damage from an unreachable storage: what cannot be opened, or is no longer as it was listed, is damaged; a
    failed read of a remote file is no fault of the file and raises a plain InputError, now or in `check`.
    """

    def __init__(self, file: InputFile) -> None:
        self.file = file
        self._failure: InputError | None = None
        try:
            filesystem, inside = filesystem_for(file.path)
            self._local = is_local(filesystem)
            self._stream = filesystem.open_input_file(inside)
        except FileNotFoundError:
            raise DamagedFile(file.path, 0, "the file is no longer there") from None
        except OSError as error:
            if not isinstance(error, PermissionError) and "ACCESS_DENIED" not in str(error) and "://" in file.path:
                raise InputError(f"{file.path} cannot be opened now: {error}") from error
            raise DamagedFile(file.path, 0, f"it cannot be opened ({error})") from error
        if self._stream.size() != file.size:
            size = self._stream.size()
            raise DamagedFile(file.path, 0, f"it had {file.size:,} bytes when it was listed and has {size:,} now")

    def read(self, size: int = -1) -> bytes:
        position = self._stream.tell()
        try:
            return bytes(self._stream.read(None if size < 0 else size))
        except OSError as error:
            if self._local:
                self._failure = DamagedFile(self.file.path, position, f"it cannot be read ({error})")
            else:
                self._failure = InputError(f"{self.file.path} cannot be read now: {error}")
            raise self._failure from error

    def check(self) -> None:
        """Raise again what a read raised inside a decoder that turned it into an error of its own."""
        if self._failure:
            raise self._failure

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())

    def close(self) -> None:
        self._stream.close()

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)


def chunks(raw: RawFile, start: int = 0) -> Iterator[bytes]:
    """The content of a file, decompressed, in chunks of up to 1 MiB; `start` is a byte of a file that is not compressed.

    Several gzip members or zstd frames in a row are one content. Raises DamagedFile, after everything that can be
    decompressed, for a stream without its end mark, a broken block, or no compressed stream at all.
    """
    if not raw.file.compression:
        raw.seek(start)
        yield from iter(lambda: raw.read(CHUNK), b"")
        return
    if raw.file.size == 0:
        raise DamagedFile(raw.file.path, 0, f"it is empty, not a {raw.file.compression} stream")
    position = 0
    stream = _decompressed(raw)
    try:
        while chunk := stream.read(CHUNK):
            position += len(chunk)
            yield chunk
    except OSError as error:
        raw.check()
        tail = _readable_after(raw, position)
        if tail:
            yield tail
        detail = _plain(raw.file.compression, str(error))
        raise DamagedFile(raw.file.path, position + len(tail), detail) from error


def _decompressed(raw: RawFile) -> pa.CompressedInputStream:
    raw.seek(0)
    return pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), raw.file.compression)


def _readable_after(raw: RawFile, position: int) -> bytes:
    """What can be decompressed between `position` and the damage: Arrow loses it with the read that fails."""
    stream = _decompressed(raw)
    while position > 0:
        position -= len(stream.read(min(position, CHUNK)))
    tail = bytearray()
    try:
        while byte := stream.read(1):
            tail += byte
    except OSError:
        raw.check()
    return bytes(tail)


def _plain(compression: str, error: str) -> str:
    if "Truncated" in error:
        return f"the {compression} stream ends before its end mark: the file is cut off"
    return f"the {compression} stream is broken or is not {compression} ({error})"


class GzipMembers(io.RawIOBase):
    """The decompressed bytes of a gzip file that remembers where its members start, as WARC names records by them."""

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
            raise DamagedFile(self._raw.file.path, self._out, _plain("gzip", str(error))) from error
        self._pending = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
        if at_end and not content and not self._inflater.eof:
            raise DamagedFile(self._raw.file.path, self._out, _plain("gzip", "Truncated"))
        return content
