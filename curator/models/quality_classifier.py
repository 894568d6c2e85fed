"""Texts like the good ones or like any: a linear classifier of hashed words and pairs of words, fitted in the run.

Length alone does not decide. A text is the mean of its terms, repeated ones included (as fastText's, Joulin 2017): a quarter of a
document comes 0.01 to 0.02 of the ranks away from the whole. With sublinear counts in rows of length 1, as is usual, it is 0.13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from curator.errors import InputError
from curator.store.arrays import from_npz, to_npz
from curator.text.content_hash import content_hashes
from curator.text.hashed_terms import hashed_counts, mean_values

BUCKETS = 1 << 18  # 2**16 and 2**20 do the same on 20,000 texts; the latter take three times as long
FEWEST = 50  # texts with words on either side
HELD_OUT = 10  # every tenth text validates and calibrates
SCALE = 10.0  # what a row adds up to: it is then about as long as the solver supposes, 1
FREEDOM = 10.0  # scikit-learn's C; from 1 to 30 the AUC of good sources against spam and junk stays within .86 to .88
ITERATIONS = 300  # 60 are enough for 20,000 texts


@dataclass(frozen=True, kw_only=True, eq=False)
class QualityClassifier:
    """What each bucket adds to the log odds, float32 `weights` (BUCKETS,), and the log odds without them; calibrated."""

    weights: npt.NDArray[np.float32]
    intercept: float

    def score(self, texts: pa.Array) -> npt.NDArray[np.float32]:
        """The probability (n,) that a text is one of the positives, were these as many as the others.

        `texts` is string or large_string. Null and texts without a word have 0.5: nothing is known of them.
        """
        from scipy.special import expit

        odds = mean_values(texts, self.weights) + self.intercept
        return np.asarray(expit(np.nan_to_num(odds, nan=0.0)), dtype=np.float32)

    def to_bytes(self) -> bytes:
        """The model as an .npz file without pickles."""
        return to_npz(weights=self.weights, intercept=np.float64(self.intercept))

    @staticmethod
    def from_bytes(content: bytes) -> QualityClassifier:
        arrays = from_npz(content)
        return QualityClassifier(weights=arrays["weights"], intercept=float(arrays["intercept"]))


@dataclass(frozen=True, kw_only=True)
class Validation:
    """How the classifier does on the held-out texts, so many `positives` and `negatives`.

    `auc` is the probability that a positive scores above a negative, ties halved: 0.5 is chance. `log_loss`, in nats and with both
    sides weighted equal, is a little too good, as the calibration's two numbers are fitted on these texts: 0.69 is chance.
    """

    auc: float
    log_loss: float
    positives: int
    negatives: int


def fit_classifier(positives: pa.Array, negatives: pa.Array, *, seed: int) -> tuple[QualityClassifier, Validation]:
    """Tell the positives from the negatives, a random sample of the corpus (string or large_string).

    Logistic regression with both sides weighted equal, calibrated on a held-out tenth of each (Platt 1999; Niculescu-Mizil &
    Caruana 2005). On one thread: the same bytes on any number of cores. Texts without a word are left out; raises InputError
    where fewer than 50 stay on a side.
    """
    from sklearn.metrics import log_loss, roc_auc_score

    chance = np.random.default_rng(seed)
    good, fitted_good = _held_out(_with_words(positives, "positives"), chance)
    other, fitted_other = _held_out(_with_words(negatives, "negatives"), chance)
    raw = _fit(fitted_good, fitted_other)
    held = pa.concat_arrays([good, other])
    labels = _labels(good, other)
    classifier = _calibrated(raw, mean_values(held, raw.weights) + raw.intercept, labels)
    scores = classifier.score(held).astype(np.float64)
    return classifier, Validation(
        auc=float(roc_auc_score(labels, scores)),
        log_loss=float(log_loss(labels, scores, sample_weight=_balance(labels))),
        positives=len(good),
        negatives=len(other),
    )


def _with_words(texts: pa.Array, side: str) -> pa.Array:
    """The texts that have a letter or a digit. Raises InputError for too few."""
    some = texts.cast(pa.large_string()).filter(pc.match_substring_regex(texts, r"[\pL\pN]"))
    if len(some) < FEWEST:
        raise InputError(
            f"the {side} of the quality classifier have {len(some)} texts with words, and {FEWEST} are the fewest that say "
            "anything; give it more texts"
        )
    return some


def _held_out(texts: pa.Array, chance: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    """A random tenth of the texts, and the rest. Copies of a text come to the same side, or they would be known already."""
    odd = chance.integers(1 << 63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    order = np.argsort(content_hashes(texts)[0][0] * odd, kind="stable")
    held = len(texts) // HELD_OUT
    return texts.take(pa.array(order[:held])), texts.take(pa.array(order[held:]))


def _fit(positives: pa.Array, negatives: pa.Array) -> QualityClassifier:
    from sklearn.linear_model import LogisticRegression

    features = _features(pa.concat_arrays([positives, negatives]))
    model = LogisticRegression(C=FREEDOM, class_weight="balanced", max_iter=ITERATIONS)
    with threadpool_limits(1):
        model.fit(features, _labels(positives, negatives))
    return QualityClassifier(weights=(SCALE * model.coef_[0]).astype(np.float32), intercept=float(model.intercept_[0]))


def _features(texts: pa.Array) -> Any:
    """Counts of the buckets as a scipy matrix (texts, BUCKETS) with rows that add up to SCALE."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    counts = hashed_counts(texts, BUCKETS)
    values = counts.times.astype(np.float64)
    matrix = csr_matrix((values, counts.terms, counts.starts), shape=(len(texts), BUCKETS))
    rows = normalize(matrix, norm="l1", copy=False)
    rows.data *= SCALE
    return rows


def _calibrated(
    raw: QualityClassifier, odds: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]
) -> QualityClassifier:
    """Platt's scaling: a slope and an offset for the log odds, with targets that leave room for a text more on either side."""
    from sklearn.linear_model import LogisticRegression

    number = np.bincount(labels)[labels]
    doubt = 1 / (number + 2)
    weights = np.concatenate([1 - doubt, doubt]) * np.tile(_balance(labels), 2)
    line = LogisticRegression(C=np.inf, tol=1e-8)
    with threadpool_limits(1):
        line.fit(np.tile(odds, 2)[:, None], np.concatenate([labels, 1 - labels]), sample_weight=weights)
    slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
    return QualityClassifier(
        weights=(slope * raw.weights.astype(np.float64)).astype(np.float32), intercept=slope * raw.intercept + offset
    )


def _labels(positives: pa.Array, negatives: pa.Array) -> npt.NDArray[np.int64]:
    return np.repeat(np.array([1, 0]), [len(positives), len(negatives)])


def _balance(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Weights with which both labels weigh the same."""
    return len(labels) / (2 * np.bincount(labels)[labels])
