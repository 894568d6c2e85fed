"""A uniform sample of documents that arrive batch by batch, in an order that follows from their places alone, or as they came."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.steps.samples import mixed
from curator.text.buffers import one_array, text_buffers

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

PLACED = pa.schema([("text", pa.large_string()), ("copies", pa.int64()), ("place", pa.uint64())])
"""Documents, each with a random number of its own, its place."""
EVERY = 2**64 - 1  # no copy has a number above it


def uniform_sample(parts: Iterable[pa.Table], *, most_bytes: int, ordered: bool = False) -> pa.Table:
    """The columns text and copies (1 or more) of a sample of documents (parts: PLACED), up to `most_bytes`, copies counted.

    Each copy of a document has a number, a hash of the document's place. Those with the smallest numbers stay, up to the first
    one that does not fit: the same whatever the parts. Where not even one fits, it is the beginning of its text. Documents come
    in the order of their places, or in that of the parts where that is `ordered`. Memory: about four times `most_bytes`.
    """
    bound, size, held = EVERY, 0, [PLACED.empty_table()]
    for part in parts:
        held.append(_below(part, bound))
        size += int(np.sum(_sizes(held[-1]) * _copies_below(held[-1], bound)))
        if size > 2 * most_bytes:
            held, bound, size = _cut(held, most_bytes)
    if size > most_bytes:
        held, bound, size = _cut(held, most_bytes)
    documents = pa.concat_tables(held)
    documents = documents.set_column(1, "copies", pa.array(_copies_below(documents, bound)))
    if not ordered:
        documents = documents.take(pa.array(np.argsort(documents["place"].to_numpy(), kind="stable")))
    text, copies = one_array(documents["text"]), documents["copies"]
    return pa.table({"text": text if size <= most_bytes else _beginning(text, most_bytes), "copies": copies})


def _cut(held: list[pa.Table], most_bytes: int) -> tuple[list[pa.Table], int, int]:
    """The documents of which copies stay, the greatest number that one may have, and their bytes.

    That is below the first copy that does not fit: one that is still to come may stand between those that stay and it.
    """
    documents = pa.concat_tables(held)
    row, number = _numbers(documents)
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(_sizes(documents)[row[order]])
    fitting = int(np.searchsorted(ends, most_bytes, side="right"))
    if fitting == 0:
        bound = int(number[order[0]])
    else:
        bound = int(number[order[fitting]]) - 1 if fitting < len(order) else EVERY
    return [_below(documents, bound)], bound, int(ends[max(0, fitting - 1)])


def _below(documents: pa.Table, bound: int) -> pa.Table:
    """The documents of which a copy has a number up to `bound`."""
    return documents.filter(pa.array(_copies_below(documents, bound) > 0))


def _copies_below(documents: pa.Table, bound: int) -> Numbers:
    """How many copies of each document have numbers up to `bound`."""
    row, number = _numbers(documents)
    return np.bincount(row[number <= np.uint64(bound)], minlength=documents.num_rows)


def _numbers(documents: pa.Table) -> tuple[Numbers, Hashes]:
    """The row of every copy of every document, and the copy's number."""
    copies = documents["copies"].to_numpy()
    row = np.repeat(np.arange(len(copies)), copies)
    copy = np.arange(len(row)) - (np.cumsum(copies) - copies)[row]
    return row, mixed(documents["place"].to_numpy()[row] + copy.astype(np.uint64), 0)


def _sizes(documents: pa.Table) -> Numbers:
    """The bytes of each text."""
    return np.concatenate(
        [np.diff(text_buffers(chunk)[1]) for chunk in documents["text"].chunks] or [np.empty(0, np.int64)]
    )


def _beginning(text: pa.Array, most_bytes: int) -> pa.Array:
    """One text, cut between two characters."""
    content: bytes = text[0].as_py().encode()
    return pa.array([content[:most_bytes].decode(errors="ignore")], pa.large_string())
