"""The training order at scale: cost, memory, mixture and shards of the steps `order` and `arrange`, at several sizes of a corpus:

    python benchmarks/ordering.py [--documents N ...] [--work FOLDER] [--json]

Drawn text from four sources, some documents several times, through the real pipeline (what is not needed is off), with three stages
by source and a linear transition. Shards and `resources.exchange_bytes` are small, so that content moves through files, the largest
corpus through two levels. Each of the phases (up to `curate`, `order`, `arrange`) runs in a Ray cluster of its own: processor
seconds are those of the whole process tree less a start of Ray, memory is the peak of fresh workers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from common import Row, report
from ordering.corpus import REHYDRATE, Drawn, draw_corpus
from ordering.floor import plain_copy
from ordering.noise import deviations, expected_deviations
from ordering.readback import ReadBack, read_back

from curator.algorithms.mixture import largest_deviation
from curator.config import Config, load_config
from curator.plan import plan
from curator.run import run

PHASE = Path(__file__).resolve().parent / "ordering" / "phase.py"
SIZES = (125_000, 500_000, 2_000_000)
PHASES = {
    "rest": ("ingest", "filter", "exact", "near", "curate"),
    "order": ("order",),
    "arrange": ("arrange",),
}
PROCESSES = 2
UNIT_BYTES = 24_000_000  # a task of ingest, which so is spread over the processors
REST_EXCHANGE_BYTES = 4_000_000_000  # what comes before is not measured here: duplicates meet in one task
GROWTH, BOUND, INEQUALITY, CHANCE = "<= 1.1", "<= 3", "<= 1", "<= 1.5"
SEQUENCE = {
    "stages": [
        [0.0, {"source": {"web": 2, "books": 0.5}}],
        [0.4, {"source": {"forums": 3}}],
        [0.8, {"source": {"books": 8, "code": 4, "web": 0.5}}],
    ],
    "transition": "linear",
}
GROUPS_OF_RULES = ("gopher_quality", "gopher_repetition", "c4", "fineweb", "refinedweb", "content", "code", "table")
CHEAP: Mapping[str, Any] = {
    "clean_up": {"mojibake": False, "lines": []},
    "personal_data": dict.fromkeys(("email", "ip", "phone", "card", "iban", "key"), "ignore"),
    "language": None,
    "filters": {"profile": "dolma", **dict.fromkeys(GROUPS_OF_RULES)},
    "near": {"permutations": 6, "bands": 1, "rows": 6},
    "duplicates": {"keep": ["length"], "rehydrate": REHYDRATE},
    "budgets": None,
}


Spent = Mapping[str, Mapping[str, Any]]
"""What each phase has cost, as ordering/phase.py says."""


def main() -> int:
    options = parse()
    sizes = sorted(options.documents)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        rows, peaks = list[Row](), list[float]()
        for size in sizes:
            found = measure(Path(folder) / str(size), size, options)
            rows += found
            peaks += [row.value for row in found if row.what.endswith("arrange: largest worker")]
    growth = peaks[-1] / peaks[0]
    rows.append(Row(what=f"{sizes[0]:,} to {sizes[-1]:,}: largest worker", value=growth, unit="times", target=GROWTH))
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--documents", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--work", type=Path, default=tempfile.gettempdir(), help="where a temporary folder is made")
    parser.add_argument("--exchange-bytes", type=int, default=128_000_000, help="resources.exchange_bytes")
    parser.add_argument("--shard-bytes", type=int, default=4_000_000, help="shards.text_bytes")
    return parser.parse_args()


def measure(folder: Path, size: int, options: argparse.Namespace) -> list[Row]:
    """All rows of a corpus of this size."""
    drawn = draw_corpus(folder / "corpus", size)
    config = write_configs(folder, drawn, options)
    spent = {name: spend(folder, name, steps) for name, steps in PHASES.items()}
    run(config, lambda event: None)  # nothing is left to do: it reconciles and publishes
    told = json.loads((folder / "out" / "order.json").read_text())
    assert config.sequence is not None
    mixtures = [mixture for _, mixture in config.sequence.stages]
    found = read_back(folder / "out" / "curated", mixtures, np.array(told["edges"]))
    assert found.rows == drawn.documents, f"{found.rows} rows of {drawn.documents} documents"
    rows = [
        Row(what="text", value=found.text_bytes / 1e6, unit="MB"),
        *cost_rows(found.text_bytes / 1e6, spent),
        *memory_rows(config, spent),
        *moved_rows(folder, found, spent["arrange"]),
        *mixture_rows(told, found),
        Row(what="shards: largest difference from the mean", value=100 * found.inequality, unit="%", target=INEQUALITY),
    ]
    shutil.rmtree(folder)
    return [Row(what=f"{size:,}: {row.what}", value=row.value, unit=row.unit, target=row.target) for row in rows]


def write_configs(folder: Path, drawn: Drawn, options: argparse.Namespace) -> Config:
    """A configuration for each phase, of one run."""
    config = {
        **CHEAP,
        "input": {"sources": [{"path": f"{drawn.folder}/*.parquet"}]},
        "output": {"path": str(folder / "out")},
        "shards": {"text_bytes": options.shard_bytes, "unit_bytes": UNIT_BYTES},
        "sequence": SEQUENCE,
    }
    for name in PHASES:
        exchange = REST_EXCHANGE_BYTES if name == "rest" else options.exchange_bytes
        config["resources"] = {"exchange_bytes": exchange, "cpus": PROCESSES}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(config))
    return load_config(str(folder / f"{name}.yaml"))


def spend(folder: Path, name: str, steps: tuple[str, ...]) -> Mapping[str, Any]:
    """What the steps of a phase cost; ends the benchmark where they fail."""
    result, log = folder / f"{name}.json", folder / f"{name}.log"
    print(f"{folder.name}: {name}", file=sys.stderr, flush=True)
    command = [sys.executable, str(PHASE), str(folder / f"{name}.yaml"), str(result), *steps]
    with log.open("w") as file:
        if subprocess.run(command, stdout=file, stderr=file).returncode:
            sys.exit(f"{name} failed: {log.read_text()[-2000:]}")
    found: Mapping[str, Any] = json.loads(result.read_text())
    return found


def cost_rows(megabytes: float, spent: Spent) -> list[Row]:
    """Wall and processor seconds of the phases, their speed, and their share of the whole run's time."""
    rows = []
    for name, title in (("order", "order"), ("arrange", "arrange"), ("rest", "the rest of the run")):
        wall, processors = spent[name]["wall"], spent[name]["processors"]
        rows += [
            Row(what=f"{title}: wall", value=wall, unit="s"),
            Row(what=f"{title}: processors", value=processors, unit="s"),
            Row(what=f"{title}: text", value=megabytes / wall, unit="MB/s"),
            Row(what=f"{title}: text by processor", value=megabytes / processors, unit="MB/s/core"),
        ]
    whole = sum(one["wall"] for one in spent.values())
    share = 100 * (1 - spent["rest"]["wall"] / whole)
    return [
        *rows,
        Row(what="the whole run: text", value=megabytes / whole, unit="MB/s"),
        Row(what="order and arrange of the whole run's wall time", value=share, unit="%"),
    ]


