"""MinHash over word shingles: signatures, band keys that find candidate pairs, 2-bit sketches that verify them.

Broder 1997 (minwise hashing); Leskovec et al., Mining of Massive Datasets, ch. 3 (banding); Li & Koenig 2010 (b-bit).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import minhash_kernels as kernels
from curator.text.buffers import text_buffers

# Names words, hashes and permutations together. Store it with the signatures: two schemes must never be compared.
SCHEME = "curator-v1"


def signatures(
    text: pa.Array | pa.ChunkedArray, *, shingle_words: int, permutations: int, seed: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """MinHash signatures (n, permutations) of string documents, and which documents have one (n,).

    A word is a maximal run of ASCII letters, digits and non-ASCII characters other than U+00A0, U+1680, U+2000-206F,
    U+3000-303F and U+FF00-FF0F; ASCII letters count in lower case. Documents of fewer than `shingle_words` words, and
    nulls, have no signature (a row of zeros): otherwise all short documents would be one duplicate group.
    """
    assert 1 <= shingle_words < kernels.BLOCK, f"shingle_words must be in 1..{kernels.BLOCK - 1}, not {shingle_words}"
    factors, addends = _permutations(permutations, seed)
    rows = np.zeros((len(text), permutations), np.uint32)
    signed = np.zeros(len(text), np.bool_)
    done = 0
    for chunk in text.chunks if isinstance(text, pa.ChunkedArray) else [text]:
        assert pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type), f"text is of type {chunk.type}"
        data, offsets = text_buffers(chunk)
        part = slice(done, done + len(chunk))
        kernels.sign(data, offsets[:-1], offsets[1:], shingle_words, factors, addends, rows[part], signed[part])
        done = part.stop
    return rows, signed


def band_keys(signatures: npt.NDArray[np.uint32], *, bands: int, rows: int) -> npt.NDArray[np.uint64]:
    """64-bit keys (n, bands): equal where the band and its `rows` minima are equal. Leave out unsigned documents."""
    assert bands * rows <= signatures.shape[1], (
        f"{bands} bands x {rows} rows need more than {signatures.shape[1]} minima"
    )
    keys = np.empty((len(signatures), bands), np.uint64)
    kernels.hash_bands(np.ascontiguousarray(signatures), rows, keys)
    return keys


def sketch(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Two hashed bits of every minimum, four to a byte: (n, ceil(permutations / 4)). Leave out unsigned documents.

    A last byte that is not full takes further bits of the first minima, which keeps the estimate unbiased.
    """
    packed = np.zeros((len(signatures), -(-signatures.shape[1] // 4)), np.uint8)
    kernels.pack(np.ascontiguousarray(signatures), packed)
    return packed


def estimated_jaccard(left: npt.NDArray[np.uint8], right: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Estimated Jaccard similarity (n,) of two arrays of sketches (n, w), row by row (Li & Koenig 2010, b = 2).

    Different minima agree in two bits once in four, so of p = 4 w pairs m = p (J + (1 - J) / 4) match. The standard
    error is sqrt(q (1 - q) / p) / 0.75 with q = m / p: about 0.045 at J = 0.8 and p = 112.
    """
    pairs = 4 * left.shape[1]
    bits = left ^ right
    differing = (bits | bits >> np.uint8(1)) & np.uint8(0x55)
    matches = pairs - np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    return np.asarray(np.clip((4 * matches - pairs) / (3 * pairs), 0, 1), np.float32)


def candidate_probability(similarity: npt.ArrayLike, *, bands: int, rows: int) -> npt.NDArray[np.float64]:
    """Probability 1 - (1 - s^rows)^bands that two documents of Jaccard similarity s share a band key."""
    return np.asarray(1 - (1 - np.asarray(similarity, np.float64) ** rows) ** bands)


def _permutations(count: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Odd factors and addends of x -> a x + b mod 2^32, from the raw stream: numpy may change Generator's methods."""
    raw = np.random.PCG64(seed).random_raw(count)
    return (raw >> np.uint64(32)).astype(np.uint32) | np.uint32(1), raw.astype(np.uint32)
