"""Folders of sequences in the formats of other training systems: Megatron's .bin and .idx, MosaicML's MDS."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from curator.errors import ConfigError
from curator.loader.reading import every, flat, tables
from curator.store.files import Folder
from curator.store.sequences import SequenceIndex, read_index

MEGATRON_MAGIC, MEGATRON_VERSION = b"MMIDIDX\x00\x00", 1
MEGATRON_CODES = {"uint16": 8, "int32": 4}
MEGATRON_UINT16 = 65_500  # vocabularies below it are written as uint16
MDS_COLUMNS = {"input_ids": "ndarray:int32", "cu_seqlens": "ndarray:int32", "doc_ids": "ndarray:uint64"}

Lengths = npt.NDArray[np.int32]


def to_megatron(path: str, target: str, *, name: str = "sequences") -> int:
    """Write the tokens of a folder of sequences as `name`.bin and `name`.idx into the folder `target`; how many documents it has.

    Every piece of a document is one of Megatron's documents, in training order, without padding; a document that was cut is
    several. Megatron packs them anew into its own sequences. Layout: megatron.core.datasets.indexed_dataset. Memory: two row
    groups, since the index is written from the boundaries of the pieces, read once more for each of its parts.
    """
    source, folder = Folder(path), Folder(target)
    index = read_index(source)
    token = np.dtype(np.uint16 if index.format.vocabulary < MEGATRON_UINT16 else np.int32)
    with folder.stream(f"{name}.bin") as stream:
        for tokens, _ in _lists(source, index, "input_ids"):
            stream.write(tokens.astype(token).tobytes())
    documents = sum(len(lengths) for lengths in _piece_lengths(source, index))
    with folder.stream(f"{name}.idx") as stream:
        stream.write(MEGATRON_MAGIC)
        stream.write(struct.pack("<QBQQ", MEGATRON_VERSION, MEGATRON_CODES[token.name], documents, documents + 1))
        for part in _megatron_index(source, index, token.itemsize):
            stream.write(part.tobytes())
    return documents


def _megatron_index(source: Folder, index: SequenceIndex, width: int) -> Iterator[npt.NDArray[Any]]:
    """The lengths of the documents in tokens, where each begins in bytes, and which sequence is the first of each, and no more."""
    yield from _piece_lengths(source, index)
    begin = 0
    for lengths in _piece_lengths(source, index):
        ends = begin + np.cumsum(lengths, dtype=np.int64) * width
        yield ends - lengths.astype(np.int64) * width
        begin = int(ends[-1])
    first = 0
    for lengths in _piece_lengths(source, index):
        yield np.arange(first, first + len(lengths), dtype=np.int64)
        first += len(lengths)
    yield np.array([first], np.int64)


def _piece_lengths(source: Folder, index: SequenceIndex) -> Iterator[Lengths]:
    for boundaries, begins in _lists(source, index, "cu_seqlens"):
        yield np.delete(np.diff(boundaries), begins[1:-1] - 1)


def _lists(
    source: Folder, index: SequenceIndex, column: str
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.int64]]]:
    for _, table in tables(source, index, every, [column]):
        yield flat(table[column])


def to_mds(path: str, target: str, *, compression: str | None = "zstd") -> int:
    """Write a folder of sequences as MosaicML's MDS to `target` (a folder or a URI of its library); how many sequences it has.

    One sample for each sequence, in training order: input_ids (not padded), cu_seqlens, doc_ids. Read it with shuffle=False.
    Raises ConfigError where the library mosaicml-streaming is not installed.
    """
    try:
        from streaming import MDSWriter
    except ImportError as error:
        raise ConfigError(f"the export to MDS needs its own library ({error}): pip install 'curator[mds]'") from error
    source = Folder(path)
    index = read_index(source)
    with MDSWriter(out=target, columns=MDS_COLUMNS, compression=compression) as writer:
        for _, table in tables(source, index, every, list(MDS_COLUMNS)):
            columns = {name: table[name].combine_chunks() for name in MDS_COLUMNS}
            for row in range(table.num_rows):
                writer.write({name: lists[row].values.to_numpy() for name, lists in columns.items()})
    return index.sequences
