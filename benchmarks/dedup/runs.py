"""One run of `curator dedup` or of a peer over a folder of Parquet files: what it cost, and which documents it removed."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import yaml
from process_tree import Usage, measured

PEERS = ("rensa", "daft", "datatrove")
SCRIPTS = Path(__file__).resolve().parent.parent / "peers"
UNIT_BYTES = 12_000_000  # a file of 5,000 documents each, so that two cores share even 10,000


@dataclass(frozen=True, kw_only=True)
class Run:
    """The cost of one tool, the ids that it removed, and for each the id that was kept for it where the tool names one."""

    tool: str
    usage: Usage
    removed: list[str]
    kept_for: dict[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> Run:
        path.write_text(json.dumps(asdict(self)))
        return self

    @staticmethod
    def load(path: Path) -> Run:
        stored = json.loads(path.read_text())
        return Run(**{**stored, "usage": Usage(**stored["usage"])})


def run_curator(documents: Mapping[str, Path], output: Path, settings: Sequence[str] = ()) -> Run:
    """`curator dedup` with default settings over folders of Parquet by the name of their source, from nothing."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    config = {
        "input": {"sources": [{"path": f"{folder}/*.parquet", "name": name} for name, folder in documents.items()]},
        "output": {"path": str(output)},
        "shards": {"unit_bytes": UNIT_BYTES},
    }
    path = output.with_suffix(".yaml")
    path.write_text(yaml.safe_dump(config))
    overrides = [argument for value in settings for argument in ("--set", value)]
    usage = run_tool([sys.executable, "-m", "curator.cli", "dedup", str(path), *overrides], output.with_suffix(".log"))
    removed, kept_for = removed_by_ledger(output, list(documents.values()))
    return Run(tool="curator", usage=usage, removed=removed, kept_for=kept_for)


def run_peer(tool: str, python: Path, documents: Path, output: Path) -> Run:
    """A peer's script in its own environment; what it removed is what is missing from the documents that it wrote."""
    if not python.exists():
        sys.exit(
            f"{python} is not there: `make bench-dedup` sets up the environments of the peers, --tools leaves some out"
        )
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    command = [str(python), str(SCRIPTS / f"dedup_{tool}.py"), str(documents), str(output)]
    usage = run_tool(command, output.with_suffix(".log"))
    given, kept = _ids(documents), _ids(output / "kept")
    return Run(tool=tool, usage=usage, removed=sorted(set(given) - set(kept)))


def run_tool(command: Sequence[str], log: Path) -> Usage:
    """Measure a command, its output in a file; ends the benchmark where it fails."""
    print(f"{command[-2]} {command[-1]} > {log}", file=sys.stderr, flush=True)
    with log.open("w") as file:
        usage = measured(command, output=file)
    if usage.status:
        sys.exit(f"{' '.join(command)} ended with {usage.status}: see {log}")
    return usage


def less_start(run: Run, start_up: Run) -> float:
    """Processor seconds of a run without Ray's start; of a corpus so small that they drown in its noise, not a number."""
    own = run.usage.cpu - start_up.usage.cpu
    return own if own > 0 else math.nan


def steps_of(output: Path) -> list[dict[str, Any]]:
    """What `run.json` says of every step of a run of ours."""
    steps: list[dict[str, Any]] = json.loads((output / "run.json").read_text())["steps"]
    return steps


def task_seconds(output: Path, step: Mapping[str, Any]) -> tuple[float, dict[str, int]]:
    """The seconds that the tasks of one step ran, summed, and the sum of what they counted."""
    (manifest,) = output.glob(f"steps/{step['name']}-{step['digest']}/manifest*.json")
    commits = json.loads(manifest.read_text())
    counts: dict[str, int] = {}
    for commit in commits:
        for key, value in commit["counts"].items():
            counts[key] = counts.get(key, 0) + value
    return sum(commit["ended"] - commit["started"] for commit in commits), counts


def removed_by_ledger(output: Path, folders: Sequence[Path]) -> tuple[list[str], dict[str, str]]:
    """The ids that the ledger calls dropped, and for each the id that was kept: an exact copy's leader may itself have gone."""
    columns = ["doc_id", "file", "position", "outcome", "kept_doc_id"]
    ledger = ds.dataset(output / "ledger", format="parquet").to_table(columns=columns)
    name = dict(zip(ledger["doc_id"].to_pylist(), _names(ledger, folders), strict=True))
    dropped = ledger.filter(pc.equal(ledger["outcome"], "dropped"))
    leader = dict(zip(dropped["doc_id"].to_pylist(), dropped["kept_doc_id"].to_pylist(), strict=True))
    kept_for = {name[one]: name[last_leader(one, leader)] for one, kept in leader.items() if kept is not None}
    return [name[one] for one in leader], kept_for


def last_leader(document: int, leader: Mapping[int, int | None]) -> int:
    """The document at the end of the chain of those that were kept for each other."""
    while (following := leader.get(document)) is not None:
        document = following
    return document


def _names(ledger: pa.Table, folders: Sequence[Path]) -> list[str]:
    """The `id` of every row of the ledger, by file and row."""
    ids = {str(file): ds.dataset(file).to_table(columns=["id"])["id"].to_pylist() for folder in folders
           for file in sorted(folder.glob("*.parquet"))}  # fmt: skip
    files, positions = ledger["file"].to_pylist(), ledger["position"].to_pylist()
    return [ids[file][position] for file, position in zip(files, positions, strict=True)]


def _ids(folder: Path) -> list[str]:
    found: list[str] = ds.dataset(folder, format="parquet").to_table(columns=["id"])["id"].to_pylist()
    return found
