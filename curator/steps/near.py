"""Step `near`: MinHash near duplicates. A document goes iff a better document that stays shares a band with it and is like it.

Documents are ordered by the keeper rule, those of earlier nights first. That greedy choice is unique, whatever the partitions.
It is found in rounds: in every bucket the documents still kept gather round leaders; the pairs that are like enough are edges;
all edges so far are resolved in order. A pair can hide behind a leader that goes itself, so rounds follow until one finds no
edge. Then no two kept documents of a bucket are alike, and each dropped one is like a better kept one: the choice above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import is_pinned
from curator.config.duplicates import Duplicates, Near
from curator.errors import StoreError
from curator.steps.duplicate_columns import NEAR_GROUPS
from curator.steps.earlier_nights import earlier_names, shards_of
from curator.steps.exchange import Exchanger, Meeting, Source, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.near_edges import EDGES, MemberRows, star_edges
from curator.steps.near_groups import Resolver
from curator.steps.near_members import MEMBERS, BandRows, shared_members, still_kept
from curator.steps.ranks import Ranking
from curator.steps.step import Job
from curator.steps.survivors import apply_drops, drops_table
from curator.store.history import History
from curator.store.step_folder import Commit, StepFolder

VERSION = 3
MAX_ROUNDS = 32


def run(job: Job, *, near: Near, duplicates: Duplicates, history: History | None) -> None:
    """Drop near duplicates; the value is the similarity to the kept document. What stays gets its group in `groups`."""
    ranking = Ranking.of(job.inputs, duplicates)
    search = Search(
        ranking=ranking, near=near, exact=job.inputs["exact"], history=history, alone_bytes=job.exchange_bytes
    )
    exchange_then_apply(
        job,
        search.groups,
        partial(drop_members, folder=job.folder, ranking=ranking, history=history),
        search.shards,
        size_bytes=search.size_bytes,
    )


@dataclass(frozen=True, kw_only=True)
class Search:
    """The rounds of the search. Travels to workers."""

    ranking: Ranking
    near: Near
    exact: StepFolder
    history: History | None
    alone_bytes: int

    @property
    def shards(self) -> list[int]:
        return self.ranking.upstream.ingest.shards()

    @property
    def all_shards(self) -> list[int]:
        """The shards, and those of the documents of earlier nights."""
        return [*self.shards, *shards_of(self.history)]

    @property
    def size_bytes(self) -> int:
        """About what the first two exchanges bring to one place, were all documents duplicates."""
        documents = self.ranking.upstream.last.total("documents_out")
        return documents * (self.bands.row_bytes + self.members.row_bytes)

    @property
    def bands(self) -> BandRows:
        return BandRows(upstream=self.ranking.upstream, near=self.near)

    @property
    def members(self) -> MemberRows:
        return MemberRows(ranking=self.ranking, near=self.near, exact=self.exact, history=self.history)

    def groups(self, exchanger: Exchanger) -> Tables:
        """GROUPS of all documents that are like another one."""
        resolver = Resolver(policy=self.near.groups, alone_bytes=self.alone_bytes)
        members = self._shared(exchanger)
        edges = [self._edges(exchanger, 0, members)]
        for number in range(MAX_ROUNDS):
            groups = resolver.resolve(exchanger, number, edges)
            kept = self._kept(exchanger, number + 1, members, groups)
            edges.append(self._edges(exchanger, number + 1, kept))
            if not edges[-1].rows:
                return groups
        raise StoreError(f"near duplicates were not settled after {MAX_ROUNDS} rounds; please report this corpus")

    def _shared(self, exchanger: Exchanger) -> Tables:
        """MEMBERS of the buckets of all documents."""
        documents = self.ranking.upstream.last.total("documents_out")
        bands = self.bands
        source = Source(tasks=self.shards, emit=bands.emit, rows=documents * bands.bands)
        reduce = partial(shared_members, history=self.history)
        return exchanger.exchange(
            Meeting("members-0", [source], reduce, schema=MEMBERS, row_bytes=16, to_shards=True, ranged=True)
        )

    def _edges(self, exchanger: Exchanger, number: int, members: Tables) -> Tables:
        """EDGES from each leader to the documents like it."""
        source = Source(tasks=self.all_shards, emit=partial(self.members.emit, members=members), rows=members.rows)
        reduce = partial(star_edges, near=self.near)
        return exchanger.exchange(
            Meeting(f"edges-{number}", [source], reduce, schema=EDGES, row_bytes=self.members.row_bytes)
        )

    def _kept(self, exchanger: Exchanger, number: int, members: Tables, groups: Tables) -> Tables:
        """MEMBERS of the buckets that still hold several documents; one displaced before may be back."""
        source = Source(
            tasks=self.all_shards, emit=partial(still_kept, members=members, groups=groups), rows=members.rows
        )
        return exchanger.exchange(
            Meeting(f"members-{number}", [source], shared_members, schema=MEMBERS, row_bytes=16, to_shards=True)
        )


def drop_members(
    shard: int, rows: pa.Table, *, folder: StepFolder, ranking: Ranking, history: History | None
) -> Commit:
    """Write a shard's drops and, for the documents that stay, `groups`: the document that leads it, and its size."""
    duplicates = ranking.duplicates
    goes = pc.and_(
        pc.not_equal(rows["doc_id"], rows["kept_doc_id"]),
        pc.greater_equal(rows["place"], duplicates.documents_per_group),
    )
    if duplicates.soft_exponent is not None:
        goes = pa.array([False] * rows.num_rows, pa.bool_())
    drops = near_drops(rows.filter(goes), history)
    groups = rows.filter(pc.invert(goes)).select(["doc_id", "kept_doc_id", "size"])
    if groups.num_rows:
        folder.write("groups", shard, groups.rename_columns(NEAR_GROUPS.names))
    return apply_drops(folder, ranking.upstream, shard, drops)


def near_drops(gone: pa.Table, history: History | None) -> pa.Table:
    """DROPS of these rows of GROUPS."""
    kept, detail = gone["kept_doc_id"].combine_chunks(), pa.nulls(gone.num_rows, pa.string())
    earlier = is_pinned(kept.to_numpy())
    if history is not None and earlier.any():
        named, nights = earlier_names(history, kept.to_numpy()[earlier])
        kept = pc.replace_with_mask(kept, pa.array(earlier), pa.array(named))
        detail = pc.replace_with_mask(detail, pa.array(earlier), nights)
    return drops_table(
        gone["doc_id"].combine_chunks(), "near_duplicate", gone["similarity"].combine_chunks(), kept, detail
    )
