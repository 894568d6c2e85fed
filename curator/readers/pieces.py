"""The way in: one piece of one file to tables of raw records, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa

from curator.readers.columnar import read_parquet
from curator.readers.jsonl import read_jsonl
from curator.readers.records import ReadOptions, tables
from curator.readers.stream import RawFile
from curator.readers.units import Piece
from curator.readers.warc import read_warc


def read_piece(piece: Piece, index: int, options: ReadOptions) -> Iterator[pa.Table]:
    """Tables of RAW (see records.py) of about `options.batch_bytes` each, in the order of the records in the file.

    `index` is the number of the piece in its unit and becomes the column `file`. A record that cannot be used is a row
    with a reason. Raises DamagedFile after all readable records before the damage, so a caller may go on with the next
    piece; and InputError where the storage does not answer.
    """
    with closing(RawFile(piece.file)) as raw:
        if piece.file.format == "parquet":
            yield from read_parquet(raw, index, piece.start, piece.stop, options)
        elif piece.file.format == "jsonl":
            yield from tables(read_jsonl(raw, piece.start, piece.stop, options), index, options.batch_bytes)
        else:
            yield from tables(read_warc(raw, options), index, options.batch_bytes)
