"""Texts beside the corpus, such as examples of what is good: a bounded sample of the files that a path means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import InputError
from curator.readers.listing import InputFile, list_input
from curator.readers.pieces import read_piece
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.units import Piece
from curator.text.buffers import first_characters, one_array

MAX_TEXT_BYTES = 20_000_000
WEB = ("warc", "wet", "arc")


def texts_digest(path: str) -> str:
    """A hash of the names, sizes and times of the files that `path` means. Raises InputError where there are none."""
    states = [(file.path, file.size, file.modified_ns) for file in _files(path)]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def read_texts(path: str, text_field: str | tuple[str, ...], *, documents: int, characters: int, seed: int) -> pa.Array:
    """At most so many texts (large_string), each at most so many characters long, drawn uniformly and in the files' order.

    `path` is a file, folder or glob of documents in any format that the input may have, web archives excepted. Records without a
    usable text are passed over. Raises InputError where nothing is left or a file is damaged.
    """
    options = ReadOptions(text_field=text_field, max_document_bytes=MAX_TEXT_BYTES)
    held = pa.table({"text": pa.array([], pa.large_string()), "draw": pa.array([], pa.float64())})
    draw = np.random.default_rng(seed)
    for text in _texts(path, options):
        text = first_characters(text, characters)
        held = pa.concat_tables([held, pa.table({"text": text, "draw": draw.random(len(text))})])
        if held.num_rows > 2 * documents:
            held = _lowest(held, documents)
    if not held.num_rows:
        raise InputError(f"{path} has no document with a text in {text_field}; name the field that holds it")
    return one_array(_lowest(held, documents)["text"])


def _lowest(held: pa.Table, documents: int) -> pa.Table:
    """The rows of the lowest draws, in their order."""
    if held.num_rows <= documents:
        return held
    chosen = np.argpartition(held["draw"].to_numpy(), documents - 1)[:documents]
    return held.take(pa.array(np.sort(chosen))).combine_chunks()


def _texts(path: str, options: ReadOptions) -> Iterator[pa.Array]:
    for index, file in enumerate(_files(path)):
        try:
            for rows in read_piece(Piece(file, 0, file.size), index, options):
                yield one_array(rows.filter(pc.is_null(rows["reason"]))["text"])
        except DamagedFile as error:
            raise InputError(f"{error.damage}; repair the file or take it out of {path}") from error


def _files(path: str) -> list[InputFile]:
    files = list_input(path, source=None, format=None)
    for file in files:
        if file.format in WEB:
            raise InputError(f"{file.path} is a web archive; name files of texts, such as JSON lines or Parquet")
    return files
