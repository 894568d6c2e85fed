"""Quality and speed of HTML extraction: `python benchmarks/extraction.py [--json] [--data FOLDER]`.

Token F1 against the text that people marked as the main text of real pages (median and mean of the worst tenth), the share of
snippets that must and must not be found, pages and HTML per second of processor time, agreement of the two extractors, and
what the child process costs over extraction in this process. About three minutes; trafilatura is left out where it is missing.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psutil
import pyarrow as pa
from common import Row, report

from curator.text.extraction.extractor import ExtractionSettings, Extractor
from curator.text.extraction.main_text import ExtractorName, main_text_function
from curator.text.extraction.page import extract_page

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "html"
MARKED_SETS = ("wcxb_dev", "daniel_shared")
SNIPPET_SET = "trafilatura_eval"
EXTRACTORS: tuple[ExtractorName, ...] = ("resiliparse", "trafilatura")
PAGES = 600  # of a set at most, evenly spread
REPEATS = 3
CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
TOKEN = re.compile(rf"[{CJK}]|[^\W{CJK}]+")  # a word, or a character of a script without spaces


class Sample(NamedTuple):
    """Pages of one set, and what is known of each."""

    pages: list[bytes]
    facts: list[dict[str, Any]]

    @property
    def megabytes(self) -> float:
        return sum(map(len, self.pages)) / 1e6


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of <set>.tar.zst and <set>.meta.jsonl.zst")
    options = parser.parse_args()
    absent = [name for name in (*MARKED_SETS, SNIPPET_SET) if not (options.data / f"{name}.tar.zst").exists()]
    if absent:
        print(f"nothing measured: {options.data} does not hold {', '.join(absent)} (--data FOLDER)", file=sys.stderr)
        return 0
    return report(list(measure(options.data)), as_json=options.json)


def measure(data: Path) -> Iterator[Row]:
    chosen = [extractor for extractor in EXTRACTORS if find_spec(extractor)]
    values: dict[ExtractorName, list[float]] = {extractor: [] for extractor in chosen}
    for name in (*MARKED_SETS, SNIPPET_SET):
        sample = load(data, name)
        texts = {}
        for extractor in chosen:
            texts[extractor], seconds = extracted(sample, extractor)
            prefix = f"{name}, {extractor}"
            if name == SNIPPET_SET:
                yield from snippet_rows(prefix, texts[extractor], sample)
            else:
                scores = [
                    score(text, fact["gt_text"]) for text, fact in zip(texts[extractor], sample.facts, strict=True)
                ]
                yield from score_rows(prefix, scores)
                values[extractor].append(sum(found.f1 for found in scores) / seconds)
                yield Row(what=f"{prefix}: F1 per second", value=values[extractor][-1], unit="pages*F1/s")
            yield Row(what=f"{prefix}: pages", value=len(sample.pages) / seconds, unit="pages/s/core")
            yield Row(what=f"{prefix}: HTML", value=sample.megabytes / seconds, unit="MB/s/core")
        if len(chosen) == 2:
            both = [score(*pair).f1 for pair in zip(*texts.values(), strict=True)]
            yield Row(what=f"{name}: agreement, median F1", value=statistics.median(both), unit="")
    if len(chosen) == 2:
        ratio = min(first / second for first, second in zip(*values.values(), strict=True))
        yield Row(what="F1 per second, resiliparse over trafilatura", value=ratio, unit="x", target=">= 1")
    yield Row(what="child process over this process", value=isolation(load(data, MARKED_SETS[0])), unit="x")


def load(data: Path, name: str) -> Sample:
    """Up to PAGES pages of a set that hold what they are scored by."""
    known = "must_have" if name == SNIPPET_SET else "gt_text"
    with pa.input_stream(str(data / f"{name}.meta.jsonl.zst"), compression="zstd") as lines:
        facts = [fact for line in lines.read().splitlines() if (fact := orjson.loads(line)).get(known)]
    facts = facts[:: -(-len(facts) // PAGES)]
    wanted = {fact["file"] for fact in facts}
    with pa.input_stream(str(data / f"{name}.tar.zst"), compression="zstd") as stream:
        archive = tarfile.open(fileobj=stream, mode="r|")
        pages = {member.name: archive.extractfile(member).read() for member in archive if member.name in wanted}
    return Sample([pages[fact["file"]] for fact in facts], facts)


def extracted(sample: Sample, extractor: ExtractorName) -> tuple[list[str], float]:
    """The texts of a sample, and the seconds of processor time of parent and child together; errors are shown."""
    with Extractor(ExtractionSettings(extractor=extractor)) as running:
        running.extract(sample.pages[:3], [None] * 3)  # the start is not measured
        started = time.process_time() + child_seconds(running)
        found = running.extract(sample.pages, [None] * len(sample.pages))
        seconds = time.process_time() + child_seconds(running) - started
    for extraction, fact in zip(found, sample.facts, strict=True):
        if extraction.error:
            print(f"{extractor}, {fact['file']}: {extraction.error}", file=sys.stderr)
    return [extraction.text or "" for extraction in found], seconds


def child_seconds(extractor: Extractor) -> float:
    times = psutil.Process(extractor.child_pid).cpu_times()
    return times.user + times.system


def isolation(sample: Sample) -> float:
    """Processor time through the child over that in this process: the best of each, taken in turns."""
    main_text = main_text_function("resiliparse")
    inside, outside = [], []
    for _ in range(REPEATS):
        started = time.process_time()
        for page in sample.pages:
            extract_page(page, None, main_text)
        inside.append(time.process_time() - started)
        outside.append(extracted(sample, "resiliparse")[1])
    return min(outside) / min(inside)


def score(text: str, truth: str) -> Score:
    """Precision, recall and F1 of the words of a text as multisets, in lower case."""
    found, expected = (Counter(TOKEN.findall(part.lower())) for part in (text, truth))
    common = (found & expected).total()
    precision, recall = common / max(1, found.total()), common / max(1, expected.total())
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if common else 0.0)


def score_rows(prefix: str, scores: Sequence[Score]) -> Iterator[Row]:
    for measure, column in zip(("precision", "recall", "F1"), zip(*scores, strict=True), strict=True):
        worst = sorted(column)[: len(column) // 10]
        yield Row(what=f"{prefix}: {measure}, median", value=statistics.median(column), unit="")
        yield Row(what=f"{prefix}: {measure}, worst tenth", value=statistics.mean(worst), unit="")
    yield Row(what=f"{prefix}: F1, mean", value=statistics.mean(found.f1 for found in scores), unit="")


def snippet_rows(prefix: str, texts: Sequence[str], sample: Sample) -> Iterator[Row]:
    """The share of snippets found, white space aside."""
    flat = [" ".join(text.split()) for text in texts]
    for kind in ("must_have", "must_not_have"):
        hits = [
            " ".join(snippet.split()) in text
            for text, fact in zip(flat, sample.facts, strict=True)
            for snippet in fact[kind] or []
        ]
        yield Row(what=f"{prefix}: {kind.replace('_', ' ')}, found", value=statistics.mean(hits), unit="")


if __name__ == "__main__":
    sys.exit(main())
