"""Rows of cells become lines whose columns stand below one another."""

from __future__ import annotations

import pytest

from curator.report.table import text_table


def test_the_first_column_is_flush_left_and_the_others_are_flush_right() -> None:
    assert text_table([["step", "in", "seconds"], ["a", "1,000", "2.5"], ["longer", "7", ""]]) == [
        "step       in  seconds",
        "----------------------",
        "a       1,000      2.5",
        "longer      7         ",
    ]


def test_a_heading_alone_has_its_rule() -> None:
    assert text_table([("name",)]) == ["name", "----"]


def test_rows_of_different_lengths_are_no_table() -> None:
    with pytest.raises(ValueError, match="zip"):
        text_table([["a", "b"], ["c"]])
