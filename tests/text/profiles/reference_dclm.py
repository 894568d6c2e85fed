"""What the filters of DCLM-baseline measure (Li 2024, baselines/mappers/filters/content_filters.py), in plain Python.

Three kinds of words. `words` counts what stands between ASCII white space (fastText's tokenizer) and begins with a letter or
digit: '"Hello' does not count. Word length, symbols, alphabetic and stop words are over `str.split`. N-grams are over the
words of Unicode's word boundaries (UAX 29, as `uniseg` finds them) that begin with a letter or digit; see `segments`.

Symbols are "#", "...", ". . ." and U+2026, all in one ratio that stands under `symbols_per_word_hash`;
`symbols_per_word_ellipsis` is 0. Stop words are compared in lower case, white space alone around them; every occurrence
counts. Alphabetic is `str.isalpha` of any character.

Lines are those of split("\\n"), paragraphs those of split("\\n\\n"), stripped, blank ones left out. Of equal ones *all*
copies count, the first too, over the characters of all lines (or paragraphs) without the white space around them. Bullets are
U+25CF U+2022 * -, ellipses "...", ". . ." and U+2026.

Top n-gram: among the most frequent the *longest*, times its occurrences, if it occurs twice or more, letters only. Duplicate
n-grams: the letters of the words that stand in any n-gram that occurs twice or more, every occurrence, no word counted
twice. Both are over the letters of these words.

A text of white space alone is dropped by most of DCLM's filters: its symbols and all its repetition are 1. DCLM-baseline has
none of C4's and FineWeb's rules: those statistics are missing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
BULLETS = ("\u25cf", "\u2022", "*", "-")
ELLIPSES = ("...", ". . .", "\u2026")
ASCII_SPACE = re.compile("[ \t\n\r\v\f\0]+")

LETTER, NUMBER, KATAKANA, CONNECTOR, EXTEND, MIDDLE_OF_LETTERS, MIDDLE_OF_NUMBERS, MIDDLE, OTHER, BREAK = range(10)
MIDDLES = {
    MIDDLE_OF_LETTERS: ":\xb7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a",
    MIDDLE_OF_NUMBERS: ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe50\ufe54\uff0c\uff1b",
    MIDDLE: ".'\u2018\u2019\u2024\ufe52\uff07\uff0e",
    BREAK: "\n\r\v\f\x85\u2028\u2029",
}
KATAKANA_RANGES = (
    (0x3031, 0x3035),
    (0x309B, 0x309C),
    (0x30A0, 0x30FA),
    (0x30FC, 0x30FF),
    (0x31F0, 0x31FF),
    (0xFF66, 0xFF9D),
)
ALONE = (  # letters that are not joined: Thai to Lao, Myanmar, Khmer, Tai scripts, Hiragana, Chinese characters
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0xA9E0, 0xA9FF)),
    *((0xAA60, 0xAADF), (0x11700, 0x1174F), (0x3006, 0x3007), (0x3021, 0x3029), (0x3038, 0x303A), (0x3041, 0x309F)),
    *((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x16FE4, 0x18CFF), (0x1B000, 0x1B2FF), (0x20000, 0x3FFFF)),
)


def statistics_of(text: str) -> dict[str, float]:
    """All statistics of one document under the names of `curator.text.statistics`."""
    words = text.split()
    segmented = [word for word in segments(text) if word[0].isalnum()]
    letters = sum(map(len, segmented))
    symbols = sum(map(text.count, ("#", *ELLIPSES)))
    result = {
        "words": sum(word[:1].isalnum() for word in ASCII_SPACE.split(text)),
        "mean_word_length": share(sum(map(len, words)), len(words)),
        "symbols_per_word_hash": share(symbols, len(words), empty=1.0),
        "symbols_per_word_ellipsis": 0,
        "alphabetic_words": share(sum(any(map(str.isalpha, word)) for word in words), len(words)),
        "stop_words": sum(word.lower() in STOP_WORDS for word in words),
    }
    result |= lines_of(text)
    tops = {f"top_{size}gram": top_characters(segmented, size) for size in (2, 3, 4)}
    copied = {f"duplicate_{size}gram": copied_characters(segmented, size) for size in range(5, 11)}
    return result | {name: share(part, letters, empty=0.0 if words else 1.0) for name, part in (tops | copied).items()}


def lines_of(text: str) -> dict[str, float]:
    lines = stripped(text.split("\n"))
    line_copies, line_characters = copies(lines)
    paragraph_copies, paragraph_characters = copies(stripped(text.split("\n\n")))
    return {
        "bullet_lines": share(sum(line.startswith(BULLETS) for line in lines), len(lines)),
        "ellipsis_lines": share(sum(line.endswith(ELLIPSES) for line in lines), len(lines)),
        "duplicate_lines": line_copies,
        "duplicate_line_characters": line_characters,
        "duplicate_paragraphs": paragraph_copies,
        "duplicate_paragraph_characters": paragraph_characters,
    }


def stripped(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def copies(parts: list[str]) -> tuple[float, float]:
    """The share of parts that occur twice or more, and of their characters."""
    repeated = [part for part, count in Counter(parts).items() for _ in range(count) if count > 1]
    characters = share(sum(map(len, repeated)), sum(map(len, parts)), empty=1.0)
    return share(len(repeated), len(parts), empty=1.0), characters


def top_characters(words: list[str], size: int) -> int:
    counts = Counter(ngrams(words, size))
    most = max(counts.values(), default=0)
    longest = max((sum(map(len, ngram)) for ngram, count in counts.items() if count == most), default=0)
    return most * longest if most > 1 else 0


def copied_characters(words: list[str], size: int) -> int:
    grams = ngrams(words, size)
    counts = Counter(grams)
    covered = {start + step for start, gram in enumerate(grams) if counts[gram] > 1 for step in range(size)}
    return sum(len(words[place]) for place in covered)


def ngrams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]


def segments(text: str) -> list[str]:
    """Cut everywhere but where UAX 29 forbids it.

    Hebrew quotes and emoji (its rules 3c, 7a to 7c, 15 and 16) are left out, and U+202F, a space for Python, joins nothing.
    """
    pieces: list[str] = []
    earlier = before = BREAK  # the classes of the last two characters, marks left out
    kinds = [kind_of(character) for character in text]
    for place, (character, kind) in enumerate(zip(text, kinds, strict=True)):
        attached = kind == EXTEND and place > 0 and kinds[place - 1] != BREAK
        if attached or joined(earlier, before, kind, following(kinds, place)):
            pieces[-1] += character
        else:
            pieces.append(character)
        if not attached:
            earlier, before = before, kind
    return pieces


def joined(earlier: int, before: int, kind: int, after: int) -> bool:
    """Rules 5 to 13b."""
    if before in (LETTER, NUMBER) and kind in (LETTER, NUMBER):
        return True
    between_letters = (MIDDLE_OF_LETTERS, MIDDLE)
    if before == LETTER and kind in between_letters and after == LETTER:
        return True
    if earlier == LETTER and before in between_letters and kind == LETTER:
        return True
    between_numbers = (MIDDLE_OF_NUMBERS, MIDDLE)
    if before == NUMBER and kind in between_numbers and after == NUMBER:
        return True
    if earlier == NUMBER and before in between_numbers and kind == NUMBER:
        return True
    if before == kind == KATAKANA:
        return True
    connected = (LETTER, NUMBER, KATAKANA, CONNECTOR)
    return CONNECTOR in (before, kind) and before in connected and kind in connected


def following(kinds: list[int], place: int) -> int:
    """The class of the next character that is no mark."""
    place += 1
    while place < len(kinds) and kinds[place] == EXTEND:
        place += 1
    return kinds[place] if place < len(kinds) else BREAK


@cache
def kind_of(character: str) -> int:
    """The class of a character, derived from its general category and a few ranges."""
    code, category = ord(character), unicodedata.category(character)
    for kind, characters in MIDDLES.items():
        if character in characters:
            return kind
    if any(first <= code <= last for first, last in KATAKANA_RANGES):
        return KATAKANA
    if character in "\u055a\u055b\u055c\u055e":  # Armenian emphasis and question marks stand inside words
        return LETTER
    if category[0] == "M" or (category == "Cf" and code != 0x200B) or code in (0xFF9E, 0xFF9F):
        return EXTEND
    if any(first <= code <= last for first, last in ALONE) and category != "Nd":
        return OTHER
    if category == "Nd":
        return NUMBER
    if category == "Pc":
        return CONNECTOR
    return LETTER if category[0] == "L" or category == "Nl" else OTHER


def share(part: float, whole: float, empty: float = 0.0) -> float:
    return part / whole if whole else empty
