"""Which documents contain items of benchmarks: shared n-grams of words, and items covered by shorter ones.

Brown 2020 (GPT-3, appendix C): shared 13-grams, in short items the whole item. Grattafiori 2024 (Llama 3) and Lambert 2024
(Tulu 3): items of which 8-grams cover more than half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import contamination_kernels as kernels
from curator.algorithms.contamination_kernels import Lookup, Postings, Seen
from curator.text.buffers import text_buffers
from curator.text.folding import folding_table

STORED = ("keys", "offsets", "places")
FILTER_BITS = 8
"""Of the filter for each key, at least: one unknown n-gram in fifty passes it. With 16 its cache misses cost more than it saves."""


@dataclass(frozen=True)
class Index:
    """The n-grams of the texts of all items of some benchmarks, in sorted arrays; about 40 bytes for each word of a benchmark.

    Text t has the words `text_starts[t]` to `text_starts[t + 1]` and belongs to item `text_items[t]`; items are numbered
    through all benchmarks, and those of benchmark b are `first_items[b]` to `first_items[b + 1]`. `sizes` are those of the
    n-grams in `long`, ascending.
    """

    benchmarks: tuple[str, ...]
    first_items: npt.NDArray[np.int64]
    text_items: npt.NDArray[np.int64]
    text_starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    short_words: int
    short: Postings
    long: Postings

    def to_table(self) -> pa.Table:
        """One row with a list for each array: the same index gives the same bytes of Parquet."""
        columns = {
            "benchmarks": _as_row(self.benchmarks),
            "short_words": _as_row([self.short_words]),
            **{name: _as_row(getattr(self, name)) for name in ("first_items", "text_items", "text_starts", "sizes")},
            **{f"short_{name}": _as_row(getattr(self.short, name)) for name in STORED},
            **{f"long_{name}": _as_row(getattr(self.long, name)) for name in STORED},
        }
        return pa.table(columns)

    @staticmethod
    def from_table(table: pa.Table) -> Index:
        """The inverse of `to_table`."""

        def values(name: str) -> npt.NDArray[Any]:
            return np.asarray(table[name].combine_chunks().values)

        def grams(kind: str) -> Postings:
            return postings(*(values(f"{kind}_{name}") for name in STORED))

        return Index(
            benchmarks=tuple(values("benchmarks").tolist()),
            first_items=values("first_items"),
            text_items=values("text_items"),
            text_starts=values("text_starts"),
            sizes=values("sizes"),
            short_words=int(values("short_words")[0]),
            short=grams("short"),
            long=grams("long"),
        )


class Finder:
    """An index made ready for look-ups. With its filter and with what a look-up notes, about 50 bytes for each word."""

    def __init__(self, index: Index, *, item_share: float) -> None:
        shift = np.uint64(64 - max(1, (FILTER_BITS * len(index.short.keys) // 64).bit_length()))
        lengths = np.diff(index.text_starts)
        self.index = index
        self._share = item_share
        self._lookup = Lookup(
            short_words=index.short_words,
            sizes=_frozen(index.sizes),
            short=index.short,
            long=index.long,
            filter=_filter(index.short.keys, shift),
            shift=shift,
            text_of_word=_frozen(np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)),
            text_starts=_frozen(index.text_starts),
        )

    def find(self, text: pa.Array | pa.ChunkedArray) -> pa.Table:
        """Every item that a document contains, by rule: columns document (the row in `text`), item, ngrams, share.

        `ngrams` int32 counts the distinct long n-grams that the document shares with the texts of the item; `share` float64
        is the part of the words of its most covered text that lies in shared short n-grams. An item is contained if it
        shares a long n-gram, or if `share` is above `item_share` and at least as many words as in a long n-gram are
        covered: of an item of 15 words, one common phrase of eight would be more than half. Null is the empty document.
        Rows are in the order of document and item. N-grams are compared by 64-bit hashes: among 10^13 words of text and 10^7
        of benchmarks about five short n-grams are taken for others, and a false long one must meet a false short one too.
        """
        done, found = 0, [np.empty((0, 4), np.int64)]
        for chunk in text.chunks if isinstance(text, pa.ChunkedArray) else [text]:
            rows = kernels.find(*text_buffers(chunk), folding_table(), self._lookup, self._seen(), self._share)
            rows[:, 0] += done
            found.append(rows)
            done += len(chunk)
        return _by_item(np.concatenate(found), self.index)

    def _seen(self) -> Seen:
        """Nothing seen. Pages of it that no document reaches take no memory."""
        index = self.index
        sizes = (len(index.short.keys), len(index.long.keys), index.text_starts[-1], *[len(index.text_items)] * 4)
        return Seen(*(np.zeros(size, np.int32) for size in sizes))


def postings(keys: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int64], places: npt.NDArray[np.int32]) -> Postings:
    """Postings with their buckets, which follow from the keys: one to two for each."""
    bits = max(1, len(keys).bit_length())
    shift = np.uint64(64 - bits)
    counts = np.bincount((keys >> shift).astype(np.int64), minlength=1 << bits)
    buckets = np.append(0, np.cumsum(counts)).astype(np.int32)
    return Postings(shift, _frozen(buckets), _frozen(keys), _frozen(offsets), _frozen(places))


def _by_item(rows: npt.NDArray[np.int64], index: Index) -> pa.Table:
    """The rows of the kernel, which are about texts, put together by document and item."""
    document, text, ngrams, covered = rows.T
    item = index.text_items[text]
    share = covered / np.diff(index.text_starts)[text]
    order = np.lexsort((item, document))
    document, item = document[order], item[order]
    starts = np.flatnonzero(np.diff(document, prepend=-1) | np.diff(item, prepend=-1))
    columns = {
        "document": document[starts],
        "item": item[starts],
        "ngrams": np.add.reduceat(ngrams[order], starts).astype(np.int32) if len(starts) else np.empty(0, np.int32),
        "share": np.maximum.reduceat(share[order], starts) if len(starts) else np.empty(0, np.float64),
    }
    return pa.table(columns)


def _filter(keys: npt.NDArray[np.uint64], shift: np.uint64) -> npt.NDArray[np.uint64]:
    words = np.zeros(1 << 64 - int(shift), np.uint64)
    kernels.fill_filter(keys, shift, words)
    return _frozen(words)


def _as_row(values: npt.NDArray[Any] | Sequence[Any]) -> pa.Array:
    """One list of all values."""
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), pa.array(values))


def _frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Some Arrow buffers are writable and some not: numba would compile a second kernel for the others."""
    values.flags.writeable = False
    return values
