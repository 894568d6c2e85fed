"""Concepts and budgets: a planted zoo, and what of real topics a selection still covers:

    python benchmarks/concepts.py [--corpus ../shared/data/text] [--seeds 1,2,3] [--budgets 0.5,0.25,0.1] [--only PART] [--json]

The zoo is made here and needs no corpus: budgets must follow the variety of its species, not their size. At half of the documents
the small varied species are used up, so there the bounds are only reported, beside an oracle that knows the varieties. The real
part reads JSONL.zst files with `text` and `topic`; the labels are only measured against. Tables go to stderr as Markdown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from common import Row, report
from concepts import real_trial, zoo_trial
from concepts.labels import corpora

PARTS = ("zoo", "real")
BOUND_VARIETY, BOUND_SIZE = 0.9, 0.3
REACHABLE = 0.3  # the bounds are for budgets up to this share: above it varied species are used up


def main() -> int:
    options = parse()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    budgets = [float(share) for share in options.budgets.split(",")]
    parts = options.only or PARTS
    rows: list[Row] = []
    if "zoo" in parts:
        rows += zoo(seeds, budgets)
    if "real" in parts and options.corpus is not None:
        rows += real(options.corpus, seeds, budgets)
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--corpus", type=Path, help="a folder of JSONL.zst files with `text` and `topic`")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--budgets", default="0.5,0.25,0.1", help="shares of the documents (zoo) or tokens (real)")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    return parser.parse_args()


def zoo(seeds: list[int], budgets: list[float]) -> list[Row]:
    """The worst seed must hold the bounds; every control must do worse in both."""
    outcomes = [one for seed in seeds for one in zoo_trial.trial(seed, budgets, measures=True, peers=True)]
    print(f"\n{zoo_trial.table(outcomes)}\n", file=sys.stderr)
    rows = []
    for share in budgets:
        here = [one for one in outcomes if one.share == share]
        by = {name: [one for one in here if one.method == name] for name in dict.fromkeys(one.method for one in here)}
        reachable = share <= REACHABLE
        variety, size = min(one.variety for one in by["ours"]), max(abs(one.size) for one in by["ours"])
        rows.append(
            row("zoo", share, "rho(budget, variety), worst", variety, f">= {BOUND_VARIETY}" if reachable else "")
        )
        rows.append(row("zoo", share, "|rho(budget, size)|, worst", size, f"<= {BOUND_SIZE}" if reachable else ""))
        for name in (*zoo_trial.CONTROLS, "oracle"):
            best = max(one.variety for one in by[name])
            rows.append(
                row(
                    "zoo",
                    share,
                    f"rho(budget, variety), {name}, best",
                    best,
                    "" if name == "oracle" else f"<= {variety:.6f}",
                )
            )
    return rows


def real(folder: Path, seeds: list[int], budgets: list[float]) -> list[Row]:
    """Ours must keep more of the topics than random choice at the same tokens; the rest is reported."""
    rows = []
    for labelled in corpora(folder):
        results, matches = real_trial.trial(labelled, budgets, seeds)
        for name in ("nmi", "purity"):
            values = [getattr(match, name) for match in matches]
            rows.append(
                Row(
                    what=f"{labelled.name}, {matches[0].concepts} concepts: {name}",
                    value=float(np.mean(values)),
                    unit="",
                )
            )
        for share in budgets:
            here = [one for one in results if one.share == share]
            print(f"\n{labelled.name}, {share:.0%} of the tokens\n\n{real_trial.table(here)}\n", file=sys.stderr)
            random = mean(here, "random", "topics5")
            rows.append(row(labelled.name, share, "topics5", mean(here, "ours", "topics5"), f">= {random:.6f}"))
            worst = max(abs(one.spent - 1) for one in here)
            rows.append(row(labelled.name, share, "budget missed by, worst", worst, "<= 0.01"))
    return rows


def mean(results: list[real_trial.Result], method: str, figure: str) -> float:
    return float(np.mean([one.figures[figure] for one in results if one.method == method]))


def row(corpus: str, share: float, what: str, value: float, target: str) -> Row:
    return Row(what=f"{corpus}, {share:.0%}: {what}", value=value, unit="", target=target)


if __name__ == "__main__":
    sys.exit(main())
