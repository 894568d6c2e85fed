"""Quality by a fastText classifier in a file, such as DCLM's (Li et al. 2024, arXiv 2406.11794)."""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ConfigError
from curator.text.buffers import first_characters

LONGEST = 1_000_000
"""Characters of a text that are read: fastText keeps a number for every word and n-gram of a line before it averages."""
PREFIX = "__label__"
MAGIC, NEWEST, CLASSIFIER = 793_712_314, 12, 3
ARGUMENTS = 8  # where they begin: dimensions first, the kind of model eighth
DICTIONARY = 64  # where its five counts begin: entries, words, labels, tokens, pruned buckets
TEXTS_AT_ONCE = 1_000


class FasttextScores:
    """The probability of one label, with or without its `__label__`.

    Raises ConfigError for a path where nothing is, a file that is no whole fastText classifier, and a label that it lacks.
    """

    def __init__(self, path: str, label: str) -> None:
        import fasttext

        self._label = label_of(path, label)
        self._neutral = 1 / len(fasttext_labels(path))
        self._predict: Any = fasttext.load_model(path).f.predict

    def score(self, texts: pa.Array) -> npt.NDArray[np.float32]:
        """float32 (n,) for string or large_string: fastText's own numbers, which are the softmax's plus 0.00001.

        A text is one line to fastText: line breaks become spaces, and what comes behind a million characters, or the
        word `</s>`, is not read. Null and a text without words score as the end of a line alone does.
        """
        scores = np.empty(len(texts), np.float32)
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            lines = _lines(texts.slice(first, TEXTS_AT_ONCE))
            scores[first : first + len(lines)] = [self._score(line) for line in lines]
        return scores

    def _score(self, line: str) -> float:
        """All labels are asked for, even those below a threshold of 0. There are none for a line without a known word in a
        model without a word for the end of a line: then all are as likely.
        """
        found = self._predict(line + "\n", -1, -1.0, "strict")
        return next((probability for probability, name in found if name == self._label), self._neutral)


def label_of(path: str, label: str) -> str:
    """A label as the classifier's file has it, with or without `__label__`. Raises ConfigError where it has not."""
    labels = fasttext_labels(path)
    names = [name for name in (label, PREFIX + label) if name in labels]
    if not names:
        shown = ", ".join(name.removeprefix(PREFIX) for name in labels)
        raise ConfigError(f"the fastText model {path} has no label {label}; choose one of {shown}")
    return names[0]


def _lines(texts: pa.Array) -> list[str]:
    texts = pc.fill_null(texts, "")
    if (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST:
        texts = first_characters(texts, LONGEST)
    lines: list[str] = pc.replace_substring(texts, "\n", " ").to_pylist()
    return lines


def fasttext_labels(path: str) -> tuple[str, ...]:
    """The labels of a classifier, as its file has them, without loading its matrices (2 GB of DCLM's).

    The library reads a file that ends too early as zeros, or for ever; so raises ConfigError for one that is not whole.
    """
    if not Path(path).is_file():
        raise ConfigError(f"the fastText model {path} is not there; name a file ending in .bin or .ftz")
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size < DICTIONARY + struct.calcsize("<3i2q"):
            _refuse(path, "it ends too early")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _checked_labels(path, data)


def _checked_labels(path: str, data: mmap.mmap) -> tuple[str, ...]:
    magic, version, dimensions = struct.unpack_from("<3i", data)
    if magic != MAGIC or version > NEWEST:
        _refuse(path, "it does not begin as one does")
    if struct.unpack_from("<i", data, ARGUMENTS + 7 * 4)[0] != CLASSIFIER:
        _refuse(path, "it has word vectors only")
    entries, _, labels, _, pruned = struct.unpack_from("<3i2q", data, DICTIONARY)
    names, place = [], DICTIONARY + struct.calcsize("<3i2q")
    for entry in range(entries):
        end = data.find(b"\0", place)
        if end < 0:
            _refuse(path, "it ends too early")
        if entry >= entries - labels:  # labels come last
            names.append(data[place:end].decode(errors="replace"))
        place = end + 10  # behind the entry's count and kind
    if not _is_whole(data, place + 8 * max(pruned, 0), dimensions, labels):
        _refuse(path, "it ends too early")
    return tuple(names)


def _is_whole(data: mmap.mmap, place: int, dimensions: int, labels: int) -> bool:
    """Whether both matrices, from `place` on, are all there: a flag, then rows and columns, then float32. Of a quantised model,
    a few MB, whose matrices have parts of many sizes, only the least of them is looked for.
    """
    least = place + 17 + 17
    if len(data) < least or data[place]:
        return len(data) >= least
    rows, columns = struct.unpack_from("<2q", data, place + 1)
    return bool(columns == dimensions and len(data) >= least + 4 * dimensions * (rows + labels))


def _refuse(path: str, why: str) -> NoReturn:
    raise ConfigError(
        f"{path} is not a fastText classifier that can be used: {why}; get the file again, or name another"
    )
