"""What Dolma's taggers `gopher_v2` and `c4_v2` measure (Soldaini 2024; dolma 1.2), in plain Python, written for reading.

Words are those of `str.split`. Every denominator of characters is the letters of the words, without white space. The length
of a word is a *median* (the mean of the two in the middle), and stands under `mean_word_length`. A word with a "#" or a U+2026
counts once, as one ratio: it stands under `symbols_per_word_hash`, and `symbols_per_word_ellipsis` is 0. Three full stops are
no ellipsis. Stop words are whole words in lower case; every occurrence counts. Alphabetic is `str.isalpha` of any character.

Lines are cut at runs of newlines and never stripped: a newline at either end of the text makes an empty line, and bullets ("*"
and "-") and the ellipsis stand at the very start and end. Of equal lines *all* copies count, the first too. There are no
paragraphs. (`gopher_v1`, which made Dolma 1.5 to 1.7, counts empty lines as lines, so half the lines of a text with empty lines
between paragraphs are copies; it only ever read text without them. On Dolma's own tests the two agree.)

Top n-gram: all occurrences of the most frequent one, the earliest of several, even if it occurs once, without spaces.
Duplicate n-grams: letters of all n-grams that occur twice or more, every occurrence, overlaps and all, over the letters of
all n-grams (not of the text).

C4: `lorem_ipsum` (any case, one space) and `curly_bracket` ("{" only) are 0 or 1. The tagger counts no sentences, and
FineWeb's rules are not Dolma's: those statistics are missing here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


def statistics_of(text: str) -> dict[str, float]:
    """All statistics of one document under the names of `curator.text.statistics`."""
    words = text.split()
    letters = sum(map(len, words))
    symbols = sum("#" in word or "\u2026" in word for word in words)
    lower = text.lower()
    result = {
        "words": len(words),
        "mean_word_length": median(map(len, words)) if words else 0,
        "symbols_per_word_hash": share(symbols, len(words)),
        "symbols_per_word_ellipsis": 0,
        "alphabetic_words": share(sum(any(map(str.isalpha, word)) for word in words), len(words)),
        "stop_words": sum(word in STOP_WORDS for word in words),
        "curly_bracket": int("{" in text),
        "lorem_ipsum": int("lorem ipsum" in lower),
    }
    result |= lines_of(text, letters)
    result |= {f"top_{size}gram": share(top_characters(words, size), letters) for size in (2, 3, 4)}
    return result | {f"duplicate_{size}gram": copied_characters(words, size) for size in range(5, 11)}


def lines_of(text: str, letters: int) -> dict[str, float]:
    lines = re.split(r"\n+", text) if text else []
    copies = {line: count for line, count in Counter(lines).items() if count > 1}
    return {
        "bullet_lines": share(sum(line.startswith(("*", "-")) for line in lines), len(lines)),
        "ellipsis_lines": share(sum(line.endswith("\u2026") for line in lines), len(lines)),
        "duplicate_lines": share(sum(copies.values()), len(lines)),
        "duplicate_line_characters": share(sum(len(line) * count for line, count in copies.items()), letters),
    }


def top_characters(words: list[str], size: int) -> int:
    counts = Counter(ngrams(words, size))
    ngram, times = max(counts.items(), key=lambda item: item[1], default=((), 0))
    return times * sum(map(len, ngram))


def copied_characters(words: list[str], size: int) -> float:
    counts = Counter(ngrams(words, size))
    letters = {ngram: count * sum(map(len, ngram)) for ngram, count in counts.items()}
    return share(sum(letters[ngram] for ngram, count in counts.items() if count > 1), sum(letters.values()))


def ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
