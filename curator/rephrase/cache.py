"""Answers that were paid for, by the key of their request, one folder for each shard: a restart asks none of them again.

<shard name>/<hash of the content>.parquet: while answers come, many small files; at the end of the shard one, of all its answers. A
file is written in one act and deleted when a larger one holds its answers, so whatever is left by a kill holds all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator.errors import StoreError
from curator.rephrase.requests import Response
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.tables import to_parquet

SMALL_FILES = 256  # are merged at once: a slow server would leave one for each answer, and a resumed run read them all
SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("outcome", pa.string()),
        ("text", pa.large_string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
    ]
)


class ResponseCache:
    """The answers to the requests of one shard, of all runs of an output and all settings they had."""

    def __init__(self, folder: Folder, shard: int) -> None:
        self._folder = folder / shard_name(shard)
        self._small: list[str] = []

    def load(self) -> dict[str, Response]:
        """All answers by key. Raises StoreError where a file is damaged."""
        rows = _one_each(self._tables(self._names())).to_pylist()
        return {row["key"]: Response(**row) for row in rows}

    def put(self, responses: Iterable[Response]) -> None:
        """Make answers durable, in one file. Those that failed are not kept: the next run asks again."""
        self._put([response for response in responses if not response.failed])

    def put_failed(self, responses: Iterable[Response]) -> None:
        """Make those durable that failed, in a folder that is no cache of what was paid for."""
        self._put([response for response in responses if response.failed])

    def compact(self) -> None:
        """Bring everything into one file."""
        self._merge(self._names())
        self._small = []

    def _put(self, responses: Sequence[Response]) -> None:
        if responses:
            columns = {name: [getattr(response, name) for response in responses] for name in SCHEMA.names}
            self._small.append(self._write([pa.table(columns, schema=SCHEMA)]))
        if len(self._small) >= SMALL_FILES:
            self._merge(self._small)
            self._small = []

    def _names(self) -> list[str]:
        return self._folder.names(".parquet")

    def _merge(self, names: Sequence[str]) -> None:
        if len(names) > 1:
            merged = self._write(self._tables(names))
            for name in names:
                if name != merged:
                    self._folder.delete(name)

    def _write(self, tables: Sequence[pa.Table]) -> str:
        """A new file. Its name is made of its content, so that a second writer of the same shard overwrites nothing else."""
        content = memoryview(to_parquet(_one_each(tables)))
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.parquet"
        self._folder.put(name, content)
        return name

    def _tables(self, names: Iterable[str]) -> list[pa.Table]:
        found = []
        for name in names:
            content = self._folder.get(name)
            if content is None:  # merged since it was listed, by a worker that was thought to be dead
                continue
            try:
                found.append(pq.read_table(pa.BufferReader(content), schema=SCHEMA))
            except (OSError, pa.ArrowException) as error:
                raise StoreError(
                    f"cannot read {self._folder.uri}/{name}: {error}; delete this file, and its answers are asked for again"
                ) from error
        return found


def _one_each(tables: Sequence[pa.Table]) -> pa.Table:
    """One answer for each key, by key; of several, which only a second writer can have got, the first."""
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables]).combine_chunks()
    ordered = whole.take(pc.sort_indices(whole["key"]))  # equal keys stay in their order
    keys = ordered["key"].to_numpy()
    return ordered.filter(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
