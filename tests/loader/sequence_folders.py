"""Tiny folders of packed sequences, and what is in them as plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from curator.store.files import Folder
from curator.store.sequences import SEQUENCES, SequenceFormat, SequenceIndex, write_index, write_sequences

LENGTH, PAD, END, VOCABULARY = 16, 0, 1, 1_000


@dataclass(frozen=True)
class Piece:
    """A piece of a document in a sequence."""

    document: int
    tokens: list[int]


Packed = list[list[Piece]]


def drawn_sequences(number: int, *, length: int = LENGTH, vocabulary: int = VOCABULARY) -> Packed:
    """Sequences of one to four pieces of random lengths, some of them full; ids of documents use all 64 bits."""
    random = np.random.default_rng(number)
    drawn = []
    for sequence in range(number):
        total = length if sequence % 3 == 0 else int(random.integers(1, length + 1))
        edges = [0, *sorted({int(edge) for edge in random.integers(1, total + 1, 3)} - {total}), total]
        drawn.append(
            [
                Piece((1 << 63) + 10 * sequence + place, random.integers(2, vocabulary, end - begin).tolist())
                for place, (begin, end) in enumerate(pairwise(edges))
            ]
        )
    return drawn


def to_table(sequences: Packed) -> pa.Table:
    return pa.table(
        {
            "input_ids": [[token for piece in one for token in piece.tokens] for one in sequences],
            "cu_seqlens": [np.cumsum([0, *(len(piece.tokens) for piece in one)]).tolist() for one in sequences],
            "doc_ids": [[piece.document for piece in one] for one in sequences],
            "copies": [[0] * len(one) for one in sequences],
            "offsets": [[0] * len(one) for one in sequences],
        },
        schema=SEQUENCES,
    )


def write_folder(
    path: Path | str,
    sequences: Packed,
    *,
    files: int = 3,
    row_group_bytes: int = 2_000,
    length: int = LENGTH,
    vocabulary: int = VOCABULARY,
    buckets: Sequence[int] = (),
    batch_tokens: int = 4 * LENGTH,
    batch_ramp: Sequence[tuple[float, int]] = (),
) -> SequenceIndex:
    """Write sequences as a folder of `files` of unequal size with small row groups."""
    kind = SequenceFormat(
        sequence_length=length,
        pad_id=PAD,
        end_id=END,
        vocabulary=vocabulary,
        packing="best_fit",
        batch_tokens=batch_tokens,
        batch_ramp=tuple(batch_ramp),
        buckets=tuple(buckets),
    )
    edges = [len(sequences) * file**2 // files**2 for file in range(files + 1)]
    folder, written = Folder(str(path)), []
    for number, (begin, end) in enumerate(pairwise(edges)):
        table = to_table(sequences[begin:end])
        written.append(write_sequences(folder, number, table, format=kind, row_group_bytes=row_group_bytes))
    index = SequenceIndex(format=kind, files=tuple(written))
    write_index(folder, index)
    return index
