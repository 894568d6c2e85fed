"""What datatrove 0.10 measures with the settings of the FineWeb pipeline, in plain Python, written for reading.

Words: its tokenizer is a blank English spaCy, of which `words` keeps the rules for punctuation and drops the lists: at the
ends of a run without white space, punctuation is cut off one piece after the other; inside it, at hyphens between letters and
the like. Not kept: emoticons, abbreviations ("Jan." is two words here), contractions without an apostrophe ("dont"). Of the
words of 300 documents of 46 sources 99.6 % are the same.

Gopher quality: `words` and `mean_word_length` leave out words of nothing but punctuation, every other share counts them. A
stop word must be a whole word in lower case, and counts once. Lines are those of `str.splitlines`, empty ones included;
white space around a line is ignored.

Gopher repetition: a copy is an element that is equal, to the character, to an earlier one; the first is not counted. Lines
are cut at runs of newlines and not stripped: a newline at either end of the text makes an empty line, and a line of blanks
is a line. A text of no characters is dropped: its duplicate lines are 1. Paragraphs are cut at two or more newlines, after
stripping the text (not the paragraphs). The denominator of characters is the whole text. Top n-gram: all its occurrences with
a space between its words, the earliest of several, even if it occurs once. Duplicate n-grams: scanned from left to right, an
n-gram seen before adds its letters without spaces and the scan goes on behind it (datatrove compares them as one string;
words are compared here).

C4: looks at stripped lines (`str.splitlines`) of at least 3 words and without any of more than 1000 characters, citations
such as [1] or [edit] taken out; words are those of `str.split`. Lines that mention javascript or a policy do not count for
the sentences. "lorem ipsum" must have one space, in any case; a "{" in a line that mentions javascript does not count. Lines
need no final punctuation. The document that FineWeb's rules see is *not* cleaned of these lines here.

FineWeb: lines are those of split("\\n") that are not blank, not stripped: white space at the end hides the punctuation.
Characters of copies are divided by the text without newlines: `fineweb_duplicate_line_characters`. Newlines are per word,
punctuation included.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")


def code_points(ranges: str) -> frozenset[str]:
    """The characters of ranges such as "21 2E-2F"."""
    parts = [(part.split("-")[0], part.split("-")[-1]) for part in ranges.split()]
    return frozenset(chr(code) for first, last in parts for code in range(int(first, 16), int(last, 16) + 1))


SENTENCE_ENDS = code_points(
    "21 2E 3F 589 61F 6D4 700-702 7F9 964-965 104A-104B 1362 1367-1368 166E 1735-1736 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B "
    "1B5E-1B5F 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049 2E2E 2E3C 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F "
    "A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 11047-11048 110BE-110C1 11141-11143 "
    "111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 115C9-115D7 11641-11642 1173C-1173E "
    "11A42-11A43 11A9B-11A9C 11C41-11C42 16A6E-16A6F 16AF5 16B37-16B38 16B44 1BC9F 1DA88"
)
LINE_ENDS = SENTENCE_ENDS | code_points(
    "61D-61E 837 839 83D-83E 17D4-17D6 17D9-17DA 1B7D-1B7E 2E53-2E54 10F55-10F59 10F86-10F89 11944 11946 11EF7-11EF8 11F43-11F44 "
    "16E98"
)
SYMBOLS = LINE_ENDS | code_points(
    "0-8 B-1F 22-2D 2F 3A-3E 40 5B-60 7B-9F AB B4 BB 2013-2014 2019 201C-201E 2026 2236 2501 25BA 3001 3008-300D 3010-3011 FF05 "
    "FF08-FF09 FF0C FF11 FF1A-FF1B FF5E"
)

QUOTES = frozenset(
    "'\"\u201d\u201c`\u2018\xb4\u2019\u201a,\u201e\xbb\xab\u300c\u300d\u300e\u300f\uff08\uff09\u3014\u3015\u3010\u3011\u300a\u300b\u3008\u3009\u2329\u232a\u27e6\u27e7"
)
PUNCTUATION = frozenset(
    "\u2026,:;!?\xbf\u061f\xa1()[]{}<>_#*&\u3002\uff1f\uff01\uff0c\u3001\uff1b\uff1a\uff5e\xb7\u0964\u060c\u06d4\u061b\u066a"
)
BOUNDARIES = QUOTES | PUNCTUATION | frozenset("\u2014\u2013")
SPLIT_STOP = QUOTES | PUNCTUATION | frozenset("%\xb2-+|")
HYPHENS = ("---", "--", "\u2014\u2014", "-", "\u2013", "\u2014", "~")
ENDINGS = tuple(
    "'s 'S 'll 've 're 'd 'm n't \u2019s \u2019S \u2019ll \u2019ve \u2019re \u2019d \u2019m n\u2019t".split()
)
UNITS = frozenset(
    "km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa mbar mb MB "
    "kb KB gb GB tb TB T G M K %".split()
)
ADDRESS = re.compile(
    r"([\w+.-]{2,}://)?(\S+@)?([A-Za-z0-9\u00a1-\uffff][\w\u00a1-\uffff-]*\.)+[a-z]{2,63}(:\d{2,5})?([/?#]\S*)?",
    re.ASCII,
)


def statistics_of(text: str) -> dict[str, float]:
    """All statistics of one document under the names of `curator.text.statistics`."""
    tokens = words(text)
    statistics = {**quality(text, tokens), **repetition(text, tokens), **c4(text), **fineweb(text)}
    return statistics | {"newlines_per_word": share(text.count("\n"), len(tokens))}


def quality(text: str, tokens: list[str]) -> dict[str, float]:
    spelled = [token for token in tokens if not SYMBOLS.issuperset(token)]
    lines = [line.strip() for line in text.splitlines()]
    return {
        "words": len(spelled),
        "mean_word_length": share(sum(map(len, spelled)), len(spelled)),
        "symbols_per_word_hash": share(text.count("#"), len(tokens)),
        "symbols_per_word_ellipsis": share(text.count("...") + text.count("\u2026"), len(tokens)),
        "bullet_lines": share(sum(line.startswith(("\u2022", "-")) for line in lines), len(lines)),
        "ellipsis_lines": share(sum(line.endswith(("...", "\u2026")) for line in lines), len(lines)),
        "alphabetic_words": share(sum(any(map(str.isalpha, token)) for token in tokens), len(tokens)),
        "stop_words": len(STOP_WORDS.intersection(tokens)),
    }


def repetition(text: str, tokens: list[str]) -> dict[str, float]:
    lines = re.split(r"\n+", text)
    paragraphs = re.split(r"\n{2,}", text.strip())
    line_copies, line_characters = copies(lines)
    paragraph_copies, paragraph_characters = copies(paragraphs)
    result = {
        "duplicate_lines": share(line_copies, len(lines)) if text else 1.0,
        "duplicate_paragraphs": share(paragraph_copies, len(paragraphs)),
        "duplicate_line_characters": share(line_characters, len(text)),
        "duplicate_paragraph_characters": share(paragraph_characters, len(text)),
    }
    result |= {f"top_{size}gram": share(top_characters(tokens, size), len(text)) for size in (2, 3, 4)}
    return result | {
        f"duplicate_{size}gram": share(copied_characters(tokens, size), len(text)) for size in range(5, 11)
    }


def c4(text: str) -> dict[str, float]:
    sentences = curly_brackets = lorem_ipsum = 0
    for line in map(str.strip, text.splitlines()):
        parts = line.split()
        if len(parts) < 3 or max(map(len, parts)) > 1000:
            continue
        line = CITATION.sub("", line)
        lower = line.lower()
        lorem_ipsum += "lorem ipsum" in lower
        if "javascript" in lower:
            continue
        curly_brackets += "{" in line
        if not any(policy in lower for policy in POLICIES):
            sentences += sentences_of(line)
    return {"sentences": sentences, "curly_bracket": curly_brackets, "lorem_ipsum": lorem_ipsum}


def fineweb(text: str) -> dict[str, float]:
    lines = [line for line in text.split("\n") if line.strip()]
    return {
        "punctuated_lines": share(sum(line[-1] in LINE_ENDS for line in lines), len(lines)),
        "short_lines": share(sum(len(line) <= 30 for line in lines), len(lines)),
        "fineweb_duplicate_line_characters": share(copies(lines)[1], len(text) - text.count("\n")),
    }


def copies(elements: list[str]) -> tuple[int, int]:
    """How many elements are equal to an earlier one, and their characters."""
    seen: set[str] = set()
    count = characters = 0
    for element in elements:
        if element in seen:
            count += 1
            characters += len(element)
        seen.add(element)
    return count, characters


def top_characters(tokens: list[str], size: int) -> int:
    counts = Counter(" ".join(tokens[start : start + size]) for start in range(len(tokens) - size + 1))
    ngram, times = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return len(ngram) * times


def copied_characters(tokens: list[str], size: int) -> int:
    seen: set[tuple[str, ...]] = set()
    characters = start = 0
    while start + size <= len(tokens):
        ngram = tuple(tokens[start : start + size])
        if ngram in seen:
            characters += sum(map(len, ngram))
            start += size
        else:
            seen.add(ngram)
            start += 1
    return characters


def sentences_of(line: str) -> int:
    """One, and one more for every word that follows a full stop (or another of SENTENCE_ENDS that is a word by itself)."""
    count, ended = 1, False
    for token in words(line):
        if token in SENTENCE_ENDS:
            ended = True
        elif ended and not is_punctuation(token):
            count += 1
            ended = False
    return count if line else 0


def is_punctuation(token: str) -> bool:
    return all(unicodedata.category(character).startswith("P") for character in token)


def words(text: str) -> list[str]:
    return [word for run in text.split() for word in split_run(run)]


def split_run(run: str) -> list[str]:
    """Cut punctuation off both ends of a run without white space, then look inside the rest."""
    head: list[str] = []
    tail: list[str] = []
    while run:
        width = prefix(run)
        head += [run[:width]] if width else []
        run = run[width:]
        cut = suffix(run) if run else 0
        tail += [run[len(run) - cut :]] if cut else []
        run = run[: len(run) - cut]
        if not width and not cut:
            break
    return head + split_inside(run) + tail[::-1]


def prefix(run: str) -> int:
    """Characters of the piece of punctuation at the start."""
    if run.startswith(".."):
        return len(run) - len(run.lstrip("."))
    if run[0] == "+":
        return int(not is_digit(run[1:2]))
    return int(run[0] in BOUNDARIES or run[0] in "§%=" or is_currency(run[0]) or is_icon(run[0]))


def suffix(run: str) -> int:
    """Characters of the piece of punctuation, the contraction or the unit at the end."""
    if run.endswith(".."):
        return len(run) - len(run.rstrip("."))
    if run.endswith(ENDINGS):
        return next(len(ending) for ending in ENDINGS if run.endswith(ending))
    before, last = run[-2:-1], run[-1]
    if last == ".":
        return int(
            is_digit(before) or is_lower(before) or before in SPLIT_STOP or all(map(is_upper, run[-3:-1].rjust(2)))
        )
    if is_digit(before) and (last == "+" or is_currency(last)):
        return 1
    unit = next((run[-size:] for size in range(1, 5) if run[-size:] in UNITS and is_digit(run[-size - 1 : -size])), "")
    return len(unit) or int(last in BOUNDARIES or is_icon(last))


def split_inside(run: str) -> list[str]:
    if ADDRESS.fullmatch(run):
        return [run]
    pieces = []
    start = place = 0
    while place < len(run):
        width = infix(run, place)
        if width:
            pieces += [run[start:place], run[place : place + width]]
            start = place + width
        place += width or 1
    return [piece for piece in [*pieces, run[start:]] if piece]


def infix(run: str, place: int) -> int:
    """Characters of the piece at `place` that parts a word in two."""
    here, before, after = run[place], run[place - 1 : place] if place else "", run[place + 1 : place + 2]
    if run.startswith("..", place):
        return len(run[place:]) - len(run[place:].lstrip("."))
    if here == "\u2026" or is_icon(here):
        return 1
    if here in "+-*^" and is_digit(before) and (is_digit(after) or after == "-"):
        return 1
    if here == ".":
        return int((is_lower(before) or before in QUOTES) and (is_upper(after) or after in QUOTES))
    if here == ",":
        return int(before.isalpha() and after.isalpha())
    if not (is_digit(before) or before.isalpha()):
        return 0
    if here in ":<>=/":
        return int(after.isalpha())
    hyphens = (hyphen for hyphen in HYPHENS if run.startswith(hyphen, place))
    return next((len(hyphen) for hyphen in hyphens if run[place + len(hyphen) :][:1].isalpha()), 0)


def is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


def is_lower(character: str) -> bool:
    """A letter that is not upper case: the letters of scripts without case are both."""
    return character.isalpha() and not character.isupper()


def is_upper(character: str) -> bool:
    return character.isalpha() and not character.islower()


def is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"


def is_icon(character: str) -> bool:
    return unicodedata.category(character) == "So"


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
