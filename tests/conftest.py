"""Shared pieces of the tests that run the whole pipeline."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import settings

# The gate tries the same examples every time; everybody else keeps looking for new ones.
settings.register_profile("gate", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("gate")

COMMAND = [sys.executable, "-m", "curator.cli"]


def curator(
    *arguments: str, environment: dict[str, str] | None = None, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """The command as a user would run it, in a process of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
        timeout=timeout,
        check=False,
    )


def curated_hash(output: Path) -> str:
    """One hash over the names and bytes of all curated files."""
    digest = hashlib.sha256()
    for path in sorted((output / "curated").iterdir()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_table(output: Path, table: str) -> pa.Table:
    """All files of `curated` or `ledger` as one table."""
    return pq.read_table(output / table)


def run_json(output: Path) -> dict[str, object]:
    return dict(json.loads((output / "run.json").read_text()))


def commit_times(output: Path) -> dict[str, int]:
    """When each commit on disk was made (ns), by step folder and name: what was redone has a later time."""
    return {
        str(path.relative_to(output)): path.stat().st_mtime_ns for path in sorted(output.glob("steps/*/commits/*.json"))
    }


def dropped(ledger: pa.Table) -> dict[str, int]:
    """Rows of the ledger by `step.reason`."""
    counts: dict[str, int] = {}
    for step, reason in zip(ledger["step"].to_pylist(), ledger["reason"].to_pylist(), strict=True):
        if step is not None:
            counts[f"{step}.{reason}"] = counts.get(f"{step}.{reason}", 0) + 1
    return counts


__all__: Sequence[str] = ("commit_times", "curated_hash", "curator", "dropped", "read_table", "run_json")
