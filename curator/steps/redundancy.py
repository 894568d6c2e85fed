"""Step `redundancy`: groups of semantic duplicates inside each cell (SemDeDup, Abbas 2023). Nothing is dropped here.

Documents of a cell are taken in the order of the keeper rule: each follows the nearest leader before it that is similar enough, or
leads a group itself. How many of a group stay is decided by the budget of its concept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import Ids, best_first, first_of_group, runs
from curator.algorithms.semantic import Matrix, semantic_groups, share_of_distinct, similarity_for_share
from curator.config.concepts import Redundancy
from curator.config.duplicates import Duplicates
from curator.models.vectors import unit_rows
from curator.steps.cells import read_cells
from curator.steps.duplicate_columns import NEAR_GROUPS
from curator.steps.exchange import Exchange, Exchanger, Meeting, Source, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.gather import gather, unchanged
from curator.steps.ranks import Ranking
from curator.steps.samples import mixed, sampled
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, apply_drops, shards_with_documents, without
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.store.vectors import to_matrix

VERSION = 2
SIMILARITY = "similarity"
SAMPLE_DOCUMENTS = 100_000  # 20,000 in whole cells miss a share by 4 points (one sigma; 98,000 real texts, 313 cells)
SAMPLE_CELLS = 10  # are expected at least
LARGE_CELL = 50_000  # documents; larger ones are split
SAMPLE_SEED = 1
SEMANTIC_GROUPS = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("group", pa.uint64()),
        ("similarity", pa.float32()),
        ("place", pa.int32()),
        ("size", pa.int32()),
    ]
)
"""`groups`: the documents of groups of two or more. `group` is the doc_id of the leader, `similarity` the cosine with it (1 for the
leader), `place` 0 for the leader and then 1, 2, ... in the order of the keeper rule, `size` the number of all members."""


def run(job: Job, *, redundancy: Redundancy, duplicates: Duplicates, dimensions: int) -> None:
    """Write `groups` by shard, where there are any; with `distinct_share` first `similarity.json`."""
    rows = CellRows.of(job.inputs, duplicates, dimensions)
    upstream = rows.ranking.upstream
    shards, documents = shards_with_documents(upstream.last), upstream.last.total("documents_out")
    if redundancy.distinct_share is not None and SIMILARITY not in job.commits and shards:
        _sample_cells(job, rows, redundancy, shards, documents)
    similarity = read_similarity(job.folder) if SIMILARITY in job.commits else redundancy.similarity
    meeting = cells_meet(rows, shards, documents, similarity)
    apply = partial(write_groups, folder=job.folder, upstream=upstream)
    exchange_then_apply(job, partial(_exchange, meeting=meeting), apply, shards, size_bytes=meeting.size_bytes)


def cells_meet(rows: CellRows, shards: Sequence[int], documents: int, similarity: float) -> Meeting:
    """The exchange that gives SEMANTIC_GROUPS to the shards."""
    source = Source(tasks=shards, emit=rows.emit, rows=documents)
    reduce = partial(groups_of_cells, similarity=similarity)
    return Meeting("found", [source], reduce, schema=SEMANTIC_GROUPS, row_bytes=rows.row_bytes, to_shards=True)


def _exchange(exchanger: Exchanger, *, meeting: Meeting) -> Tables:
    return exchanger.exchange(meeting)


def _sample_cells(job: Job, rows: CellRows, redundancy: Redundancy, shards: Sequence[int], documents: int) -> None:
    usual = min(LARGE_CELL, documents // max(1, rows.cells.total("centroids")))
    wanted = min(documents, max(SAMPLE_DOCUMENTS, SAMPLE_CELLS * usual))
    emit = partial(rows.emit_sample, wanted=wanted, of=documents)
    exchange = Exchange(emit=emit, reduce=unchanged, row_bytes=rows.row_bytes)
    conclude = partial(choose_similarity, folder=job.folder, redundancy=redundancy)
    gather(job, exchange, shards, conclude, wanted)


@dataclass(frozen=True, kw_only=True)
class CellRows:
    """What the documents of a shard send to their cells. Travels to workers."""

    ranking: Ranking
    cells: StepFolder
    embed: StepFolder
    near: StepFolder
    dimensions: int

    @staticmethod
    def of(inputs: Mapping[str, StepFolder], duplicates: Duplicates, dimensions: int) -> CellRows:
        return CellRows(
            ranking=Ranking.of(inputs, duplicates),
            cells=inputs["cells"],
            embed=inputs["embed"],
            near=inputs["near"],
            dimensions=dimensions,
        )

    @property
    def row_bytes(self) -> int:
        return 2 * self.dimensions + 4 * 8

    def emit(self, shard: int) -> pa.Table:
        """Cell (the key), rank and embedding of every survivor but those that `near` kept on purpose."""
        rows = without(self.ranking.rows(shard), _followers(self.near, shard))
        documents = rows["doc_id"].to_numpy()
        key = aligned(read_cells(self.cells, shard, self.embed), documents)["key"]
        embedding = aligned(self.embed.read("embeddings", shard), documents)["embedding"]
        return rows.append_column("key", key).append_column("embedding", embedding)

    def emit_sample(self, shard: int, *, wanted: int, of: int) -> pa.Table:
        """The same for some whole cells, which hold about `wanted` of all documents."""
        rows = self.emit(shard)
        return rows.filter(pa.array(sampled(rows["key"].to_numpy(), wanted=wanted, of=of, seed=SAMPLE_SEED)))


def _followers(near: StepFolder, shard: int) -> Ids:
    """Near duplicates that stay beside the document that leads their group, as `duplicates` in the configuration asks for."""
    groups = near.sparse("groups", shard, NEAR_GROUPS)
    followers: Ids = groups.filter(pc.not_equal(groups["doc_id"], groups["group"]))["doc_id"].to_numpy()
    return followers


def cells_of(rows: pa.Table) -> Iterator[tuple[Ids, Matrix]]:
    """The documents of each cell, best first, and their embeddings at length 1; float32 for one cell at a time."""
    key, document = rows["key"].to_numpy(), rows["doc_id"].to_numpy()
    order = best_first(key, rows["rank_high"].to_numpy(), rows["rank_low"].to_numpy(), document)
    for members in runs(key[order]):
        embeddings = to_matrix(rows["embedding"].take(pa.array(order[members])))
        yield document[order[members]], unit_rows(embeddings)  # float16 lost some of the length


def groups_of_cells(rows: pa.Table, *, similarity: float) -> pa.Table:
    """SEMANTIC_GROUPS of all cells in `rows`."""
    found = [_groups(documents, embeddings, similarity) for documents, embeddings in cells_of(rows)]
    return pa.concat_tables([SEMANTIC_GROUPS.empty_table(), *found]).combine_chunks()


def _groups(documents: Ids, embeddings: Matrix, similarity: float) -> pa.Table:
    leader, cosine = semantic_groups(embeddings, threshold=similarity)
    size = np.bincount(leader, minlength=len(leader))[leader]
    members = np.flatnonzero(size > 1)
    members = members[np.argsort(leader[members], kind="stable")]
    group = documents[leader[members]]
    first = first_of_group(group)
    place = np.arange(len(group)) - np.flatnonzero(first)[np.cumsum(first) - 1]
    columns = [documents[members], group, cosine[members], place.astype(np.int32), size[members].astype(np.int32)]
    return pa.table([pa.array(column) for column in columns], schema=SEMANTIC_GROUPS)


def choose_similarity(rows: pa.Table, *, folder: StepFolder, redundancy: Redundancy) -> Commit:
    """Write `similarity.json`: the similarity that leaves about the wanted share of some cells distinct, and its share."""
    assert redundancy.distinct_share is not None
    cells = [embeddings for _, embeddings in cells_of(_first_cells(rows))]
    similarity = redundancy.similarity
    if cells:
        similarity = similarity_for_share(cells, distinct_share=redundancy.distinct_share)
    counts = {"sample_cells": len(cells), "sample_documents": sum(len(cell) for cell in cells)}
    reached = {"similarity": similarity, "distinct_share": share_of_distinct(cells, similarity=similarity)}
    folder.write_bytes(f"{SIMILARITY}.json", json.dumps(reached | counts, indent=1).encode())
    return Commit(name=SIMILARITY, shards=(), counts=counts)


def _first_cells(rows: pa.Table) -> pa.Table:
    """The rows of the first cells, in the order of their hashed keys, until they are SAMPLE_DOCUMENTS."""
    keys, documents = np.unique(rows["key"].to_numpy(), return_counts=True)
    order = np.argsort(mixed(keys, SAMPLE_SEED))
    before = np.cumsum(documents[order]) - documents[order]
    return rows.filter(pa.array(np.isin(rows["key"].to_numpy(), keys[order][before < SAMPLE_DOCUMENTS])))


def semantic_followers(folder: StepFolder, shard: int) -> Ids:
    """The documents of a shard that follow another one of their semantic group."""
    groups = folder.sparse("groups", shard, SEMANTIC_GROUPS)
    followers: Ids = groups.filter(pc.greater(groups["place"], 0))["doc_id"].to_numpy()
    return followers


def similarity_used(folder: StepFolder, redundancy: Redundancy) -> float:
    """The similarity that a finished step went by."""
    if SIMILARITY not in {commit.name for commit in folder.manifest() or ()}:
        return redundancy.similarity
    return read_similarity(folder)


def read_similarity(folder: StepFolder) -> float:
    """The similarity that was chosen."""
    return float(json.loads(folder.read_bytes(f"{SIMILARITY}.json"))["similarity"])


def write_groups(shard: int, rows: pa.Table, *, folder: StepFolder, upstream: Upstream) -> Commit:
    """Write the groups of a shard and count their leaders and followers; all documents stay."""
    if rows.num_rows:
        folder.write("groups", shard, rows.combine_chunks())
    leaders = int(np.count_nonzero(rows["place"].to_numpy() == 0))
    counts = {"semantic_groups": leaders, "semantic_followers": rows.num_rows - leaders}
    commit = apply_drops(folder, upstream, shard, DROPS.empty_table())
    return replace(commit, counts=commit.counts | counts)
