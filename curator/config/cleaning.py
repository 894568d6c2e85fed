"""How a raw record becomes clean text: extraction, clean-up, personal data, language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from curator.config.base import Model, Share

LineRule = Literal[
    "counter",
    "call_to_action",
    "javascript",
    "policy",
    "upper_case",
    "numeric",
    "one_word",
    "dclm_counter",
    "dclm_call_to_action",
    "citations",
    "c4_javascript",
    "c4_policy",
    "no_terminal_punctuation",
    "few_words",
    "long_word",
]
"""Rules of `curator.text.lines.clean_lines`, which says what each does and whose it is."""


class Extraction(Model):
    """The main text of HTML pages, in a process of its own. A page may take so much processor time and memory."""

    extractor: Literal["resiliparse", "trafilatura"] = "resiliparse"
    page_seconds: Annotated[float, Field(gt=0.0)] = 20.0
    page_memory_bytes: Annotated[int, Field(ge=200_000_000)] = 2_000_000_000


class CleanUp(Model):
    """Repairs of the text. `lines` names the rules whose lines are removed; left out: those of `filters.profile`."""

    mojibake: bool = True
    lines: tuple[LineRule, ...] | None = None


Action = Literal["ignore", "count", "mask", "drop"]


class PersonalData(Model):
    """What becomes of personal data: masked in the text, only counted, or the document dropped."""

    email: Action = "mask"
    ip: Action = "mask"
    phone: Action = "count"
    card: Action = "mask"
    iban: Action = "mask"
    key: Action = "mask"


class Language(Model):
    """Languages to keep, by the codes of lid.176; FineWeb keeps English at 0.65.

    `min_probabilities` are limits for single languages. `min_paragraph_share` is the share of a document's characters in
    paragraphs that, each judged alone, are in its language; it costs time only where it is set.
    """

    keep: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    min_probability: Share = 0.65
    min_probabilities: Mapping[str, Share] = {}
    min_paragraph_share: Share | None = None
