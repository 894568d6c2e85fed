"""Thresholds of the heuristic filters, with the defaults of the papers as datatrove 0.10 has them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from curator.config.base import Model

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=0)]


class GopherQuality(Model):
    """Rae 2021 (Gopher), table A1: is it prose? Limits themselves pass. Shares are of words or of lines."""

    min_words: Count = 50
    max_words: Count = 100_000
    min_mean_word_length: Positive = 3.0
    max_mean_word_length: Positive = 10.0
    max_symbols_per_word: Positive = 0.1
    max_bullet_lines: Share = 0.9
    max_ellipsis_lines: Share = 0.3
    min_alphabetic_words: Share = 0.8
    min_stop_words: Annotated[int, Field(ge=0, le=8)] = 2

    @model_validator(mode="after")
    def _ranges_are_not_empty(self) -> GopherQuality:
        if self.min_words > self.max_words:
            raise ValueError(f"min_words {self.min_words} is above max_words {self.max_words}")
        if self.min_mean_word_length > self.max_mean_word_length:
            raise ValueError(
                f"min_mean_word_length {self.min_mean_word_length} is above max_mean_word_length {self.max_mean_word_length}"
            )
        return self


class GopherRepetition(Model):
    """Rae 2021 (Gopher), table A1: does it repeat itself? Every number is the largest share that passes.

    Lines and paragraphs that occur before, as shares of all and as shares of the characters; characters of the most frequent
    n-gram; characters in n-grams that occur before.
    """

    duplicate_lines: Share = 0.30
    duplicate_paragraphs: Share = 0.30
    duplicate_line_characters: Share = 0.20
    duplicate_paragraph_characters: Share = 0.20
    top_2gram: Share = 0.20
    top_3gram: Share = 0.18
    top_4gram: Share = 0.16
    duplicate_5gram: Share = 0.15
    duplicate_6gram: Share = 0.14
    duplicate_7gram: Share = 0.13
    duplicate_8gram: Share = 0.12
    duplicate_9gram: Share = 0.11
    duplicate_10gram: Share = 0.10


class C4(Model):
    """Raffel 2020 (C4), the rules about whole documents: placeholder text, code, too few sentences. No line is removed."""

    drop_lorem_ipsum: bool = True
    drop_curly_bracket: bool = True
    min_sentences: Count = 5


class FineWeb(Model):
    """Penedo 2024 (FineWeb): shares of the lines, or of the characters, and newlines per word."""

    min_punctuated_lines: Share = 0.12
    max_duplicate_line_characters: Share = 0.01
    max_short_lines: Share = 0.67
    max_newlines_per_word: Positive = 0.3


class Filters(Model):
    """The groups of rules, judged in this order. `null` switches a group off."""

    gopher_quality: GopherQuality | None = GopherQuality()
    gopher_repetition: GopherRepetition | None = GopherRepetition()
    c4: C4 | None = C4()
    fineweb: FineWeb | None = FineWeb()
