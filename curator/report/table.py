"""Tables of text on the console."""

from __future__ import annotations

from collections.abc import Sequence


def text_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, a rule below the first row, its heading; every row has as many cells.

    The first column is flush left, the others are flush right, two blanks apart.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading, *lines = (_line(row, widths) for row in rows)
    return [heading, "-" * len(heading), *lines]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    return "  ".join([first.ljust(widths[0]), *map(str.rjust, others, widths[1:])])
