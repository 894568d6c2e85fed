"""The search for near duplicates: which documents share a band with a better one that stays, and are like it.

Documents are ordered by rank, pinned ones first. That greedy choice is unique, whatever the partitions. It is found in rounds: in
every bucket the documents still kept gather round leaders; the pairs that are like enough are edges; all edges so far are
resolved in order. A pair can hide behind a leader that goes itself, so rounds follow until one finds no edge. Then no two kept
documents of a bucket are alike but pinned ones, and each dropped one is like a better kept one: the choice above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from curator.config.duplicates import Near
from curator.errors import StoreError
from curator.steps.exchange import Exchanger, Meeting, Source
from curator.steps.exchange_tables import Tables
from curator.steps.near_compared import Compared
from curator.steps.near_edges import EDGES, MemberRows, star_edges
from curator.steps.near_groups import Resolver
from curator.steps.near_members import MEMBERS, BandRows, shared_members, still_kept

MAX_ROUNDS = 32


@dataclass(frozen=True, kw_only=True)
class Search:
    """The rounds of the search. Travels to workers."""

    compared: Compared
    near: Near
    alone_bytes: int

    @property
    def size_bytes(self) -> int:
        """About what the first two exchanges bring to one place, were all documents duplicates."""
        return self.compared.documents * (self.bands.row_bytes + self.members.row_bytes)

    @property
    def bands(self) -> BandRows:
        return BandRows(documents=self.compared, near=self.near)

    @property
    def members(self) -> MemberRows:
        return MemberRows(compared=self.compared, near=self.near)

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
        compared, bands = self.compared, self.bands
        source = Source(tasks=compared.senders, emit=bands.emit, rows=compared.documents * bands.bands)
        reduce = partial(shared_members, compared=compared)
        return exchanger.exchange(
            Meeting("members-0", [source], reduce, schema=MEMBERS, row_bytes=16, to_shards=True, ranged=True)
        )

    def _edges(self, exchanger: Exchanger, number: int, members: Tables) -> Tables:
        """EDGES from each leader to the documents like it."""
        source = Source(tasks=self.compared.shards, emit=partial(self.members.emit, members=members), rows=members.rows)
        reduce = partial(star_edges, near=self.near)
        return exchanger.exchange(
            Meeting(f"edges-{number}", [source], reduce, schema=EDGES, row_bytes=self.members.row_bytes)
        )

    def _kept(self, exchanger: Exchanger, number: int, members: Tables, groups: Tables) -> Tables:
        """MEMBERS of the buckets that still hold several documents; one displaced before may be back."""
        source = Source(
            tasks=self.compared.shards, emit=partial(still_kept, members=members, groups=groups), rows=members.rows
        )
        return exchanger.exchange(
            Meeting(f"members-{number}", [source], shared_members, schema=MEMBERS, row_bytes=16, to_shards=True)
        )
