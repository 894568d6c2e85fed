"""Candidates for names in the scripts without spaces: sequences of Chinese characters, and whole runs of other scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from curator.text.function_words import FUNCTION_CHARACTERS, FUNCTION_WORDS

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
IN_LONGER = 0.5
"""A term that is this often part of one longer term is its fragment: "francisco" of "san francisco"."""
_HAN = r"\p{Han}"
_RUNS = (r"\p{Katakana}ー", r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}")
_SIZES = (2, 3, 4)
_LONGEST_RUN = 16
_FUNCTION_WORDS = frozenset(FUNCTION_WORDS)


def unspaced_terms(texts: pa.Array, *, least: int) -> Counter[str]:
    """Terms that at least so many texts have, and how many have each.

    Of Han the sequences of two to four characters, less what one longer sequence has of them; Hiragana is grammar. Of the
    other scripts whole runs between other characters: words in Katakana, short phrases in Thai.
    """
    by_size: list[Counter[str]] = [Counter() for _ in _SIZES]
    for runs in _runs_of(texts, _HAN):
        for counts, size in zip(by_size, _SIZES, strict=True):
            counts.update({run[at : at + size] for run in runs for at in range(len(run) - size + 1)})
    found = _without_fragments([_frequent(counts, least) for counts in by_size])
    for script in _RUNS:
        for runs in _runs_of(texts, script):
            found.update({run for run in runs if len(run) <= _LONGEST_RUN})
    return _frequent(found, least)


def _runs_of(texts: pa.Array, script: str) -> Iterator[list[str]]:
    """The runs of two characters and more of each text that has any."""
    having = texts.filter(pc.match_substring_regex(texts, f"[{script}]{{2}}"))
    for pieces in pc.split_pattern_regex(having, f"[^{script}]+").to_pylist():
        yield [piece for piece in pieces if len(piece) > 1]


def _frequent(counts: Counter[str], least: int) -> Counter[str]:
    return Counter({term: count for term, count in counts.items() if count >= least})


def _without_fragments(by_size: list[Counter[str]]) -> Counter[str]:
    """All sequences that are words, less the fragments of longer ones."""
    for shorter, longer in pairwise(by_size):
        within: Counter[str] = Counter()
        for term, count in longer.items():
            for part in (term[:-1], term[1:]):
                within[part] = max(within[part], count)
        for part, count in within.items():
            if count >= IN_LONGER * shorter[part]:
                shorter[part] -= count
    return Counter({term: count for counts in by_size for term, count in counts.items() if _is_word(term)})


def _is_word(term: str) -> bool:
    return term not in _FUNCTION_WORDS and FUNCTION_CHARACTERS.isdisjoint((term[0], term[-1]))
