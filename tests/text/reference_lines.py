"""Lines and paragraphs on Python strings: the oracle of the kernels that hash and cut them."""

from __future__ import annotations

from collections.abc import Container

from curator.text.folding import LEFT_OUT, LETTER, OPENS, folding_table


def is_blank(line: str) -> bool:
    return all(character <= " " for character in line)


def units(text: str, *, paragraphs: bool) -> list[tuple[int, int]]:
    """First and last line (exclusive) of every line that is not blank, or of every run of them."""
    lines = text.split("\n")
    full = [place for place, line in enumerate(lines) if not is_blank(line)]
    found: list[tuple[int, int]] = []
    for place in full:
        if paragraphs and found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def byte_range(text: str, unit: tuple[int, int]) -> tuple[int, int]:
    """The bytes of a unit, with the newline behind it if there is one."""
    lines = text.split("\n")
    before = "".join(line + "\n" for line in lines[: unit[0]])
    through = "".join(line + "\n" for line in lines[: unit[1]])
    return len(before.encode()), min(len(through.encode()), len(text.encode()))


def folded(text: str) -> tuple[tuple[str, ...], int]:
    """The words of a unit as they are compared, and its letters."""
    words, letters = "", 0
    for character in text:
        value = int(folding_table()[ord(character)])
        if value == LEFT_OUT:
            continue
        words += chr(value & 0x1FFFFF) if value else " "
        letters += (value & LETTER != 0) + (value & OPENS != 0)
    return tuple(word for word in words.split(" ") if word), letters


def without(text: str, cut: Container[int]) -> str:
    """The text without these lines; with the blank lines around them, of which the first stays between others."""
    lines = text.split("\n")
    kept: list[str] = []
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and (end in cut or is_blank(lines[end])):
            end += 1
        region = range(place, end)
        if not any(line in cut for line in region):
            kept += lines[place : end + 1]
        else:
            if place > 0 and end < len(lines):
                kept += [lines[line] for line in region if line not in cut][:1]
            kept += lines[end : end + 1]
        place = end + 1
    return "\n".join(kept)
