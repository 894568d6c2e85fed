"""Which sequences one reader takes, and its tables of them: row group by row group, the next one read ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from curator.errors import StoreError
from curator.store.files import Folder, is_local
from curator.store.sequences import SequenceFile, SequenceIndex

Numbers = npt.NDArray[np.int64]


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


def tables(
    folder: Folder, index: SequenceIndex, share: Share, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    """The numbers of the sequences of a share, and these columns of them: in order, a row group at a time.

    Memory: two row groups. Raises StoreError where a file is damaged or is not what the index says.
    """
    groups = _row_groups(folder, index, share, columns)
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(next, groups, None)
        while (group := ahead.result()) is not None:
            ahead = reader.submit(next, groups, None)
            yield group


def _row_groups(
    folder: Folder, index: SequenceIndex, share: Share, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    for file, first in zip(index.files, index.firsts, strict=False):
        if len(share.within(first, first + file.sequences)):
            yield from _of_file(folder, file, first, share, columns)


def _of_file(
    folder: Folder, file: SequenceFile, first: int, share: Share, columns: Sequence[str]
) -> Iterator[tuple[Numbers, pa.Table]]:
    filesystem, path = folder.at(file.name)
    try:
        with filesystem.open_input_file(path) as source:
            parquet = pq.ParquetFile(source, pre_buffer=not is_local(filesystem))
            if parquet.metadata.num_rows != file.sequences:
                raise StoreError(f"{path} holds {parquet.metadata.num_rows} sequences, the index says {file.sequences}")
            for group in range(parquet.num_row_groups):
                rows = parquet.metadata.row_group(group).num_rows
                numbers = share.within(first, first + rows)
                if len(numbers):
                    table = parquet.read_row_group(group, columns=list(columns), use_threads=False)
                    yield numbers, table if len(numbers) == rows else table.take(numbers - first)
                first += rows
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path}: {error}; write the folder of sequences again") from error


def flat(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.generic], Numbers]:
    """A column of lists without nulls as its values, one after another, and where each list begins, and ends (n + 1,)."""
    lists = column.combine_chunks()
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return lists.flatten().to_numpy(), offsets - offsets[0]
