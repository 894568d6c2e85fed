"""Bounds of the settings of decontamination."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from curator.config.decontamination import Decontamination


def test_a_short_ngram_may_be_as_long_as_a_long_one_but_not_longer() -> None:
    assert Decontamination(path="bench", ngram_words=8).item_ngram_words == 8
    with pytest.raises(ValidationError, match="item_ngram_words 8 is above ngram_words 7"):
        Decontamination(path="bench", ngram_words=7)
