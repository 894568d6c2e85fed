"""What the tests of the readers share: files written, listed, and read to their end or to their damage."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from typing import Any

import cramjam
import pyarrow as pa

from curator.readers.listing import InputFile, list_input
from curator.readers.pieces import read_piece
from curator.readers.records import RAW, DamagedFile, ReadOptions
from curator.readers.units import Piece

OPTIONS = ReadOptions(max_document_bytes=1_000)
EMPTY = pa.Table.from_pylist([], schema=RAW)
SUFFIXES = {"": "", "gzip": ".gz", "zstd": ".zst", "bz2": ".bz2", "xz": ".xz", "snappy": ".snappy"}
COMPRESSED = [compression for compression in SUFFIXES if compression]


def compress(content: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(content, mtime=0)
    if compression == "bz2":
        return bz2.compress(content)
    if compression == "xz":
        return lzma.compress(content, preset=0)
    if compression == "snappy":
        return bytes(cramjam.snappy.compress(content))
    return bytes(pa.compress(content, codec=compression, asbytes=True)) if compression else content


def write(folder: Path, name: str, content: bytes, **how: Any) -> InputFile:
    (folder / name).write_bytes(content)
    (file,) = list_input(str(folder / name), **{"source": "web", "format": None, **how})
    return file


def read_until_damage(file: InputFile, options: ReadOptions = OPTIONS) -> tuple[pa.Table, DamagedFile | None]:
    found, damage = [EMPTY], None
    try:
        for table in read_piece(Piece(file, 0, file.size), 7, options):
            assert table.schema.equals(RAW)
            found.append(table)
    except DamagedFile as error:
        damage = error
    return pa.concat_tables(found), damage


def read(file: InputFile, options: ReadOptions = OPTIONS, start: int = 0, stop: int | None = None) -> pa.Table:
    piece = Piece(file, start, file.size if stop is None else stop)
    return pa.concat_tables([EMPTY, *read_piece(piece, 7, options)])


def damage_of(file: InputFile, options: ReadOptions = OPTIONS) -> DamagedFile:
    table, damage = read_until_damage(file, options)
    assert table.num_rows == 0
    assert damage is not None
    return damage
