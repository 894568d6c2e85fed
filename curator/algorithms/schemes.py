"""Signature schemes by name: our own, and the one of datasketch for users who have an index of its signatures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import minhash

Scheme = Literal["curator-v1", "datasketch"]

_PERMUTATIONS = "affine32"  # of datasketch 2: a x + b mod 2^32, hash values of 32 bits
_AT_ONCE = 4096  # shingles for one update: datasketch makes a matrix of shingles x permutations


def stored_name(scheme: Scheme) -> str:
    """What is stored with signatures of the scheme: two names must never be compared."""
    if scheme == "datasketch":
        return f"datasketch-2-{_PERMUTATIONS}-sha1"
    return minhash.SCHEME


def signatures(
    text: pa.Array | pa.ChunkedArray, *, scheme: Scheme, shingle_words: int, permutations: int, seed: int
) -> minhash.Signed:
    """Signatures uint32 (n, permutations), sketches uint8 (n, 256) and which documents are signed (n,), by the scheme.

    `curator-v1` is `minhash.sign`. With `datasketch` the signatures equal `datasketch.MinHash(permutations, seed)` of version
    2 updated with the UTF-8 bytes of each distinct run of `shingle_words` words, joined by one space; words are those of
    `str.lower().split()`, so that anyone can make the same ones (a Chinese sentence is one word). It makes some 2 MB/s.
    The sketches are always our own, of the words of `minhash.sign`; they are empty where those are too few.
    """
    if scheme == "curator-v1":
        return minhash.sign(text, shingle_words=shingle_words, permutations=permutations, seed=seed)
    _, sketches, _ = minhash.sign(text, shingle_words=shingle_words, permutations=0, seed=seed)
    rows, signed = _datasketch(text, shingle_words, permutations, seed)
    return rows, sketches, signed


def _datasketch(
    text: pa.Array | pa.ChunkedArray, shingle_words: int, permutations: int, seed: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """Signatures by the library itself, zeros for documents without a shingle."""
    from datasketch import MinHash  # 0.35 s, in every worker of those who do not use it

    rows, signed = np.zeros((len(text), permutations), np.uint32), np.zeros(len(text), np.bool_)
    empty = MinHash(num_perm=permutations, seed=seed, scheme=_PERMUTATIONS)
    assert empty.hashvalues.dtype == np.uint32, f"datasketch makes values of type {empty.hashvalues.dtype}"
    for row, document in enumerate(text.cast(pa.large_binary())):
        shingles = _shingles((document.as_py() or b"").decode("utf-8", "replace"), shingle_words)
        sketch = empty.copy()
        while batch := list(islice(shingles, _AT_ONCE)):
            sketch.update_batch(batch)
            signed[row] = True
        if signed[row]:
            rows[row] = sketch.hashvalues
    return rows, signed


def _shingles(text: str, shingle_words: int) -> Iterator[bytes]:
    """Every run of words; a minimum is the same however often a shingle stands in the text."""
    words = text.lower().split()
    return (" ".join(words[first : first + shingle_words]).encode() for first in range(len(words) - shingle_words + 1))
