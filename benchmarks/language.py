"""Language identification, accuracy and speed against the fasttext library: `python benchmarks/language.py [--json] [--languages]`.

Sentences, paragraphs and pages with known languages from `../shared/data` (or --data). The library is timed in the same run, in
turn with ours, one call for each document as it allows; its labels are those of the same characters as one raw line.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from common import Row, report

from curator.text.language import WINDOW, identify, language_model, model_file, paragraph_share

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
CODE = ("python_peps", "react_docs", "rust_book")  # English full of code; and the English pages of tldr_pages
SAME = {  # ISO 639-3 names and single varieties -> the label of lid.176
    **{
        "nb": "no",
        "lvs": "lv",
        "pes": "fa",
        "swh": "sw",
        "zsm": "ms",
        "cmn": "zh",
        "arb": "ar",
        "khk": "mn",
        "plt": "mg",
    },
    **{"azj": "az", "uzn": "uz", "ydd": "yi", "gug": "gn", "gsw": "als", "swg": "als", "bho": "bh", "src": "sc"},
    **{"quy": "qu", "quz": "qu", "nhn": "nah", "nhg": "nah"},
}
SURE = 0.65  # FineWeb's limit
PER_PAGE, PER_SOURCE = 10, 500  # paragraphs taken of a page, and of one language of a source
WINDOWS = (300, 500, 1_000, 2_000, 4_000)
TIMED = 3_000
TURNS = 3
SHOWN = 12


@dataclass(frozen=True)
class Labelled:
    """Texts with known languages that lid.176 has a label for; `missing` counts the texts it has none for, by language."""

    name: str
    text: pa.Array
    language: np.ndarray[Any, np.dtype[np.str_]]
    missing: dict[str, int]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--languages", action="store_true", help="show every language, not only the best and the worst")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    if not (options.data / "langid").is_dir():
        sys.exit(f"{options.data} has no folder langid: name the folder of the data with --data")
    sets = labelled_sets(options.data)
    found = {one.name: (guesses(one.text), library_labels(one.text)) for one in sets}
    rows = [row for one in sets for row in accuracy(one, *found[one.name])]
    status = report(rows + windows(sets[2]) + speed(sets[2].text), as_json=options.json)
    if not options.json:
        show(sets, {name: ours[0] for name, (ours, _) in found.items()}, everything=options.languages)
    return status


def labelled_sets(data: Path) -> list[Labelled]:
    sentences = (line.decode().split("\t", 1) for line in lines(data / "langid" / "tatoeba_sentences.tsv.zst"))
    pages, code = list[tuple[str, str, str]](), list[tuple[str, str, str]]()
    for path in sorted((data / "text").glob("*.jsonl.zst")):
        source = path.name.removesuffix(".jsonl.zst")
        for page in map(orjson.loads, lines(path)):
            if source in CODE or (source == "tldr_pages" and page["lang"] == "en"):
                code.append((source, "en", page["text"]))
            elif page["kind"] in (1, 3) and page["lang"]:
                pages.append((source, sq(source, page["lang"]), page["text"]))
    return [
        labelled("sentences", [(language, text) for language, text in sentences]),
        labelled("paragraphs", paragraphs(pages)),
        labelled("pages", [(language, text) for _, language, text in pages]),
        labelled("English paragraphs full of code", paragraphs(code)),
        labelled("English pages full of code", [(language, text) for _, language, text in code]),
    ]


def lines(path: Path) -> list[bytes]:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
        return bytes(stream.read()).splitlines()


def sq(source: str, language: str) -> str:
    """The file names of the UDHR are ISO 639-3, where `als` is Albanian; lid.176 has it for Alemannic."""
    return "sq" if (source, language) == ("udhr", "als") else language


def paragraphs(pages: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Distinct paragraphs of at least 20 letters, evenly spaced over each page and over each language of a source."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for source, language, text in pages:
        long = [part for part in re.split(r"\n\s*\n", text) if sum(map(str.isalpha, part)) >= 20]
        groups.setdefault((source, language), {}).update(dict.fromkeys(spaced(long, PER_PAGE)))
    return [(language, text) for (_, language), texts in groups.items() for text in spaced(list(texts), PER_SOURCE)]


def spaced(items: list[str], most: int) -> list[str]:
    count = min(most, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def labelled(name: str, texts: list[tuple[str, str]]) -> Labelled:
    labels, missing, kept = set(language_model().labels), dict[str, int](), list[tuple[str, str]]()
    for language, text in texts:
        known = SAME.get(language, language)
        if known in labels:
            kept.append((known, text))
        else:
            missing[language] = missing.get(language, 0) + 1
    languages, chosen = zip(*kept, strict=True)
    return Labelled(name, pa.array(chosen, pa.large_string()), np.array(languages), missing)


def guesses(text: pa.Array, characters: int = WINDOW) -> tuple[Any, Any]:
    table = identify(text, characters=characters)
    return np.array(table["language"].to_pylist()), table["language_probability"].to_numpy()


def library_labels(text: pa.Array) -> tuple[Any, Any]:
    found = [library().predict(line, 1, 0.0, "strict")[0] for line in raw_lines(text)]
    return np.array([name.removeprefix("__label__") for _, name in found]), np.array([share for share, _ in found])


def raw_lines(text: pa.Array) -> Iterator[str]:
    window = pc.replace_substring_regex(pc.utf8_slice_codeunits(text, 0, WINDOW), r"[\n\x00]", " ")
    return (f"{line}\n" for line in window.to_pylist())


@cache
def library() -> Any:
    return fasttext.load_model(str(model_file())).f


def accuracy(one: Labelled, ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> list[Row]:
    rows = [
        Row(what=f"{one.name}: texts in {len(set(one.language))} languages", value=len(one.text), unit="texts"),
        Row(
            what=f"{one.name}: without a label ({len(one.missing)} languages)",
            value=sum(one.missing.values()),
            unit="texts",
        ),
    ]
    for who, (language, probability) in (("curator", ours), ("fasttext, raw line", theirs)):
        right, sure = language == one.language, probability > SURE
        rows += [
            Row(what=f"{one.name}: right, {who}", value=100 * right.mean(), unit="%"),
            Row(what=f"{one.name}: right, mean of languages, {who}", value=100 * by_language(one, right), unit="%"),
            Row(what=f"{one.name}: right and above {SURE}, {who}", value=100 * (right & sure).mean(), unit="%"),
            Row(what=f"{one.name}: wrong and above {SURE}, {who}", value=100 * (~right & sure).mean(), unit="%"),
        ]
    return rows


def by_language(one: Labelled, right: Any) -> float:
    return float(np.mean([right[one.language == language].mean() for language in np.unique(one.language)]))


def windows(pages: Labelled) -> list[Row]:
    """What a longer window is worth, and what it costs."""
    rows = []
    for characters in WINDOWS:
        started = time.process_time()
        right = guesses(pages.text, characters)[0] == pages.language
        seconds = time.process_time() - started
        rows += [
            Row(what=f"pages by {characters} characters: right", value=100 * right.mean(), unit="%"),
            Row(what=f"pages by {characters} characters", value=len(right) / seconds, unit="documents/s"),
        ]
    return rows


def speed(text: pa.Array) -> list[Row]:
    """Documents and read bytes per processor second, evenly spaced long pages, ours and the library's in turn."""
    long = text.filter(pc.greater_equal(pc.utf8_length(text), WINDOW))
    text = long.take(pa.array([place * len(long) // TIMED for place in range(TIMED)]))
    language = identify(text)["language"].combine_chunks()
    paragraph_share(text.slice(0, 1), language.slice(0, 1))
    read = sum(len(line.encode()) for line in raw_lines(text)) / 1e6
    megabytes = pc.sum(pc.binary_length(text)).as_py() / 1e6
    own, theirs, share = [], [], []
    for _ in range(TURNS):
        own.append(timed(lambda: identify(text)))
        theirs.append(timed(lambda: library_labels(text)))
        share.append(timed(lambda: paragraph_share(text, language)))
    return [
        Row(what="identify, 1,000 characters each", value=TIMED / min(own), unit="documents/s"),
        Row(what="identify, 1,000 characters each", value=read / min(own), unit="MB/s read"),
        Row(what="identify, whole pages", value=megabytes / min(own), unit="MB/s"),
        Row(what="fasttext, 1,000 characters each", value=TIMED / min(theirs), unit="documents/s"),
        Row(what="identify over fasttext", value=min(theirs) / min(own), unit="times", target=">= 5"),
        Row(what="paragraph_share", value=megabytes / min(share), unit="MB/s"),
    ]


def timed(work: Any) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def show(sets: list[Labelled], found: dict[str, Any], *, everything: bool) -> None:
    """A Markdown table of the languages, by falling accuracy on sentences."""
    sentences, columns = sets[0], sets[:3]
    languages = sorted(set(sentences.language), key=lambda name: (-share(sentences, found, name)[0], name))
    if not everything:
        languages = [*languages[:SHOWN], "...", *languages[-SHOWN:]]
    print("\n| language | " + " | ".join(f"{one.name} (of)" for one in columns) + " |")
    print("| --- " * (len(columns) + 1) + "|")
    for name in languages:
        cells = [cell(*share(one, found, name)) for one in columns]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\nWithout a label:", ", ".join(f"{name} {count}" for name, count in sorted(sentences.missing.items())))


def share(one: Labelled, found: dict[str, Any], language: str) -> tuple[float, int]:
    of = one.language == language
    return (100 * float((found[one.name][of] == language).mean()) if of.any() else 0.0), int(of.sum())


def cell(percent: float, count: int) -> str:
    return f"{percent:.1f} ({count:,})" if count else ""


if __name__ == "__main__":
    sys.exit(main())
