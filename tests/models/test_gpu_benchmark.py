"""The part of the benchmark that a machine with a GPU runs, on the CPU with a toy, and without what such a machine lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = f"""
import runpy, sys
for name in ("ray", "faiss", "pydantic", "numba", "scipy", "sklearn", "threadpoolctl"):
    sys.modules[name] = None  # as if it were not installed
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "benchmarks")!r}]
sys.argv[1:] = ["--gpu", "--device", "cpu", "--tiny", "--json"]
runpy.run_path({str(ROOT / "benchmarks" / "embedding.py")!r}, run_name="__main__")
"""


def test_it_needs_no_ray_and_no_faiss() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    rows = {row["what"]: row["value"] for row in json.loads(done.stdout)}
    assert [what.partition(": ")[2] for what in rows][1:4] == ["speed", "padding", "of the matrix rate"]
    assert len(rows) == 7
    assert all(value > 0 for value in rows.values())
    assert rows["toy, 32 tokens: padding"] < 50
