"""The default embedder: TF-IDF of word unigrams and bigrams, then truncated SVD (latent semantic analysis), fitted on the corpus.

No download, and it follows the corpus: on 4,000 posts of 20 Newsgroups its clusters have an NMI of .54, those of a static
embedding distilled from MiniLM .31.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

# scikit-learn takes a second to import, and only the workers that embed need it: so it is imported where it is used.

MAX_TERMS = 50_000
MIN_DOCUMENTS = 2  # a term of one document says nothing of its relation to the others
NGRAMS = (1, 2)


@dataclass(frozen=True, kw_only=True)
class TfidfEmbedder:
    """`terms` (t), their inverse document frequencies `weights` (t,) and the SVD's `directions` (d, t)."""

    terms: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    directions: npt.NDArray[np.float32]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """L2-normalised float32 (n, d); rows of zeros for texts without a known term."""
        if not self.terms or not texts:
            return np.zeros((len(texts), len(self.directions)), np.float32)
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.preprocessing import normalize

        counts = CountVectorizer(ngram_range=NGRAMS, vocabulary=list(self.terms), dtype=np.float32).transform(texts)
        with threadpool_limits(1):
            projected = _weighted(counts, self.weights) @ self.directions.T
        rows: npt.NDArray[np.float32] = normalize(projected.astype(np.float32, copy=False))
        return rows

    def to_bytes(self) -> bytes:
        """The model as an .npz file without pickles."""
        sink = io.BytesIO()
        terms = np.frombuffer(json.dumps(self.terms).encode(), dtype=np.uint8)
        np.savez(sink, terms=terms, weights=self.weights, directions=self.directions)
        return sink.getvalue()

    @staticmethod
    def from_bytes(content: bytes) -> TfidfEmbedder:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            terms = tuple(json.loads(arrays["terms"].tobytes()))
            return TfidfEmbedder(terms=terms, weights=arrays["weights"], directions=arrays["directions"])


def fit(texts: Sequence[str], *, dimensions: int, seed: int) -> TfidfEmbedder:
    """Fit on a sample. One thread, so that the same sample gives the same bytes on any number of cores."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(ngram_range=NGRAMS, min_df=MIN_DOCUMENTS, max_features=MAX_TERMS, dtype=np.float32)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # scikit-learn's way to say that no term is left
        return TfidfEmbedder(
            terms=(), weights=np.empty(0, np.float32), directions=np.zeros((dimensions, 0), np.float32)
        )
    terms = tuple(str(term) for term in counter.get_feature_names_out())
    documents_with = np.bincount(counts.indices, minlength=len(terms))
    weights = (np.log((1 + len(texts)) / (1 + documents_with)) + 1).astype(np.float32)
    directions = _directions(_weighted(counts, weights), dimensions, seed)
    return TfidfEmbedder(terms=terms, weights=weights, directions=directions)


def _weighted(counts: Any, weights: npt.NDArray[np.float32]) -> Any:
    """Sublinear term frequency times inverse document frequency, rows of length 1."""
    from sklearn.preprocessing import normalize

    counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
    return normalize(counts, copy=False)


def _directions(matrix: Any, dimensions: int, seed: int) -> npt.NDArray[np.float32]:
    """The right singular directions (dimensions, terms); zeros where the matrix has fewer."""
    from sklearn.decomposition import TruncatedSVD

    rank = min(dimensions, *matrix.shape)
    found = np.zeros((dimensions, matrix.shape[1]), np.float32)
    with threadpool_limits(1), np.errstate(invalid="ignore"):  # of the variance it reports, 0 / 0 for equal documents
        found[:rank] = TruncatedSVD(rank, n_iter=4, random_state=seed).fit(matrix).components_
    return found
