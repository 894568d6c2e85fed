"""Tokenising documents against the library's own batch encode: `python benchmarks/tokenizing.py [--shared DIR] [--mb 4] [--json]`.

Documents of text/*.jsonl.zst below `--shared`, shuffled. A byte-level BPE that is trained here on some of them, the same one
behind another expression, as newer models have it (so that the library alone tokenises), and a WordPiece of the same words. Both
do the same texts on one thread in turn; processor seconds, best of the turns. The library's share ends with its encodings,
ours with arrays of all tokens.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pyarrow as pa
from common import Row, report
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from curator.models.document_tokenizer import END, DocumentTokenizer, train_tokenizer
from curator.models.tokenizer_files import built

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
VOCABULARY, SAMPLE_BYTES = 32_768, 8_000_000
CALL = 1_000  # documents of one call of the library
TURNS, SEED, PER_FILE = 3, 1, 400
CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shared", type=Path, default=DATA)
    parser.add_argument("--mb", type=float, default=4.0, help="megabytes of text to tokenise")
    options = parser.parse_args()
    files = sorted((options.shared / "text").glob("*.jsonl.zst"))
    if not files:
        sys.exit(f"{options.shared} has no text/*.jsonl.zst: name the folder of the data with --shared")
    texts = shuffled(files)
    timed = first_bytes(texts, int(options.mb * 1e6))
    own = train_tokenizer(texts[::-1], vocabulary=VOCABULARY, sample_bytes=SAMPLE_BYTES, end_token=END)
    rows = []
    for name, content, end_token in (
        ("byte-level BPE as GPT-2's", own, END),
        ("byte-level BPE as GPT-4's", split_as_newer(own), END),
        ("WordPiece", word_pieces(texts), "[SEP]"),
    ):
        rows += compared(name, content, end_token, timed)
    return report(rows, as_json=options.json)


def shuffled(files: list[Path]) -> list[str]:
    texts: list[str] = []
    for file in files:
        with pa.input_stream(str(file), compression="zstd") as stream:
            lines = stream.read().splitlines()
        texts += [orjson.loads(line)["text"] for line in lines[:: max(1, len(lines) // PER_FILE)]]
    random.Random(SEED).shuffle(texts)
    return texts


def first_bytes(texts: list[str], most: int) -> list[str]:
    chosen, size = [], 0
    for text in texts:
        size += len(text.encode())
        if size > most:
            break
        chosen.append(text)
    return chosen


def split_as_newer(content: bytes) -> bytes:
    tokenizer = Tokenizer.from_buffer(content)
    splits = pre_tokenizers.Split(Regex(CL100K), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([splits, pre_tokenizers.ByteLevel(False, use_regex=False)])
    return tokenizer.to_str().encode()


def word_pieces(texts: list[str]) -> bytes:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY // 4, special_tokens=["[UNK]", "[SEP]"], show_progress=False
    )
    tokenizer.train_from_iterator(texts[::8], trainer)
    return tokenizer.to_str().encode()


def compared(name: str, content: bytes, end_token: str, texts: list[str]) -> list[Row]:
    library, ours, column = built(content), DocumentTokenizer(content, end_token), pa.array(texts, pa.large_string())

    def by_library() -> int:
        calls = (texts[begin : begin + CALL] for begin in range(0, len(texts), CALL))
        return sum(
            len(encoding) + 1
            for call in calls
            for encoding in library.encode_batch_fast(call, add_special_tokens=False)
        )

    by_us = lambda: len(ours.encode(column)[0])  # noqa: E731
    turns = [(seconds(by_library), seconds(by_us)) for _ in range(TURNS)]
    assert by_library() == by_us(), f"{name}: numbers of tokens differ"
    theirs, own = min(turn[0] for turn in turns), min(turn[1] for turn in turns)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    return [
        Row(what=f"{name}: curator", value=megabytes / own, unit="MB/s/core"),
        Row(what=f"{name}: tokenizers", value=megabytes / theirs, unit="MB/s/core"),
        Row(what=f"{name}: curator over tokenizers", value=theirs / own, unit="times", target=">= 0.9"),
    ]


def seconds(work: Callable[[], int]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    sys.exit(main())
