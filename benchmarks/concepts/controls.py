"""The controls: random choice, quotas by size, equal quotas, SemDeDup with one threshold, MinHash."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.minhash import band_keys, sign

from .selection import Corpus, Mask, Whole, by_quota, grouped, topped_up


def at_random(rows: Whole, cost: Whole, total: int, seed: int) -> Mask:
    order = np.random.default_rng(seed).permutation(rows)
    kept = np.zeros(len(cost), np.bool_)
    kept[order[np.cumsum(cost[order]) <= total]] = True
    return topped_up(kept, order, cost, total)


def proportional(corpus: Corpus, cell: npt.NDArray[np.uint32], total: int, seed: int) -> Mask:
    """Quotas over the cells of plain k-means as large as they are, filled at random."""
    return _over_cells(corpus, cell, np.bincount(cell, weights=corpus.cost).astype(float), total, seed)


def uniform(corpus: Corpus, cell: npt.NDArray[np.uint32], total: int, seed: int) -> Mask:
    """The same quota for every cell, filled at random."""
    return _over_cells(corpus, cell, np.ones(int(cell.max()) + 1), total, seed)


def _over_cells(
    corpus: Corpus, cell: npt.NDArray[np.uint32], share: npt.NDArray[np.float64], total: int, seed: int
) -> Mask:
    noise = np.random.default_rng(seed).random(len(corpus))
    place = np.zeros(len(corpus), np.int64)
    return by_quota(cell.astype(np.uint64), place, noise, corpus.cost, share / share.sum(), total)


def semdedup(corpus: Corpus, cell: npt.NDArray[np.uint32], total: int, seed: int) -> Mask:
    """One threshold for all (SemDeDup), in steps of 0.01 the lowest whose survivors fill the budget; some of them at random."""
    order = np.random.default_rng(seed).permutation(len(corpus))

    def survivors(step: int) -> Whole:
        leader = grouped(corpus.embeddings, cell, order, step / 100)
        return np.flatnonzero(leader == np.arange(len(leader)))

    return at_random(_lowest(survivors, corpus.cost, total), corpus.cost, total, seed)


def _lowest(survivors: Callable[[int], Whole], cost: Whole, total: int) -> Whole:
    low, high, best = 1, 100, np.arange(len(cost))
    while high - low > 1:
        middle = (low + high) // 2
        rows = survivors(middle)
        if cost[rows].sum() >= total:
            high, best = middle, rows
        else:
            low = middle
    return best


def without_near_duplicates(texts: pa.Array) -> Whole:
    """The rows that plain MinHash keeps: 14 bands of 8 rows over word 5-grams (FineWeb), the first of each chain of candidates."""
    signatures, _, signed = sign(texts, shingle_words=5, permutations=112, seed=1)
    first = np.arange(len(texts))
    for keys in band_keys(signatures, bands=14, rows=8).T:
        rows = np.flatnonzero(signed)
        _, start, of = np.unique(keys[rows], return_index=True, return_inverse=True)
        first[rows] = np.minimum(first[rows], first[rows[start]][of])
    return np.flatnonzero(first == np.arange(len(texts)))
