"""Speed of every step, and what Ray itself costs: `python benchmarks/pipeline.py [--json] [--corpus FOLDER_OR_GLOB]`.

Per-core rates are documents and text bytes over the seconds that the step's tasks ran. Ray's share is measured in one paired run:
the wall time of `curator run` against that of the same functions in a pool of plain processes (benchmarks/plain_processes.py).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Row, report

HERE = Path(__file__).resolve().parent
LOCAL = HERE.parent / "configs" / "local.yaml"
RAY_SHARE_TARGET = "<= 0.30"  # of the local sample's wall time
REPEATS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--corpus", help="measure this corpus instead of the sample; Ray's share then has no target")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), options.corpus)
    return report(rows, as_json=options.json)


def measure(folder: Path, corpus: str | None) -> list[Row]:
    settings = corpus_settings(corpus) if corpus else sample_settings(folder)
    ray_seconds, plain_seconds = [], []
    for turn in range(REPEATS if corpus is None else 1):
        ray_seconds.append(timed([sys.executable, "-m", "curator.cli", "run"], settings, folder / f"ray-{turn}"))
        plain_seconds.append(
            timed([sys.executable, str(HERE / "plain_processes.py")], settings, folder / f"plain-{turn}")
        )
    run = json.loads((folder / "ray-0" / "run.json").read_text())
    share = 1 - min(plain_seconds) / min(ray_seconds)
    return [
        Row(what="documents", value=run["documents_in"], unit="documents"),
        Row(what="documents kept", value=run["documents_kept"], unit="documents"),
        *(row for step in run["steps"] for row in step_rows(step, folder / "ray-0")),
        Row(what="wall, Ray", value=min(ray_seconds), unit="s"),
        Row(what="wall, plain processes", value=min(plain_seconds), unit="s"),
        Row(what="Ray's share of the wall time", value=share, unit="", target="" if corpus else RAY_SHARE_TARGET),
        Row(what="largest worker", value=max(step["peak_memory_bytes"] for step in run["steps"]) / 1e6, unit="MB"),
    ]


def sample_settings(folder: Path) -> list[str]:
    subprocess.run(
        [sys.executable, "-m", "curator.cli", "sample", str(folder / "sample")], check=True, stdout=sys.stderr
    )
    return [
        f"input.sources.{n}.path={folder}/sample/*.{kind}" for n, kind in enumerate(("warc.gz", "jsonl.zst", "parquet"))
    ]


def corpus_settings(corpus: str) -> list[str]:
    sources = json.dumps([{"path": corpus}])
    return [
        f"input.sources={sources}",
        "shards.text_bytes=16000000",
        "shards.unit_bytes=16000000",
        "language.min_probability=0.65",
    ]


def timed(command: list[str], settings: list[str], output: Path) -> float:
    arguments = [argument for value in [*settings, f"output.path={output}"] for argument in ("--set", value)]
    started = time.perf_counter()
    subprocess.run([*command, str(LOCAL), *arguments], check=True, stdout=sys.stderr, stderr=sys.stderr)
    return time.perf_counter() - started


def step_rows(step: dict[str, Any], output: Path) -> list[Row]:
    """Documents and text per second and core of one step; apart from that the seconds of what is not done by shard (a fit)."""
    name = step["name"]
    (manifest,) = output.glob(f"steps/{name}-{step['digest']}/manifest*.json")
    commits = json.loads(manifest.read_text())
    fits = [commit for commit in commits if "documents_in" not in commit["counts"]]
    seconds = task_seconds([commit for commit in commits if commit not in fits])
    rows = [Row(what=f"{name}: documents", value=step["documents_in"] / seconds, unit="1/s/core")]
    if step["bytes_in"]:
        rows.append(Row(what=f"{name}: text", value=step["bytes_in"] / 1e6 / seconds, unit="MB/s/core"))
    return rows + [Row(what=f"{name}: {fit['name']}", value=task_seconds([fit]), unit="s") for fit in fits]


def task_seconds(commits: list[dict[str, Any]]) -> float:
    return max(1e-9, sum(commit["ended"] - commit["started"] for commit in commits))


if __name__ == "__main__":
    sys.exit(main())
