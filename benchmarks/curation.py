"""What curation is worth: a pool like the web, curated in several ways, and small models trained on each at equal tokens:

    python benchmarks/curation.py --shared ../shared/data --out FOLDER [--variants raw,fineweb,full] [--tokens N] [--json]

The pool and the held-out sets are made of ../shared/data (benchmarks/curation/); every variant is a run of `curator run`, then
`curator evaluate` compares them with `raw`, and with `fineweb`. All of it resumes in FOLDER. docs/results.md has the outcome.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from common import Row, report
from curation.heldout import SETS, write_heldout
from curation.pool import write_pool
from curation.variants import VARIANTS, Variant, yaml_of
from process_tree import measured

from curator.config.evaluation import AGAIN, COPIED
from curator.evaluation.results import ModelSummary, RunResult
from curator.evaluation.summary import summarise

POOL_SEED = 1
RANDOM_SHARE = 0.09  # of the documents: as many bytes as `full` keeps
FASTER_THAN_RAW, FASTER_THAN_FINEWEB = 3.0, 1.3
BASELINES = ("raw", "fineweb")
PARTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "good text, first of its copies": lambda row: row["kind"] == "good" and row["copy_of"] is None,
    "junk": lambda row: row["is_junk"],
    "copies": lambda row: row["copy_of"] is not None,
}
CURATOR = [sys.executable, "-m", "curator.cli"]


def main() -> int:
    options = parse()
    out = options.out.resolve()
    chosen = (
        [one for one in VARIANTS if one.name in options.variants.split(",")] if options.variants else list(VARIANTS)
    )
    if not (out / "truth.parquet").exists():
        write_heldout(options.shared, out / "heldout")
        write_pool(options.shared, out, seed=POOL_SEED, text_bytes=options.pool_bytes)
    costs = {variant.name: curated(variant, out) for variant in chosen}
    rows = [Row(what=f"{name}: curation", value=cost, unit="processor s") for name, cost in costs.items() if cost]
    rows += [row for variant in chosen for row in composition(variant, out)]
    results = evaluated(chosen, out, options)
    rows += [row for baseline in BASELINES if baseline in costs for row in compared(results, baseline)]
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder of real corpora")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--variants", help="names of variants, with commas; all if left out")
    parser.add_argument("--tokens", type=int, default=1_200_000)
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--models", default="nano", help="presets, with commas")
    parser.add_argument("--pool-bytes", type=int, default=60_000_000)
    parser.add_argument("--heldout-bytes", type=int, default=10_000, help="read of each of the eleven sets")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def curated(variant: Variant, out: Path) -> float:
    """Run the variant where it is not done yet; the processor seconds that it took in all its processes, Ray's start included.

    They are kept for a second call.
    """
    if variant.settings is None:
        return 0.0
    folder = out / "curated" / variant.name
    noted = folder / "processor_seconds"
    if not noted.exists():
        folder.mkdir(parents=True, exist_ok=True)
        config = folder.with_suffix(".yaml")
        config.write_text(yaml.safe_dump(yaml_of(variant, out, folder)))
        usage = measured([*CURATOR, "run", str(config)], sys.stderr)
        if usage.status:
            sys.exit(f"curator run {config} ended with {usage.status}")
        noted.write_text(str(usage.cpu))
    return float(noted.read_text())


def composition(variant: Variant, out: Path) -> list[Row]:
    """How much of the pool's good text, and of its junk and copies, the variant keeps: the system cannot see which is which."""
    if variant.settings is None:
        return []
    truth = pq.read_table(out / "truth.parquet").to_pylist()
    kept = pq.read_table(out / "curated" / variant.name / "curated", columns=["metadata"])["metadata"].to_pylist()
    ids = {json.loads(one)["id"] for one in kept}
    rows = []
    for part, belongs in PARTS.items():
        every = [row for row in truth if belongs(row)]
        share = sum(row["bytes"] for row in every if row["id"] in ids) / sum(row["bytes"] for row in every)
        rows.append(Row(what=f"{variant.name}: kept of {part}", value=share, unit="of its bytes"))
    return rows


def evaluated(chosen: list[Variant], out: Path, options: argparse.Namespace) -> list[RunResult]:
    """`curator evaluate` of all variants; what is trained already is not trained again."""
    config = {
        "output": {"path": str(out / "evaluation")},
        "corpora": {variant.name: corpus(variant, out) for variant in chosen},
        "heldout": {one.name: {"path": str(out / "heldout" / f"{one.name}.jsonl"), "gates": one.gates} for one in SETS},
        "models": options.models.split(","),
        "training": {"tokens": options.tokens, "seeds": [int(seed) for seed in options.seeds.split(",")]},
        "heldout_bytes": options.heldout_bytes,
    }
    path = out / "evaluate.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    subprocess.run([*CURATOR, "evaluate", str(path)], check=True, stdout=sys.stderr)
    found = json.loads((out / "evaluation" / "evaluation.json").read_text())
    return [RunResult.from_json(run) for run in found["runs"]]


def compared(results: list[RunResult], baseline: str) -> list[Row]:
    """The variants against one of them, in all sizes."""
    gating = [one.name for one in SETS if one.gates]
    variants = [run for run in results if run.corpus not in (COPIED, AGAIN)]
    return [row for model in summarise(variants, baseline, gating, 1)["models"] for row in rows_of(model, baseline)]


def corpus(variant: Variant, out: Path) -> dict[str, Any]:
    if variant.settings is not None:
        return {"path": str(out / "curated" / variant.name / "curated" / "*.parquet")}
    return {"path": str(out / "pool" / "*.jsonl.zst"), "keep_share": RANDOM_SHARE if variant.random else 1.0}


def rows_of(model: ModelSummary, baseline: str) -> list[Row]:
    """The figures of one model size; `full` has targets."""
    aims = {"raw": FASTER_THAN_RAW, "fineweb": FASTER_THAN_FINEWEB}
    rows = []
    for one in model["corpora"]:
        name = f"{model['model']}, {one['corpus']}"
        if baseline == BASELINES[0]:
            rows.append(Row(what=f"{name}: macro", value=one["macro"], unit="bits per byte"))
        if one["faster"] is not None:
            target = f">= {aims[baseline]}" if one["corpus"] == "full" else ""
            rows.append(
                Row(what=f"{name}: faster than {baseline}", value=one["faster"]["value"], unit="times", target=target)
            )
    return rows


if __name__ == "__main__":
    sys.exit(main())
