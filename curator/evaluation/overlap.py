"""Documents of a corpus that repeat held-out text are removed: a model must not be measured by what it has read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.contamination import Finder
from curator.algorithms.contamination_index import build_index

SHORT = 8  # words of the shortest run that is looked at (Llama 3, Tulu 3)
COMMON_TEXTS = 10
"""A short run in more than so many texts of one set (a licence header) is nobody's own: its words are cut out of them."""


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """What was removed, of how much: documents and bytes of their texts, copies not counted; `by_set` the documents that
    repeat something of each set, for one may repeat of several.
    """

    documents: int
    bytes: int
    removed_documents: int
    removed_bytes: int
    by_set: Mapping[str, int]


def heldout_finder(heldout: Mapping[str, pa.Array], *, words: int) -> Finder:
    """What finds runs of `words` words of the held-out texts; about 200 bytes a held-out word while it is built, then 90.

    Case, punctuation and white space make no difference. A held-out text of 8 to `words` - 1 words is one run. What is common
    to more than 10 texts of a set does not count, nor do rows of numbers and letters (see `build_index`).
    """
    sizes = [len(texts) for texts in heldout.values()]
    index = build_index(
        list(heldout),
        np.cumsum([0, *sizes]),
        pa.concat_arrays([texts.cast(pa.large_string()) for texts in heldout.values()]),
        np.arange(sum(sizes)),
        ngram_words=words,
        item_ngram_words=min(SHORT, words),
        template_items=COMMON_TEXTS,
    )
    return Finder(index, item_share=1.0)


def without_overlap(documents: pa.Table, finder: Finder) -> tuple[pa.Table, Overlap]:
    """The documents (a table with `text`) that share no run of words with a held-out text, in their order, and the counts."""
    found = finder.find(documents["text"])
    row, item = found["document"].to_numpy(), found["item"].to_numpy()
    of_set = np.searchsorted(finder.index.first_items, item, side="right") - 1
    hit = [np.unique(row[of_set == number]) for number in range(len(finder.index.benchmarks))]
    stays = np.ones(documents.num_rows, np.bool_)
    stays[row] = False
    sizes = pc.fill_null(pc.binary_length(documents["text"]), 0).to_numpy()
    overlap = Overlap(
        documents=documents.num_rows,
        bytes=int(sizes.sum()),
        removed_documents=int(np.count_nonzero(~stays)),
        removed_bytes=int(sizes[~stays].sum()),
        by_set={name: len(rows) for name, rows in zip(finder.index.benchmarks, hit, strict=True)},
    )
    return documents.filter(pa.array(stays)), overlap
