# ruff: noqa: RUF001
"""Long texts in parts: cut at paragraph borders where there are any, as evenly as those allow, in linear time."""

from __future__ import annotations

import re

BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？][”’」』）]*"),
    re.compile(r"\s+"),
)
"""Where a text may be cut, best first: after a blank line, a line, a sentence, a word."""


def segments(text: str, most_characters: int) -> list[str]:
    """The text in consecutive parts, none blank, each of at most `most_characters` beside blank ones at its ends.

    Joined, they are the text. A blank text has none.
    """
    assert most_characters > 0
    starts, place, blank = [0], 0, True
    while len(text) - place > most_characters:
        stop = _cut(text, place, most_characters)
        blank = blank and text[place:stop].isspace()
        place = stop
        if not blank:
            starts.append(place)
            blank = True
    if len(starts) > 1 and not text[starts[-1] :].strip():
        starts.pop()
    parts = [text[start:stop] for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)]
    return parts if text.strip() else []


def _cut(text: str, start: int, most: int) -> int:
    """The end of the part from `start`: of the best borders around an equal share of what is left, the one nearest to it.

    Around is from half of that share to one and a half, so each part gets on and the work is linear.
    """
    left = len(text) - start
    share = left / -(-left // most)
    first, last = start + max(1, int(share / 2)), start + min(most, int(share * 1.5))
    for border in BORDERS:
        ends = [found.end() for found in border.finditer(text, start, last) if found.end() >= first]
        if ends:
            return min(ends, key=lambda end: abs(end - start - share))
    return start + max(1, int(share))