def memory_rows(config: Config, spent: Spent) -> list[Row]:
    """The largest workers of both steps, each a fresh process, and one that has only imported what it needs."""
    laid_out = plan(config)
    folders = {step.name: laid_out.folder(step) for step in laid_out.steps}
    peaks = {name: max(commit.peak_bytes for commit in folders[name].manifest() or ()) for name in ("order", "arrange")}
    idle = spent["arrange"]["idle_bytes"]
    above = (peaks["arrange"] - idle) / config.resources.exchange_bytes
    return [
        Row(what="a worker before its first task", value=idle / 1e6, unit="MB"),
        *(Row(what=f"{name}: largest worker", value=peak / 1e6, unit="MB") for name, peak in peaks.items()),
        Row(what="arrange: what it takes, by resources.exchange_bytes", value=above, unit="times", target=BOUND),
    ]


def moved_rows(folder: Path, found: ReadBack, arrange: Mapping[str, Any]) -> list[Row]:
    """How often content is written, and what only reading and writing it takes."""
    levels, pieces = len(arrange["pieces"]), sum(arrange["pieces"])
    rows = [
        Row(what="arrange: levels", value=levels, unit=""),
        Row(what="arrange: pieces", value=arrange["piece_files"], unit="files"),
        Row(what="arrange: output", value=found.file_bytes / 1e6, unit="MB"),
        Row(what="arrange: pieces and output, by output", value=1 + pieces / found.file_bytes, unit="times"),
    ]
    for name, through in (("a plain copy", 0), ("a copy with as many levels", levels)):
        copied = plain_copy(folder / "out" / "curated", folder / "copy", levels=through, processes=PROCESSES)
        shutil.rmtree(folder / "copy")
        rows += [
            Row(what=f"{name}: wall", value=copied.wall, unit="s"),
            Row(what=f"{name}: processors", value=copied.processors, unit="s"),
            Row(what=f"arrange over {name}: wall", value=arrange["wall"] / copied.wall, unit="times"),
            Row(what=f"arrange over {name}: processors", value=arrange["processors"] / copied.processors, unit="times"),
        ]
    return rows


def mixture_rows(told: Mapping[str, Any], found: ReadBack) -> list[Row]:
    """By how much slices of 1 % and whole stages differ from what was asked, beside what chance gives."""
    edges, asked, measured_tokens = (np.array(told[name]) for name in ("edges", "asked_tokens", "measured_tokens"))
    starts = np.array([start for start, _ in SEQUENCE["stages"]])
    chance = expected_deviations(asked, edges, starts, found.token_sizes)
    told_wrong = 100 * largest_deviation(measured_tokens, found.mixture)
    rows = [Row(what="order.json differs from the output read back by", value=told_wrong, unit="%")]
    for what, deviation, by_chance in zip(
        ("slice", "stage"), deviations(found.mixture, asked, edges, starts), chance, strict=True
    ):
        rows += [
            Row(what=f"{what}: largest deviation from what was asked", value=100 * deviation, unit="%"),
            Row(what=f"{what}: by chance", value=100 * by_chance, unit="%"),
            Row(what=f"{what}: deviation over chance", value=deviation / by_chance, unit="times", target=CHANCE),
        ]
    return rows


if __name__ == "__main__":
    sys.exit(main())
