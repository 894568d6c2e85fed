"""How complex a concept is: elephants vary little, dogs a lot. Several measures; none depends on how many documents there are.

`intra_distance` and `inter_distances`: density-based pruning (Abbas, ..., Morcos, ICLR 2024) multiplies the two. The paper
validated that on images only; docs/concepts.md holds it against the other measures on text.
"""

from __future__ import annotations

import lzma
import math

import numpy as np
import numpy.typing as npt

from curator.text.letter_codes import letter_codes

COMPRESSED_LETTERS = 1 << 15
GROWTH_WORDS = 1 << 13
_BLOCK = 1024  # centroids compared at once with all others: 400 MB at k = 50,000
_POINTS = 16
_SHORTER_TEXT, _PER_HALVING = 0.12, 0.035  # of what fewer bytes and words than the budget give is taken off
_SAME = 1e-10  # unit vectors that differ by less are the same: float16 keeps three digits
_LZMA = ({"id": lzma.FILTER_LZMA2, "preset": 3, "dict_size": 4 * COMPRESSED_LETTERS, "lc": 4, "lp": 0, "pb": 0},)
"""For text: the context of a byte is the one before it, not its place. Preset 6 gives 4 % less in three times the time (11 ms)."""


def intra_distance(embeddings: npt.NDArray[np.float32], centroid: npt.NDArray[np.floating]) -> float:
    """Mean cosine distance, 0..2, of normalised embeddings (n, d) to their centroid (d,) of any length.

    A zero centroid is at distance 1 from everything. No documents spread by 0.
    """
    if len(embeddings) == 0:
        return 0.0
    mean = embeddings.mean(axis=0, dtype=np.float64)  # the mean of dot products is the dot product of the mean
    return max(0.0, 1.0 - float(mean @ _normalised(centroid[None])[0]))


def inter_distances(centroids: npt.NDArray[np.floating], *, neighbours: int = 20) -> npt.NDArray[np.float64]:
    """Mean cosine distance (k,) of each centroid (k, d) to its `neighbours` nearest others, or to all if k is small.

    A single centroid has no neighbour: its distance is 1, so that complexity is then its spread alone.
    """
    nearest = min(neighbours, len(centroids) - 1)
    if nearest < 1:
        return np.ones(len(centroids))
    directions = _normalised(centroids)
    distances = np.empty(len(centroids))
    for start in range(0, len(centroids), _BLOCK):
        cosines = directions[start : start + _BLOCK] @ directions.T
        places = np.arange(len(cosines))
        cosines[places, start + places] = -np.inf  # itself
        top = np.partition(cosines, -nearest, axis=1)[:, -nearest:]
        distances[start : start + _BLOCK] = 1.0 - np.sort(top, axis=1).mean(axis=1)
    return np.maximum(distances, 0.0)


def participation_ratio(embeddings: npt.NDArray[np.floating]) -> float:
    """In how many directions the embeddings (n, d) of a concept vary: (tr C)^2 / tr(C^2) of the covariance C of unit vectors, 1..d.

    Of n samples the plain ratio is at most n - 1, so both traces are estimated without bias, whatever the distribution
    (Himeno & Yamada, J. Multivariate Analysis 130, 2014), from the matrix of dot products. With fewer than 4 documents it is the
    plain ratio; at most the number of pairs of documents, as fewer cannot tell. 0 for one document or equal ones. How far
    documents differ does not count, only in how many ways: tiny noise in all directions has the largest ratio of all.
    """
    rows = _normalised(embeddings)
    n = len(rows)
    rows = rows - rows.mean(axis=0) if n else rows
    norms = np.einsum("nd,nd->n", rows, rows)
    trace = float(norms.sum())
    if trace <= _SAME * n:
        return 0.0
    products = rows @ rows.T if n <= rows.shape[1] else rows.T @ rows  # the same sum of squares
    squares, fourth = float(np.square(products).sum()), float(np.square(norms).sum())
    if n < 4:
        return trace * trace / squares
    of_trace = 2 * squares + (n * n - 3 * n + 1) * trace * trace - n * (n - 1) * fourth
    of_squares = (n - 1) * (n - 2) * squares + trace * trace - n * (n - 1) * fourth
    most = float(min(rows.shape[1], n * (n - 1) // 2))
    return max(1.0, of_trace / of_squares) if 0 < of_trace < most * of_squares else most


def bits_per_letter(text: str, *, budget: int = COMPRESSED_LETTERS) -> float:
    """Bits a letter takes when the texts of a concept, one after another, are compressed together: what each adds to the others.

    A letter of any script is coded as a byte (`letter_codes`), so that scripts can be compared. The more texts, the more each
    repeats, so only the first `budget` letters count (LZMA, whose window holds them all), and of fewer, n, the value is taken
    times (n / budget)^0.12: seven corpora cut to a quarter come out within 5 % of the whole, and system logs 25 % too high. No
    text has 0 bits.
    """
    codes, letters = letter_codes(text, most=budget)
    if not codes:
        return 0.0
    packed = lzma.compress(codes, format=lzma.FORMAT_RAW, filters=_LZMA)
    return 8 * len(packed) / letters * math.pow(letters / budget, _SHORTER_TEXT)


def vocabulary_growth(words: npt.NDArray[np.uint64], *, budget: int = GROWTH_WORDS) -> float:
    """Heaps' exponent, 0..1: beta of V = K n^beta, where n of these words (or their hashes) have V different ones among them.

    V is what n of the words drawn at random are expected to have (rarefaction: Hurlbert, Ecology 52, 1971), which leaves a third of
    the noise of reading them in order; least squares in logarithms at 16 points from 1/32 of the words on. beta falls as more
    words are read, so only the first `budget` count, and for fewer 0.035 are taken off for every halving (0.02 to 0.045 on
    eight corpora). No words: 0.
    """
    whole = words[:budget]
    if not len(whole):
        return 0.0
    times, species = np.unique(np.unique(whole, return_counts=True)[1], return_counts=True)
    drawn = np.geomspace(1 / 32, 1, _POINTS)
    vocabulary = (species * (1 - (1 - drawn[:, None]) ** times)).sum(axis=1)
    slope = float(np.polyfit(np.log(drawn), np.log(vocabulary), 1)[0])
    return float(np.clip(slope - _PER_HALVING * np.log2(budget / len(whole)), 0, 1))


def _normalised(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Rows of length 1; a zero row stays zero."""
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(lengths > 0, lengths, 1.0)
