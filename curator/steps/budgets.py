"""Step `budgets`: by its complexity each concept gets a quota, and an allowance of repeats; what is beyond either is dropped.

Amounts by concept are gathered, and quotas are an exact projection (density-based pruning, Abbas et al., ICLR 2024). Then the
documents of those concepts that cannot keep all meet, by concept. A concept with more documents than fit a partition is cut into
parts by the hashed id of the document that leads a group: each part has its proportion of the quota and fills it by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.density import density_merit
from curator.algorithms.keepers import runs
from curator.algorithms.quotas import quotas, shares, split, tempered_shares
from curator.algorithms.selection import coverage_merit, fitting, in_order, merit, places
from curator.config.concepts import Budgets
from curator.steps.budget_rows import PART_BITS, PARTS, BudgetRows, added_up, sentence
from curator.steps.concept_files import QUOTAS
from curator.steps.exchange import Exchange, Exchanger, Meeting, Source, exchange_then_apply
from curator.steps.exchange_tables import Tables
from curator.steps.gather import gather
from curator.steps.graph import over_shards
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.survivors import apply_drops, drops_table, shards_with_documents
from curator.store.step_folder import Commit
from curator.store.tables import read_parquet, to_parquet
from curator.store.vectors import to_halves

VERSION = 3
FILL = 1 << 33  # a seed of its own: by the plain one `quality` may have drawn who is still there
AMOUNT_BYTES = 24
OVER = pa.schema(
    [(name, pa.uint64()) for name in ("doc_id", "key")] + [(name, pa.int64()) for name in ("place", "cost", "quota")]
)
"""A document over the quota of its part of a concept (the key): its place in the part's order, its cost in documents or tokens."""


def run(job: Job, *, budgets: Budgets, measure: str, dimensions: int) -> None:
    """Write `quotas.parquet`, then drop repeats beyond the allowance (value: similarity) and what is over quota (value: place)."""
    rows = BudgetRows.of(job, budgets, measure, dimensions)
    last = rows.upstream.last
    shards, documents = shards_with_documents(last), last.total("documents_out")
    if not shards:
        return
    if "quotas" not in job.commits:
        amounts = min(documents, len(shards) * int(pc.sum(rows.concepts["parts"]).as_py()))
        exchange = Exchange(emit=rows.amounts, reduce=added_up, row_bytes=AMOUNT_BYTES)
        gather(job, exchange, shards, partial(conclude, of=rows), amounts)
    contested = job.commits["quotas"].counts["contested"]
    apply = partial(drop_beyond, of=rows)
    if not contested:
        over_shards(job, shards, partial(apply, over=OVER.empty_table()))
        return
    find = partial(_find, shards=shards, contested=contested, of=rows)
    exchange_then_apply(job, find, apply, shards, size_bytes=documents * rows.row_bytes)


def conclude(amounts: pa.Table, *, of: BudgetRows) -> Commit:
    """Write `quotas.parquet`, and `parts.parquet`: the quotas of the parts that cannot keep all that is eligible."""
    concepts, amounts = of.concepts, amounts.sort_by("key")
    asked = target(of.budgets, int(pc.sum(concepts["documents"]).as_py()))
    table = quota_table(concepts, amounts, of.budgets, asked)
    parts = part_quotas(table, amounts, of.unit)
    contested = parts.filter(pc.less(parts["quota"], parts[of.unit]))
    of.folder.write_bytes(QUOTAS, to_parquet(table).to_pybytes())
    of.folder.write_bytes(PARTS, to_parquet(contested).to_pybytes())
    counts = {"concepts": table.num_rows, "contested": int(pc.sum(contested["documents"]).as_py() or 0)}
    return Commit(name="quotas", shards=(), counts=counts, notes=shortcoming(asked, table, of.unit))


def target(budgets: Budgets, documents: int) -> int:
    """How many tokens, or else documents, the budget asks for."""
    return budgets.keep_tokens or budgets.keep_documents or max(1, round(budgets.keep_share * documents))


def shortcoming(asked: int, table: pa.Table, unit: str) -> tuple[str, ...]:
    """One sentence, where the budget asks for more than may stay."""
    found = int(pc.sum(table["quota"]).as_py())
    if found == asked:
        return ()
    left = f"only {found:,} are left once repeats beyond max_repeats are gone"
    return (f"the budget asks for {asked:,} {unit}, but {left}: all of these stay",)


def quota_table(concepts: pa.Table, amounts: pa.Table, budgets: Budgets, asked: int) -> pa.Table:
    """One row for each concept: complexity, share, allowance, eligible (documents), eligible_tokens, quota in documents or tokens.

    The quotas add up to `asked`, or to all that is eligible where that is less.
    """
    ids = concepts["concept_id"].to_numpy()
    row = np.searchsorted(ids, amounts["key"].to_numpy() >> np.uint64(PART_BITS))
    eligible = {name: np.zeros(len(ids), np.int64) for name in ("documents", "tokens")}
    for name, column in eligible.items():
        np.add.at(column, row, amounts[name].to_numpy())
    caps = eligible["documents" if budgets.keep_tokens is None else "tokens"]
    total = min(asked, int(caps.sum()))
    share = concept_shares(concepts, budgets)
    floors = np.minimum(caps, int(budgets.floor * total / len(ids)))
    return pa.table(
        {
            **{name: concepts[name] for name in ("concept_id", "complexity")},
            "share": share,
            "allowance": concepts["allowance"],
            "eligible": eligible["documents"],
            "eligible_tokens": eligible["tokens"],
            "quota": quotas(share, total, floors, caps),
        }
    )


