"""Step `near`: MinHash near duplicates. A document goes iff a better document that stays shares a band with it and is like it.

Documents are ordered by the keeper rule, those of earlier nights first.
"""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import is_pinned
from curator.config.duplicates import Duplicates, Near
from curator.steps.duplicate_columns import NEAR_GROUPS
from curator.steps.earlier_nights import earlier_names
from curator.steps.exchange import exchange_then_apply
from curator.steps.near_compared import Survivors
from curator.steps.near_search import Search
from curator.steps.ranks import Ranking
from curator.steps.step import Job
from curator.steps.survivors import apply_drops, drops_table
from curator.store.history import History
from curator.store.step_folder import Commit, StepFolder

VERSION = 3


def run(job: Job, *, near: Near, duplicates: Duplicates, history: History | None) -> None:
    """Drop near duplicates; the value is the similarity to the kept document. What stays gets its group in `groups`."""
    ranking = Ranking.of(job.inputs, duplicates)
    compared = Survivors(ranking=ranking, exact=job.inputs["exact"], history=history)
    search = Search(compared=compared, near=near, alone_bytes=job.exchange_bytes)
    exchange_then_apply(
        job,
        search.groups,
        partial(drop_members, folder=job.folder, ranking=ranking, history=history),
        compared.senders,
        size_bytes=search.size_bytes,
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
