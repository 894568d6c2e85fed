"""CSV and TSV to raw records, row by row: quoted fields may hold delimiters, newlines and doubled quotes (RFC 4180)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numba
import numpy as np
import numpy.typing as npt

from curator.readers.compression import chunks
from curator.readers.fields import record_of
from curator.readers.lines import BYTE_ORDER_MARK, Line
from curator.readers.plain import refuse_utf16
from curator.readers.records import INVALID_UTF8, DamagedFile, RawRecord, ReadOptions
from curator.readers.stream import RawFile

DELIMITERS = {"csv": ",", "tsv": "\t"}
FIELD = {
    delimiter: re.compile(rf'(?:^|{delimiter})(?:"([^"]*(?:""[^"]*)*)"?)?([^{delimiter}]*)')
    for delimiter in DELIMITERS.values()
}
START, UNQUOTED, QUOTED, CLOSED = range(4)


def read_delimited(raw: RawFile, options: ReadOptions) -> Iterator[RawRecord]:
    """The rows of a whole file below its header row; `position` is the byte of the content at which the row starts.

    The other columns become metadata, as strings. UTF-8, with a byte order mark or not; blank lines are no rows. A quote
    inside a field that does not start with one, and text behind a closing quote, stand for themselves, as in Python's
    csv module. Raises DamagedFile at once for a header without the text columns or with a name twice, and after the
    rows before it for a quoted field that the file ends in.
    """
    delimiter = DELIMITERS[raw.file.format]
    header: list[str] = []
    for row in split_rows(raw, delimiter, options.max_document_bytes):
        if header:
            yield _record(row, header, delimiter, raw.file.source, options)
        else:
            header = _header(row, delimiter, raw, options)


def split_rows(raw: RawFile, delimiter: str, limit: int) -> Iterator[Line]:
    """The rows of a file, without newline; a row above `limit` is not held."""
    held: list[bytes] = []
    position, length, state = 0, 0, START
    for number, part in enumerate(chunks(raw)):
        if number == 0 and part.startswith(BYTE_ORDER_MARK):
            part, position = part.removeprefix(BYTE_ORDER_MARK), len(BYTE_ORDER_MARK)
        ends, state = _row_ends(part, state, delimiter)
        start = 0
        for end in ends:
            length += end - start
            if length > 1 or part[start:end] not in (b"", b"\r"):
                yield Line(position, length, b"".join([*held, part[start:end]]) if length <= limit else None)
            position += length + 1
            held, length, start = [], 0, end + 1
        length += len(part) - start
        held = [*held, part[start:]] if length <= limit else []
    if state == QUOTED:
        detail = "the file ends inside a quoted field of this row: it is cut off, or the quote that opens it is not one"
        raise DamagedFile(raw.file.path, position, detail)
    if length:
        yield Line(position, length, b"".join(held) if length <= limit else None)


def _row_ends(part: bytes, state: int, delimiter: str) -> tuple[list[int], int]:
    ends = np.empty(part.count(b"\n"), dtype=np.int64)
    count, state = _find_row_ends(np.frombuffer(part, dtype=np.uint8), state, ord(delimiter), ends)
    return ends[:count].tolist(), state


@numba.njit(cache=True, nogil=True)
def _find_row_ends(
    data: npt.NDArray[np.uint8], state: int, delimiter: int, ends: npt.NDArray[np.int64]
) -> tuple[int, int]:
    """Write the places of the newlines that end a row; how many there are, and the state behind the last byte."""
    count = 0
    for place in range(len(data)):
        byte = data[place]
        if state == QUOTED:
            if byte == ord('"'):
                state = CLOSED
        elif byte == ord('"') and state != UNQUOTED:
            state = QUOTED  # it opens a field or, right behind a closing quote, stands for a quote in the text
        elif byte == delimiter:
            state = START
        elif byte == ord("\n"):
            ends[count] = place
            count += 1
            state = START
        else:
            state = UNQUOTED
    return count, state


def _fields(row: str, delimiter: str) -> list[str]:
    if '"' not in row:
        return row.split(delimiter)
    return [quoted.replace('""', '"') + rest for quoted, rest in FIELD[delimiter].findall(row)]


def _header(row: Line, delimiter: str, raw: RawFile, options: ReadOptions) -> list[str]:
    refuse_utf16(raw, row.content or b"")
    try:
        names = _fields((row.content or b"").decode().removesuffix("\r"), delimiter)
    except UnicodeDecodeError as error:
        raise DamagedFile(raw.file.path, 0, f"its header row is not valid UTF-8 ({error})") from error
    columns = ", ".join(names)[:1_000]
    missing = [field for field in options.text_fields if field not in names]
    if row.content is None:
        detail = f"its first row, the header, {options.too_large.removeprefix('it ')}"
    elif missing:
        detail = f"its header has no column {missing[0]}, only {columns}; set text_field to the one with the text"
    elif len(set(names)) < len(names):
        detail = f"two of its columns have one name; its columns are {columns}"
    else:
        return names
    raise DamagedFile(raw.file.path, 0, detail)


def _record(row: Line, header: list[str], delimiter: str, source: str, options: ReadOptions) -> RawRecord:
    if row.content is None:
        return RawRecord(row.position, source, reason="document_too_large", detail=options.too_large)
    try:
        fields = _fields(row.content.decode().removesuffix("\r"), delimiter)
    except UnicodeDecodeError as error:
        detail = f"{INVALID_UTF8} at byte {error.start} of the row"
        return RawRecord(row.position, source, reason="invalid_utf8", detail=detail)
    if len(fields) != len(header):
        detail = f"the row has {len(fields)} fields, the header {len(header)}"
        return RawRecord(row.position, source, reason="wrong_number_of_fields", detail=detail)
    return record_of(dict(zip(header, fields, strict=True)), row.position, row.length, source, options)