def concept_shares(concepts: pa.Table, budgets: Budgets) -> npt.NDArray[np.float64]:
    """The part of the target, in documents or tokens, that each concept should get: by complexity, times its effective documents.

    The effective number makes the sum over a topic's concepts hardly depend on into how many clustering has cut it.
    """
    complexity = concepts["complexity"].to_numpy()
    by_complexity = (
        shares(complexity, ratio=budgets.share_ratio)
        if budgets.temperature is None
        else tempered_shares(complexity, temperature=budgets.temperature)
    )
    share = by_complexity * concepts["effective_documents"].to_numpy()
    total = share.sum()
    return share / total if total > 0 else by_complexity


def part_quotas(table: pa.Table, amounts: pa.Table, unit: str) -> pa.Table:
    """The amounts of each part of a concept, in order of the key, with its proportion of the quota."""
    concept, amount = amounts["key"].to_numpy() >> np.uint64(PART_BITS), amounts[unit].to_numpy()
    quota = table["quota"].to_numpy()[np.searchsorted(table["concept_id"].to_numpy(), concept)]
    found = [share for parts in runs(concept) for share in split(int(quota[parts.start]), amount[parts].tolist())]
    return amounts.append_column("quota", pa.array(found, pa.int64()))


def _find(exchanger: Exchanger, *, shards: Sequence[int], contested: int, of: BudgetRows) -> Tables:
    source = Source(tasks=shards, emit=of.candidates, rows=contested)
    reduce = partial(over_quota, of=of)
    return exchanger.exchange(Meeting("over", [source], reduce, schema=OVER, row_bytes=of.row_bytes, to_shards=True))


def over_quota(rows: pa.Table, *, of: BudgetRows) -> pa.Table:
    """OVER of the parts of concepts in `rows`, which are candidates."""
    parts = read_parquet(of.folder.folder, PARTS, ["key", "quota"])
    key, place, document = (rows[name].to_numpy() for name in ("key", "place", "doc_id"))
    quota = parts["quota"].to_numpy()[np.searchsorted(parts["key"].to_numpy(), key)]
    cost = rows["tokens"].to_numpy() if of.unit == "tokens" else np.ones(len(key), np.int64)
    order = in_order(key, place, _merit(rows, cost, quota, of.budgets), document)
    over = ~fitting(key[order], cost[order], quota[order])
    gone = order[over]
    columns = [document[gone], key[gone], places(key[order])[over], cost[gone], quota[gone]]
    return pa.table([pa.array(column) for column in columns], schema=OVER)


def _merit(
    rows: pa.Table, cost: npt.NDArray[np.int64], quota: npt.NDArray[np.int64], budgets: Budgets
) -> npt.NDArray[np.float64]:
    columns = {name: rows[name].to_numpy() for name in ("distance", "quality") if name in rows.column_names}
    key, place, document = (rows[name].to_numpy() for name in ("key", "place", "doc_id"))
    if budgets.fill == "coverage":
        embeddings = to_halves(rows["embedding"])
        return coverage_merit(key, place, document, embeddings, columns["distance"], cost, quota)
    hashed = mixed(document, budgets.seed + FILL)
    if budgets.fill == "density":
        return density_merit(key, rows["text"].to_pylist(), hashed)
    return merit(budgets.fill, hashed=hashed, **columns)


def drop_beyond(shard: int, over: pa.Table, *, of: BudgetRows) -> Commit:
    """Write the drops of a shard: its repeats beyond the allowance, and what is over quota."""
    drops = pa.concat_tables([of.repeats(shard), quota_drops(over, of)]).sort_by("doc_id").combine_chunks()
    return apply_drops(of.folder, of.upstream, shard, drops)


def quota_drops(over: pa.Table, of: BudgetRows) -> pa.Table:
    """DROPS of these rows of OVER; the value is the place in the order of the concept, or of its part."""
    concepts = of.concepts
    concept = pc.shift_right(over["key"], pa.scalar(PART_BITS, pa.uint64()))
    part = pc.bit_wise_and(over["key"], pa.scalar((1 << PART_BITS) - 1, pa.uint64()))
    cut = pc.is_in(concept, concepts["concept_id"].filter(pc.greater(concepts["parts"], 1)).cast(pa.uint64()))
    where = pc.if_else(cut, sentence("part {} of concept {}", part, concept), sentence("concept {}", concept))
    if of.unit == "tokens":
        template = "place {} of {}, whose quota of {} tokens has no room for its {}"
        detail = sentence(template, over["place"], where, over["quota"], over["cost"])
    else:
        detail = sentence("place {} of {}, whose quota is {} documents", over["place"], where, over["quota"])
    value = over["place"].cast(pa.float64()).combine_chunks()
    return drops_table(over["doc_id"].combine_chunks(), "over_quota", value, None, detail)
