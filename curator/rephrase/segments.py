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


def segments(text: str, most_characters: int, parts: int) -> list[str]:
    """The text in consecutive parts, none blank, each of at most `most_characters` beside blank ones at its ends.

    They are as many as `parts`, or fewer where some would be blank; `parts` times `most_characters` must hold the text. Joined,
    they are the text. A blank text has none.
    """
    assert parts * most_characters >= len(text), "the text fits"
    starts, place, blank = [0], 0, True
    for left in range(parts, 1, -1):
        if place >= len(text) - 1:
            break
        stop = _cut(text, place, most_characters, left)
        blank = blank and text[place:stop].isspace()
        place = stop
        if not blank:
            starts.append(place)
            blank = True
    if len(starts) > 1 and not text[starts[-1] :].strip():
        starts.pop()
    found = [text[start:stop] for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)]
    return found if text.strip() else []


def _cut(text: str, start: int, most: int, parts: int) -> int:
    """The end of the part from `start`: of the best borders around an equal share of what is left, the one nearest to it.

    Around is from half of that share to one and a half, so each part gets on and the work is linear; and no nearer than what
    leaves the other parts room for the rest.
    """
    left = len(text) - start
    share = left / parts
    first = max(start + max(1, int(share / 2)), len(text) - (parts - 1) * most)
    last = start + min(most, max(1, int(share * 1.5)))
    for border in BORDERS:
        ends = [found.end() for found in border.finditer(text, start, last) if found.end() >= first]
        if ends:
            return min(ends, key=lambda end: abs(end - start - share))
    return start + max(1, int(share))
