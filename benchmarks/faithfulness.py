"""The checks of rewrites on a labelled set: `python benchmarks/faithfulness.py [--json] [--missed] [--pairs FILE]`.

Faithful rewrites of 48 texts in four languages and what is made of them by planting one fault each (tests/rephrase). Some of the
texts were looked at all the time while the checks were written, some late. And how fast one core is. `--pairs`: the share of the
paraphrases in a file of pairs (mrpc.jsonl.zst) that each check rejects; most of these say more than their source does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from common import Row, report

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from curator.config.engines import HttpEngine
from curator.config.rephrase import Checks, Rephrase
from curator.rephrase.faithfulness import Text, opposite, own_name, own_number, rebound, unsupported
from curator.rephrase.strategy import load_strategies
from curator.rephrase.verdict import Verdict, verdicts
from tests.rephrase.labelled_rewrites import FAITHFUL, PARTS, Case, cases, part

LEAST_PER_SECOND, MOST_FALSE_ALARMS = 300, 0.05
SECONDS = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--missed", action="store_true", help="show each fault that was missed and each false alarm")
    parser.add_argument("--pairs", type=Path, help="pairs of texts with a label, one JSON object to a line, zstd")
    options = parser.parse_args()
    labelled = cases()
    found = judge(labelled)
    rows = [row for one in PARTS for row in of_part(labelled, found, one)]
    rows += [overall(labelled, found), speed(labelled)] + (pairs(options.pairs) if options.pairs else [])
    status = report(rows, as_json=options.json)
    if options.missed and not options.json:
        for case, one in zip(labelled, found, strict=True):
            if (case.fault == FAITHFUL) == (one.reason is not None):
                print(f"{case.number} {case.strategy} {case.language}: {case.fault}: {one.reason} {one.detail}")
    return status


def judge(labelled: Sequence[Case]) -> list[Verdict]:
    strategies = {one.name: one for one in load_strategies(Rephrase(http=HttpEngine(url="http://none", model="none")))}
    return verdicts(
        [case.source for case in labelled],
        [case.answer for case in labelled],
        strategies=[strategies[case.strategy] for case in labelled],
        checks=Checks(),
        languages=[case.language for case in labelled],
    )


def of_part(labelled: Sequence[Case], found: Sequence[Verdict], of: str) -> list[Row]:
    """Of each kind of case how many there are and how many were rejected."""
    kinds = dict[str, list[bool]]()
    for case, one in zip(labelled, found, strict=True):
        if part(case) == of:
            kinds.setdefault(case.fault, []).append(one.reason is not None)
    return [
        Row(
            what=f"{of}: {kind}, {sum(rejected)} rejected of {len(rejected)}",
            value=sum(rejected) / len(rejected),
            unit="share",
        )
        for kind, rejected in kinds.items()
    ]


def overall(labelled: Sequence[Case], found: Sequence[Verdict]) -> Row:
    alarms = [one.reason is not None for case, one in zip(labelled, found, strict=True) if case.fault == FAITHFUL]
    share = sum(alarms) / len(alarms)
    return Row(what="faithful rewrites rejected", value=share, unit="share", target=f"<= {MOST_FALSE_ALARMS}")


def speed(labelled: Sequence[Case]) -> Row:
    faithful = [case for case in labelled if case.fault == FAITHFUL]
    start, done = time.process_time(), 0
    while time.process_time() - start < SECONDS:
        judge(faithful)
        done += len(faithful)
    characters = sum(len(case.source) + len(case.answer) for case in faithful) / len(faithful)
    return Row(
        what=f"pairs of {characters:.0f} characters checked",
        value=done / (time.process_time() - start),
        unit="pairs/s/core",
        target=f">= {LEAST_PER_SECOND}",
    )


def pairs(path: Path) -> list[Row]:
    with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
        read = [json.loads(line) for line in bytes(stream.read()).splitlines()]
    texts = [(plain(one["a"]), plain(one["b"])) for one in read if one["label"] == 1]
    counts = dict[str, int]()
    for one, other in texts:
        source, answer = Text(one, "en"), Text(other, "en")
        found = [
            own_number(source, answer),
            own_name(source, answer),
            opposite(source, answer),
            rebound(source, answer),
        ]
        for finding in filter(None, [*found, unsupported(source, answer, least=Checks().supported_share)]):
            counts[finding.reason] = counts.get(finding.reason, 0) + 1
    return [
        Row(
            what=f"{path.name.split('.')[0]}: {reason} of {len(texts)} paraphrases",
            value=count / len(texts),
            unit="share",
        )
        for reason, count in sorted(counts.items())
    ]


def plain(text: str) -> str:
    """The text of tokens as one would write it."""
    text = text.strip('"').replace('""', '"')
    text = re.sub(r" ([,.;:!?%)]|'s\b|n't\b|'re|'ll|'ve|'d)", r"\1", text)
    return re.sub(r"n 't\b", "n't", re.sub(r"([$(]) ", r"\1", text))


if __name__ == "__main__":
    sys.exit(main())
