"""Drawn text: Zipf words in documents of lognormal length from four sources, some of them several times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SOURCES = {"web": (0.5, 75), "forums": (0.3, 40), "books": (0.1, 220), "code": (0.1, 90)}
"""Share of the documents, and median length in words."""
SIGMA, FEWEST, MOST = 0.7, 20, 2_000  # words; the longest document is below 1 % of an output shard of 4 MB
WORDS, LETTERS = 20_000, 26
FILE_DOCUMENTS = 25_000
REPEATS = {2: 0.08, 5: 0.01}  # of the documents drawn, those written so often; `rehydrate` makes copies of them again
REHYDRATE = [[times, times] for times in REPEATS]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A corpus: `*.parquet` in `folder` with the columns text and source."""

    folder: Path
    documents: int
    text_bytes: int


def draw_corpus(folder: Path, documents: int) -> Drawn:
    """Write about so many documents, file by file; the same again for the same number."""
    folder.mkdir(parents=True)
    words, written, text_bytes = vocabulary(), 0, 0
    for number in range(-(-documents // FILE_DOCUMENTS)):
        rng = np.random.default_rng((1, number))
        rows = drawn_rows(rng, words, min(FILE_DOCUMENTS, documents - number * FILE_DOCUMENTS))
        pq.write_table(rows, folder / f"part-{number:05d}.parquet", compression="zstd", row_group_size=5_000)
        written += rows.num_rows
        text_bytes += pc.sum(pc.binary_length(rows["text"])).as_py()
    return Drawn(folder=folder, documents=written, text_bytes=text_bytes)


def vocabulary() -> pa.Array:
    """Words of 2 to 11 letters, the frequent ones short."""
    rng = np.random.default_rng(0)
    lengths = 2 + np.minimum(np.log2(1 + np.arange(WORDS)) * 0.5 + rng.random(WORDS) * 3, 9).astype(np.int64)
    letters = (97 + rng.integers(0, LETTERS, lengths.sum())).astype(np.uint8).tobytes().decode()
    ends = np.cumsum(lengths)
    return pa.array([letters[end - length : end] for end, length in zip(ends, lengths, strict=True)])


def drawn_rows(rng: np.random.Generator, words: pa.Array, documents: int) -> pa.Table:
    """So many rows, of which some repeat others."""
    row = repeated(rng, documents)
    count = int(row.max()) + 1
    shares, medians = np.array(list(SOURCES.values())).T
    source = rng.choice(len(SOURCES), count, p=shares)
    lengths = np.clip(rng.lognormal(np.log(medians[source]), SIGMA), FEWEST, MOST).astype(np.int64)
    ranks = (WORDS ** rng.random(lengths.sum())).astype(np.int32) - 1  # Zipf: density 1 / rank
    offsets = pa.array(np.append(0, np.cumsum(lengths)).astype(np.int32))
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, words.take(pa.array(ranks))), " ")
    names: Any = pa.array(list(SOURCES)).take(pa.array(source))
    return pa.table({"text": texts, "source": names}).take(pa.array(row))


def repeated(rng: np.random.Generator, documents: int) -> Places:
    """Which drawn document each of `documents` rows holds, shuffled."""
    count = int(documents / (1 + sum(share * (times - 1) for times, share in REPEATS.items())))
    times, first = np.ones(count, np.int64), 0
    for often, share in REPEATS.items():
        last = first + int(share * count)
        times[first:last], first = often, last
    return rng.permutation(np.repeat(np.arange(count), times))
