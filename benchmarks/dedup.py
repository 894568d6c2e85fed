"""Duplicates: quality, speed and growth of `curator dedup`, beside datatrove, Daft and rensa:

    python benchmarks/dedup.py [--corpus ../shared/data/text] [--work FOLDER] [--documents 100000] [--only PART] [--json]

The corpus is made of the texts of a folder of JSONL.zst files (without --corpus: of `curator sample` alone) with a fifth of planted
near duplicates; the truth is an exact join of all pairs. The peers run in environments of their own (see the Makefile, or --peers).
Parts: signing; neardup (real revisions beside the corpus); quality and speed (one paired run of all tools); growth. Tables go to
stderr as Markdown. Costs count the whole process tree with Ray's daemons; an almost empty corpus shows what of it is Ray's start.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from common import Row, report
from dedup.bench import Bench
from dedup.comparison import comparison
from dedup.growth import growth
from dedup.revisions import Score, score_table, scores, write_sets
from dedup.runs import PEERS, run_curator
from dedup.signing import signing

HERE = Path(__file__).resolve().parent
PARTS = ("signing", "neardup", "quality", "speed", "growth")
TOOLS = ("curator", *PEERS)


def main() -> int:
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        work=options.work.resolve(),
        source=options.corpus,
        peers=options.peers,
        tools=tuple(options.tools.split(",")),
        settings=tuple(options.set),
        reuse=options.reuse,
    )
    parts = options.only or PARTS
    rows: list[Row] = []
    if "signing" in parts:
        rows += signing(bench.corpus(options.documents))
    if "neardup" in parts:
        rows += real_revisions(bench, options.neardup)
    if "quality" in parts or "speed" in parts:
        rows += comparison(bench, options.documents, parts)
    if "growth" in parts:
        rows += growth(bench, [int(size) for size in options.growth.split(",")])
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--corpus", type=Path, help="a folder of JSONL.zst files with `text`")
    parser.add_argument(
        "--neardup", type=Path, help="a folder of sets of real near duplicates; default: beside the corpus"
    )
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dedup-bench")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument(
        "--growth", default="10000,100000,1000000", help="numbers of documents, each tenfold the one before"
    )
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".peers", help="the folder of their environments")
    parser.add_argument("--tools", default=",".join(TOOLS), help="which of them run")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    parser.add_argument("--set", action="append", default=[], metavar="key.path=value", help="a setting of curator")
    parser.add_argument("--reuse", action="store_true", help="take the runs that the work folder has from before")
    options = parser.parse_args()
    if options.neardup is None and options.corpus is not None:
        options.neardup = options.corpus.parent / "neardup"
    return options


def real_revisions(bench: Bench, source: Path | None) -> list[Row]:
    """Groups of real near duplicates against their exact similarity, default settings; one run over all sets."""
    if source is None or not source.exists():
        print("neardup: left out, for there is no folder of real near duplicates (--neardup)", file=sys.stderr)
        return []
    sets = write_sets(source, bench.work / "neardup")
    run = run_curator(sets, bench.work / "run-neardup", bench.settings)
    found = [score for name, folder in sets.items() for score in scores(name, folder, run.kept_for)]
    print(f"\n{score_table(found)}\n", file=sys.stderr)
    return [row for score in found for row in score_rows(score)]


def score_rows(score: Score) -> list[Row]:
    figures = {"precision": score.precision, "recall": score.recall, "ARI": score.ari}
    return [
        Row(what=f"{score.name}, J >= {score.bound}: {name}", value=value, unit="") for name, value in figures.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
