"""Real corpora with topic labels, which only the measures see: JSONL.zst files without exact repeats, in random order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.metrics import normalized_mutual_info_score

ALONE = ("newsgroups20", "reuters21578")
MIXED = {
    "newsgroups20": 3_000,
    "reuters21578": 3_000,
    "t0_prompts": 1_500,
    "medquad": 1_200,
    "masakhane_news": 1_200,
    "patent_snippets": 1_000,
    "gsm8k_train": 1_000,
    "keyphrase_docs": 800,
    "sms_spam": 800,
    "openstax_textbooks": 500,
    "codealpaca_new": 500,
    "python_peps": 400,
    "movie_reviews": 400,
    "us_appellate_opinions": 300,
    "cia_factbook": 261,
    "based_cooking": 242,
}
"""How many documents of each source, at most, the mixed corpus has: 16,000 of very different lengths."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Texts and the number of the topic (n,) of each: source, domain and topic together."""

    name: str
    texts: pa.Array
    topic: npt.NDArray[np.int64]

    @property
    def tokens(self) -> npt.NDArray[np.int64]:
        """A quarter of the bytes, rounded up."""
        return np.array([-(-len(text.encode()) // 4) for text in self.texts.to_pylist()], np.int64)


def corpora(folder: Path) -> list[Labelled]:
    """Each labelled source alone, and the mix of all."""
    sets = [labelled(name, read(folder, name, None)) for name in ALONE]
    return [*sets, labelled("mixed", [row for name, most in MIXED.items() for row in read(folder, name, most)])]


def read(folder: Path, name: str, most: int | None) -> list[dict[str, Any]]:
    path = folder / f"{name}.jsonl.zst"
    lines = subprocess.run(["zstd", "-dc", "--long=27", str(path)], check=True, capture_output=True).stdout.splitlines()
    chosen = np.random.default_rng(0).permutation(len(lines))[:most]
    return [json.loads(lines[place]) for place in chosen]


def labelled(name: str, rows: Sequence[dict[str, Any]]) -> Labelled:
    first = {" ".join(row["text"].lower().split()): row for row in reversed(rows)}
    distinct = [row for text, row in first.items() if text]
    order = np.random.default_rng(0).permutation(len(distinct))
    topics = [f"{row['source']} {row['domain']} {row['topic']}" for row in distinct]
    return Labelled(
        name=name,
        texts=pa.array([distinct[place]["text"] for place in order], pa.large_string()),
        topic=np.unique(topics, return_inverse=True)[1][order].astype(np.int64),
    )


def purity(found: npt.NDArray[np.integer], topic: npt.NDArray[np.int64]) -> float:
    """The share of the documents that have the most frequent topic of their concept."""
    table = np.zeros((int(found.max()) + 1, int(topic.max()) + 1), np.int64)
    np.add.at(table, (found, topic), 1)
    return float(table.max(axis=1).sum() / len(topic))


def nmi(found: npt.NDArray[np.integer], topic: npt.NDArray[np.int64]) -> float:
    return float(normalized_mutual_info_score(topic, found))
