"""Packing: speed on lengths alone, and what it costs on a real corpus against the lower bound and concatenate-and-chunk:

    python benchmarks/packing.py [--shared ../shared/data] [--only PART] [--json]

Lengths: drawn lognormal, mean about 600 tokens; processor seconds, best of the turns, kernels compiled before. Corpus: all
documents of text/*.jsonl.zst below `--shared`, shuffled, token counts by a byte-level BPE trained here on a sample of them.
Windows are what one arranged shard holds. The table goes to stderr as Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
from common import Row, report
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from curator.algorithms.packing import Packed, best_fit, concatenate, cut_documents, displacement, lower_bound, padding
from curator.algorithms.packing_lengths import by_length

Places = npt.NDArray[np.int64]

PARTS = ("lengths", "corpus")
CAPACITIES = (2048, 8192)
SMALLEST = 256
DRAWN, MEAN, SIGMA, SEED, TURNS = 2_000_000, 600, 1.2, 1, 3
VOCABULARY, SAMPLED, SAMPLE_CHARACTERS = 32_768, 16, 10_000  # every 16th document, its beginning
WINDOW = 16 << 20  # tokens: about 64 MB of text
BATCH = 1_000


def main() -> int:
    options = parse()
    parts = options.only or PARTS
    rows: list[Row] = []
    if "lengths" in parts:
        rows += speed_rows()
    if "corpus" in parts and options.shared is not None:
        rows += corpus_rows(options.shared)
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shared", type=Path, help="a folder with text/*.jsonl.zst")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    return parser.parse_args()


def speed_rows() -> list[Row]:
    lengths = drawn_lengths()
    rows = []
    for capacity in CAPACITIES:
        for name, pack, target in (
            ("best-fit", best_fit, ">= 2e6"),
            ("concatenate", concatenate, ""),
            ("by length", lambda some, longest: by_length(some, SMALLEST, longest), ""),
        ):
            speed = len(lengths) / seconds(pack, lengths, capacity)
            rows.append(Row(what=f"lengths, L {capacity}: {name}", value=speed, unit="1/s/core", target=target))
    return rows


def drawn_lengths() -> Places:
    drawn = np.random.default_rng(SEED).lognormal(np.log(MEAN) - SIGMA**2 / 2, SIGMA, DRAWN)
    return np.maximum(drawn.astype(np.int64), 1)


def seconds(pack: Callable[[Places, int], object], lengths: Places, capacity: int) -> float:
    pack(lengths[:10], capacity)  # compiles
    turns = []
    for _ in range(TURNS):
        before = time.process_time()
        pack(lengths, capacity)
        turns.append(time.process_time() - before)
    return min(turns)


def corpus_rows(folder: Path) -> list[Row]:
    """Best-fit must need at most 0.1 % more sequences than any packing, and cut nothing that fits."""
    lengths = np.random.default_rng(SEED).permutation(token_counts(sorted((folder / "text").glob("*.jsonl.zst"))))
    print(f"\n{len(lengths):,} documents, {lengths.sum():,} tokens\n", file=sys.stderr)
    print(
        "| L | packing | sequences | padding | cut, of those that fit | displacement, mean | largest |", file=sys.stderr
    )
    print("|--:|:--|--:|--:|--:|--:|--:|", file=sys.stderr)
    rows = []
    for capacity in CAPACITIES:
        bound = lower_bound(lengths, capacity)
        best, joined = best_fit(lengths, capacity), concatenate(lengths, capacity)
        for name, packed in (("best-fit", best), ("concatenate", joined)):
            print(table_line(name, packed, lengths, capacity), file=sys.stderr)
        windows = sum(best_fit(window, capacity).sequences for window in in_windows(lengths))
        for what, value, target in (
            ("best-fit beyond the lower bound", best.sequences / bound - 1, "<= 0.1"),
            ("the same in windows", windows / bound - 1, ""),
            ("lower bound beyond tokens / L", bound / -(-int(lengths.sum()) // capacity) - 1, ""),
            ("cut though they fit, best-fit", cut_documents(best, lengths, capacity)[1], "<= 0"),
            ("cut though they fit, concatenate", cut_documents(joined, lengths, capacity)[1], ""),
        ):
            rows.append(Row(what=f"corpus, L {capacity}: {what}", value=100 * value, unit="%", target=target))
    return rows


def table_line(name: str, packed: Packed, lengths: Places, capacity: int) -> str:
    number, share = cut_documents(packed, lengths, capacity)
    mean, largest = displacement(packed, lengths)
    return (
        f"| {capacity} | {name} | {packed.sequences:,} | {padding(packed, capacity):.4%} | {number:,} ({share:.1%}) "
        f"| {mean:,.0f} | {largest:,} |"
    )


def in_windows(lengths: Places) -> list[Places]:
    window = np.cumsum(lengths) // WINDOW
    return np.split(lengths, np.flatnonzero(np.diff(window)) + 1)


def token_counts(files: list[Path]) -> Places:
    """Tokens of every document with its end token."""
    tokenizer = trained(files)
    counts: list[int] = []
    for file in files:
        texts = list(texts_of(file))
        for begin in range(0, len(texts), BATCH):
            batch = tokenizer.encode_batch_fast(texts[begin : begin + BATCH])
            counts += [len(encoding.ids) + 1 for encoding in batch]
    return np.array(counts, np.int64)


def trained(files: list[Path]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    sample = (text[:SAMPLE_CHARACTERS] for file in files for text in list(texts_of(file))[::SAMPLED])
    tokenizer.train_from_iterator(sample, trainer)
    return tokenizer


def texts_of(file: Path) -> Iterator[str]:
    with pa.input_stream(str(file), compression="zstd") as stream:
        for line in stream.read().splitlines():
            yield orjson.loads(line)["text"]


if __name__ == "__main__":
    sys.exit(main())
