"""Distinct base documents: those of the sample and of a corpus, and, when they run out, paragraphs of different ones recombined.

Documents of fewer than 100 words are left out; those above 24,000 characters (books, terms of service) are cut into pieces at
line ends. A recombined document has about the length of a random real one and consists of at least six runs of whole lines, of 20
to 60 words, each from another document: it shares at most three eighths of its words with any one document, so no pair that is
not planted reaches J = 0.5 by recombination.
"""

from __future__ import annotations

import glob
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

MIN_WORDS = 100
MAX_CHARACTERS = 24_000
PIECE_WORDS = (20, 60)
MIN_PIECES = 6


class BaseTexts:
    """The base documents by number, without end: `text(number)` depends on the corpus, the seed and the number only."""

    def __init__(self, texts: list[str], seed: int) -> None:
        assert texts, "there is no base document"
        self.seed = seed
        self.real = [texts[place] for place in np.random.default_rng(seed).permutation(len(texts))]
        self._pieces: list[tuple[int, str]] = []

    def text(self, number: int) -> str:
        return self.real[number] if number < len(self.real) else self._recombined(number)

    def _recombined(self, number: int) -> str:
        self._pieces = self._pieces or distinct_pieces(self.real)
        choice = np.random.default_rng((self.seed, number))
        wanted = len(self.real[choice.integers(len(self.real))])
        taken: dict[int, str] = {}
        characters = 0
        while characters < wanted or len(taken) < MIN_PIECES:
            document, piece = self._pieces[choice.integers(len(self._pieces))]
            if document not in taken:
                taken[document] = piece
                characters += len(piece)
        return "\n\n".join(taken.values())


def distinct_pieces(texts: list[str]) -> list[tuple[int, str]]:
    """Runs of whole lines of 20 to 60 words with their documents, each text once."""
    found: dict[str, int] = {}
    for document, text in enumerate(texts):
        for piece in _runs_of_lines(text):
            found.setdefault(piece, document)
    return [(document, piece) for piece, document in found.items()]


def _runs_of_lines(text: str) -> Iterator[str]:
    least, most = PIECE_WORDS
    lines: list[str] = []
    words = 0
    for line in text.split("\n"):
        lines.append(line)
        words += len(line.split())
        if words >= least:
            if words <= most:
                yield "\n".join(lines).strip()
            lines, words = [], 0


def read_texts(corpus: Path | None, work: Path) -> list[str]:
    """All long enough texts of the sample (made under `work`) and of a folder of JSONL.zst files."""
    sample = work / "sample"
    if not (sample / "sample.json").exists():
        subprocess.run([sys.executable, "-m", "curator.cli", "sample", str(sample)], check=True, stdout=sys.stderr)
    folders = [sample] if corpus is None else [corpus, sample]
    return [piece for text in _texts(folders) for piece in cut(text) if len(piece.split()) >= MIN_WORDS]


def cut(text: str) -> Iterator[str]:
    """A text in pieces of at most 24,000 characters and a line."""
    if len(text) <= MAX_CHARACTERS:
        yield text
        return
    lines: list[str] = []
    length = 0
    for line in text.split("\n"):
        if lines and length + len(line) > MAX_CHARACTERS:
            yield "\n".join(lines)
            lines, length = [], 0
        lines.append(line)
        length += len(line) + 1
    yield "\n".join(lines)


def _texts(folders: list[Path]) -> Iterator[str]:
    for folder in folders:
        for path in sorted(glob.glob(f"{folder}/*.jsonl.zst")):
            with pa.CompressedInputStream(pa.OSFile(path), "zstd") as stream:
                yield from (orjson.loads(line)["text"] for line in bytes(stream.read()).splitlines())
        for path in sorted(glob.glob(f"{folder}/*.parquet")):
            yield from pq.read_table(path, columns=["text"])["text"].to_pylist()
