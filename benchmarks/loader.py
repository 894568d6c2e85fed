"""The loader: tokens a second of CuratedDataset and CuratedBatches against plain Parquet reading of the same columns:

    python benchmarks/loader.py [--json]

The files are drawn: Zipf-like token ids of a vocabulary of 50,000 packed to L, zstd as the run writes them, in the page cache.
Wall seconds, turns alternate, the best of each. Every reader has one thread that reads; what the loader does with the row groups
runs while the next one is read, so it costs processor seconds (reported), not time, where a second core is free. Batches have
2^18 tokens. With workers: one DataLoader, its start not counted; sequences in batches of 8.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from common import Row, report
from torch.utils.data import DataLoader

from curator.loader import CuratedBatches, CuratedDataset, collate
from curator.loader.reading import COLUMNS
from curator.store.files import Folder
from curator.store.sequences import SEQUENCES, SequenceFormat, SequenceIndex, write_index, write_sequences

LENGTHS = (2048, 8192)
TOKENS, FILES, VOCABULARY, PIECE, SEED, TURNS = 1 << 25, 4, 50_000, 600, 1, 10
BATCH_TOKENS, BATCH, WORKERS = 1 << 18, 8, 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    return report([row for length in LENGTHS for row in rows_of(length)], as_json=parser.parse_args().json)


def rows_of(length: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        files = written(folder, length)
        readers: dict[str, Callable[[], None]] = {
            "plain Parquet": lambda: plain(files),
            "CuratedDataset": lambda: exhaust(CuratedDataset(path=folder)),
            "CuratedBatches": lambda: exhaust(CuratedBatches(path=folder)),
        }
        wall, processor = seconds(readers)
        for name in readers:
            yield Row(what=f"L {length}: {name}", value=TOKENS / wall[name] / 1e6, unit="M tokens/s")
            yield Row(what=f"L {length}: {name}, of a core", value=TOKENS / processor[name] / 1e6, unit="M tokens/s")
        for name in list(readers)[1:]:
            share = wall["plain Parquet"] / wall[name]
            yield Row(what=f"L {length}: {name} over plain", value=share, unit="", target=">= 0.9")
        loaders = {
            "sequences": partial(DataLoader, CuratedDataset(path=folder, batch_size=BATCH), BATCH, collate_fn=collate),
            "batches": partial(DataLoader, CuratedBatches(path=folder), None),
        }
        for name, loader in loaders.items():
            rate = with_workers(loader(num_workers=WORKERS)) / 1e6
            yield Row(what=f"L {length}: {name} by {WORKERS} workers", value=rate, unit="M tokens/s")


def written(folder: str, length: int) -> list[Path]:
    """A folder of full sequences of pieces of `PIECE` tokens; its files."""
    random = np.random.default_rng(SEED)
    sequences = TOKENS // FILES // length
    edges = np.append(np.arange(0, length, PIECE), length).astype(np.int32)
    kind = SequenceFormat(
        sequence_length=length,
        pad_id=0,
        end_id=1,
        vocabulary=VOCABULARY,
        packing="best_fit",
        batch_tokens=BATCH_TOKENS,
    )
    described = []
    for number in range(FILES):
        ids = np.exp(random.uniform(0, np.log(VOCABULARY), sequences * length)).astype(np.int32)  # frequency ~ 1 / rank
        documents = random.integers(0, 1 << 63, sequences * (len(edges) - 1), dtype=np.uint64)
        columns = [
            lists(ids, sequences),
            lists(np.tile(edges, sequences), sequences),
            lists(documents, sequences),
            *(lists(np.zeros(len(documents), np.int32), sequences) for _ in ("copies", "offsets")),
        ]
        table = pa.table(columns, schema=SEQUENCES)
        described.append(write_sequences(Folder(folder), number, table, format=kind))
    write_index(Folder(folder), SequenceIndex(format=kind, files=tuple(described)))
    return [Path(folder) / file.name for file in described]


def lists(values: np.ndarray, rows: int) -> pa.ListArray:
    return pa.ListArray.from_arrays(np.arange(rows + 1, dtype=np.int32) * (len(values) // rows), pa.array(values))


def plain(files: list[Path]) -> None:
    for file in files:
        parquet = pq.ParquetFile(file)
        for group in range(parquet.num_row_groups):
            parquet.read_row_group(group, columns=list(COLUMNS), use_threads=False)


def exhaust(read: Iterable[object]) -> None:
    for _ in read:
        pass


def seconds(readers: dict[str, Callable[[], None]]) -> tuple[dict[str, float], dict[str, float]]:
    """The best wall seconds and processor seconds of each reader; the first turn, which compiles, does not count."""
    wall, processor = dict.fromkeys(readers, np.inf), dict.fromkeys(readers, np.inf)
    for turn in range(TURNS + 1):
        for name, read in readers.items():
            before, used = time.perf_counter(), time.process_time()
            read()
            if turn:
                wall[name] = min(wall[name], time.perf_counter() - before)
                processor[name] = min(processor[name], time.process_time() - used)
    return wall, processor


def with_workers(loader: DataLoader) -> float:
    """Tokens a second of a DataLoader from its first batch on."""
    batches = iter(loader)
    tokens, before = next(batches)["input_ids"].numel(), time.perf_counter()
    read = sum(batch["input_ids"].numel() for batch in batches)
    return (tokens + read) / (time.perf_counter() - before)


if __name__ == "__main__":
    sys.exit(main())
