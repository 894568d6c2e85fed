"""Sentences of an answer made of words of the source that stand together at no place of it."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise

from curator.rephrase.reading import Reading

FEWEST_KNOWN = 4
"""Stems of the source that a piece of a sentence must have to be judged."""
PIECE = 10
"""Known stems that are judged together: what merges more of the source is judged part by part."""
NARROW, WIDE = 3, 6
"""Stems that the places of the source have at least which a piece is compared with, where sentences are short (lists)."""
LONG, OF_LONG = 12, 5
"""A source of more sentences is summed up: its places are tenths and fifths of it, and less of a piece must be in one."""
BOUND, LONG_BOUND, WIDELY_BOUND = 0.58, 0.5, 0.85
"""Shares of a piece's weight that the best narrow and the best wide place must have, one of them."""
MERGED, FEWEST_MERGED = 0.7, 3
"""Share that each of two parts of a piece must have, of so many stems or more, for it to be a merger of two statements."""
MOST_PLACES = 32
"""A stem in more sentences of the source binds nothing: time stays linear."""


def unbound(source: Reading, answer: Reading) -> tuple[str, float] | None:
    """The first sentence of the answer whose words come from everywhere, with the share of the best place; questions aside.

    A stem in few sentences of the source weighs more, as in tf-idf. Stems that the source does not have are left out.
    """
    count = len(source.sentences)
    narrow = _ends(source, max(1, count // (2 * OF_LONG)), NARROW)
    wide = _ends(source, max(2, count // OF_LONG), WIDE)
    for sentence in answer.sentences:
        known = [stem for stem in dict.fromkeys(sentence.stems) if 0 < len(source.places.get(stem, ())) <= MOST_PLACES]
        if sentence.asks or len(known) < FEWEST_KNOWN:
            continue
        for piece in _pieces(known):
            share = _best_share(piece, source, narrow)
            if (
                share < (LONG_BOUND if count > LONG else BOUND)
                and _best_share(piece, source, wide) < WIDELY_BOUND
                and not _merged(piece, source, narrow)
            ):
                return sentence.text, share
    return None


def _merged(stems: list[str], source: Reading, ends: list[int]) -> bool:
    """Whether it is two statements of the source, one behind the other."""
    return any(
        min(_best_share(part, source, ends) for part in (stems[:cut], stems[cut:])) >= MERGED
        for cut in range(FEWEST_MERGED, len(stems) - FEWEST_MERGED + 1)
    )


def _pieces(stems: list[str]) -> list[list[str]]:
    """Parts of nearly equal size, of at most `PIECE` stems."""
    count = -(-len(stems) // PIECE)
    cuts = [place * len(stems) // count for place in range(count + 1)]
    return [stems[start:end] for start, end in pairwise(cuts)]


def _ends(source: Reading, sentences: int, stems: int) -> list[int]:
    """For each sentence where the place that begins with it ends: after so many sentences, and so many stems."""
    before = [0]
    for sentence in source.sentences:
        before.append(before[-1] + len(sentence.stems))
    return [
        max(min(start + sentences, len(before) - 1), min(bisect_left(before, before[start] + stems), len(before) - 1))
        for start in range(len(before) - 1)
    ]


def _best_share(stems: list[str], source: Reading, ends: list[int]) -> float:
    total = math.log(len(source.sentences) + 1)
    weights = {stem: total - math.log(len(source.places[stem])) for stem in stems}
    starts = {place for stem in stems for place in source.places[stem]}
    best = max(
        sum(weight for stem, weight in weights.items() if _within(source.places[stem], start, ends[start]))
        for start in starts
    )
    return best / sum(weights.values())


def _within(places: list[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end
