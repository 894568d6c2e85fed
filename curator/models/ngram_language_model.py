"""A trigram model of words, fitted on the clean part of the corpus: how far the bits that a word costs are from what is usual.

The ancestor is CCNet (Wenzek 2020), which kept what costs a model of Wikipedia least. But templates, lists and repetition cost
least of all, and QuRating (Wettig 2024) lost 3.2 points by keeping only those: here the middle is best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.store.arrays import from_npz, to_npz
from curator.text.folded_words import mix
from curator.text.ngram_counts import repeated_ngrams
from curator.text.ngram_table import NgramTable, bits_and_words, discounted_table

SLOTS = 1 << 21  # 16 MB: half as many cost .12 bits a word, twice as many save .18
HELD_OUT = 10  # every tenth clean text says what is usual
LEAST_HELD_OUT = 30  # texts of a language that has its own median: its standard error is a quarter of the spread
LEAST_SPREAD = 0.1  # bits a word
NOISE_WORDS = 64  # so short a beginning differs from its text as much as texts differ from each other
NEUTRAL = -1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class NgramLanguageModel:
    """Probabilities of words after the two before them, and what texts cost by them.

    `usual` float64 (languages + 1, 2): median and spread of bits a word in held-out clean texts of each language; the last are
    those of all others.
    """

    table: NgramTable
    languages: tuple[str, ...]
    usual: npt.NDArray[np.float64]

    def score(self, texts: pa.Array, language: pa.Array | None = None) -> npt.NDArray[np.float32]:
        """Minus the distance of bits a word from the median of the language, in spreads: float32 (n,), 0 is best.

        Half of all clean texts have -1 or more, long and short: the fewer words, the wider the spread. `language` as in the fit.
        A text without words has NEUTRAL, what clean texts have in the median.
        """
        bits, words = bits_and_words(texts, self.table)
        median, spread = self.usual[_rows_of(language, len(texts), self.languages)].T
        distance = np.abs(bits - median) / _widened(spread, words)
        return np.where(words == 0, NEUTRAL, -distance).astype(np.float32)

    def bits_per_word(self, texts: pa.Array) -> npt.NDArray[np.float32]:
        """Minus the binary logarithm of the probability of a text, by its words: float32 (n,); 0 for null and without words."""
        return bits_and_words(texts, self.table)[0].astype(np.float32)

    def to_bytes(self) -> bytes:
        """The model as an .npz file without pickles."""
        return to_npz(
            entries=self.table.entries,
            floor=np.float64(self.table.floor),
            languages=np.array(self.languages, np.str_),
            usual=self.usual,
        )

    @staticmethod
    def from_bytes(content: bytes) -> NgramLanguageModel:
        arrays = from_npz(content)
        return NgramLanguageModel(
            table=NgramTable(arrays["entries"], float(arrays["floor"])),
            languages=tuple(arrays["languages"].tolist()),
            usual=arrays["usual"],
        )


def fit_language_model(clean: pa.Array, language: pa.Array | None = None, *, slots: int = SLOTS) -> NgramLanguageModel:
    """Fit on texts (string or large_string, null is empty) and, where it is known, the language (string) of each.

    The table has at most `slots` slots, a power of two. What is usual comes from a tenth of the texts, chosen by a hash of the
    row, that the table has not seen. One thread, no chance: the same bytes for the same texts.
    """
    held_out = pa.array(mix.py_func(np.arange(1, len(clean) + 1, dtype=np.uint64)) % np.uint64(HELD_OUT) == 0)
    table = discounted_table(repeated_ngrams(clean.filter(pc.invert(held_out))), slots)
    bits, words = bits_and_words(clean.filter(held_out), table)
    some = words > 0
    codes = _filled(language, len(clean)).filter(held_out).filter(pa.array(some))
    languages, usual = _usual(bits[some], words[some], codes)
    return NgramLanguageModel(table=table, languages=languages, usual=usual)


def _usual(
    bits: npt.NDArray[np.float64], words: npt.NDArray[np.int64], codes: pa.Array
) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """The languages with enough texts, and the median and spread of each, and of the others (of all, where those are few)."""
    counts = pc.value_counts(codes).to_pylist()
    languages = tuple(sorted(count["values"] for count in counts if count["counts"] >= LEAST_HELD_OUT))
    rows = _rows_of(codes, len(codes), languages)
    groups = [rows == row for row in range(len(languages))]
    others = rows < 0
    groups.append(others if others.sum() >= LEAST_HELD_OUT else np.ones(len(rows), np.bool_))
    return languages, np.array([_median_and_spread(bits[group], words[group]) for group in groups])


def _median_and_spread(bits: npt.NDArray[np.float64], words: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Spread: the median of distances from the median, in what is added for the length. (0, 1) of no text."""
    if not len(bits):
        return 0.0, 1.0
    median = float(np.median(bits))
    return median, max(float(np.median(np.abs(bits - median) / _widened(np.ones(1), words))), LEAST_SPREAD)


def _widened(spread: npt.NDArray[np.float64], words: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Spread between long texts, and the noise of a mean of few words: their variances add up."""
    return np.asarray(spread * np.sqrt(1 + NOISE_WORDS / np.maximum(words, 1)))


def _filled(language: pa.Array | None, texts: int) -> pa.Array:
    return pc.fill_null(language.cast(pa.string()), "") if language is not None else pa.array([""] * texts, pa.string())


def _rows_of(language: pa.Array | None, texts: int, languages: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """The row of each text's language; -1, the last, for others."""
    places = pc.index_in(_filled(language, texts), pa.array(languages, pa.string()))
    return np.asarray(pc.fill_null(places, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
