"""What the name of a file says: its format and compression by the suffixes, its split and whether it is data at all."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

FORMATS = {
    ".jsonl": "jsonl",
    ".json": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "text",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".warc": "warc",
    ".wet": "wet",
    ".arc": "arc",
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz", ".snappy": "snappy", ".sz": "snappy"}
KNOWN_SUFFIXES = (
    ".jsonl .json .ndjson .csv .tsv .txt (also with .gz .zst .bz2 .xz .snappy .sz), .parquet, .arrow .feather, "
    ".warc .wet .warc.wet .arc (also with .gz .zst)"
)
ARCHIVES = ("warc", "wet", "arc")
COLUMNAR = ("parquet", "arrow")

SHARD = re.compile(r"^(?:(.*)-)?(\w+(?:\.\w+)*)-\d{5}-of-\d{5}\b")  # set-split-00000-of-00005.parquet
SPLITS = ("train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval", "evaluation")
SIDE_FILES = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json")
STATE_FILE = "state.json"  # beside dataset_info.json only: elsewhere it may be anybody's
CACHE_FILE = re.compile(r"cache-\w+\.arrow")  # results of `datasets.map` beside the data set


def format_and_compression(name: str) -> tuple[str, str]:
    """What the suffixes of a name say; the format is empty where they say nothing or name an unsupported pair."""
    plain, compression = name, ""
    for suffix, codec in COMPRESSIONS.items():
        if name.endswith(suffix):
            plain, compression = name.removesuffix(suffix), codec
    known = FORMATS.get(PurePosixPath(plain).suffix, "")
    if compression and (known in COLUMNAR or (known in ARCHIVES and compression not in ("gzip", "zstd"))):
        return "", compression
    return known, compression


def source_of(name: str) -> str:
    """The name up to its first dot, without the number of a shard."""
    return re.sub(r"-\d{5}-of-\d{5}$", "", name.partition(".")[0])


def is_side_file(path: str, all_paths: Collection[str]) -> bool:
    """Whether a file is what a Hugging Face data set keeps beside its data; `all_paths` are those around it."""
    file = PurePosixPath(path)
    if file.name == STATE_FILE:
        return str(file.with_name("dataset_info.json")) in all_paths
    return file.name in SIDE_FILES or CACHE_FILE.fullmatch(file.name) is not None


def split_of(path: str, wanted: str) -> str:
    """The split that a path names, nearest to its end: `train-00000-of-00005.parquet`, `dev.csv`, `test/a.jsonl`; or "".

    In a file named `data-00000-of-00002.arrow` it is the folder's name. `wanted` is a name beside the usual ones.
    """
    words = "|".join(re.escape(word) for word in sorted({*SPLITS, wanted}, key=len, reverse=True))
    named = re.compile(rf"(?:^|[-._ 0-9])({words})(?![^-._ 0-9])")
    parts = path.split("/")
    shard = SHARD.match(parts[-1])
    if shard and shard[2] != "data":
        return shard[2]
    if shard and len(parts) > 1:
        return parts[-2]
    found = (match[1] for part in reversed(parts) if (match := named.search(part)))
    return next(found, "")
