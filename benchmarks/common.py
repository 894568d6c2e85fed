"""What every benchmark prints: rows of (what, value, unit, target, holds), as a table or as JSON; 1 on a missed target."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psutil


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. `target` is a bound such as `<= 0.3`, or empty where the figure is only reported."""

    what: str
    value: float
    unit: str
    target: str = ""

    @property
    def holds(self) -> bool:
        if not self.target:
            return True
        sign, bound = self.target.split()
        return self.value <= float(bound) if sign == "<=" else self.value >= float(bound)


def machine() -> str:
    """The machine in one line: processor, cores, memory, Python."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def report(rows: Sequence[Row], *, as_json: bool) -> int:
    """Print the rows; the exit status of the benchmark."""
    if as_json:
        print(json.dumps([{**asdict(row), "holds": row.holds} for row in rows], indent=1))
    else:
        print(f"# {machine()}")
        width = max(len(row.what) for row in rows)
        for row in rows:
            verdict = "" if not row.target else ("holds" if row.holds else "MISSED")
            print(f"{row.what:<{width}}  {row.value:>14,.3f}  {row.unit:<14}{row.target:<10}{verdict}")
    sys.stdout.flush()
    return 0 if all(row.holds for row in rows) else 1
