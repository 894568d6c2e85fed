"""Plain text to raw records, one document a line, block by block: lines are never made into Python strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.readers.columnar import judge, strings
from curator.readers.compression import chunks
from curator.readers.lines import BYTE_ORDER_MARK
from curator.readers.plain import refuse_utf16
from curator.readers.records import RAW, RawRecord, ReadOptions, grouped, tables
from curator.readers.stream import RawFile

NEWLINE, CARRIAGE_RETURN = 10, 13


def read_lines(raw: RawFile, index: int, start: int, stop: int, options: ReadOptions) -> Iterator[pa.Table]:
    """Tables of RAW of the lines that start in [start, stop) of a plain file, or of a whole compressed one.

    `position` is the byte of the content at which the line starts. UTF-8, CRLF or not; blank lines are no records.
    Raises DamagedFile for UTF-16.
    """
    blocks = _tables(raw, index, start, None if raw.file.compression else stop, options)
    for run in grouped(blocks, lambda table: int(table.nbytes), options.batch_bytes):
        yield pa.concat_tables(run)


def line_blocks(parts: Iterable[bytes], position: int, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """Runs of whole lines with their newlines, and where they start; a line that is cut over parts and above `limit` as None."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        end = part.rfind(b"\n") + 1
        if end and length > limit:
            first = part.find(b"\n") + 1
            yield position, None
            position, held, length = position + length + first, [], 0
            part, end = part[first:], end - first
        if end:
            block = b"".join([*held, part[:end]])
            yield position, block
            position, held, length = position + len(block), [], 0
        length += len(part) - end
        held = [*held, part[end:]] if length <= limit else []
    if length:
        yield position, b"".join(held) if length <= limit else None


def _tables(raw: RawFile, index: int, start: int, stop: int | None, options: ReadOptions) -> Iterator[pa.Table]:
    parts, position = chunks(raw), 0
    if start:
        refuse_utf16(raw, raw.read(2))
        position, parts = _from_next_line(chunks(raw, start - 1), start - 1)
    for place, block in line_blocks(parts, position, options.max_document_bytes):
        if stop is not None and place >= stop:
            return
        if place == 0:
            refuse_utf16(raw, block or b"")
        if block is None:
            too_large = RawRecord(place, raw.file.source, reason="document_too_large", detail=options.too_large)
            yield from tables([too_large], index, options.batch_bytes)
        else:
            yield _table(block, place, stop, index, raw.file.source, options)


def _from_next_line(parts: Iterator[bytes], position: int) -> tuple[int, Iterator[bytes]]:
    """The content from behind its first newline on, and where that is."""
    for part in parts:
        end = part.find(b"\n") + 1
        if end:
            return position + end, chain([part[end:]], parts)
        position += len(part)
    return position, iter(())


def _table(block: bytes, place: int, stop: int | None, index: int, source: str, options: ReadOptions) -> pa.Table:
    lines, starts = _split(block, at_start=place == 0)
    positions = pa.array(starts + place)
    wanted = pc.invert(pc.ascii_is_space(lines.view(pa.large_string())))
    if stop is not None:
        wanted = pc.and_(wanted, pc.less(positions, stop))
    lines, positions = lines.filter(wanted), positions.filter(wanted)
    text, is_utf8 = strings(pa.chunked_array([lines.view(pa.large_string())]))
    reason, detail = judge(text, is_utf8, pa.repeat(False, len(text)), options)
    columns = {
        "file": pa.repeat(pa.scalar(index, pa.int32()), len(text)),
        "position": positions,
        "text": pc.if_else(pc.is_null(reason), text, None),
        "source": pa.repeat(source, len(text)),
        "metadata": pa.repeat("{}", len(text)),
        "reason": reason,
        "detail": detail,
    }
    return pa.Table.from_arrays([columns.get(f.name, pa.nulls(len(text), f.type)) for f in RAW], schema=RAW)


def _split(block: bytes, *, at_start: bool) -> tuple[pa.LargeBinaryArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The lines that are not empty, without CRLF and, at the start of a file, byte order mark; where each starts."""
    data = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    if data[-1] != NEWLINE:
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1])
    texts = starts.copy()
    if at_start and block.startswith(BYTE_ORDER_MARK):
        texts[0] = len(BYTE_ORDER_MARK)
    ends = ends - ((ends > texts) & (data[ends - 1] == CARRIAGE_RETURN))
    filled = np.flatnonzero(ends > texts)
    if not len(filled):
        return pa.array([], pa.large_binary()), starts[filled]
    bounds = np.stack([texts, ends], axis=1).ravel()  # every second value lies between two lines
    buffers = [None, pa.py_buffer(bounds.astype(np.int64)), pa.py_buffer(block)]
    values = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)
    return values.take(pa.array(filled * 2)), starts[filled]
