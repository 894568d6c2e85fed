"""A corpus of real text with planted near duplicates: Parquet files of `id` and `text`, and beside them what was planted.

A fifth of the documents are copies of random base documents. In a copy 1, 2, 5, 10, 20 or 30 % of the words are replaced:
scattered (each word by itself, by a word of the corpus' vocabulary) or in a block (one run of words, by words of another
document). The order is shuffled. The same seed, documents and base text give the same bytes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from .base_texts import BaseTexts, read_texts

RATES = (0.01, 0.02, 0.05, 0.10, 0.20, 0.30)
KINDS = ("scattered", "block")
COPIES = 0.2  # of the documents
VOCABULARY_DOCUMENTS = 5_000
_TOKENS = re.compile(r"\S+|\s+")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Where a corpus lies: `documents/*.parquet` (id, text), `planted.parquet` (id, group, kind, rate), text bytes."""

    folder: Path
    documents: int
    text_bytes: int

    @property
    def parquet(self) -> Path:
        return self.folder / "documents"

    @property
    def files(self) -> list[Path]:
        return sorted(self.parquet.glob("*.parquet"))

    def planted(self) -> pa.Table:
        return pq.read_table(self.folder / "planted.parquet")

    def ids(self) -> list[str]:
        return [name for file in self.files for name in pq.read_table(file, columns=["id"])["id"].to_pylist()]


def make_corpus(folder: Path, *, documents: int, source: Path | None, work: Path, seed: int = 1) -> Corpus:
    """The corpus, made unless it lies there already."""
    noted, wanted = folder / "corpus.json", {"documents": documents, "source": str(source), "seed": seed}
    if noted.exists():
        found = json.loads(noted.read_text())
        if {key: found[key] for key in wanted} == wanted:
            return Corpus(folder=folder, documents=documents, text_bytes=found["text_bytes"])
    bases = BaseTexts(read_texts(source, work), seed)
    corpus = write_corpus(folder, bases, documents=documents, seed=seed)
    noted.write_text(json.dumps({**wanted, "text_bytes": corpus.text_bytes}))
    return corpus


def write_corpus(folder: Path, bases: BaseTexts, *, documents: int, seed: int) -> Corpus:
    """Write it file by file; at least eight files, of at most 5,000 documents."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng((seed, 0)).permutation(documents)
    vocabulary = words_of(bases, documents)
    per_file = min(5_000, -(-documents // 8))
    planted: list[dict[str, object]] = []
    text_bytes = 0
    for number, start in enumerate(range(0, documents, per_file)):
        rows = [
            _document(int(entry), start + place, bases, documents, vocabulary, planted)
            for place, entry in enumerate(order[start : start + per_file])
        ]
        table = pa.table(
            {"id": [row[0] for row in rows], "text": pa.array([row[1] for row in rows], pa.large_string())}
        )
        text_bytes += sum(len(row[1].encode()) for row in rows)
        path = folder / "documents" / f"part-{number:04d}.parquet"
        pq.write_table(table, path, compression="zstd", row_group_size=1_000)
    place_of = np.argsort(order)
    for row in planted:
        row["group"] = name(int(place_of[row["group"]]))
    pq.write_table(pa.Table.from_pylist(planted, PLANTED), folder / "planted.parquet")
    return Corpus(folder=folder, documents=documents, text_bytes=text_bytes)


PLANTED = pa.schema([("id", pa.string()), ("group", pa.string()), ("kind", pa.string()), ("rate", pa.float64())])
"""A copy, the id of its base document, and how it was edited."""


def name(place: int) -> str:
    """The id of the document at a place: it tells nothing about what was planted."""
    return f"d{place:08d}"


def _document(
    entry: int, place: int, bases: BaseTexts, documents: int, vocabulary: list[str], planted: list[dict[str, object]]
) -> tuple[str, str]:
    """The id and text of one entry: the first four fifths of the entries are base documents, the others copies."""
    base_documents = documents - int(documents * COPIES)
    if entry < base_documents:
        return name(place), bases.text(entry)
    choice = np.random.default_rng((bases.seed, 1, entry))
    kind, rate = KINDS[entry % 2], RATES[entry // 2 % len(RATES)]
    base = int(choice.integers(base_documents))
    planted.append({"id": name(place), "group": base, "kind": kind, "rate": rate})
    other = (base + 1 + int(choice.integers(base_documents - 1))) % base_documents
    return name(place), edited(bases.text(base), kind, rate, vocabulary, bases.text(other), choice)


def edited(text: str, kind: str, rate: float, vocabulary: list[str], other: str, choice: np.random.Generator) -> str:
    """The text with a share of its words replaced; its white space stays."""
    tokens = _TOKENS.findall(text)
    places = [place for place, token in enumerate(tokens) if not token.isspace()]
    if kind == "scattered":
        where = np.flatnonzero(choice.random(len(places)) < rate)
        new = [vocabulary[word] for word in choice.integers(len(vocabulary), size=len(where))]
    else:
        where, new = _block(len(places), rate, other.split(), choice)
    for place, word in zip(where, new, strict=True):
        tokens[places[place]] = word
    return "".join(tokens)


def _block(
    words: int, rate: float, other: list[str], choice: np.random.Generator
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """A run of places, and as many words of the other document (from its start again where it is too short)."""
    length = max(1, round(rate * words))
    start = int(choice.integers(words - length + 1))
    first = int(choice.integers(max(1, len(other) - length + 1)))
    return np.arange(start, start + length), [other[(first + step) % len(other)] for step in range(length)]


def words_of(bases: BaseTexts, documents: int) -> list[str]:
    """The vocabulary of the first base documents: distinct words of letters, sorted."""
    first = range(min(VOCABULARY_DOCUMENTS, documents, len(bases.real)))
    return sorted(
        {word for number in first for word in bases.text(number).split() if word.isalpha() and len(word) < 20}
    )
