"""From a raw text to a clean one: mojibake, Unicode, boilerplate lines, personal data, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from curator.text.lines import clean_lines
from curator.text.mojibake import repair_mojibake
from curator.text.pii import treat_pii
from curator.text.unicode import clean_text


@dataclass(frozen=True, kw_only=True)
class CleanSettings:
    """What is repaired, which lines go (names of rules), and which personal data are counted or masked."""

    mojibake: bool
    lines: tuple[str, ...]
    personal_data: Mapping[str, Literal["count", "mask"]]

    @property
    def columns(self) -> dict[str, pa.DataType]:
        """What `cleaned` finds out about each text beside the text itself."""
        return {"removed_words": pa.float32(), **{f"pii_{kind}": pa.int32() for kind in self.personal_data}}


def cleaned(text: pa.Array, settings: CleanSettings) -> pa.Table:
    """Texts (string or large_string, null stays null) as `text` (large_string), with `settings.columns`: the share of words
    that went with boilerplate lines, and the number of personal data of each kind.

    Lines are judged after Unicode is clean, and personal data looked for in what is left.
    """
    text = repair_mojibake(text) if settings.mojibake else text
    text = clean_text(text)
    removed = pa.array(np.zeros(len(text), np.float32))
    if settings.lines:
        text, removed = clean_lines(text, settings.lines)
    counts = pa.table({})
    if settings.personal_data:
        text, counts = treat_pii(text, settings.personal_data)
    return pa.table({"text": text, "removed_words": removed, **{name: counts[name] for name in counts.column_names}})
