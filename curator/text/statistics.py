"""The numbers about a document that the heuristic filters judge, for a whole Arrow column at once."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text import marks, ngrams
from curator.text.characters import CHARACTERS
from curator.text.tally import DUPLICATE_NGRAMS, TALLIES, TOP_NGRAMS, Tally
from curator.text.words import Words, new_words, read_words

_COUNTS = {
    "words": Tally.WORDS,
    "characters": Tally.CHARACTERS,
    "stop_words": Tally.STOP_WORDS,
    "sentences": Tally.SENTENCES,
    "curly_bracket": Tally.CURLY_BRACKETS,
    "lorem_ipsum": Tally.LOREM_IPSUM,
}
_RATIOS = {
    "mean_word_length": (Tally.WORD_CHARACTERS, Tally.WORDS),
    "symbols_per_word_hash": (Tally.HASHES, Tally.WORDS),
    "symbols_per_word_ellipsis": (Tally.ELLIPSES, Tally.WORDS),
    "alphabetic_words": (Tally.ALPHABETIC_WORDS, Tally.WORDS),
    "newlines_per_word": (Tally.NEWLINES, Tally.WORDS),
    "bullet_lines": (Tally.BULLET_LINES, Tally.LINES),
    "ellipsis_lines": (Tally.ELLIPSIS_LINES, Tally.LINES),
    "punctuated_lines": (Tally.PUNCTUATED_LINES, Tally.LINES),
    "short_lines": (Tally.SHORT_LINES, Tally.LINES),
    "duplicate_lines": (Tally.DUPLICATE_LINES, Tally.LINES),
    "duplicate_paragraphs": (Tally.DUPLICATE_PARAGRAPHS, Tally.PARAGRAPHS),
    "duplicate_line_characters": (Tally.DUPLICATE_LINE_CHARACTERS, Tally.CHARACTERS),
    "duplicate_paragraph_characters": (Tally.DUPLICATE_PARAGRAPH_CHARACTERS, Tally.CHARACTERS),
}
_NGRAMS = [f"top_{size}gram" for size in TOP_NGRAMS] + [f"duplicate_{size}gram" for size in DUPLICATE_NGRAMS]


def text_statistics(text: pa.Array | pa.ChunkedArray) -> pa.Table:
    """One row for each document of `text` (string or large_string; null counts as the empty document).

    Counts are int64: words, characters (code points), bytes, stop_words (distinct ones), sentences, curly_bracket,
    lorem_ipsum. Ratios are float32 and 0 where there is nothing to divide by: mean_word_length, symbols_per_word_*,
    newlines_per_word, alphabetic_words (of words), bullet_, ellipsis_, punctuated_, short_ and duplicate_lines (of lines),
    duplicate_paragraphs (of paragraphs), *_characters, top_*gram and duplicate_*gram (of characters; at most 1 for an n-gram
    that overlaps itself). content_hash_high and content_hash_low are uint64, over the words alone.

    Words are split as `str.split` does. Lines end at "\\n", paragraphs at blank lines; blank lines themselves and white space
    at the ends of a line do not count. Repetition is that of Gopher (Rae 2021) and the line statistics are those of FineWeb
    (Penedo 2024) as datatrove 0.10 defines them, but with these words instead of a tokenizer's, lines compared by their words,
    and newlines among the characters that FineWeb divides by.
    """
    chunks = text.chunks if isinstance(text, pa.ChunkedArray) else [text]
    tables = [_statistics(chunk) for chunk in chunks] or [_statistics(pa.array([], pa.string()))]
    return pa.concat_tables(tables).combine_chunks()


def _statistics(text: pa.Array) -> pa.Table:
    data, offsets = _buffers(text)
    tallies = np.zeros((len(text), TALLIES), dtype=np.int64)
    hashes = np.zeros((len(text), 2), dtype=np.uint64)
    most_words = int(np.diff(offsets).max(initial=0)) // 2 + 1
    _measure(data, offsets, CHARACTERS, tallies, hashes, new_words(most_words), ngrams.new_table(most_words))
    columns: dict[str, npt.NDArray[np.generic]] = {name: tallies[:, place] for name, place in _COUNTS.items()}
    columns["bytes"] = np.diff(offsets)
    for name, (part, whole) in _RATIOS.items():
        columns[name] = _ratio(tallies[:, part], tallies[:, whole])
    characters = tallies[:, Tally.CHARACTERS]
    for place, name in enumerate(_NGRAMS, start=Tally.NGRAMS):
        columns[name] = _ratio(np.minimum(tallies[:, place], characters), characters)
    columns["content_hash_high"], columns["content_hash_low"] = hashes.T
    return pa.table({name: np.ascontiguousarray(column) for name, column in columns.items()})


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0).astype(np.float32)


def _buffers(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 bytes uint8[...] and offsets int64[documents + 1] into them; nothing is copied unless there are nulls."""
    assert pa.types.is_string(text.type) or pa.types.is_large_string(text.type), text.type
    if text.null_count:
        text = pc.fill_null(text, "")
    if not len(text):
        return np.frombuffer(b"", np.uint8), np.zeros(1, np.int64)
    width = np.dtype(np.int64 if pa.types.is_large_string(text.type) else np.int32)
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, width, len(text) + 1, text.offset * width.itemsize)
    return np.frombuffer(memoryview(data or b"").toreadonly(), np.uint8), ends.astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _measure(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    characters: npt.NDArray[np.uint8],
    tallies: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    words: Words,
    table: ngrams.Table,
) -> None:
    """Fill one row of `tallies` and of `hashes` for each document.

    The cache of numba watches this file alone: touch it after a change to a kernel in another one.
    """
    for document in range(len(offsets) - 1):
        tally = tallies[document]
        content = read_words(data, offsets[document], offsets[document + 1], characters, words, tally)
        hashes[document, 0], hashes[document, 1] = content
        marks.count_vocabulary(data, words, tally)
        marks.count_symbols(data, words, tally)
        marks.count_sentences(data, characters, words, tally)
        marks.count_line_shapes(data, words, tally)
        ngrams.count_repeated_spans(words, ngrams.LINE, table, tally, Tally.LINES)
        ngrams.count_repeated_spans(words, ngrams.PARAGRAPH, table, tally, Tally.PARAGRAPHS)
        ngrams.count_ngrams(words, table, tally)
