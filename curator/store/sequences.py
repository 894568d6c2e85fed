"""A folder of packed sequences: Parquet files named in training order and `sequences.json`, which lists them.

00000000.parquet ...   the columns of SEQUENCES, one row for each sequence; key-value metadata "curator" as JSON
sequences.json         SequenceIndex; written last
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator.errors import InputError, StoreError
from curator.store.files import Folder

SEQUENCES = pa.schema(
    [
        ("input_ids", pa.list_(pa.int32())),
        ("cu_seqlens", pa.list_(pa.int32())),
        ("doc_ids", pa.list_(pa.uint64())),
        ("copies", pa.list_(pa.int32())),
        ("offsets", pa.list_(pa.int32())),
    ]
)
"""One row for each sequence. input_ids: its tokens, not padded. cu_seqlens: where its pieces of documents begin, and the number
of its tokens at the end. For each piece: the document, which copy of it, and where in the document the piece begins."""

INDEX = "sequences.json"
METADATA = b"curator"
ROW_GROUP_BYTES = 4_000_000  # each of many ranks needs few rows of a group and reads it whole


Runs = tuple[tuple[int, int], ...]
"""Sequences of one length with their padding, that follow each other: the length in tokens, and how many they are."""


@dataclass(frozen=True, kw_only=True)
class SequenceFile:
    """One file of sequences and what it holds; neighbours in `runs` differ in length."""

    name: str
    sequences: int
    tokens: int
    runs: Runs


@dataclass(frozen=True, kw_only=True)
class SequenceFormat:
    """What holds for all sequences of a folder: the longest has `sequence_length` tokens, the ids are below `vocabulary`.

    `buckets` are the lengths to pad to, ascending; without them it is `sequence_length`. A batch has `batch_tokens` over all
    ranks, padding counted, and until each share of the folder in `batch_ramp`, ascending, the tokens that stand beside it.
    """

    sequence_length: int
    pad_id: int
    end_id: int
    vocabulary: int
    packing: str
    batch_tokens: int
    batch_ramp: tuple[tuple[float, int], ...] = ()
    buckets: tuple[int, ...] = ()

    @property
    def padded_lengths(self) -> tuple[int, ...]:
        """The lengths of sequences with their padding, ascending."""
        return self.buckets or (self.sequence_length,)


@dataclass(frozen=True, kw_only=True)
class SequenceIndex:
    """The files of a folder in training order, and their format."""

    format: SequenceFormat
    files: tuple[SequenceFile, ...]

    @property
    def sequences(self) -> int:
        return sum(file.sequences for file in self.files)

    @property
    def tokens(self) -> int:
        return sum(file.tokens for file in self.files)

    @property
    def firsts(self) -> list[int]:
        """For each file the number of sequences before it, and the number of all of them at the end."""
        return list(accumulate((file.sequences for file in self.files), initial=0))

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Those of the whole folder, over the borders of files."""
        runs = groupby(chain.from_iterable(file.runs for file in self.files), key=itemgetter(0))
        return [(length, sum(number for _, number in run)) for length, run in runs]

    def to_json(self) -> str:
        """The format, and a line for each file: there may be many."""
        files = ",\n".join(json.dumps(asdict(file)) for file in self.files)
        return f'{json.dumps(asdict(self.format))[:-1]}, "files": [\n{files}\n]}}\n'

    @staticmethod
    def from_json(text: str | bytes) -> SequenceIndex:
        """Raises KeyError, TypeError or ValueError where the text is not such an index."""
        values: dict[str, Any] = json.loads(text)
        files = tuple(SequenceFile(**{**file, "runs": _pairs(file["runs"])}) for file in values.pop("files"))
        lists = {"buckets": tuple(values["buckets"]), "batch_ramp": _pairs(values["batch_ramp"])}
        return SequenceIndex(files=files, format=SequenceFormat(**{**values, **lists}))


def write_sequences(
    folder: Folder,
    number: int,
    table: pa.Table,
    *,
    format: SequenceFormat,
    row_group_bytes: int = ROW_GROUP_BYTES,
) -> SequenceFile:
    """Write the sequences of `table` (schema SEQUENCES) as file `number` of a folder.

    The same table gives the same bytes.
    """
    assert table.schema.equals(SEQUENCES), f"these are not the columns of sequences: {table.schema}"
    name = file_name(number)
    described = {field: getattr(format, field) for field in ("sequence_length", "pad_id", "end_id", "vocabulary")}
    rows = max(1, row_group_bytes * table.num_rows // max(1, table.nbytes))
    with folder.stream(name) as stream:
        pq.write_table(
            table.replace_schema_metadata({METADATA: json.dumps(described)}),
            stream,
            compression="zstd",
            row_group_size=rows,
            use_dictionary=False,
            column_encoding={"input_ids.list.element": "BYTE_STREAM_SPLIT"},  # a fifth smaller, and faster
        )
    tokens = pc.sum(pc.list_value_length(table["input_ids"])).as_py() or 0
    return SequenceFile(name=name, sequences=table.num_rows, tokens=tokens, runs=_runs(table, format))


def _runs(table: pa.Table, format: SequenceFormat) -> Runs:
    padded = np.array(format.padded_lengths)
    lengths = padded[np.searchsorted(padded, pc.list_value_length(table["input_ids"]).to_numpy())]
    opens = np.flatnonzero(np.diff(lengths, prepend=0))
    return tuple(zip(lengths[opens].tolist(), np.diff(opens, append=len(lengths)).tolist(), strict=True))


def _pairs(lists: list[list[Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((first, second) for first, second in lists)


def file_name(number: int) -> str:
    """The name of a file of sequences."""
    return f"{number:08d}.parquet"


def write_index(folder: Folder, index: SequenceIndex) -> None:
    """Make the folder whole."""
    folder.put(INDEX, index.to_json().encode())


def read_index(folder: Folder) -> SequenceIndex:
    """The index of a folder of sequences. Raises InputError where there is none, StoreError where it is damaged."""
    content = folder.get(INDEX)
    if content is None:
        raise InputError(
            f"{folder.uri} has no {INDEX}: give the folder that a run with output.format: tokens has written"
        )
    try:
        return SequenceIndex.from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{folder.uri}/{INDEX} is not an index of sequences: {error!r}; write the folder again"
        ) from error
