"""Words by their stems: endings are cut off, and what is longer than six letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from curator.rephrase.reading_words import ENDINGS, IRREGULAR, NOT_CONTENT, NOT_UN

WORD = re.compile(
    r"[^\s\d_\x00-\x40\x5b-\x60\x7b-\xbf\u0964\u0965\u060c\u061b\u061f\u06d4\u2000-\u206f\u3000-\u3004\u3008-\u3020\uff00-\uff20]+"
)
"""Letters and marks: `\\w` would cut the words of Indian scripts at their vowels."""
FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_UNSPACED = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17d3\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LONGEST = 6
"""Letters of a stem: endings that are not listed fall off with the rest."""


def digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def denies_by_prefix(word: str) -> bool:
    return word[0] == "u" and len(word) > 5 and word.startswith("un") and not word.startswith(NOT_UN)


@lru_cache(maxsize=200_000)
def content(word: str, language: str | None = None, everything: bool = False) -> tuple[str, ...]:
    """The stem of a word in lower case, none of a function word unless `everything`. Of scripts without spaces: all pairs or fours
    of characters.
    """
    if _UNSPACED.match(word):
        size = 2 if word[0] > "\u3000" else 4
        return tuple(word[place : place + size] for place in range(max(1, len(word) - size + 1)))
    return () if not everything and (word in NOT_CONTENT or len(word) < 3) else (_stem(word, language),)


@lru_cache(maxsize=200_000)
def _stem(word: str, language: str | None) -> str:
    word = word[2:] if denies_by_prefix(word) else IRREGULAR.get(language or "en", {}).get(word, word)
    if not word.isascii():
        word = "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one)) or word
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us")):
        word = word[:-1]
    for ending in ENDINGS.get(language or "en", ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3 + (len(ending) == 1):
            word = word[: -len(ending)]
            break
    if language == "de" and len(word) > 4 and word[-1] == "t":
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:_LONGEST].rstrip("eiy") or word
