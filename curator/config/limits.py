"""The groups of limits, with the defaults of the papers as datatrove 0.10 has them. A limit itself passes; null is none."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_serializer, model_validator

from curator.config.base import Model, Share

Positive = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=0)]


class GopherQuality(Model):
    """Rae 2021 (Gopher), table A1: is it prose? Shares are of words or of lines."""

    min_words: Count | None = 50
    max_words: Count | None = 100_000
    min_mean_word_length: Positive | None = 3.0
    max_mean_word_length: Positive | None = 10.0
    max_symbols_per_word: Positive | None = 0.1
    max_bullet_lines: Share | None = 0.9
    max_ellipsis_lines: Share | None = 0.3
    min_alphabetic_words: Share | None = 0.8
    min_stop_words: Count | None = 2

    @model_validator(mode="after")
    def _ranges_are_not_empty(self) -> GopherQuality:
        _check_range("words", self.min_words, self.max_words)
        _check_range("mean_word_length", self.min_mean_word_length, self.max_mean_word_length)
        return self


class GopherRepetition(Model):
    """Rae 2021 (Gopher), table A1: does it repeat itself? Every number is the largest share that passes.

    Lines and paragraphs that occur before, as shares of all and as shares of the characters; characters of the most frequent
    n-gram; characters in n-grams that occur before.
    """

    duplicate_lines: Share | None = 0.30
    duplicate_paragraphs: Share | None = 0.30
    duplicate_line_characters: Share | None = 0.20
    duplicate_paragraph_characters: Share | None = 0.20
    top_2gram: Share | None = 0.20
    top_3gram: Share | None = 0.18
    top_4gram: Share | None = 0.16
    duplicate_5gram: Share | None = 0.15
    duplicate_6gram: Share | None = 0.14
    duplicate_7gram: Share | None = 0.13
    duplicate_8gram: Share | None = 0.12
    duplicate_9gram: Share | None = 0.11
    duplicate_10gram: Share | None = 0.10


class C4(Model):
    """Raffel 2020 (C4), the rules about whole documents: placeholder text, code, too few sentences."""

    drop_lorem_ipsum: bool = True
    drop_curly_bracket: bool = True
    min_sentences: Count | None = 5


class FineWeb(Model):
    """Penedo 2024 (FineWeb): shares of the lines, or of the characters, and newlines per word."""

    min_punctuated_lines: Share | None = 0.12
    max_duplicate_line_characters: Share | None = 0.01
    max_short_lines: Share | None = 0.67
    max_newlines_per_word: Positive | None = 0.3


class RefinedWeb(Model):
    """Penedo 2023 (RefinedWeb), G.2: a page that lost more than this share of its words with its boilerplate lines."""

    max_removed_words: Share | None = 0.05


class Content(Model):
    """What a document is made of: shares of its characters, words or lines, lengths in characters, and repetition as a
    compressor sees it (compressed over raw bytes). Names after min_ and max_ are columns of the statistics."""

    max_white_space: Share | None = None
    max_digits: Share | None = None
    max_non_alphanumeric: Share | None = None
    max_parentheses: Share | None = None
    max_url_characters: Share | None = None
    max_upper_case: Share | None = None
    max_upper_case_words: Share | None = None
    max_numeric_words: Share | None = None
    max_one_word_lines: Share | None = None
    max_numeric_lines: Share | None = None
    max_upper_case_lines: Share | None = None
    max_javascript_lines: Share | None = None
    max_policy_lines: Share | None = None
    max_code_lines: Share | None = None
    max_table_lines: Share | None = None
    max_longest_word: Count | None = None
    max_longest_line: Count | None = None
    min_unique_words: Share | None = None
    min_word_entropy: Positive | None = None
    min_compression_ratio: Positive | None = None
    max_compression_ratio: Positive | None = None


class Overrides(Model):
    """Single limits that differ from those of the groups; `null` switches a group off."""

    gopher_quality: GopherQuality | None = None
    gopher_repetition: GopherRepetition | None = None
    c4: C4 | None = None
    fineweb: FineWeb | None = None
    refinedweb: RefinedWeb | None = None
    content: Content | None = None

    @model_serializer
    def _only_what_is_set(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        return {
            name: value.model_dump(exclude_unset=True) if isinstance(value, Model) else value
            for name, value in values.items()
        }

    def on(self, name: str, group: Model) -> Model | None:
        """The group `name` with the limits that are set here in place of its own."""
        if name not in self.model_fields_set:
            return group
        change: Model | None = getattr(self, name)
        if change is None:
            return None
        return group.model_copy(update={field: getattr(change, field) for field in change.model_fields_set})


def _check_range(name: str, least: float | None, most: float | None) -> None:
    if least is not None and most is not None and least > most:
        raise ValueError(f"min_{name} {least} is above max_{name} {most}")
