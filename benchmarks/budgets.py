"""Concepts and budgets at size: `python benchmarks/budgets.py [--json] [--documents N] [--dimensions D] [--keep FOLDER]`.

Synthetic embeddings around centres of very different sizes, with planted repeats, are written as the finished folder of the step
`embed`; then the real steps run on Ray: cells, redundancy, concepts, complexity, budgets, rebalance. Time is wall time on all
cores, Ray's start not counted; memory is the peak of the largest worker. A tenth of the documents goes first, for the growth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from common import Row, report

from curator.cluster import ray_cluster
from curator.config.schema import Config
from curator.pipeline import Steps, with_budgets
from curator.plan import Plan
from curator.readers.registry import Registry
from curator.reconcile import StepReport
from curator.run import do_step
from curator.steps.step import Step
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_column

SECONDS_TARGET, MEMORY_TARGET, GROWTH_TARGET = "<= 180", "<= 4000", "<= 12"
SHARD_DOCUMENTS = 31_250
REPEATED = 0.1  # of the documents, each like one before it in its shard
WORDS = np.array([f"word{number}" for number in range(20_000)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--dimensions", type=int, default=128)
    parser.add_argument("--keep", help="leave the folders here")
    options = parser.parse_args()
    rows: list[Row] = []
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for documents in (options.documents // 10, options.documents):
            output = Path(options.keep or folder) / str(documents)
            found = measure(output, documents, options.dimensions)
            rows += found
            seconds.append(found[-2].value)
    rows.append(
        Row(what="ten times the documents take", value=seconds[1] / seconds[0], unit="times", target=GROWTH_TARGET)
    )
    return report(rows, as_json=options.json)


def measure(output: Path, documents: int, dimensions: int) -> list[Row]:
    """Seconds of every step, all of them together, and the largest worker."""
    config = Config.model_validate(
        {
            "input": {"sources": ({"path": "none"},)},
            "output": {"path": str(output)},
            "embedding": {"dimensions": dimensions},
            "redundancy": {"similarity": 0.95},
        }
    )
    given = tuple(finished_steps())
    steps = with_budgets(config, given)
    plan = Plan(config=config, output=Folder(str(output)), registry=Registry((), ()), steps=steps)
    write_corpus(plan, steps[: len(given) + 1], documents, dimensions)
    rows = []
    with ray_cluster(config.resources):
        for step in steps[len(given) + 1 :]:
            started = time.perf_counter()
            do_step(plan, step, lambda event: None)
            rows.append(Row(what=f"{documents:,}: {step.name}", value=time.perf_counter() - started, unit="s"))
    reports = [StepReport.of(step, plan.folder(step).manifest() or ()) for step in steps[len(given) + 1 :]]
    large = documents >= 1_000_000
    total = Row(
        what=f"{documents:,}: all",
        value=sum(row.value for row in rows),
        unit="s",
        target=SECONDS_TARGET if large else "",
    )
    peak = max(report.peak_memory_bytes for report in reports) / 1e6
    return [*rows, total, Row(what=f"{documents:,}: largest worker", value=peak, unit="MB", target=MEMORY_TARGET)]


def finished_steps() -> list[Step]:
    steps: list[Step] = []
    for name in ("ingest", "filter", "exact", "near"):
        steps.append(Step(name=name, settings={}, version=0, inputs=tuple(steps), work=lambda job: None))
    return steps


def write_corpus(plan: Plan, steps: Steps, documents: int, dimensions: int) -> None:
    """The folders of the steps up to `embed`, finished, with everything that the later ones read."""
    folders = {step.name: plan.folder(step) for step in steps}
    rng = np.random.default_rng(1)
    centres = unit(rng.normal(size=(max(10, round(documents**0.5)), dimensions)))
    popularity = 1.0 / np.arange(1, len(centres) + 1) ** 0.7
    spread = rng.uniform(0.02, 0.12, len(centres))
    commits = []
    for place, start in enumerate(range(0, documents, SHARD_DOCUMENTS)):
        count = min(SHARD_DOCUMENTS, documents - start)
        centre = rng.choice(len(centres), count, p=popularity / popularity.sum())
        vectors = unit(centres[centre] + spread[centre, None] * rng.normal(size=(count, dimensions)))
        repeats = rng.permutation(count)[: int(count * REPEATED)]
        sources = np.maximum(0, repeats - rng.integers(1, 100, len(repeats)))
        vectors[repeats], centre[repeats] = vectors[sources], centre[sources]
        commits.append(write_shard(folders, shard_number(place, 0), vectors, texts(rng, centre)))
    for folder in folders.values():
        folder.finish(commits)


def write_shard(folders: dict[str, StepFolder], shard: int, vectors: npt.NDArray[np.float32], text: pa.Array) -> Commit:
    count = len(vectors)
    ids = document_ids(shard, count)
    size = pa.array(np.full(count, 4_000, np.int64))
    folders["embed"].write("embeddings", shard, pa.table({"doc_id": ids, "embedding": to_column(vectors)}))
    folders["filter"].write(
        "quality", shard, pa.table({"doc_id": ids, "quality": np.linspace(0, 1, count, dtype=np.float32)})
    )
    language, date = pa.array(["en"] * count), pa.nulls(count, pa.int64())
    statistics = {"doc_id": ids, "bytes": size, "characters": size, "language": language, "date": date}
    folders["ingest"].write("statistics", shard, pa.table(statistics))
    folders["ingest"].write("documents", shard, pa.table({"doc_id": ids, "text": text}))
    folders["ingest"].write("origins", shard, pa.table({"doc_id": ids, "source": pa.array(["web"] * count)}))
    counts = {"documents_in": count, "documents_out": count}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts)


def texts(rng: np.random.Generator, centre: npt.NDArray[np.int64]) -> pa.Array:
    """Twelve words a document, of the hundred that its centre uses."""
    chosen = (centre[:, None] * 17 + rng.integers(0, 100, (len(centre), 12))) % len(WORDS)
    return pa.array([" ".join(row) for row in WORDS[chosen].tolist()])


def unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
