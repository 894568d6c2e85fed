"""rensa's deduplicator on all word 5-grams: 128 permutations, LSH, candidates compared by signature. Its fast path samples, and
misses half of the pairs.

PYTHON_OF_RENSA dedup_rensa.py INPUT_FOLDER OUTPUT_FOLDER    Parquet with id and text; writes the kept documents as Parquet
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rensa import RMinHashDeduplicator

PERMUTATIONS, BANDS, THRESHOLD, SHINGLE_WORDS = 128, 32, 0.75, 5
_WORDS = re.compile(r"\w+")


def main() -> int:
    source, output = map(Path, sys.argv[1:])
    (output / "kept").mkdir(parents=True, exist_ok=True)
    deduplicator = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True, num_bands=BANDS)
    for file in sorted(source.glob("*.parquet")):
        table = pq.read_table(file)
        keep = deduplicator.add_pairs(shingled(table["id"].to_pylist(), table["text"].to_pylist()))
        pq.write_table(table.filter(pa.array(keep)), output / "kept" / file.name, compression="zstd")
    return 0


def shingled(ids: list[str], texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    for key, text in zip(ids, texts, strict=True):
        words = _WORDS.findall(text.lower())
        last = max(1, len(words) - SHINGLE_WORDS + 1)
        yield key, [" ".join(words[start : start + SHINGLE_WORDS]) for start in range(last)]


if __name__ == "__main__":
    sys.exit(main())
