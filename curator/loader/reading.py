"""Which sequences one reader takes, and its tables of them: row group by row group, read ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from curator.errors import StoreError
from curator.loader.plan import Numbers
from curator.store.files import Folder, is_local
from curator.store.sequences import SequenceFile, SequenceIndex

COLUMNS = ("input_ids", "cu_seqlens", "doc_ids")
"""What a training loop needs."""

Within = Callable[[int, int], Numbers]
"""The numbers of the sequences to read among first <= number < end, ascending."""

AHEAD = 2  # with one, the reader waits for whoever takes a row group to ask for the next one


@dataclass(frozen=True, kw_only=True)
class Share:
    """What is left of `total` sequences from number `start` on, dealt one by one to ranks, a rank's in batches to its workers.

    Every rank has the same number of sequences: the last round that is not complete goes to nobody.
    """

    total: int
    start: int = 0
    rank: int = 0
    world: int = 1
    batch_size: int = 1
    worker: int = 0
    workers: int = 1

    @property
    def of_rank(self) -> int:
        """How many sequences the rank takes, over all its workers."""
        return (self.total - self.start) // self.world

    def within(self, first: int, end: int) -> Numbers:
        """The numbers of its sequences among first <= number < end, ascending."""
        origin = self.start + self.rank
        low = max(0, -((origin - first) // self.world))
        high = min(self.of_rank, -((origin - end) // self.world))
        turn = np.arange(low, high)
        if self.workers > 1:
            turn = turn[turn // self.batch_size % self.workers == self.worker]
        return origin + turn * self.world


def every(first: int, end: int) -> Numbers:
    """Nothing is left out."""
    return np.arange(first, end)


def tables(
    folder: Folder, index: SequenceIndex, within: Within, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    """The numbers of the sequences to read, and these columns of them: in order, a row group at a time.

    Memory: four row groups. Raises StoreError where a file is damaged or is not what the index says.
    """
    groups = _row_groups(folder, index, within, columns)
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(next, groups, None) for _ in range(AHEAD))
        while (group := coming.popleft().result()) is not None:
            coming.append(reader.submit(next, groups, None))
            yield group


def _row_groups(
    folder: Folder, index: SequenceIndex, within: Within, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    for file, first in zip(index.files, index.firsts, strict=False):
        if len(within(first, first + file.sequences)):
            yield from _of_file(folder, file, first, within, columns)


def _of_file(
    folder: Folder, file: SequenceFile, first: int, within: Within, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    filesystem, path = folder.at(file.name)
    try:
        with filesystem.open_input_file(path) as source:
            parquet = pq.ParquetFile(source, pre_buffer=not is_local(filesystem))
            if parquet.metadata.num_rows != file.sequences:
                raise StoreError(f"{path} holds {parquet.metadata.num_rows} sequences, the index says {file.sequences}")
            for group in range(parquet.num_row_groups):
                rows = parquet.metadata.row_group(group).num_rows
                numbers = within(first, first + rows)
                if len(numbers):
                    table = parquet.read_row_group(group, columns=list(columns), use_threads=False)
                    yield numbers, _rows(table, numbers - first)
                first += rows
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path}: {error}; write the folder of sequences again") from error


def _rows(table: pa.Table, places: Numbers) -> pa.Table:
    """Some rows, without a copy where they follow each other."""
    first, number = int(places[0]), len(places)
    return table.slice(first, number) if places[-1] - first == number - 1 else table.take(places)


def flat(column: pa.ChunkedArray) -> tuple[npt.NDArray[Any], Numbers]:
    """A column of lists without nulls as its values, one after another, and where each list begins, and ends (n + 1,)."""
    lists = column.combine_chunks()
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return lists.flatten().to_numpy(), offsets - offsets[0]
