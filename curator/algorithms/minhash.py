"""MinHash over word shingles: signatures, the sketches that verify them, and band keys that find candidate pairs.

Broder 1997 (minwise hashing); Leskovec et al., Mining of Massive Datasets, ch. 3 (banding); sketches: see `sketches`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import minhash_kernels as kernels
from curator.algorithms.sketches import SKETCH_BYTES
from curator.text.buffers import text_buffers
from curator.text.folded_words import BLOCK
from curator.text.folding import folding_table

# Names words, hashes, permutations and sketches together. Store it with the signatures: two schemes must never be compared.
SCHEME = "curator-v1"

Signed = tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]


def sign(text: pa.Array | pa.ChunkedArray, *, shingle_words: int, permutations: int, seed: int) -> Signed:
    """Signatures uint32 (n, permutations), sketches uint8 (n, 256) of string documents, and which documents have them (n,).

    Words are those of `folding_table`: case, punctuation and white space make no difference, a Chinese or Japanese
    character is a word. A shingle is a run of `shingle_words` words. Documents of fewer words, and nulls, have no
    signature (rows of zeros): otherwise all short documents would be one duplicate group.
    """
    assert 1 <= shingle_words < BLOCK, f"shingle_words must be in 1..{BLOCK - 1}, not {shingle_words}"
    factors, addends = _permutations(permutations, seed)
    rows = np.zeros((len(text), permutations), np.uint32)
    sketches = np.zeros((len(text), SKETCH_BYTES), np.uint8)
    signed = np.zeros(len(text), np.bool_)
    done = 0
    for chunk in text.chunks if isinstance(text, pa.ChunkedArray) else [text]:
        assert pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type), f"text is of type {chunk.type}"
        part = slice(done, done + len(chunk))
        outputs = rows[part], sketches[part], signed[part]
        kernels.sign(*text_buffers(chunk), folding_table(), shingle_words, factors, addends, *outputs)
        done = part.stop
    return rows, sketches, signed


def band_keys(signatures: npt.NDArray[np.uint32], *, bands: int, rows: int) -> npt.NDArray[np.uint64]:
    """64-bit keys (n, bands): equal where the band and its `rows` minima are equal. Leave out unsigned documents."""
    assert bands * rows <= signatures.shape[1], (
        f"{bands} bands x {rows} rows need more than {signatures.shape[1]} minima"
    )
    keys = np.empty((len(signatures), bands), np.uint64)
    kernels.hash_bands(np.ascontiguousarray(signatures), rows, keys)
    return keys


def candidate_probability(similarity: npt.ArrayLike, *, bands: int, rows: int) -> npt.NDArray[np.float64]:
    """Probability 1 - (1 - s^rows)^bands that two documents of Jaccard similarity s share a band key."""
    return np.asarray(1 - (1 - np.asarray(similarity, np.float64) ** rows) ** bands)


def _permutations(count: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Odd factors and addends of x -> a x + b mod 2^32, from the raw stream: numpy may change Generator's methods."""
    raw = np.random.PCG64(seed).random_raw(count)
    return (raw >> np.uint64(32)).astype(np.uint32) | np.uint32(1), raw.astype(np.uint32)
