"""Step `exact`: documents with the same words in the same order, found by a 128-bit content hash; the best one stays.

With `by_url`, of what is left the best document of each address stays too. Copies inside a shard are joined before they are
exchanged, so that a text that stands everywhere sends one row a shard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import PINNED, best_first, first_of_group
from curator.config.duplicates import Duplicates, Exact
from curator.steps.earlier_nights import kept_on
from curator.steps.exchange import Exchanger, Meeting, Source, exchange_then_apply
from curator.steps.exchange_tables import ByShard, JoinedTables
from curator.steps.ranks import Ranking
from curator.steps.step import Job
from curator.steps.survivors import apply_drops, without
from curator.store.history import History
from curator.store.history_lookup import find_hashes
from curator.store.history_parts import CONTENT as CONTENT_TABLE
from curator.store.history_parts import URLS as URL_TABLE
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS

VERSION = 2
ROW_BYTES = 56
FOUND = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("reason", pa.string()),
        ("kept_doc_id", pa.uint64()),
        ("size", pa.int64()),
        ("detail", pa.string()),
    ]
)
"""Of every document that stands for its shard in a group of several: what the group keeps, and how many it holds."""


@dataclass(frozen=True, kw_only=True)
class Sameness:
    """One way in which documents can be the same: the columns of `statistics` that are equal then, the reason to drop, and
    the table of the history that holds the hashes."""

    columns: tuple[str, str]
    reason: str
    table: str


CONTENT = Sameness(columns=("content_hash_high", "content_hash_low"), reason="exact_duplicate", table=CONTENT_TABLE)
ADDRESS = Sameness(columns=("url_hash", "url_hash"), reason="same_url", table=URL_TABLE)


def run(job: Job, *, exact: Exact, duplicates: Duplicates, history: History | None) -> None:
    """Drop every copy but the keeper of its group; the value is the size of the group, which its keeper gets in `groups`.

    What an earlier night has kept is dropped with all its copies.
    """
    ranking = Ranking.of(job.inputs, duplicates)
    shards, documents = ranking.upstream.ingest.shards(), ranking.upstream.last.total("documents_out")
    kinds = (CONTENT, ADDRESS) if exact.by_url else (CONTENT,)
    exchange_then_apply(
        job,
        partial(copies, shards=shards, documents=documents, ranking=ranking, kinds=kinds, history=history),
        partial(drop_copies, folder=job.folder, ranking=ranking, kinds=kinds),
        shards,
        size_bytes=documents * ROW_BYTES,
    )


def copies(
    exchanger: Exchanger,
    *,
    shards: Sequence[int],
    documents: int,
    ranking: Ranking,
    kinds: Sequence[Sameness],
    history: History | None,
) -> JoinedTables:
    """FOUND of all kinds: what is the same in one way is gone before the next is looked at."""
    found = JoinedTables(())
    for place, kind in enumerate(kinds):
        emit = partial(representatives, kind=kind, ranking=ranking, before=found, kinds=kinds[:place])
        source = Source(tasks=shards, emit=emit, rows=documents)
        reduce = partial(groups, kind=kind, history=history)
        met = exchanger.exchange(
            Meeting(kind.reason, [source], reduce, schema=FOUND, row_bytes=ROW_BYTES, to_shards=True, ranged=True)
        )
        found = JoinedTables((*found.tables, met))
    return found


def representatives(
    shard: int, *, kind: Sameness, ranking: Ranking, before: ByShard, kinds: Sequence[Sameness]
) -> pa.Table:
    """The best of the same documents inside a shard, with its rank and their number."""
    rows = with_best(hashes(shard, kind, ranking, _dropped(shard, ranking, before, kinds)))
    return rows.filter(pc.equal(rows["doc_id"], rows["best"])).drop_columns(["best"])


def hashes(shard: int, kind: Sameness, ranking: Ranking, gone: npt.NDArray[np.uint64]) -> pa.Table:
    """Hash (key, low), doc_id and rank of every survivor of a shard that has the hash and is not among `gone`."""
    high, low = kind.columns
    statistics = ranking.upstream.statistics(shard, ("doc_id", *dict.fromkeys(kind.columns)))
    rows = ranking.rows(shard).append_column("key", statistics[high]).append_column("low", statistics[low])
    rows = without(rows, gone)
    return rows.filter(pc.is_valid(rows["key"]))


def with_best(rows: pa.Table) -> pa.Table:
    """The rows in groups of equal hashes, with the best document of each (`best`) and their number (`size`)."""
    group = _group_numbers(rows["key"].to_numpy(), rows["low"].to_numpy())
    document = rows["doc_id"].to_numpy()
    order = best_first(group, rows["rank_high"].to_numpy(), rows["rank_low"].to_numpy(), document)
    first = first_of_group(group[order])
    place = np.cumsum(first) - 1
    amount = rows["size"].to_numpy() if "size" in rows.column_names else np.ones(len(order), np.int64)
    totals = np.bincount(place, weights=amount[order], minlength=0).astype(np.int64)  # exact: far below 2^53
    ordered = rows.take(pa.array(order)).select(["key", "low", "doc_id", "rank_high", "rank_low"])
    return ordered.append_column("best", pa.array(document[order][first][place], pa.uint64())).append_column(
        "size", pa.array(totals[place], pa.int64())
    )


def groups(rows: pa.Table, *, kind: Sameness, history: History | None) -> pa.Table:
    """FOUND of all groups of more than one document, earlier nights counted."""
    joined = with_best(rows)
    kept, detail = joined["best"], pa.nulls(joined.num_rows, pa.string())
    several = pc.greater(joined["size"], 1)
    if history is not None:
        row, night, document = find_hashes(history, kind.table, joined["key"].to_numpy(), joined["low"].to_numpy())
        earlier = np.zeros(joined.num_rows, np.bool_)
        earlier[row] = True
        kept = pc.replace_with_mask(kept.combine_chunks(), pa.array(earlier), pa.array(document | PINNED))
        detail = pc.replace_with_mask(detail, pa.array(earlier), kept_on(history, night))
        several = pc.or_(several, pa.array(earlier))
    columns = [joined["doc_id"], pa.repeat(kind.reason, joined.num_rows), kept, joined["size"], detail]
    return pa.table(columns, schema=FOUND).filter(several)


def drop_copies(
    shard: int, rows: pa.Table, *, folder: StepFolder, ranking: Ranking, kinds: Sequence[Sameness]
) -> Commit:
    """Write a shard's drops, and what the documents that stay stand for."""
    drops = shard_drops(shard, rows, ranking, kinds)
    kept = rows.filter(pc.equal(rows["doc_id"], rows["kept_doc_id"]))
    sizes = kept.group_by("doc_id").aggregate([("size", "max")]).sort_by("doc_id")
    sizes = without(sizes.rename_columns(["doc_id", "size"]), drops["doc_id"].to_numpy())
    if sizes.num_rows:
        folder.write("groups", shard, sizes)
    return apply_drops(folder, ranking.upstream, shard, drops)


