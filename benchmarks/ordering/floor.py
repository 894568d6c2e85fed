"""The floor under `arrange`: the same content read and written by the same functions on the same disk, without being moved."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from curator.store.files import Folder
from curator.store.tables import read_parquet, read_stream, to_parquet, to_stream


@dataclass(frozen=True, kw_only=True)
class Copied:
    """Wall seconds on all cores, and processor seconds."""

    wall: float
    processors: float


def plain_copy(source: Path, target: Path, *, levels: int, processes: int) -> Copied:
    """Copy the Parquet files of a folder, each read, `levels` times packed fast and read again, and packed as the output is."""
    names = sorted(path.name for path in source.glob("*.parquet"))
    folders = Folder(str(source)), Folder(str(target))
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_warm, range(2 * processes)))
        started = time.perf_counter()
        processors = sum(pool.map(partial(_copy, *folders, levels), names))
        return Copied(wall=time.perf_counter() - started, processors=processors)


def _warm(number: int) -> None:
    time.sleep(0.5)  # so that every process of the pool gets one


def _copy(source: Folder, target: Folder, levels: int, name: str) -> float:
    before = time.process_time()
    table = read_parquet(source, name)
    for level in range(levels):
        target.put(f"{level}-{name}", memoryview(to_stream(table)))
        table = read_stream(target, f"{level}-{name}")
    target.put(name, memoryview(to_parquet(table)))
    return time.process_time() - before
