"""What texts cost a small language model that has not seen them: the loss of a proxy as their difficulty.

Perplexity under a small model of the same corpus sorts texts for larger ones (Ankner et al. 2024, arXiv 2405.20541). Theirs has
125 million parameters and is trained on texts that are not scored; here two trigram models, each of one half of a sample, score
the documents of the other half, so that all can be scored (cross-fitting, Chernozhukov et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.store.arrays import from_npz, to_npz
from curator.text.ngram_counts import repeated_ngrams
from curator.text.ngram_table import NgramTable, bits_and_words, discounted_table

SLOTS = 1 << 21  # 16 MB each, as the model of quality has
Halves = npt.NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ProxyLoss:
    """`tables[half]` are the probabilities of words in the texts of that half, 0 or 1."""

    tables: tuple[NgramTable, NgramTable]

    def bits_per_word(self, texts: pa.Array, half: Halves) -> npt.NDArray[np.float32]:
        """What a word of each text costs the model of the half to which the text does not belong: bits, float32 (n,).

        `texts` are string or large_string, null is empty; `half` (n,) is 0 or 1. NaN for a text without words, and where the
        other half has nothing that occurs twice.
        """
        found = np.full(len(texts), np.nan, np.float32)
        for own in (0, 1):
            rows, table = np.flatnonzero(half == own), self.tables[1 - own]
            bits, words = bits_and_words(texts.take(pa.array(rows)), table)
            known = (words > 0) & table.entries.any()
            found[rows[known]] = bits[known]
        return found

    def to_bytes(self) -> bytes:
        """The models as an .npz file without pickles."""
        first, second = self.tables
        floors = np.array([first.floor, second.floor])
        return to_npz(first=first.entries, second=second.entries, floors=floors)

    @staticmethod
    def from_bytes(content: bytes) -> ProxyLoss:
        arrays = from_npz(content)
        first, second = arrays["floors"].tolist()
        return ProxyLoss(tables=(NgramTable(arrays["first"], first), NgramTable(arrays["second"], second)))


def fit_proxy_loss(texts: pa.Array, half: Halves) -> ProxyLoss:
    """Fit each model on the texts (string or large_string, null is empty) of its half, 0 or 1 (n,).

    One thread, no chance: the same bytes for the same texts of each half in any order.
    """
    first, second = (
        discounted_table(repeated_ngrams(texts.take(pa.array(np.flatnonzero(half == own)))), SLOTS) for own in (0, 1)
    )
    return ProxyLoss(tables=(first, second))
