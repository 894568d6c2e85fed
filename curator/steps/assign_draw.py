"""Documents of a shard as the sums that decide a rate, and what is drawn of them at one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.assignment import WHOLE, Documents, ceilings, chances, draw, portion_ends, portions
from curator.algorithms.assignment_rates import Rates, Supply, strategy_rates
from curator.config.rephrase import Rephrase
from curator.rephrase.strategy import Strategy
from curator.steps.assign_captions import CAPTIONS, caption_measures, drawn_captions
from curator.steps.assign_plan import MEASURES, Planned, measures
from curator.steps.assign_rows import AssignRows, Curated, sets_of, weights_of
from curator.steps.draws import Draw
from curator.steps.samples import mixed
from curator.steps.sums import added_up

ORIGINALS = -1  # instead of a strategy: the tokens of all documents, with copies
ASSIGNED = pa.schema([("doc_id", pa.uint64()), ("strategy", pa.string())])
"""`assigned`: one row for each time a document is rephrased, by doc_id and strategy; a shard without any has no file."""


def supply_rows(found: Curated, strategies: Sequence[Strategy], rephrase: Rephrase) -> pa.Table:
    """MEASURES of each group (the key: its set of strategies; level), were all rephrased by each strategy; of ORIGINALS; and of
    CAPTIONS, were all rephrased that should be.
    """
    originals = dict.fromkeys(MEASURES, 0) | {"tokens": int(np.dot(found.tokens, found.copies))}
    parts = [_rows(np.zeros(1, np.uint64), ORIGINALS, {"level": 0, **originals})]
    sets = sets_of(found.eligible, len(strategies))
    for number, strategy in enumerate(strategies):
        mine = sets[:, number] & ~found.caption
        values = measures(strategy, found.tokens[mine])
        parts.append(_rows(found.eligible[mine], number, {"level": found.level[mine], **values}))
    row, chosen = drawn_captions(found, strategies, rephrase, 1.0)
    for number, strategy in enumerate(strategies):
        tokens = found.tokens[row[chosen == number]]
        parts.append(
            _rows(np.zeros(len(tokens), np.uint64), CAPTIONS, {"level": 0, **caption_measures(strategy, tokens)})
        )
    return group_sums(pa.concat_tables(parts))


def supply_of(sums: pa.Table, strategies: Sequence[Strategy], most: int) -> Supply:
    """The groups that `sums` (key, level, strategy, MEASURES) have."""
    sums = sums.sort_by([("key", "ascending"), ("level", "ascending"), ("strategy", "ascending")])
    key, level, strategy = (sums[name].to_numpy() for name in ("key", "level", "strategy"))
    first = np.ones(len(key), np.bool_)
    first[1:] = (key[1:] != key[:-1]) | (level[1:] != level[:-1])
    values = np.zeros((int(first.sum()), len(strategies), len(MEASURES)))
    values[np.cumsum(first) - 1, strategy] = np.stack([sums[name].to_numpy() for name in MEASURES], axis=1)
    kept, eligible = np.unique(key[first], return_inverse=True)
    return Supply(
        weight=weights_of(level[first]),
        eligible=eligible,
        sets=sets_of(kept, len(strategies)),
        values=values,
        shares=shares_of(strategies),
        conversations=conversations_of(strategies),
        most=most,
    )


def drawn(rows: AssignRows, found: Curated, shard: int, planned: Planned, key: int = 0) -> tuple[pa.Table, pa.Table]:
    """ASSIGNED of a shard at these rates, and its sums by strategy, with the key: documents, assigned, MEASURES."""
    able = np.flatnonzero((found.eligible > 0) & ~found.caption)
    start = int(mixed(np.array([shard], np.uint64), rows.rephrase.seed + Draw.ASSIGNMENT_STARTS)[0]) % WHOLE
    place, strategy = draw(*_documents(rows, found, able, planned.rates), start)
    captions, chosen = drawn_captions(found, rows.strategies, rows.rephrase, planned.captions)
    row, strategy = np.append(able[place], captions), np.append(strategy, chosen)
    order = np.lexsort((strategy, row))
    row, strategy = row[order], strategy[order]
    first = np.append(True, row[1:] != row[:-1])[: len(row)]
    tokens, parts = found.tokens[row], []
    for number, one in enumerate(rows.strategies):
        mine = strategy == number
        spent = caption_measures if one.for_captions else measures
        values = {"documents": first[mine], "assigned": 1, **spent(one, tokens[mine])}
        parts.append(_rows(np.full(mine.sum(), key, np.uint64), number, values))
    names = pa.array([one.name for one in rows.strategies], pa.string()).take(pa.array(strategy))
    assigned = pa.table([pa.array(found.doc_id[row]), names], schema=ASSIGNED)
    return assigned, drawn_sums(pa.concat_tables(parts))


def _documents(
    rows: AssignRows, found: Curated, able: npt.NDArray[np.int64], rates: Rates
) -> tuple[Documents, npt.NDArray[np.int64]]:
    """Those documents that may be drawn, with their chances, and where the portions of their sets end."""
    most, multiples = (
        rows.rephrase.choice.variants,
        strategy_rates(conversations_of(rows.strategies), rates.conversations),
    )
    kept, place = np.unique(found.eligible[able], return_inverse=True)
    sets = sets_of(kept, len(rows.strategies))
    documents = Documents(
        concept=found.concept[able],
        eligible=place,
        chance=chances(weights_of(found.level[able]), ceilings(sets, multiples, most)[place], rates.rate),
        hashed=mixed(found.doc_id[able], rows.rephrase.seed + Draw.ASSIGNMENT_WALKS),
    )
    return documents, portion_ends(portions(sets, shares_of(rows.strategies) * multiples, most))


def shares_of(strategies: Sequence[Strategy]) -> npt.NDArray[np.float64]:
    """The part of each strategy (s,) among all; of a document those that apply to it share in proportion."""
    weights = np.array([strategy.weight for strategy in strategies], np.float64)
    return np.asarray(weights / weights.sum())


def conversations_of(strategies: Sequence[Strategy]) -> npt.NDArray[np.bool_]:
    """Which of the strategies (s,) make conversations."""
    return np.array([strategy.style == "conversation" for strategy in strategies], np.bool_)


def group_sums(rows: pa.Table) -> pa.Table:
    """MEASURES by key, level and strategy."""
    return added_up(rows, ("key", "level", "strategy"), MEASURES)


def drawn_sums(rows: pa.Table) -> pa.Table:
    """Documents, assigned and MEASURES by key and strategy."""
    return added_up(rows, ("key", "strategy"), ("documents", "assigned", *MEASURES))


def _rows(key: npt.NDArray[np.uint64], strategy: int, values: Mapping[str, object]) -> pa.Table:
    """A table of a key, one strategy, and whole numbers: one for all rows, or one for each."""
    columns = {"strategy": strategy, **values}
    whole = {name: np.broadcast_to(np.asarray(value, np.int64), len(key)).copy() for name, value in columns.items()}
    return pa.table({"key": key, **whole})
