"""The same steps by the same functions in a pool of plain processes instead of Ray: what a run costs without Ray.

python benchmarks/plain_processes.py CONFIG [--set key.path=value ...]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from curator.cli import add_set_option
from curator.config import load_config

Function = Callable[[pa.Table], Any]


@dataclass(frozen=True)
class PlainGraph:
    """As much of a Ray Data dataset as the steps use on a corpus that needs no shuffle."""

    shards: Sequence[int]
    functions: tuple[Function, ...] = field(default=())
    context: SimpleNamespace = field(default_factory=SimpleNamespace)  # settings of blocks, of which there are none

    def map_batches(self, function: Any, **options: Any) -> PlainGraph:
        if isinstance(function, type):
            function = Actor(function, tuple(options["fn_constructor_args"]))
        return PlainGraph(self.shards, (*self.functions, function))

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        tasks = [POOL[0].submit(run_functions, shard, self.functions) for shard in self.shards]
        for task in as_completed(tasks):
            for table in task.result():
                yield from table.to_pylist()


@dataclass(frozen=True)
class Actor:
    """A class that each process makes once."""

    kind: type
    arguments: tuple[Any, ...]

    def __call__(self, rows: pa.Table) -> pa.Table:
        if self.kind not in MADE:
            MADE[self.kind] = self.kind(*self.arguments)
        return MADE[self.kind](rows)


POOL: list[ProcessPoolExecutor] = []
MADE: dict[type, Any] = {}


def run_functions(shard: int, functions: Sequence[Function]) -> list[pa.Table]:
    tables = [pa.table({"shard": [shard]})]
    for function in functions:
        tables = [result for table in tables for result in tables_of(function(table))]
    return tables


def tables_of(result: Any) -> list[pa.Table]:
    return [result] if isinstance(result, pa.Table) else list(result)


@contextmanager
def process_pool(cpus: int) -> Iterator[None]:
    with ProcessPoolExecutor(cpus, mp_context=multiprocessing.get_context("spawn")) as pool:
        POOL[:] = [pool]
        yield


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config")
    add_set_option(parser)
    options = parser.parse_args()
    from curator import run
    from curator.report.console import Progress
    from curator.steps import embed, exchange, graph

    for module in (graph, exchange, embed):
        module.shard_rows = PlainGraph  # type: ignore[assignment,attr-defined]
    embed._actors_now = lambda embedding: embedding.actors
    run.ray_cluster = lambda resources: process_pool(resources.cpus or multiprocessing.cpu_count())  # type: ignore[assignment]
    run.run(load_config(options.config, options.set), Progress())
    return 0


if __name__ == "__main__":
    sys.exit(main())
