"""Every statistic of the profile `curator` in plain Python, written for reading and not for speed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from math import log

from curator.text.characters import NO_SPACE_SCRIPTS, SEPARATORS, TIBETAN
from curator.text.stop_words import STOP_WORDS

ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
CJK_TERMINALS = "。！．？｡"  # noqa: RUF001
TERMINALS = (
    ".!?\u203c\u203d\u2047\u2048\u2049\ufe52\ufe56\ufe57"
    "\u0589\u061d\u061e\u061f\u06d4\u0700\u0701\u0702\u0964\u0965\u104a\u104b\u17d4\u17d5\u1362\u1367\u1368\u1803\u1809"
) + CJK_TERMINALS
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
CODE_PAIRS = set(
    "w( () )( )) w[ ]] ]; ); }; ;} }) )} ){ ({ ]} [{ {{ }} w{ ': \": ): '; \"; => -> == != <= >= += -= := :: && || </ /> <w "
    "=\" =' \"> '> w_ /* */ =~ ~{ {~ ++ [' [\"".split()
)
OPERATORS = "=<>{}()[];_/&|+*"

Words = list[str]


def statistics_of(text: str | None, language: str = "en") -> dict[str, float | None]:
    """All statistics of one document but the hashes and the compression ratio."""
    text = text or ""
    words, runs = words_of(text), text.split()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return {
        "characters": len(text),
        "bytes": len(text.encode()),
        "sentences": sentences(text),
        "curly_bracket": text.count("{") + text.count("}"),
        "lorem_ipsum": lower(text).count("lorem ipsum"),
        "longest_word": max(map(len, runs), default=0),
        "longest_line": max(map(len, lines), default=0),
        **of_words(text, words, language),
        **of_characters(text, runs),
        **of_lines(lines),
        **repetition(text, words, lines),
    }


def of_words(text: str, words: Words, language: str) -> dict[str, float | None]:
    clusters = sum(map(is_cluster, words))
    count = len(words) - clusters + (clusters + 1) // 2
    spaced = [len(word) for word in words if not is_cluster(word)]
    counts = Counter(words)
    return {
        "words": count,
        "mean_word_length": share(sum(spaced), len(spaced)) if spaced else None,
        "stop_words": stop_words(words, language) if language in STOP_WORDS else None,
        "unique_words": share(len(counts), len(words)),
        "word_entropy": -sum(times / len(words) * log(times / len(words)) for times in counts.values()),
        "alphabetic_words": share(sum(any(map(str.isalpha, word)) for word in words), len(words)),
        "upper_case_words": share(sum(has_only(word, str.isupper, str.islower) for word in words), len(words)),
        "numeric_words": share(sum(has_only(word, is_digit, str.isalpha) for word in words), len(words)),
        "symbols_per_word_hash": share(text.count("#"), count),
        "symbols_per_word_ellipsis": share(text.count("...") + text.count("\u2026"), count),
        "newlines_per_word": share(text.count("\n"), count),
    }


def of_characters(text: str, runs: Words) -> dict[str, float]:
    addresses = [run for run in runs if lower(run).startswith(("http://", "https://", "www."))]
    symbols = [
        character
        for character in text
        if not character.isalnum() and not character.isspace() and unicodedata.category(character)[0] != "M"
    ]
    counts = {
        "white_space": sum(map(str.isspace, text)),
        "digits": sum(map(is_digit, text)),
        "non_alphanumeric": len(symbols),
        "parentheses": sum(map(text.count, "()[]{}")),
        "url_characters": sum(map(len, addresses)),
    }
    upper_case = share(sum(map(str.isupper, text)), sum(map(str.isalpha, text)))
    return {name: share(count, len(text)) for name, count in counts.items()} | {"upper_case": upper_case}


def of_lines(lines: list[str]) -> dict[str, float]:
    counts = {
        "bullet_lines": sum(line.startswith(("\u2022", "-")) for line in lines),
        "ellipsis_lines": sum(line.endswith(("...", "\u2026")) for line in lines),
        "punctuated_lines": sum(line.endswith(tuple(TERMINALS)) for line in lines),
        "short_lines": sum(len(line) <= 30 for line in lines),
        "one_word_lines": sum(len(line.split()) == 1 and not is_cluster(line) for line in lines),
        "numeric_lines": sum(has_only(line, is_digit, str.isalpha) for line in lines),
        "upper_case_lines": sum(2 * sum(map(str.isupper, line)) > len(line) for line in lines),
        "code_lines": sum(map(looks_like_code, lines)),
        "table_lines": sum(looks_like_table(line) and not looks_like_code(line) for line in lines),
        "javascript_lines": sum("javascript" in lower(line) for line in lines),
        "policy_lines": sum(any(policy in lower(line) for policy in POLICIES) for line in lines),
    }
    return {name: share(count, len(lines)) for name, count in counts.items()}


def repetition(text: str, words: Words, lines: list[str]) -> dict[str, float]:
    paragraphs = [block.strip() for block in re.split(r"\n[^\S\n]*(?=\n)", text) if block.strip()]
    line_copies, line_characters = copies(lines)
    paragraph_copies, paragraph_characters = copies(paragraphs)
    result = {
        "duplicate_lines": share(line_copies, len(lines)),
        "duplicate_paragraphs": share(paragraph_copies, len(paragraphs)),
        "duplicate_line_characters": share(line_characters, len(text)),
        "duplicate_paragraph_characters": share(paragraph_characters, len(text)),
        "fineweb_duplicate_line_characters": share(line_characters, len(text) - text.count("\n")),
    }
    result |= {f"top_{size}gram": min(share(top_characters(words, size), len(text)), 1.0) for size in (2, 3, 4)}
    return result | {f"duplicate_{size}gram": share(copied_characters(words, size), len(text)) for size in range(5, 11)}


def copies(elements: Sequence[str]) -> tuple[int, int]:
    """How many elements are equal to an earlier one, and their characters."""
    seen: set[Hashable] = set()
    count = characters = 0
    for element in elements:
        if element in seen:
            count += 1
            characters += len(element)
        seen.add(element)
    return count, characters


def top_characters(words: Words, size: int) -> int:
    """A cluster of a script without spaces has no space before it."""
    counts = Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
    ngram, times = max(counts.items(), key=lambda item: item[1], default=((), 0))
    spaces = sum(not is_cluster(word) for word in ngram[1:])
    return (len("".join(ngram)) + spaces) * times if times > 1 else 0


def copied_characters(words: Words, size: int) -> int:
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


def words_of(text: str) -> Words:
    """What stands between white space; of scripts without spaces, each letter with its marks, or each Tibetan syllable."""
    return [word for run in text.split() for word in (cut(run) if any(map(kind_of, run)) else [run])]


def cut(run: str) -> Words:
    pieces = [""]
    before = ""
    for character in run:
        kind = kind_of(character)
        if not is_mark(character):
            alone = "cluster" in (before, kind) or "separator" in (before, kind)
            if pieces[-1] and (alone or before != kind):
                pieces.append("")
            before = kind
        pieces[-1] += character
    return [piece for piece in pieces if any(map(str.isalnum, piece))]


def kind_of(character: str) -> str:
    """What is special about a character: a cluster by itself, part of a syllable, between words; nothing: an empty string."""
    code = ord(character)
    if code in SEPARATORS:
        return "separator"
    if character.isalpha() and any(first <= code <= last for first, last in NO_SPACE_SCRIPTS):
        return "cluster"
    return "syllable" if character.isalpha() and TIBETAN[0] <= code <= TIBETAN[1] else ""


def is_cluster(word: str) -> bool:
    return any(kind_of(character) in ("cluster", "syllable") for character in word)


def is_mark(character: str) -> bool:
    joins = unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") and character != "\u200b"
    return joins or character in "\u30fc\uff70\uff9e\uff9f"


def stop_words(words: Words, language: str) -> int:
    """How many words of the list occur, in any case, within any ASCII punctuation; cases differ by one bit."""
    found = {fold(word.strip(ASCII_PUNCTUATION)) for word in words}
    spelled = ({fold(word), fold(word.title()), fold(word.upper())} for word in STOP_WORDS[language].split())
    return sum(bool(found & spellings) for spellings in spelled)


def fold(word: str) -> bytes:
    return bytes(byte | 0x20 for byte in word.encode())


def looks_like_code(line: str) -> bool:
    """Two pairs of characters or more that prose does not have, at least one in sixteen bytes."""
    start = line.encode()[:255].decode("latin-1")
    kinds = ["w" if is_word(character) else {" ": "~", "~": "?"}.get(character, character) for character in start]
    pairs = sum(first + second in CODE_PAIRS for first, second in pairwise(kinds))
    operators = sum(map(start.count, OPERATORS))
    return operators >= 2 and line[0] not in "=>|" and pairs >= 2 and pairs * 16 >= len(start)


def looks_like_table(line: str) -> bool:
    start = line.encode()[:255].decode("latin-1")
    digits = sum(character in "0123456789" for character in start)
    letters = sum(map(is_word, start)) - digits
    commas = start.count(",") + start.count(";")
    pipes, operators = start.count("|"), sum(map(start.count, OPERATORS))
    return start.count("\t") >= 2 or (pipes >= 2 and 3 * pipes >= operators) or (commas >= 2 and digits > letters)


def is_word(character: str) -> bool:
    return character.isalnum() if character.isascii() else True


def sentences(text: str) -> int:
    count = 0
    has_letter = False
    for character, following in zip(text, [*text[1:], " "], strict=False):
        has_letter = has_letter or character.isalpha()
        ends = character in CJK_TERMINALS or (character in TERMINALS and following.isspace())
        if has_letter and ends:
            count += 1
            has_letter = False
    return count


def has_only(text: str, wanted: object, unwanted: object) -> bool:
    return any(map(wanted, text)) and not any(map(unwanted, text))  # type: ignore[call-overload]


def is_digit(character: str) -> bool:
    """A digit or number of any script that is no letter."""
    return character.isalnum() and not character.isalpha()


def lower(text: str) -> str:
    """ASCII lower case only."""
    return "".join(character.lower() if character.isascii() else character for character in text)


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
