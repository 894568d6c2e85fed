"""The keys of the copies of a shard: from groups and mixtures to places in the order, and from these to keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.curriculum import (
    copy_places,
    in_stages,
    moved_apart,
    order_keys,
    positions,
    stages_of,
    turns_of,
)
from curator.algorithms.within_stage import descending
from curator.steps.draws import Draw
from curator.steps.exchange import Exchanger, Meeting, Source
from curator.steps.exchange_tables import Tables
from curator.steps.order_files import Curriculum
from curator.steps.order_meeting import (
    CHAINED_BYTES,
    RANKS,
    SPACED_BYTES,
    chained,
    chained_rows,
    concepts_of,
    spaced,
    spaced_rows,
)
from curator.steps.order_rows import OrderRows
from curator.steps.samples import mixed
from curator.steps.shuffle import Reduce
from curator.steps.synthetic_tables import written_by_people
from curator.store.ids import shard_name
from curator.store.step_folder import Commit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Places the copies of shards once the mixture is known. Travels to workers."""

    rows: OrderRows
    dimensions: int

    @property
    def row_bytes(self) -> int:
        """Of a row that meets others of its concept."""
        return CHAINED_BYTES + 2 * self.dimensions if self.rows.sequence.order == "chain" else SPACED_BYTES

    def meet(self, exchanger: Exchanger, *, shards: list[int], copies: int) -> Tables:
        """RANKS of all copies that need others of their concept for it."""
        if self.rows.sequence.order == "chain":
            concepts = self.rows.inputs["concepts"].total("concepts") + 1
            source = Source(tasks=shards, emit=self._chained, rows=copies)
            reduce: Reduce = partial(chained, concepts=concepts, seed=self.rows.sequence.seed)
        else:
            source, reduce = Source(tasks=shards, emit=self._spaced, rows=copies), spaced
        return exchanger.exchange(
            Meeting("ranks", [source], reduce, schema=RANKS, row_bytes=self.row_bytes, to_shards=True)
        )

    def place(self, shard: int, met: pa.Table | None = None) -> Commit:
        """Write the table `order` of a shard: doc_id, copy (int32), key (uint64), group (int32), tokens; by doc_id and copy."""
        documents = self.rows.documents(shard)
        copies, row, group, position = self._shuffled(shard, documents)
        if self.rows.sequence.order != "shuffle":
            position = self._in_stages(shard, copies, row, position, met)
        apart = moved_apart(copies["doc_id"].to_numpy(), position, self.rows.sequence.copy_distance)
        table = copies.append_column("key", pa.array(order_keys(apart))).append_column("group", pa.array(group))
        self.rows.folder.write("order", shard, table.append_column("tokens", documents["tokens"].take(pa.array(row))))
        came_in = written_by_people(documents["doc_id"])
        counts = {
            "documents_in": came_in,
            "documents_out": came_in,
            "copies": len(row),
            "copies_moved": int((apart != position).sum()),
        }
        return Commit(name=shard_name(shard), shards=(shard,), counts=counts)

    def _shuffled(
        self, shard: int, documents: pa.Table
    ) -> tuple[pa.Table, npt.NDArray[np.int64], npt.NDArray[np.int32], Floats]:
        """Of each copy doc_id and number, the row of its document, its group, and its position in a shuffle of all."""
        times = documents["copies"].to_numpy()
        row = np.repeat(np.arange(len(times)), times)
        copy = (np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)).astype(np.int32)
        ids = documents["doc_id"].to_numpy()[row]
        place = copy_places(mixed(ids, self.rows.sequence.seed + Draw.ORDER_PLACES), copy, times[row])
        group = self.rows.group_numbers(shard)[row]
        position = positions(group, place, self._curriculum.mixture, self._curriculum.edges)
        return pa.table({"doc_id": ids, "copy": copy}), row, group, position

    def _in_stages(
        self, shard: int, copies: pa.Table, row: npt.NDArray[np.int64], position: Floats, met: pa.Table | None
    ) -> Floats:
        """The positions in the order asked for inside each stage."""
        order = self.rows.sequence.order
        if order == "interleave":
            assert met is not None
            rank = met.sort_by([("doc_id", "ascending"), ("copy", "ascending")])["rank"].to_numpy()
            turn, turns = np.zeros(len(rank), np.int64), np.ones(len(rank), np.int64)  # copies are members of their own
        else:
            rank = self._document_ranks(shard, met)[row]
            turn, turns = turns_of(copies["doc_id"].to_numpy(), stages_of(position, self._starts), position)
        return in_stages(position, self._starts, rank, turn, turns)

    def _document_ranks(self, shard: int, met: pa.Table | None) -> Floats:
        if met is not None:
            found: Floats = met["rank"].to_numpy()
            return found
        rank = self.rows.ranks(shard, "difficulty")
        return descending(rank) if self.rows.sequence.order == "descending" else rank

    def _chained(self, shard: int) -> pa.Table:
        return chained_rows(shard, self.rows.documents(shard), self.rows.inputs)

    def _spaced(self, shard: int) -> pa.Table:
        documents = self.rows.documents(shard)
        copies, _, _, position = self._shuffled(shard, documents)
        concept = concepts_of(shard, documents["doc_id"].to_numpy(), self.rows.inputs)
        of_copy = concept[np.searchsorted(documents["doc_id"].to_numpy(), copies["doc_id"].to_numpy())]
        stage = stages_of(position, self._starts)
        return spaced_rows(copies, of_copy, stage, order_keys(position), seed=self.rows.sequence.seed)

    @property
    def _starts(self) -> Floats:
        return np.array([start for start, _ in self.rows.sequence.stages])

    @cached_property
    def _curriculum(self) -> Curriculum:
        return Curriculum.read(self.rows.folder)
