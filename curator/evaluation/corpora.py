"""The documents of a corpus: read once, in a shuffled order or as they stand, and of a large one a uniform sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.evaluation import Corpus
from curator.config.schema import MAX_SHARD_BYTES
from curator.errors import InputError
from curator.evaluation.sample import PLACED, uniform_sample
from curator.readers.listing import InputFile, list_input
from curator.readers.pieces import read_piece
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.units import Piece
from curator.steps.samples import drawn, mixed

MOST_COPIES = 1_000  # each of them is drawn on its own
OPTIONS = ReadOptions(max_document_bytes=MAX_SHARD_BYTES)


def read_corpus(corpus: Corpus, *, name: str, seed: int, most_bytes: int) -> pa.Table:
    """The documents of the corpus `name`: text (large_string) and copies (int64, 1 or more), shuffled by `seed`, or as ordered.

    Of a corpus above `most_bytes` of text, copies counted, a uniform sample: every copy has the same chance. Order and sample
    follow from the seed and each document's place (the number of its file, its position there), not from its content. Records
    without text are no documents. All files are read; memory is about four times `most_bytes`. Raises InputError, with the
    name of the corpus, where a file cannot be read or there is no document.
    """
    return read_texts(
        corpus.path,
        key=f"corpora.{name}.path",
        seed=seed,
        most_bytes=most_bytes,
        keep_share=corpus.keep_share,
        ordered=corpus.ordered,
    )


def copied(documents: pa.Table, *, seed: int) -> pa.Table:
    """The negative control: half of the documents (rounded down) replaced by copies of others; from and to text and copies.

    It has as many documents as before, copies counted. It hurts only a model that reads most of it: give no more documents
    than are trained on.
    """
    order = np.argsort(mixed(np.arange(documents.num_rows, dtype=np.uint64), seed), kind="stable")
    half = len(order) // 2
    copies = documents["copies"].to_numpy().copy()
    copies[order[half : 2 * half]] += copies[order[:half]]
    more = documents.set_column(documents.column_names.index("copies"), "copies", pa.array(copies))
    return more.take(pa.array(np.sort(order[half:])))


def read_texts(
    path: str, *, key: str, seed: int, most_bytes: int, keep_share: float = 1.0, ordered: bool = False
) -> pa.Table:
    """`read_corpus` of the files under `path`, which the configuration has under `key`."""
    try:
        documents = uniform_sample(_kept(path, seed, keep_share), most_bytes=most_bytes, ordered=ordered)
    except DamagedFile as error:
        raise InputError(f"{key}: {error.damage}; repair the file or take it out") from error
    except InputError as error:
        raise InputError(f"{key}: {error}") from error
    if not documents.num_rows:
        raise InputError(f"{key}: {path} has no document; name files whose records have a field text")
    return documents


def _kept(path: str, seed: int, keep_share: float) -> Iterator[pa.Table]:
    """The documents of all files that belong to the share, in tables of PLACED."""
    for number, file in enumerate(list_input(path, source=None, format=None)):
        file_seed = int(mixed(np.array([number], np.uint64), seed)[0])
        for raw in read_piece(Piece(file, 0, file.size), number, OPTIONS):
            rows = raw.filter(pc.is_valid(raw["text"]))
            place = mixed(rows["position"].to_numpy().astype(np.uint64), file_seed)
            documents = pa.table([rows["text"], pa.array(_copies(rows, file)), pa.array(place)], schema=PLACED)
            yield documents.filter(pa.array(drawn(place, np.array(keep_share), seed=seed)))


def _copies(rows: pa.Table, file: InputFile) -> npt.NDArray[np.int64]:
    """The field `copies` of every row, 1 where it is missing or null; 0 leaves a document out."""
    copies = np.ones(rows.num_rows, np.int64)
    named = pc.match_substring(rows["metadata"], '"copies":').to_numpy()
    for row in np.flatnonzero(named).tolist():
        value: Any = orjson.loads(rows["metadata"][row].as_py()).get("copies")
        if value is None:
            continue
        if type(value) is not int or not 0 <= value <= MOST_COPIES:
            position = rows["position"][row].as_py()
            raise InputError(
                f"{file.path} at {position}: copies is {value!r}, not a whole number up to {MOST_COPIES:,}"
            )
        copies[row] = value
    return copies
