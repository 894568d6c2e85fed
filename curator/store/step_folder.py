"""The folder of one step: tables co-partitioned by shard, one commit record for each shard, one manifest at the end.

<table>/<shard>.parquet     data; counts only when a commit record names its shard
commits/<name>.json         written last for each unit of work, in one atomic act
manifest.json               written when every unit is committed; the folder never changes afterwards
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from curator.errors import StoreError
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.tables import DROPS, read_parquet, to_parquet


@dataclass(frozen=True, kw_only=True)
class Commit:
    """What one unit of work did: its name, the shards it wrote, what it counted, and what it cost."""

    name: str
    shards: tuple[int, ...]
    counts: dict[str, int] = field(default_factory=dict)
    key: str = ""
    notes: tuple[str, ...] = ()
    started: float = 0.0
    ended: float = 0.0
    peak_bytes: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str | bytes) -> Commit:
        values: dict[str, Any] = json.loads(text)
        return Commit(**{**values, "shards": tuple(values["shards"]), "notes": tuple(values["notes"])})


class StepFolder:
    """Reads and writes one step's folder. Holds only its URI, so it is given to workers as it is."""

    def __init__(self, folder: Folder, manifest: str = "manifest.json") -> None:
        self.folder = folder
        self.manifest_name = manifest

    def write(self, table: str, shard: int, content: pa.Table, *, level: int = 3) -> int:
        """Write one shard of one table, packed by zstd at `level`; returns its size. It does not count before its commit."""
        data = to_parquet(content, level=level)
        self.folder.put(f"{table}/{shard_name(shard)}.parquet", memoryview(data))
        return int(data.size)

    def read(self, table: str, shard: int, columns: Sequence[str] | None = None) -> pa.Table:
        return read_parquet(self.folder, f"{table}/{shard_name(shard)}.parquet", columns)

    def drops(self, shard: int) -> pa.Table:
        """The rows (schema DROPS) that this step drops from a shard."""
        return self.sparse("drops", shard, DROPS)

    def sparse(self, table: str, shard: int, schema: pa.Schema) -> pa.Table:
        """A shard of a table whose empty shards have no file."""
        filesystem, path = self.folder.at(f"{table}/{shard_name(shard)}.parquet")
        if not filesystem.get_file_info(path).is_file:
            return schema.empty_table()
        return self.read(table, shard)

    def write_bytes(self, name: str, content: bytes | memoryview) -> None:
        self.folder.put(name, content)

    def read_bytes(self, name: str) -> bytes:
        """A file that a finished step must have. Raises StoreError where it is gone."""
        content = self.folder.get(name)
        if content is None:
            raise StoreError(f"{self.folder.uri}/{name} is gone; delete the step's folder and run again")
        return content

    def commit(self, commit: Commit) -> None:
        """The one act that makes a unit of work valid."""
        self.folder.put(f"commits/{commit.name}.json", commit.to_json().encode())

    def commit_of(self, name: str) -> Commit | None:
        """The valid commit of that name, if there is one."""
        content = self.folder.get(f"commits/{name}.json")
        return None if content is None else Commit.from_json(content)

    def committed(self) -> dict[str, Commit]:
        """Every valid commit so far by name: what a resumed run need not do again."""
        commits = self.folder / "commits"
        return {
            name.removesuffix(".json"): Commit.from_json(commits.get(name) or b"") for name in commits.names(".json")
        }

    def finish(self, commits: Sequence[Commit]) -> None:
        """Close the folder: the manifest lists the commits in the order of their names."""
        ordered = sorted(commits, key=lambda commit: commit.name)
        self.folder.put(self.manifest_name, json.dumps([asdict(commit) for commit in ordered], sort_keys=True).encode())

    def manifest(self) -> tuple[Commit, ...] | None:
        """The commits of a finished folder, None while it is not finished."""
        content = self.folder.get(self.manifest_name)
        return None if content is None else tuple(Commit.from_json(json.dumps(item)) for item in json.loads(content))

    def shards(self) -> list[int]:
        """The shard numbers of a finished folder, ascending."""
        manifest = self.manifest()
        assert manifest is not None, f"{self.folder.uri} is not finished"
        return sorted(shard for commit in manifest for shard in commit.shards)

    def total(self, counter: str) -> int:
        """One counter of a finished folder, added up over its commits."""
        manifest = self.manifest()
        assert manifest is not None, f"{self.folder.uri} is not finished"
        return sum(commit.counts.get(counter, 0) for commit in manifest)
