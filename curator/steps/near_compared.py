"""What a search for near duplicates compares: documents by shard, how good each is, and what its likeness is told by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.steps.duplicate_columns import EXACT_GROUPS
from curator.steps.earlier_nights import earlier_sketches, is_earlier, shards_of, with_earlier
from curator.steps.ranks import Ranking
from curator.steps.survivors import aligned
from curator.store.history import History
from curator.store.step_folder import StepFolder

Ids = npt.NDArray[np.uint64]
SIDE = (("doc_id", pa.uint64()), ("rank_high", pa.uint64()), ("rank_low", pa.uint64()), ("size", pa.int64()))
"""What a document is judged by; `size` counts its exact copies and itself."""


class Signed(Protocol):
    """Signatures of documents by shard."""

    def signatures(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Columns of doc_id, signature and sketch, of the documents of a shard that have them, in order of doc_id."""


class Compared(Signed, Protocol):
    """Documents of which those like a better one are to go; pinned ones stay, whatever they are like. Travels to workers."""

    @property
    def documents(self) -> int:
        """How many send bands."""

    @property
    def senders(self) -> list[int]:
        """The shards whose documents send bands."""

    @property
    def shards(self) -> list[int]:
        """These, and those of pinned documents that send none."""

    def with_silent(self, rows: pa.Table) -> pa.Table:
        """Rows (key, doc_id) that were sent, and those of pinned documents that send none."""

    def sides(self, shard: int, documents: Ids) -> pa.Table:
        """SIDE of these documents (n,) of a shard, ascending."""

    def sketches(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        """Their sketches."""

    def texts(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        """Their texts."""


@dataclass(frozen=True, kw_only=True)
class Survivors:
    """The documents that the steps so far have left; those of earlier nights, which are pinned, are looked up by the bands sent."""

    ranking: Ranking
    exact: StepFolder
    history: History | None

    @property
    def documents(self) -> int:
        return self.ranking.upstream.last.total("documents_out")

    @property
    def senders(self) -> list[int]:
        return self.ranking.upstream.ingest.shards()

    @property
    def shards(self) -> list[int]:
        return [*self.senders, *shards_of(self.history)]

    def signatures(self, shard: int, columns: Sequence[str]) -> pa.Table:
        return self.ranking.upstream.signatures(shard, columns)

    def with_silent(self, rows: pa.Table) -> pa.Table:
        return rows if self.history is None else with_earlier(rows, self.history)

    def sides(self, shard: int, documents: Ids) -> pa.Table:
        if is_earlier(shard):
            return pinned_sides(documents)
        rows = aligned(self.ranking.rows(shard), documents)
        return rows.append_column("size", exact_sizes(self.exact, shard, documents))

    def sketches(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        if is_earlier(shard):
            assert self.history is not None, "only a history has documents of earlier nights"
            return pa.chunked_array([earlier_sketches(self.history, documents)])
        return aligned(self.signatures(shard, ("doc_id", "sketch")), documents)["sketch"]

    def texts(self, shard: int, documents: Ids) -> pa.ChunkedArray:
        texts = self.ranking.upstream.documents(shard, ("doc_id", "text"))
        return texts.filter(pc.is_in(texts["doc_id"], pa.array(documents, pa.uint64())))["text"]


def pinned_sides(documents: Ids) -> pa.Table:
    """SIDE of pinned documents: they come first by their ids, whatever their rank, and do not count in groups."""
    nothing = np.zeros(len(documents), np.uint64)
    columns = {"doc_id": documents, "rank_high": nothing, "rank_low": nothing, "size": nothing.astype(np.int64)}
    return pa.table(columns)


def exact_sizes(exact: StepFolder, shard: int, documents: Ids) -> pa.Array:
    """How many documents each of these stands for, itself and its exact copies, int64."""
    groups = exact.sparse("groups", shard, EXACT_GROUPS)
    place = pc.index_in(pa.array(documents, pa.uint64()), groups["doc_id"].combine_chunks())
    return groups["size"].combine_chunks().take(place).fill_null(1)
