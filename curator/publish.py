"""Makes a finished step's tables visible under the output: hard links on a local disk, copies by the store elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from curator.store.files import Folder
from curator.store.step_folder import StepFolder

RUN_NAME = "run.json"


def publish(output: Folder, tables: Mapping[str, StepFolder], summaries: Mapping[str, StepFolder | None]) -> str:
    """Show exactly the files of this run under `curated/` and `ledger/`, the `tables`. Returns what `run.json` is to name.

    `summaries` are the small files of other steps that are shown beside them, None where this run has no such step.
    `run.json` is taken away first and written last: while it is missing, the tables are in change.
    """
    curated = tables["curated"]
    names = {table: _names(step.folder / table) for table, step in tables.items()}
    if not _is_published(output, curated, names):
        output.delete(RUN_NAME)
        for table, written in tables.items():
            _publish_table(written.folder / table, output / table, names[table])
        for name, step in summaries.items():
            output.delete(name)
            if step is not None and name in step.folder.names():
                step.folder.copy_to(name, output)
    return curated.folder.uri


def _is_published(output: Folder, curated: StepFolder, names: Mapping[str, list[str]]) -> bool:
    content = output.get(RUN_NAME)
    shown = all(_names(output / table) == names[table] for table in names)
    return shown and content is not None and f'"{curated.folder.uri}"'.encode() in content


def _names(table: Folder) -> list[str]:
    """The files of a table: its shards, and an index of them where there is one; no leftover of a killed attempt."""
    return [name for name in table.names() if name.endswith((".parquet", ".json"))]


def _publish_table(source: Folder, target: Folder, names: list[str]) -> None:
    for name in names:
        source.copy_to(name, target)
    for stale in set(target.names()) - set(names):
        target.delete(stale)
