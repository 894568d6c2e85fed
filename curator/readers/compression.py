"""The content of a file, decompressed piece by piece; damage ends in a DamagedFile after the last good byte."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

import cramjam
import pyarrow as pa

from curator.readers.records import DamagedFile
from curator.readers.stream import RawFile

CHUNK = 1 << 20
COMPRESSED_CHUNK = 1 << 16
XZ_MEMORY = 256 << 20  # xz -9 needs 65 MiB; a file made to hurt may ask for 4 GiB
SNAPPY_START = b"\xff\x06\x00\x00sNaPpY"
SNAPPY_SKIPPED = range(0x80, 0xFF)  # frames that a reader passes over: padding and private ones


class Decoder(Protocol):
    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, empty at the end; OSError for damage."""


def chunks(raw: RawFile, start: int = 0) -> Iterator[bytes]:
    """The content of a file, decompressed, in chunks of up to 1 MiB; `start` is a byte of a file that is not compressed.

    Several gzip or bz2 members, zstd frames, xz or snappy streams in a row are one content. Raises DamagedFile, after
    everything that can be decompressed, for a stream without its end mark (snappy has none: cut between two of its
    64 KiB frames, a file is whole), a broken block, or no compressed stream at all.
    """
    compression = raw.file.compression
    if not compression:
        raw.seek(start)
        yield from iter(lambda: raw.read(CHUNK), b"")
    elif raw.file.size == 0:
        raise DamagedFile(raw.file.path, 0, f"it is empty, not a {compression} stream")
    elif compression == "snappy":
        yield from _snappy_blocks(raw)
    else:
        yield from _decoded(raw)


def damaged_stream(raw: RawFile, position: int, error: str) -> DamagedFile:
    """The damage that a decoder met at byte `position` of what it made, in plain words."""
    compression = raw.file.compression
    if "Truncated" in error:
        return DamagedFile(
            raw.file.path, position, f"the {compression} stream ends before its end mark: the file is cut off"
        )
    return DamagedFile(raw.file.path, position, f"the {compression} stream is broken or is not {compression} ({error})")


def _decoded(raw: RawFile) -> Iterator[bytes]:
    position = 0
    stream = _decoder(raw)
    try:
        while chunk := stream.read(CHUNK):
            position += len(chunk)
            yield chunk
    except (OSError, pa.ArrowException) as error:
        raw.check()
        tail = _readable_after(raw, position)
        if tail:
            yield tail
        raise damaged_stream(raw, position + len(tail), str(error)) from error


def _decoder(raw: RawFile) -> Decoder:
    raw.seek(0)
    if raw.file.compression == "bz2":  # Arrow's decoder stumbles over an empty stream between others
        return Streams(raw, bz2.BZ2Decompressor)
    if raw.file.compression == "xz":
        return Streams(raw, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
    stream: Decoder = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), raw.file.compression)
    return stream


def _readable_after(raw: RawFile, position: int) -> bytes:
    """What can be decompressed between `position` and the damage: a decoder loses it with the read that fails."""
    stream = _decoder(raw)
    while position > 0:
        position -= len(stream.read(min(position, CHUNK)))
    tail = bytearray()
    try:
        while byte := stream.read(1):
            tail += byte
    except (OSError, pa.ArrowException):
        raw.check()
    return bytes(tail)


class Streams:
    """The content of the bz2 or xz streams of a file, with zeros between them (xz) or not."""

    def __init__(self, raw: RawFile, new_decoder: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> None:
        self._raw = raw
        self._new_decoder = new_decoder
        self._decoder = new_decoder()
        self._pending = b""

    def read(self, size: int, /) -> bytes:
        while not self._decoder.eof or self._next_stream():
            if content := self._decode(size):
                return content
        return b""

    def _next_stream(self) -> bool:
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest and (more := self._raw.read(COMPRESSED_CHUNK)):
            rest = more.lstrip(b"\0")
        if rest:
            self._pending, self._decoder = rest, self._new_decoder()
        return bool(rest)

    def _decode(self, size: int) -> bytes:
        if self._decoder.needs_input and not self._pending:
            self._pending = self._raw.read(COMPRESSED_CHUNK)
            if not self._pending:
                raise OSError("Truncated")
        compressed, self._pending = self._pending, b""
        try:
            return self._decoder.decompress(compressed, size)
        except lzma.LZMAError as error:
            raise OSError(str(error)) from error


def _snappy_blocks(raw: RawFile) -> Iterator[bytes]:
    """The blocks of snappy's framing format, each held against its checksum."""
    position = 0
    for number, frame in enumerate(_snappy_frames(raw)):
        if number == 0 and frame[:10] != SNAPPY_START[: len(frame)]:
            raise damaged_stream(raw, 0, "the header of the framing format is missing")
        if len(frame) < 4 + int.from_bytes(frame[1:4], "little"):
            raise damaged_stream(raw, position, "Truncated")
        if frame[0] in SNAPPY_SKIPPED:
            continue
        try:
            block = bytes(cramjam.snappy.decompress(SNAPPY_START + frame))
        except cramjam.DecompressionError as error:
            raise damaged_stream(raw, position, str(error)) from error
        position += len(block)
        yield block


def _snappy_frames(raw: RawFile) -> Iterator[bytes]:
    """Type, length (3 bytes, little-endian) and data of every frame; the last may be cut off."""
    raw.seek(0)
    held = b""
    while part := raw.read(CHUNK):
        held += part
        start = 0
        while (end := start + 4 + int.from_bytes(held[start + 1 : start + 4], "little")) <= len(held):
            yield held[start:end]
            start = end
        held = held[start:]
    if held:
        yield held
