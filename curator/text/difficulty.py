"""How hard texts are, by one of four measures that need no model: what a curriculum can put in order (Zhang 2025)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import first_characters, text_buffers
from curator.text.compression import compression_ratios
from curator.text.lexical_diversity import lexical_diversity
from curator.text.readability import reading_ease

Measure = Literal["compression", "diversity", "readability", "length"]
COMPRESSED_CHARACTERS = 4_000  # of more a compressor finds more repeated: whole novels were the easiest texts


def difficulty(texts: pa.Array, languages: pa.Array, measure: Measure) -> npt.NDArray[np.float32]:
    """How hard each text is, float32[documents], larger is harder; NaN where the measure says nothing.

    compression   bytes after LZ4 over bytes before, of the beginning: what repeats itself is easy. NaN without a byte
    diversity     MTLD: few different words are easy. NaN without a word
    readability   minus Flesch's reading ease: short words and sentences are easy. NaN without a word or a formula
    length        characters: short is easy

    `texts` (string or large_string, null is empty) and `languages` (string, ISO 639-1, null where unknown) have one row for
    each document. All but length say little of a text of fewer than a hundred words, and are to be compared within a language.
    """
    assert len(texts) == len(languages), (len(texts), len(languages))
    if measure == "compression":
        return _compression(texts)
    if measure == "diversity":
        return lexical_diversity(texts)
    if measure == "readability":
        return -reading_ease(texts, languages)
    assert measure == "length", measure
    lengths: npt.NDArray[np.float32] = (
        pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False).astype(np.float32)
    )
    return lengths


def _compression(texts: pa.Array) -> npt.NDArray[np.float32]:
    data, offsets = text_buffers(first_characters(texts, COMPRESSED_CHARACTERS))
    ratios = compression_ratios(data, offsets)
    ratios[np.diff(offsets) == 0] = np.nan
    return ratios
