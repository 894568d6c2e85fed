"""The limits of every profile: of which system a set of heuristic filters decides as. Plain data, with its sources.

Groups and limits are those of `curator.config.filters`; None switches a limit, or a whole group, off. How each profile measures
what it limits is told by `curator.text.statistics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

Profile = Literal["curator", "datatrove", "dclm", "dolma"]
Limits = Mapping[str, float | None]
Groups = Mapping[str, Any]

_GOPHER_QUALITY: Limits = MappingProxyType(
    {  # Rae 2021 (Gopher), table A1. All three systems keep these numbers.
        "min_words": 50,
        "max_words": 100_000,
        "min_mean_word_length": 3.0,
        "max_mean_word_length": 10.0,
        "max_symbols_per_word": 0.1,
        "max_bullet_lines": 0.9,
        "max_ellipsis_lines": 0.3,
        "min_alphabetic_words": 0.8,
        "min_stop_words": 2,
    }
)
_GOPHER_REPETITION: Limits = MappingProxyType(
    {  # Rae 2021 (Gopher), table A1.
        "duplicate_lines": 0.30,
        "duplicate_paragraphs": 0.30,
        "duplicate_line_characters": 0.20,
        "duplicate_paragraph_characters": 0.20,
        "top_2gram": 0.20,
        "top_3gram": 0.18,
        "top_4gram": 0.16,
        "duplicate_5gram": 0.15,
        "duplicate_6gram": 0.14,
        "duplicate_7gram": 0.13,
        "duplicate_8gram": 0.12,
        "duplicate_9gram": 0.11,
        "duplicate_10gram": 0.10,
    }
)
_C4: Limits = MappingProxyType(
    {"drop_lorem_ipsum": True, "drop_curly_bracket": True, "min_sentences": 5}
)  # Raffel 2020
_FINEWEB: Limits = MappingProxyType(
    {  # Penedo 2024 (FineWeb)
        "min_punctuated_lines": 0.12,
        "max_duplicate_line_characters": 0.01,
        "max_short_lines": 0.67,
        "max_newlines_per_word": 0.3,
    }
)

# The profile `curator`: the papers' limits, but for those that drop good pages. Read on 116,790 documents of 46 sources; how many
# of the pages that people call good (DCLM's 189 labels) each paper's limit drops stands behind it.
_CURATOR_QUALITY: Limits = MappingProxyType({**_GOPHER_QUALITY, "min_alphabetic_words": 0.6})  # 0.8 drops half of GSM8K
_CURATOR_REPETITION: Limits = MappingProxyType(
    # 0.3 drops reviews and manuals whose short labels recur; the characters in copied lines have a limit of their own
    {**_GOPHER_REPETITION, "duplicate_lines": 0.5, "duplicate_paragraphs": 0.5}
)
_CURATOR_C4: Limits = MappingProxyType(
    {
        "drop_lorem_ipsum": True,
        "drop_curly_bracket": False,  # drops documentation, LaTeX abstracts, pages with a template left in
        "min_sentences": 2,  # 5: 10 %
    }
)
_CURATOR_FINEWEB: Limits = MappingProxyType(
    {
        "min_punctuated_lines": None,  # 4 %, most of them hard-wrapped
        "max_duplicate_line_characters": 0.15,  # 0.01: 4 %; a third of the chapters of a manual
        "max_short_lines": 0.8,
        "max_newlines_per_word": 0.35,
    }
)
_CURATOR_CONTENT: Limits = MappingProxyType(
    {
        "max_longest_word": 1_000,  # Raffel 2020 (C4) drops such lines: encoded data
        "max_url_characters": 0.2,  # NeMo Curator's English pipeline
        "min_compression_ratio": 0.05,
    }
)
_UNSPACED = MappingProxyType(
    {
        "gopher_quality": MappingProxyType({"min_mean_word_length": None, "max_mean_word_length": None}),
        "fineweb": MappingProxyType({"max_newlines_per_word": None}),
    }
)
_LANGUAGES = MappingProxyType(dict.fromkeys(("bo", "dz", "ja", "km", "lo", "my", "th", "wuu", "yue", "zh"), _UNSPACED))
_PROSE_OFF: Groups = MappingProxyType(
    {  # what tells prose from code and tables, which are neither sentences nor mostly letters
        "c4": MappingProxyType({"min_sentences": None}),
        "fineweb": None,
        "content": MappingProxyType({"max_longest_line": 20_000}),  # bundled scripts
    }
)
_ANY_WORDS: Limits = MappingProxyType(
    {"min_alphabetic_words": None, "min_stop_words": None, "max_symbols_per_word": None}
)
_CODE = MappingProxyType(
    {  # code repeats itself twice as much as prose; minified scripts have words of 60 to 95 characters
        "min_code_lines": 0.05,
        "gopher_quality": MappingProxyType({**_ANY_WORDS, "min_mean_word_length": 2.0, "max_mean_word_length": 25.0}),
        "gopher_repetition": MappingProxyType(
            {
                "duplicate_lines": None,
                "duplicate_paragraphs": None,
                "duplicate_line_characters": 0.40,
                "duplicate_paragraph_characters": 0.40,
                "duplicate_5gram": 0.30,
                "duplicate_6gram": 0.28,
                "duplicate_7gram": 0.26,
                "duplicate_8gram": 0.24,
                "duplicate_9gram": 0.22,
                "duplicate_10gram": 0.20,
            }
        ),
        **_PROSE_OFF,
    }
)
_TABLE = MappingProxyType(
    {  # a row without spaces is one word
        "min_table_lines": 0.5,
        "gopher_quality": MappingProxyType({**_ANY_WORDS, "min_mean_word_length": None, "max_mean_word_length": None}),
        **_PROSE_OFF,
    }
)
_NOTHING_MORE: Groups = MappingProxyType(
    {"refinedweb": None, "content": None, "languages": MappingProxyType({}), "code": None, "table": None}
)

PROFILES: Mapping[Profile, Groups] = MappingProxyType(
    {
        "curator": MappingProxyType(
            {
                "gopher_quality": _CURATOR_QUALITY,
                "gopher_repetition": _CURATOR_REPETITION,
                "c4": _CURATOR_C4,
                "fineweb": _CURATOR_FINEWEB,
                "refinedweb": MappingProxyType({"max_removed_words": 0.2}),
                "content": _CURATOR_CONTENT,
                "languages": _LANGUAGES,
                "code": _CODE,
                "table": _TABLE,
            }
        ),
        # datatrove 0.10, examples/fineweb.py: every filter with its defaults, C4 with filter_no_terminal_punct=False.
        "datatrove": MappingProxyType(
            {
                "gopher_quality": _GOPHER_QUALITY,
                "gopher_repetition": _GOPHER_REPETITION,
                "c4": _C4,
                "fineweb": _FINEWEB,
                **_NOTHING_MORE,
            }
        ),
        # DCLM, baselines/baselines_configs/dclm_baseline_refinedweb.yaml (C4's and FineWeb's rules are no part of it).
        "dclm": MappingProxyType(
            {
                "gopher_quality": _GOPHER_QUALITY,
                "gopher_repetition": _GOPHER_REPETITION,
                "c4": None,
                "fineweb": None,
                **_NOTHING_MORE,
                "refinedweb": MappingProxyType({"max_removed_words": 0.05}),
            }
        ),
        # Dolma 1.5 to 1.7, configs/dolma-v1_5/mixing/cc-head.yaml: duplicate lines may hold 0.3 of the characters, and
        # there are no paragraphs. Its rules for the top n-grams name attributes that the tagger does not write ("..._2gram", the
        # tagger says "..._2grams"), so they never fired: off here. C4's rules about documents are those of
        # configs/c4-replication/mixer.yaml, which counts no sentences.
        "dolma": MappingProxyType(
            {
                "gopher_quality": _GOPHER_QUALITY,
                "gopher_repetition": MappingProxyType(
                    {
                        **_GOPHER_REPETITION,
                        "duplicate_paragraphs": None,
                        "duplicate_line_characters": 0.30,
                        "duplicate_paragraph_characters": None,
                        "top_2gram": None,
                        "top_3gram": None,
                        "top_4gram": None,
                    }
                ),
                "c4": MappingProxyType({**_C4, "min_sentences": None}),
                "fineweb": None,
                **_NOTHING_MORE,
            }
        ),
    }
)
"""Profile -> group -> limit -> value."""
