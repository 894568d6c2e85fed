"""Importance weights towards a target sample: data selection by importance resampling, DSIR (Xie et al. 2023, arXiv 2302.03169)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.errors import InputError
from curator.store.arrays import from_npz, to_npz
from curator.text.hashed_terms import hashed_pieces, mean_values

BUCKETS = 1 << 14  # the paper has 10,000: few enough for a target sample of some megabytes to fill them all


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportanceModel:
    """log p_target - log p_raw of the words and pairs of words of each bucket, float32 `log_ratios` (BUCKETS,), in nats."""

    log_ratios: npt.NDArray[np.float32]

    def score(self, texts: pa.Array) -> npt.NDArray[np.float32]:
        """The mean log ratio (n,) of a text's words and pairs (string or large_string): above 0, they are the target's.

        The paper takes their sum, the log importance weight of the whole text, and samples with it. The sum grows with the text, so
        its ranks would be those of length: what is ranked needs the mean. Null and texts without a word have 0, as likely in both.
        """
        return np.nan_to_num(mean_values(texts, self.log_ratios), nan=0.0).astype(np.float32)

    def to_bytes(self) -> bytes:
        """The model as an .npz file without pickles."""
        return to_npz(log_ratios=self.log_ratios)

    @staticmethod
    def from_bytes(content: bytes) -> ImportanceModel:
        return ImportanceModel(**from_npz(content))


def fit_importance(target: pa.Array, raw: pa.Array) -> ImportanceModel:
    """Two bags of hashed words and pairs of words, of the target and of a random sample of the corpus (string or large_string).

    One is added to every bucket's count. Raises InputError for a side without a word.
    """
    return ImportanceModel(log_ratios=(_log_shares(target, "target") - _log_shares(raw, "raw")).astype(np.float32))


def _log_shares(texts: pa.Array, side: str) -> npt.NDArray[np.float64]:
    times = np.zeros(BUCKETS)
    for counts in hashed_pieces(texts, BUCKETS):
        times += np.bincount(counts.terms, counts.times, BUCKETS)
    if not times.any():
        raise InputError(f"the {side} sample of the importance weights has no words; give it texts")
    return np.asarray(np.log(times + 1) - np.log(times.sum() + BUCKETS))
