"""Speed of the look-up of benchmark items, and what it finds: `python benchmarks/decontamination.py [--json] [--hits] [DATA]`.

DATA (default ../shared/data) holds text/*.jsonl.zst and bench/*.jsonl.zst. `--hits` prints every hit with the words that it shares,
to be read by hand. The overlaps that the data's README names must all be found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from common import Row, report

from curator.algorithms.contamination import Finder
from curator.config.decontamination import Decontamination
from curator.readers.benchmarks import read_benchmarks
from curator.steps.contamination_tables import hit_rows
from curator.steps.decontaminate import index_of
from curator.text.folded_words import hash_words

HERE = Path(__file__).resolve().parent
KNOWN = {  # items of a benchmark in a source, by runs of 13 words: shared/data/README.md
    ("openstax_textbooks", "boolq"): 5,
    ("newsgroups20", "boolq"): 3,
    ("classic_books", "agi_eval_sat_en"): 5,
    ("gsm8k_train", "gsm8k"): 3,
    ("gpteacher", "arc_easy"): 1,
}
SPEED_TARGET = ">= 150"  # MB/s per core
REPEATS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hits", action="store_true")
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared" / "data")
    options = parser.parse_args()
    return report(measure(options.data, show=options.hits), as_json=options.json)


def measure(data: Path, *, show: bool) -> list[Row]:
    settings = Decontamination(path=str(data / "bench"))
    benchmarks = read_benchmarks(settings.path, settings.fields)
    hash_words(pa.array(["compiled before it is timed"]))
    started = time.process_time()
    index = index_of(benchmarks, settings)
    build_seconds = time.process_time() - started
    finder = Finder(index, item_share=settings.item_share)
    finder.find(pa.array(["compiled before it is timed"], pa.large_string()))
    texts = [(file.name.partition(".")[0], read_texts(file)) for file in sorted((data / "text").glob("*.jsonl.zst"))]
    hits = {source: hits_in(text, finder) for source, text in texts}
    if show:
        for source, text in texts:
            show_hits(source, text, hits[source], {benchmark.name: benchmark.items for benchmark in benchmarks})
    return [
        Row(what="index: words", value=float(index.text_starts[-1]), unit="words"),
        Row(what="index: build, one core", value=build_seconds, unit="s"),
        *speed_rows(finder, [text for _, text in texts]),
        Row(what="documents", value=sum(len(text) for _, text in texts), unit="documents"),
        *document_rows(hits),
        *[known_row(source, benchmark, hits[source], items) for (source, benchmark), items in KNOWN.items()],
    ]


def read_texts(file: Path) -> pa.Array:
    with pa.input_stream(str(file), compression="zstd") as stream:
        return pa.array([orjson.loads(line)["text"] for line in stream.read().splitlines()], pa.large_string())


def hits_in(text: pa.Array, finder: Finder) -> pa.Table:
    return hit_rows(finder.find(text), pa.chunked_array([np.arange(len(text), dtype=np.uint64)]), finder.index)


def speed_rows(finder: Finder, texts: Sequence[pa.Array]) -> list[Row]:
    """The best of several runs over all texts, one thread, in CPU seconds."""
    everything = pa.concat_arrays(texts)
    megabytes = pc.sum(pc.binary_length(everything)).as_py() / 1e6
    finding = min(seconds(lambda: finder.find(everything)) for _ in range(REPEATS))
    return [
        Row(what="text", value=megabytes, unit="MB"),
        Row(what="find items, one core", value=megabytes / finding, unit="MB/s", target=SPEED_TARGET),
    ]


def seconds(work: object) -> float:
    assert callable(work)
    started = time.process_time()
    work()
    return time.process_time() - started


def document_rows(hits: dict[str, pa.Table]) -> list[Row]:
    """Documents dropped, all and by benchmark; a document with items of two counts for both."""
    documents = Counter(benchmark for table in hits.values() for benchmark, _ in pairs(table, "doc_id"))
    dropped = sum(len(table["doc_id"].unique()) for table in hits.values())
    rows = [Row(what="documents dropped", value=dropped, unit="documents")]
    return rows + [
        Row(what=f"with items of {name}", value=n, unit="documents") for name, n in sorted(documents.items())
    ]


def known_row(source: str, benchmark: str, hits: pa.Table, items: int) -> Row:
    found = sum(name == benchmark for name, _ in pairs(hits, "item"))
    return Row(what=f"{benchmark} in {source}", value=found, unit="items", target=f">= {items}")


def pairs(table: pa.Table, column: str) -> set[tuple[str, int]]:
    """The distinct pairs of benchmark and another column."""
    return set(zip(table["benchmark"].to_pylist(), table[column].to_pylist(), strict=True))


def show_hits(source: str, text: pa.Array, hits: pa.Table, items: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    for hit in hits.to_pylist():
        words = text[int(hit["doc_id"])].as_py().split()
        of_item = {word for part in items[hit["benchmark"]][hit["item"]] for word in part.split()}
        best = longest_run([word in of_item for word in words])
        print(
            f"{source} {hit['doc_id']}  {hit['benchmark']}:{hit['item']}  {hit['rule']} {hit['ngrams']} {hit['share']:.2f}  "
            f"{' '.join(words[best])[:200]}",
            file=sys.stderr,
        )


def longest_run(flags: Sequence[bool]) -> slice:
    """The longest run of True: of words that the item has too, in whatever order."""
    best, start = slice(0, 0), 0
    for place, flag in enumerate([*flags, False]):
        if not flag:
            best = max(best, slice(start, place), key=lambda run: run.stop - run.start)
            start = place + 1
    return best


if __name__ == "__main__":
    raise SystemExit(main())
