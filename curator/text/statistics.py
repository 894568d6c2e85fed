"""The numbers about a document that the heuristic filters judge, for a whole Arrow column at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.profiles import Profile
from curator.text.buffers import text_buffers
from curator.text.columns import columns_of
from curator.text.compression import compression_ratios
from curator.text.content_hash import content_hashes
from curator.text.kernel import copies, line_shapes, marks, ngrams
from curator.text.kernel.compiled import whole
from curator.text.kernel.parts import Parts, new_parts
from curator.text.kernel.tally import TALLIES
from curator.text.kernel.words import read_document
from curator.text.profiles import FOLDED_STOP_WORDS, Rules, rules_of
from curator.text.stop_words import StopWords, count_stop_words, packed, rows_of

_ENGLISH = 0


def text_statistics(
    text: pa.Array | pa.ChunkedArray,
    language: pa.Array | pa.ChunkedArray | None = None,
    profile: Profile = "curator",
) -> pa.Table:
    """One row for each document of `text` (string or large_string; null counts as the empty document).

    `language` holds a code for each document, as lid.176 gives them; without it all are English. It decides which stop words
    are counted in the profile `curator`; a language without a list has null. The other profiles know English ones only.

    Counts are int64: words, characters (code points), bytes, stop_words, sentences, curly_bracket, lorem_ipsum, longest_word,
    longest_line. Everything else is float32 and 0 where there is nothing to divide by: mean_word_length (null where all words
    are of scripts without spaces), word_entropy (nats, as RedPajama-v2 has it), compression_ratio, symbols_per_word_*,
    newlines_per_word; shares of words: unique_words, alphabetic_, upper_case_, numeric_words; shares of lines: bullet_,
    ellipsis_, punctuated_, short_, one_word_, numeric_, upper_case_, code_, table_, javascript_, policy_, duplicate_lines;
    duplicate_paragraphs; shares of characters: white_space, digits, non_alphanumeric, parentheses, url_characters,
    *_characters, top_*gram, duplicate_*gram; upper_case is a share of letters. content_hash_high and content_hash_low are
    uint64, over what stands between white space, and alike in all profiles.

    The columns are the same in every profile. `curator`: words are what `str.split` gives, but scripts without spaces are cut
    into clusters of a letter and its marks, of which `words` counts two as one; repetition is that of Gopher (Rae 2021), later
    copies only. `datatrove`, `dclm` and `dolma` count and divide as those systems do; see tests/text/profiles. Where they differ:
    white space always parts words, only "\\n" ends a line, and C4's citations are not cut out.
    """
    chunks = text.chunks if isinstance(text, pa.ChunkedArray) else [text]
    rows = _rows(text, language, profile)
    starts = np.concatenate([[0], np.cumsum([len(chunk) for chunk in chunks], dtype=np.int64)])
    tables = [_statistics(chunk, rows[start:], profile) for chunk, start in zip(chunks, starts, strict=False)]
    return pa.concat_tables(tables or [_statistics(pa.array([], pa.string()), rows, profile)]).combine_chunks()


def _rows(
    text: pa.Array | pa.ChunkedArray, language: pa.Array | pa.ChunkedArray | None, profile: Profile
) -> npt.NDArray[np.int64]:
    """Which list of stop words each document is held against; -1 for none."""
    if language is None or profile != "curator":
        return np.full(len(text), _ENGLISH, np.int64)
    assert len(language) == len(text), (len(language), len(text))
    return rows_of(language.combine_chunks() if isinstance(language, pa.ChunkedArray) else language)


def _statistics(text: pa.Array, rows: npt.NDArray[np.int64], profile: Profile) -> pa.Table:
    data, shared_offsets = text_buffers(text)
    offsets = shared_offsets.copy()  # always writable, so that the kernel is compiled once
    rows = rows[: len(text)]
    tallies = np.zeros((len(text), TALLIES), dtype=np.int64)
    entropies = np.zeros(len(text), dtype=np.float32)
    most = int(np.diff(offsets).max(initial=0))
    assert most < 1 << 31, most  # places in a document are int32
    rules = rules_of(profile)
    words = packed(folded=bool(rules.flags & FOLDED_STOP_WORDS))
    room = new_parts(most), ngrams.new_table(most + 4), np.empty(marks.MEDIAN_LIMIT, np.int32)
    _measure(data, offsets, rules, words, rows, tallies, entropies, *room)
    columns = columns_of(tallies, profile)
    columns["bytes"] = np.diff(offsets)
    columns["stop_words"] = np.ma.masked_array(columns["stop_words"], rows < 0)
    columns["word_entropy"] = entropies
    columns["compression_ratio"] = compression_ratios(data, offsets)
    (columns["content_hash_high"], columns["content_hash_low"]), _ = content_hashes(text)
    return pa.table({name: _column(values) for name, values in columns.items()})


def _column(values: npt.NDArray[np.generic]) -> pa.Array:
    """Masked places become null."""
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values) else None
    return pa.array(np.ascontiguousarray(np.ma.getdata(values)), mask=mask)


@whole
def _measure(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    rules: Rules,
    stop_words: StopWords,
    rows: npt.NDArray[np.int64],
    tallies: npt.NDArray[np.int64],
    entropies: npt.NDArray[np.float32],
    parts: Parts,
    table: ngrams.Table,
    lengths: npt.NDArray[np.int32],
) -> None:
    """Fill one row of `tallies` and of `entropies` for each document.

    The cache of numba watches this file alone: touch it after a change to a kernel in another one.
    """
    for document in range(len(offsets) - 1):
        tally, text = tallies[document], data[offsets[document] : offsets[document + 1]]
        read_document(text, rules, parts, tally)
        marks.count_runs(text, rules, parts.runs, lengths, tally)
        marks.count_phrases(text, parts.runs, tally)
        marks.count_symbols(text, parts.runs, rules, tally)
        marks.count_sentences(text, rules.characters, parts.runs, tally)
        marks.count_words(parts.words, tally)
        if rows[document] >= 0:
            count_stop_words(text, parts.runs, parts.words, rules, stop_words, rows[document], tally)
        line_shapes.count_lines(text, rules, parts, tally)
        copies.count_line_copies(text, rules, parts, table, tally)
        copies.count_paragraph_copies(text, rules, parts, table, tally)
        entropies[document] = ngrams.count_ngrams(parts.words, table, tally)
