"""The benchmarks are scripts: their folder is where they find each other, under the names that numba's cache knows."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
