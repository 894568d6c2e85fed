"""What a training order is worth: one curated corpus in several orders, and small models trained on each under one schedule:

    python benchmarks/curriculum.py --shared ../shared/data --out FOLDER [--seeds 1,2,3,4,5,6] [--json]

The pool and the held-out sets are those of benchmarks/curation.py, a smaller pool; of what passes filters and duplicates nothing
is dropped, so quality varies. Every order is a run of `curator run` with a `sequence`, and holds the same documents; the models
read all of it once, so only the order differs. `shuffled` is the baseline, in another order for every seed. All of it resumes
in FOLDER. docs/results.md has the outcome.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from common import Row, report
from curation.heldout import SETS, write_heldout
from curation.pool import write_pool
from curation.variants import BASE, WITHOUT_BUDGETS, Settings, Variant, merged, yaml_of

from curator.evaluation.results import CorpusSummary

POOL_SEED = 1
POOL_BYTES = 7_500_000  # about 1.2 million tokens of it pass
SCORED: Settings = {"quality": {"keep_share": 1.0}}
BEST = {"quality": {"high": 8.0, "medium_high": 4.0, "low": 0.1}}
WORST = {"quality": {"low": 8.0, "medium_low": 4.0, "high": 0.1}}
EASY = {"difficulty": {"easy": 4.0, "hard": 0.25}}
ORDERS: dict[str, Settings] = {
    "shuffled": {},
    "best_last": {"stages": [[0.0, {}], [0.8, BEST]]},
    "best_last_linear": {"stages": [[0.0, WORST], [0.9, BEST]], "transition": "linear"},
    "worst_last": {"stages": [[0.0, {}], [0.8, WORST]]},
    "warm_up": {"stages": [[0.0, EASY], [0.1, {}]], "difficulty": "readability"},
    "easy_to_hard": {"order": "ascending", "difficulty": "readability"},
}
CURATOR = [sys.executable, "-m", "curator.cli"]


def main() -> int:
    options = parse()
    out = options.out.resolve()
    if not (out / "truth.parquet").exists():
        write_heldout(options.shared, out / "heldout")
        write_pool(options.shared, out, seed=POOL_SEED, text_bytes=options.pool_bytes)
    corpora = {name: ordered(name, order, out) for name, order in ORDERS.items()}
    assert len({documents(folder) for folder in corpora.values()}) == 1, "every order has the same documents"
    rows = [row for one in evaluated(corpora, out, options) for row in rows_of(one)]
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder of real corpora")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--tokens", type=int, default=1_200_000, help="as many as the corpus has: each is to be read once"
    )
    parser.add_argument("--seeds", default="1,2,3,4,5,6")
    parser.add_argument("--models", default="nano", help="presets, with commas")
    parser.add_argument("--pool-bytes", type=int, default=POOL_BYTES)
    parser.add_argument("--heldout-bytes", type=int, default=10_000, help="read of each of the eleven sets")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def ordered(name: str, order: Settings, out: Path) -> Path:
    """Run `curator` with this order where it has not ended yet; the folder of what it has curated."""
    folder = out / "ordered" / name
    if not (folder / "run.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        variant = Variant(name=name, what=name, settings=merged(BASE, WITHOUT_BUDGETS, SCORED, {"sequence": order}))
        config = folder.with_suffix(".yaml")
        config.write_text(yaml.safe_dump(yaml_of(variant, out, folder)))
        subprocess.run([*CURATOR, "run", str(config)], check=True, stdout=sys.stderr)
    return folder / "curated"


def documents(folder: Path) -> tuple[int, ...]:
    """The ids of all documents, ascending."""
    return tuple(sorted(pq.read_table(folder, columns=["doc_id"])["doc_id"].to_pylist()))


def evaluated(corpora: dict[str, Path], out: Path, options: argparse.Namespace) -> list[CorpusSummary]:
    """`curator evaluate` of all orders; what is trained already is not trained again."""
    config: dict[str, Any] = {
        "output": {"path": str(out / "evaluation")},
        "corpora": {
            name: {"path": str(folder / "*.parquet"), "ordered": name != "shuffled"} for name, folder in corpora.items()
        },
        "heldout": {one.name: {"path": str(out / "heldout" / f"{one.name}.jsonl"), "gates": one.gates} for one in SETS},
        "models": options.models.split(","),
        "training": {
            "tokens": options.tokens,
            "budgets": [1.0],
            "seeds": [int(seed) for seed in options.seeds.split(",")],
        },
        "heldout_bytes": options.heldout_bytes,
    }
    path = out / "evaluate.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    subprocess.run([*CURATOR, "evaluate", str(path)], check=True, stdout=sys.stderr)
    models = json.loads((out / "evaluation" / "evaluation.json").read_text())["models"]
    return [one for model in models for one in model["corpora"]]


def rows_of(one: CorpusSummary) -> list[Row]:
    """Its bits per byte, and what it is better by than the shuffled corpus."""
    name = one["corpus"]
    rows = [
        Row(what=f"{name}: macro", value=one["macro"], unit="bits per byte"),
        Row(what=f"{name}: times the corpus is read", value=one["epochs"], unit=""),
    ]
    better = one["better"]
    if better is not None:
        told = "distinguishable" if better["distinguishable"] else "not distinguishable"
        unit = f"bits per byte [{better['low']:+.4f}, {better['high']:+.4f}], {told}"
        rows.append(Row(what=f"{name}: better than shuffled", value=better["value"], unit=unit))
    return rows


if __name__ == "__main__":
    sys.exit(main())