def shard_drops(shard: int, rows: pa.Table, ranking: Ranking, kinds: Sequence[Sameness]) -> pa.Table:
    """DROPS of a shard, kind by kind: a copy inside the shard goes for what its shard's best one goes or stays for."""
    drops = DROPS.empty_table()
    for kind in kinds:
        local = with_best(hashes(shard, kind, ranking, drops["doc_id"].to_numpy())).sort_by("doc_id")
        met = rows.filter(pc.equal(rows["reason"], kind.reason)).sort_by("doc_id")
        place = pc.index_in(local["best"].combine_chunks(), met["doc_id"].combine_chunks())
        kept = met["kept_doc_id"].take(place)
        gone = pc.and_kleene(pc.is_valid(kept), pc.not_equal(kept, local["doc_id"]))
        found = pa.table(
            {
                "doc_id": local["doc_id"],
                "reason": pa.repeat(kind.reason, local.num_rows),
                "value": met["size"].take(place).cast(pa.float64()),
                "kept_doc_id": kept,
                "detail": met["detail"].take(place),
            }
        ).filter(pc.fill_null(gone, False))
        drops = pa.concat_tables([drops, found.cast(DROPS)]).combine_chunks()
    return drops.sort_by("doc_id")


def _dropped(shard: int, ranking: Ranking, before: ByShard, kinds: Sequence[Sameness]) -> npt.NDArray[np.uint64]:
    if not kinds:
        return np.empty(0, np.uint64)
    documents: npt.NDArray[np.uint64] = shard_drops(shard, before.of_shard(shard), ranking, kinds)["doc_id"].to_numpy()
    return documents


def _group_numbers(high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A number for each pair (high, low), equal where the pairs are."""
    order = np.lexsort((low, high))
    starts = first_of_group(high[order]) | first_of_group(low[order])
    group = np.empty(len(order), dtype=np.uint64)
    group[order] = np.cumsum(starts) - 1
    return group
