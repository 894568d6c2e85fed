"""What the size of a group of duplicates is worth: copies by steps, weights by a power. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def copies_of(size: npt.NDArray[np.int64], rehydrate: Sequence[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """How often a document of a group of `size` documents is to be repeated, int32.

    `rehydrate` is a step function [(documents, copies), ...] with rising numbers of documents: the last step whose number of
    documents the group reaches decides; 1 below the first. FineWeb2 (Penedo 2025) calls it rehydration, and chose 1 to 10 copies by
    how much its filters take of groups of that size, so the steps need not rise in copies.
    """
    assert bool((size >= 1).all()), "a group has at least one document"
    documents = np.array([1, *(documents for documents, _ in rehydrate)], dtype=np.int64)
    copies = np.array([1, *(copies for _, copies in rehydrate)], dtype=np.int32)
    return copies[np.searchsorted(documents, size, side="right") - 1]


def weights_of(
    size: npt.NDArray[np.int64], exact_copies: npt.NDArray[np.int64], exponent: float | None
) -> npt.NDArray[np.float32]:
    """The sampling weight of documents that stand for `exact_copies` of the `size` documents of their group, float32.

    Each document of a group weighs size^-exponent, the exact copies that a document stands for included: a whole group weighs
    size^(1 - exponent), as one document at exponent 1, however it divides into exact and near duplicates. Exponent None: 1.0.
    Weights instead of deletion are SoftDedup's (He 2024), whose commonness comes from an n-gram model, not from groups.
    """
    if exponent is None:
        return np.ones(len(size), dtype=np.float32)
    assert bool(((exact_copies >= 1) & (exact_copies <= size)).all()), "exact copies are documents of the group"
    return (exact_copies * np.power(size.astype(np.float64), -exponent)).astype(np.float32)
