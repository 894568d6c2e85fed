"""Personal data found in real text: hits per million words by kind and source, false positives where there should be none, speed.

python benchmarks/pii.py [--data ../shared/data/text] [--examples KIND [SOURCE]] [--json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from common import Row, report

from curator.text.pii import KINDS, treat_pii

CLEAN = ("classic_books", "state_of_the_union", "bible_chapters", "openstax_textbooks", "gsm8k_train")
"""Numbers in plenty, personal data next to none: a hit here is a false positive unless somebody reads it and knows better."""
AROUND = 40  # characters beside an example


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"), help="folder of <source>.jsonl.zst")
    parser.add_argument(
        "--examples", nargs="+", metavar="KIND", help="print the hits of a kind (and of one source) and stop"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    sources = sorted(options.data.glob("*.jsonl.zst"))
    if options.examples:
        for path in sources:
            if options.examples[1:] in ([], [name(path)]):
                print_examples(path, options.examples[0])
        return 0
    return report(list(measure(sources)), as_json=options.json)


def measure(sources: Sequence[Path]) -> Iterator[Row]:
    """Hits per million words for every kind and source with any, then false positives and speed over all."""
    treat_pii(pa.array(["compile"]), dict.fromkeys(KINDS, "mask"))
    seconds = text_bytes = clean_words = clean_hits = 0.0
    for path in sources:
        text = texts(path)
        words = pc.sum(pc.count_substring_regex(text, r"\S+")).as_py()
        started = time.process_time()
        _, counts = treat_pii(text, dict.fromkeys(KINDS, "mask"))
        seconds += time.process_time() - started
        text_bytes += pc.sum(pc.binary_length(text)).as_py()
        hits = {kind: pc.sum(counts[f"pii_{kind}"]).as_py() for kind in KINDS}
        for kind, count in hits.items():
            if count:
                yield Row(what=f"{name(path)}: {kind}", value=1e6 * count / words, unit="hits/Mword")
        if name(path) in CLEAN:
            clean_words += words
            clean_hits += sum(hits.values())
    if clean_words:
        yield Row(what="false positives", value=1e6 * clean_hits / clean_words, unit="hits/Mword", target="<= 1")
    yield Row(what="all kinds masked", value=text_bytes / 1e6 / seconds, unit="MB/s per core", target=">= 100")


def print_examples(path: Path, kind: str) -> None:
    """Every hit of one kind, found by what is different once it is masked, with the text around it."""
    text = texts(path)
    masked, counts = treat_pii(text, {kind: "mask"})
    for row in pc.indices_nonzero(counts[f"pii_{kind}"]).to_pylist():
        before, after = text[row].as_py(), masked[row].as_py()
        place = 0
        for piece in after.split(f"<{kind.upper()}>")[:-1]:
            start = before.index(piece, place) + len(piece)
            print(f"{name(path)}: {before[max(0, start - AROUND) : start + AROUND]!r}")
            place = start


def texts(path: Path) -> pa.Array:
    lines = subprocess.run(["zstd", "-dc", "--long=27", str(path)], check=True, capture_output=True).stdout.splitlines()
    return pa.array([json.loads(line)["text"] for line in lines], pa.large_string())


def name(path: Path) -> str:
    return path.name.removesuffix(".jsonl.zst")


if __name__ == "__main__":
    sys.exit(main())
