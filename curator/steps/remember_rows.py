"""The rows that step `remember` exchanges and writes: bands by entry, hashes by document, keepers by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.sketches import SKETCH_BYTES
from curator.config.duplicates import Near
from curator.steps.exact import Sameness
from curator.steps.near_members import BandRows
from curator.steps.shuffle import partitions_for
from curator.steps.survivors import Upstream, without
from curator.store.history_files import write_segment
from curator.store.history_lookup import BAND_ROWS, HASH_ROWS, keeper_schema
from curator.store.history_parts import BANDS, CONTENT, KEEPER_ROWS, URLS
from curator.store.step_folder import StepFolder

ROW_BYTES = {BANDS: 16, CONTENT: 28, URLS: 28}
SCHEMAS = {BANDS: BAND_ROWS, CONTENT: HASH_ROWS, URLS: HASH_ROWS}
PIECES = pa.schema([("piece", pa.int64()), ("rows", pa.int64())])


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """Tonight's entries: the documents that `near` kept, numbered in order of doc_id. Travels to workers.

    The document in row r of the survivors of shards[i] has the entry firsts[i] + r; the last of `firsts` is the next night's.
    """

    upstream: Upstream
    shards: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.uint64]

    @staticmethod
    def of(upstream: Upstream, near: StepFolder, first: int) -> Numbering:
        """Numbers by what the commits of `near` count, so that nobody has to see all documents."""
        counts = {commit.shards[0]: commit.counts["documents_out"] for commit in near.manifest() or () if commit.shards}
        shards = sorted(counts)
        ends = np.cumsum([first, *(counts[shard] for shard in shards)])
        return Numbering(upstream=upstream, shards=np.array(shards, np.int64), firsts=ends.astype(np.uint64))

    @property
    def first(self) -> int:
        return int(self.firsts[0])

    @property
    def entries(self) -> int:
        return int(self.firsts[-1]) - self.first

    @property
    def parts(self) -> range:
        """The parts of `keepers`."""
        return range(-(-self.entries // KEEPER_ROWS))

    def entries_of(self, shard: int, documents: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """The entries of some survivors of a shard."""
        survivors = self.upstream.statistics(shard, ("doc_id",))["doc_id"].to_numpy()
        first: np.uint64 = self.firsts[np.searchsorted(self.shards, shard)]
        return np.searchsorted(survivors, documents).astype(np.uint64) + first

    def keepers(self, part: int) -> Iterator[pa.Table]:
        """The rows of one part of `keepers`, in order, shard by shard."""
        first = self.first + part * KEEPER_ROWS
        last = min(first + KEEPER_ROWS, self.first + self.entries) - 1
        low, high = np.searchsorted(self.firsts, np.array([first, last], np.uint64), side="right") - 1
        for shard in self.shards[low : high + 1].tolist():
            table = self.upstream.signatures(shard, ("doc_id", "sketch"))
            entries = self.entries_of(shard, table["doc_id"].to_numpy())
            rows = table.add_column(0, "entry", pa.array(entries)).cast(keeper_schema(SKETCH_BYTES))
            yield rows.filter(pa.array((entries >= first) & (entries <= last)))


@dataclass(frozen=True, kw_only=True)
class RememberedBands:
    """Emits the bands of a shard's kept documents, by entry. Travels to workers."""

    numbering: Numbering
    near: Near

    @property
    def rows(self) -> BandRows:
        return BandRows(documents=self.numbering.upstream, near=self.near)

    def emit(self, shard: int) -> pa.Table:
        """BAND_ROWS of one shard."""
        rows = self.rows.emit(shard)
        entries = self.numbering.entries_of(shard, rows["doc_id"].to_numpy())
        return pa.table([rows["key"], pa.array(entries, pa.uint64())], schema=BAND_ROWS)


@dataclass(frozen=True, kw_only=True)
class RememberedHashes:
    """Emits one kind of hash of the documents that are not copies in this kind or one that comes before it. Travels to workers.

    A document that goes for its address still stands for its content: a later copy of it goes for it, as in one run over all.
    """

    upstream: Upstream
    exact: StepFolder
    kinds: Sequence[Sameness]
    night: int

    def emit(self, shard: int) -> pa.Table:
        """HASH_ROWS of one shard by the last of `kinds`."""
        high, low = self.kinds[-1].columns
        before = Upstream(ingest=self.upstream.ingest, droppers=self._droppers_before_exact())
        rows = before.statistics(shard, ("doc_id", *dict.fromkeys((high, low))))
        drops = self.exact.drops(shard)
        copies = drops.filter(pc.is_in(drops["reason"], pa.array([kind.reason for kind in self.kinds])))
        rows = without(rows, copies["doc_id"].to_numpy())
        rows = rows.filter(pc.is_valid(rows[high]))
        night = pa.repeat(pa.scalar(self.night, pa.uint32()), rows.num_rows)
        return pa.table([rows[high], rows[low], night, rows["doc_id"]], schema=HASH_ROWS)

    def _droppers_before_exact(self) -> tuple[StepFolder, ...]:
        return tuple(takewhile(lambda folder: folder.folder.uri != self.exact.folder.uri, self.upstream.droppers))


def bits_for(table: str, rows: int) -> int:
    """The bits that name a piece of so many rows' segment: a piece is what an exchange brings together in one partition."""
    return partitions_for(rows * ROW_BYTES[table]).bit_length() - 1


def write_pieces(rows: pa.Table, *, folder: StepFolder, table: str, segment: str, bits: int) -> pa.Table:
    """PIECES of a segment, all of whose rows in them must be in `rows`, and their files."""
    schema = SCHEMAS[table]
    written = write_segment(folder.folder, table, segment, rows.select(schema.names).cast(schema), bits)
    return pa.table([list(written), list(written.values())], schema=PIECES)
