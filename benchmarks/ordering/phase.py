"""Some steps of a run in a Ray cluster of their own: `python phase.py CONFIG RESULT STEP ...`.

RESULT (JSON): wall and processor seconds of all these steps, Ray's start not counted; the memory of a worker that has only imported
what they need; and the bytes of the pieces that `arrange` has written, by level. Workers are fresh: so peaks are of these steps.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
import pyarrow as pa

from curator.cluster import ray_cluster
from curator.config import load_config
from curator.plan import Plan, plan
from curator.readers.registry import save_registry
from curator.run import do_step
from curator.steps.arrange import HELD, sizes_of
from curator.steps.arrange_layout import Layout
from curator.steps.graph import mapped, peak_memory, shard_rows
from curator.steps.order_files import read_cuts
from curator.steps.step import Event

WORKERS = 2


@dataclass(kw_only=True)
class Phase:
    """What a phase has cost."""

    wall: float = 0.0
    processors: float = 0.0
    idle_bytes: int = 0
    pieces: list[int] = field(default_factory=list)
    piece_files: int = 0


def main() -> None:
    config, result, *names = sys.argv[1:]
    laid_out, phase = plan(load_config(config)), Phase()
    save_registry(laid_out.output, laid_out.registry)
    with ray_cluster(laid_out.config.resources):
        found = mapped(shard_rows(range(WORKERS)), idle, batch_size=1)
        phase.idle_bytes = max(row["bytes"] for row in found.iter_rows())
        started, used = time.perf_counter(), processor_seconds()
        for step in laid_out.steps:
            if step.name in names:
                do_step(laid_out, step, Pieces(laid_out, phase) if step.name == "arrange" else lambda event: None)
        phase.wall, phase.processors = time.perf_counter() - started, processor_seconds() - used
    Path(result).write_text(json.dumps(asdict(phase)))


def idle(batch: pa.Table) -> pa.Table:
    """The memory of a worker that has only imported what the step needs."""
    importlib.import_module("curator.steps.arrange")
    return pa.table({"bytes": [peak_memory()]})


def processor_seconds() -> float:
    """Of this process and all below it that are alive: Ray's daemons, and workers, which outlive the steps."""
    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


class Pieces:
    """Counts the bytes of all pieces when the last output shard is written, which is before the first piece is deleted."""

    def __init__(self, laid_out: Plan, phase: Phase) -> None:
        folders = {step.name: laid_out.folder(step) for step in laid_out.steps}
        sizes, shards = sizes_of(folders["curate"]), len(read_cuts(folders["order"])) + 1
        task_bytes = laid_out.config.resources.exchange_bytes // HELD
        layout = Layout.of(sizes, shards, task_bytes=task_bytes)
        self.levels = layout.levels if sum(sizes.values()) > task_bytes else 0
        self.commits = 1 + shards + sum(layout.tasks(level) for level in range(self.levels))
        self.folder, self.phase = Path(folders["arrange"].folder.uri), phase

    def __call__(self, event: Event) -> None:
        if event.done != self.commits or event.finished or self.phase.pieces:
            return
        for level in range(self.levels):
            files = [path.stat().st_size for path in self.folder.glob(f"pieces-{level}/*/*.arrow")]
            self.phase.pieces.append(sum(files))
            self.phase.piece_files += len(files)


if __name__ == "__main__":
    main()
