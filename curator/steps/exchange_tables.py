"""What an exchange leaves: a table in parts, held in memory or as files of the step's folder; some go back to shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator.steps.graph import peak_memory
from curator.store.ids import PART_BITS, ROW_BITS
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet

MAX_GROUPS = 512  # files that hold what goes back to shards: each shard reads one, and of it only its own row groups
GROUP_BYTES = 8_000_000
ROW_GROUP_ROWS = 65_536


class ByShard(Protocol):
    """Rows of documents, to be had shard by shard. Travels to workers."""

    def of_shard(self, shard: int) -> pa.Table:
        """The rows of a shard's documents, sorted by doc_id."""


class Tables(ByShard, Protocol):
    """The rows of one exchange, in parts; by shard only where they went back to shards. Travels to workers."""

    @property
    def rows(self) -> int: ...

    @property
    def parts(self) -> Sequence[int]: ...

    @property
    def unsettled(self) -> int: ...

    def read(self, part: int) -> pa.Table: ...


@dataclass(frozen=True)
class HeldTables:
    """Rows in this process's memory: one part, sorted by doc_id if they went back to shards."""

    table: pa.Table
    unsettled: int = 0

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def parts(self) -> Sequence[int]:
        return (0,) if self.table.num_rows else ()

    def read(self, part: int) -> pa.Table:
        return self.table

    def of_shard(self, shard: int) -> pa.Table:
        documents = self.table["doc_id"].to_numpy()
        start, stop = np.searchsorted(documents, [np.uint64(shard << ROW_BITS), np.uint64((shard + 1) << ROW_BITS)])
        return self.table.slice(start, stop - start)


@dataclass(frozen=True)
class JoinedTables:
    """Several results that went back to shards, as one."""

    tables: tuple[Tables, ...]

    def of_shard(self, shard: int) -> pa.Table:
        return pa.concat_tables([table.of_shard(shard) for table in self.tables]).combine_chunks()


@dataclass(frozen=True, kw_only=True)
class FileTables:
    """Rows in files `<name>/<part>.parquet` of a step's folder; `bits` turn a shard's number into its part's."""

    folder: StepFolder
    name: str
    schema: pa.Schema
    rows: int
    unsettled: int
    parts: tuple[int, ...]
    bits: int | None

    @staticmethod
    def of(folder: StepFolder, name: str, schema: pa.Schema, commit: Commit, bits: int | None) -> FileTables:
        return FileTables(
            folder=folder,
            name=name,
            schema=schema,
            rows=commit.counts[f"{name}.rows"],
            unsettled=commit.counts[f"{name}.unsettled"],
            parts=tuple(int(file.removesuffix(".parquet")) for file in (folder.folder / name).names(".parquet")),
            bits=bits,
        )

    def read(self, part: int) -> pa.Table:
        return read_parquet(self.folder.folder, _file(self.name, part))

    def of_shard(self, shard: int) -> pa.Table:
        assert self.bits is not None, f"{self.name} did not go back to shards"
        if shard >> self.bits not in self.parts:
            return self.schema.empty_table()
        filesystem, path = self.folder.folder.at(_file(self.name, shard >> self.bits))
        first, last = (pa.scalar(shard + more << ROW_BITS, pa.uint64()) for more in (0, 1))
        mine = (pc.field("doc_id") >= first) & (pc.field("doc_id") < last)
        return pq.read_table(path, filesystem=filesystem, filters=mine)


def group_bits(shards: Sequence[int], size_bytes: int) -> int:
    """By how many bits the numbers of shards are cut to name the group that they share a file with, for rows of that size."""
    most = min(MAX_GROUPS, max(2, size_bytes // GROUP_BYTES))
    bits = PART_BITS
    while len({shard >> bits for shard in shards}) > most:
        bits += 1
    return bits


def write_part(
    part: int,
    rows: pa.Table,
    *,
    folder: StepFolder,
    name: str,
    sort: str | None,
    tally: Callable[[pa.Table], int] | None,
) -> pa.Table:
    """Write one part, where it has rows; what the driver needs to know of it comes back as a row."""
    if rows.num_rows:
        ordered = rows.sort_by(sort) if sort else rows
        folder.write_bytes(_file(name, part), to_parquet(ordered, ROW_GROUP_ROWS).to_pybytes())
    unsettled = tally(rows) if tally else 0
    columns = {"rows": [rows.num_rows], "unsettled": [unsettled], "peak_bytes": [peak_memory()]}
    return pa.table(columns, schema=pa.schema([(column, pa.int64()) for column in columns]))


def _file(name: str, part: int) -> str:
    return f"{name}/{part:012d}.parquet"
