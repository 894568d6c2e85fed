"""Every statistic of `curator.text.statistics` in plain Python, written for reading and not for speed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
CJK_TERMINALS = "。！．？｡"  # noqa: RUF001
TERMINALS = (
    ".!?\u203c\u203d\u2047\u2048\u2049\ufe52\ufe56\ufe57"
    "\u0589\u061d\u061e\u061f\u06d4\u0700\u0701\u0702\u0964\u0965\u104a\u104b\u17d4\u17d5\u1362\u1367\u1368\u1803\u1809"
) + CJK_TERMINALS
NOT_LETTERS = (
    (0x80, 0xBF),
    (0x2000, 0x206F),
    (0x2190, 0x2BFF),
    (0x3000, 0x303F),
    (0xFE00, 0xFE6F),
    (0xFF01, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0x1F000, 0x1FAFF),
)


def statistics_of(text: str | None) -> dict[str, float]:
    """All statistics of one document but the hashes."""
    text = text or ""
    words = text.split()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    per_word = {
        "mean_word_length": sum(map(len, words)),
        "symbols_per_word_hash": text.count("#"),
        "symbols_per_word_ellipsis": text.count("...") + text.count("\u2026"),
        "newlines_per_word": text.count("\n"),
        "alphabetic_words": sum(any(map(is_letter, word)) for word in words),
    }
    per_line = {
        "bullet_lines": sum(line.startswith(("\u2022", "-")) for line in lines),
        "ellipsis_lines": sum(line.endswith(("...", "\u2026")) for line in lines),
        "punctuated_lines": sum(line.endswith(tuple(TERMINALS)) for line in lines),
        "short_lines": sum(len(line) <= 30 for line in lines),
    }
    return {
        "words": len(words),
        "characters": len(text),
        "bytes": len(text.encode()),
        "stop_words": len({lower(word.strip(ASCII_PUNCTUATION)) for word in words} & STOP_WORDS),
        "sentences": sentences(text),
        "curly_bracket": text.count("{") + text.count("}"),
        "lorem_ipsum": len(re.findall(r"lorem\s+ipsum", lower(text))),
        **{name: share(count, len(words)) for name, count in per_word.items()},
        **{name: share(count, len(lines)) for name, count in per_line.items()},
        **repetition(text, words),
    }


def repetition(text: str, words: list[str]) -> dict[str, float]:
    lines, paragraphs = spans(text)
    duplicate_lines, line_characters = duplicates(lines)
    duplicate_paragraphs, paragraph_characters = duplicates(paragraphs)
    result = {
        "duplicate_lines": share(duplicate_lines, len(lines)),
        "duplicate_paragraphs": share(duplicate_paragraphs, len(paragraphs)),
        "duplicate_line_characters": share(line_characters, len(text)),
        "duplicate_paragraph_characters": share(paragraph_characters, len(text)),
    }
    result |= {f"top_{size}gram": min(share(top_characters(words, size), len(text)), 1.0) for size in (2, 3, 4)}
    return result | {
        f"duplicate_{size}gram": share(duplicate_characters(words, size), len(text)) for size in range(5, 11)
    }


def spans(text: str) -> tuple[list[tuple[Hashable, int]], list[tuple[Hashable, int]]]:
    """What makes two lines and two paragraphs equal (the words of their lines), and their characters."""
    lines = [(tuple(line.split()), len(line.strip())) for line in text.split("\n") if line.strip()]
    paragraphs: list[tuple[Hashable, int]] = []
    for block in re.split(r"\n[^\S\n]*(?=\n)", text):
        if block.strip():
            paragraphs.append((tuple(tuple(line.split()) for line in block.strip().split("\n")), len(block.strip())))
    return lines, paragraphs


def duplicates(items: Sequence[tuple[Hashable, int]]) -> tuple[int, int]:
    seen: set[Hashable] = set()
    count = characters = 0
    for item, length in items:
        if item in seen:
            count += 1
            characters += length
        seen.add(item)
    return count, characters


def top_characters(words: list[str], size: int) -> int:
    counts = Counter(" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
    ngram, times = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return len(ngram) * times if times > 1 else 0


def duplicate_characters(words: list[str], size: int) -> int:
    seen: set[tuple[str, ...]] = set()
    characters = start = 0
    while start + size <= len(words):
        ngram = tuple(words[start : start + size])
        if ngram in seen:
            characters += len("".join(ngram))
            start += size
        else:
            seen.add(ngram)
            start += 1
    return characters


def sentences(text: str) -> int:
    count = 0
    has_letter = False
    for character, following in zip(text, [*text[1:], " "], strict=False):
        has_letter = has_letter or is_letter(character)
        ends = character in CJK_TERMINALS or (character in TERMINALS and following.isspace())
        if has_letter and ends:
            count += 1
            has_letter = False
    return count


def is_letter(character: str) -> bool:
    if character.isascii():
        return character.isalpha()
    if character.isspace() or character in TERMINALS:
        return False
    return not any(first <= ord(character) <= last for first, last in NOT_LETTERS)


def lower(text: str) -> str:
    """ASCII lower case only."""
    return "".join(character.lower() if character.isascii() else character for character in text)


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
