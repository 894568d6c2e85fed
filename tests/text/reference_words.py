"""Folded words in plain Python: what `curator.text.folded_words` must read."""

from __future__ import annotations

import unicodedata

APOSTROPHES = "'\u2018\u2019\u02bc\uff07"
CHARACTERS = "\u2e80\u2fdf \u3005\u3007 \u3021\u3029 \u3041\u312f \u31a0\u31ff \u3400\u9fff \uf900\ufaff \uff66\uff9f"
HIGH_CHARACTERS = "\U00020000\U000323af"
CHUNKS = "\u0e01\u0eff \u1000\u109f \u1780\u17d3 \u1950\u19df \u1a20\u1aaf \u1b00\u1b7f \ua980\ua9df \uaa60\uaadf"


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    found, script = [""], ""
    for character in text:
        if is_left_out(character):
            continue
        now = script_of(character)
        if now != script or now == "character" or (now == "chunk" and opens(character)):
            found.append("")
        script = now
        if now:
            found[-1] += fold(character)
    return [word for word in found if word]


def letters(word: str) -> int:
    """What `hash_words` counts."""
    return sum(
        unicodedata.category(character).startswith("L")
        + (script_of(character) == "character" or (script_of(character) == "chunk" and opens(character)))
        for character in word
    )


def is_left_out(character: str) -> bool:
    if character in APOSTROPHES or unicodedata.category(character) in ("Cf", "Cs"):
        return True
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def script_of(character: str) -> str:
    """Empty for what stands between words."""
    category = unicodedata.category(character)
    if category[0] in "PSZ" or category == "Cc":
        return ""
    if within(character, CHARACTERS) or within(character, HIGH_CHARACTERS):
        return "character"
    return "chunk" if within(character, CHUNKS) else "spaced"


def within(character: str, ranges: str) -> bool:
    return any(first <= character <= last for first, last in ranges.split())


def opens(character: str) -> bool:
    """Every fourth letter of the scripts that are cut into chunks."""
    return unicodedata.category(character)[0] == "L" and ord(character) * 0x9E3779B1 % 2**32 < 2**30


def fold(character: str) -> str:
    return next((form for form in (character.casefold(), character.lower()) if len(form) == 1), character)
