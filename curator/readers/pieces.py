"""The way in: one piece of one file to tables of raw records, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pyarrow as pa

from curator.readers.arc import read_arc
from curator.readers.arrow import read_arrow
from curator.readers.delimited import read_delimited
from curator.readers.jsonl import read_jsonl
from curator.readers.parquet import read_parquet
from curator.readers.plain import read_text
from curator.readers.plain_lines import read_lines
from curator.readers.records import RawRecord, ReadOptions, tables
from curator.readers.stream import RawFile
from curator.readers.units import Piece
from curator.readers.warc import read_warc


def read_piece(piece: Piece, index: int, options: ReadOptions) -> Iterator[pa.Table]:
    """Tables of RAW (see records.py) of about `options.batch_bytes` each, in the order of the records in the file.

    `index` is the number of the piece in its unit and becomes the column `file`. The fields that the file's source names
    go before those of `options`. A record that cannot be used is a row with a reason. Raises DamagedFile after all
    readable records before the damage, so a caller may go on with the next piece; and InputError where the storage does
    not answer.
    """
    file = piece.file
    options = replace(
        options, text_field=file.text_field or options.text_field, url_field=file.url_field or options.url_field
    )
    with closing(RawFile(file)) as raw:
        if file.format == "parquet":
            yield from read_parquet(raw, index, piece.start, piece.stop, options)
        elif file.format == "arrow":
            yield from read_arrow(raw, index, options)
        elif file.format == "lines":
            yield from read_lines(raw, index, piece.start, piece.stop, options)
        else:
            yield from tables(_records(raw, piece, options), index, options.batch_bytes)


def _records(raw: RawFile, piece: Piece, options: ReadOptions) -> Iterator[RawRecord]:
    if raw.file.format == "jsonl":
        return read_jsonl(raw, piece.start, piece.stop, options)
    if raw.file.format == "text":
        return read_text(raw, options)
    if raw.file.format in ("csv", "tsv"):
        return read_delimited(raw, options)
    return read_arc(raw, options) if raw.file.format == "arc" else read_warc(raw, options)
