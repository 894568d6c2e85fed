"""The heuristic filters over the statistics of documents: a verdict, and a quality without a model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.filters import Filters
from curator.text.rules import Rule, rules

PROSE, CODE, TABLE = range(3)
KINDS = 3

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def judge(statistics: pa.Table, filters: Filters) -> pa.Table:
    """One row per document: `reason` (string) of the first rule that it fails and the `value` (float64) that decided.

    Both are null for a document that passes. `statistics` are the columns of `text_statistics`, and `language`. The limits are
    those of the document's language and kind (prose, code, table). A statistic that is null passes. A limit is rounded as
    its column is, so a share of exactly 0.3 passes a limit of 0.3 although float32 cannot hold it.
    """
    chosen, variants = _rules_and_variants(statistics, filters)
    first = np.full(statistics.num_rows, -1, dtype=np.int64)
    value = np.zeros(statistics.num_rows, dtype=np.float64)
    for index in range(len(chosen[0])):
        values, low, high = _values_and_limits(statistics, [rules[index] for rules in chosen], variants)
        fails = ((values < low) | (values > high)) & (first < 0)
        first[fails] = index
        value[fails] = values[fails]
    reasons = pa.array([rule.reason for rule in chosen[0]], pa.string())
    passes = first < 0
    return pa.table({"reason": reasons.take(pa.array(first, mask=passes)), "value": pa.array(value, mask=passes)})


def heuristic_quality(statistics: pa.Table, filters: Filters) -> npt.NDArray[np.float32]:
    """The mean over all rules of how far inside its limits each document lies: float32[documents] in [0, 1].

    A rule counts 0 at its limit and beyond, 1 at its ideal, and linearly between. The ideal of an upper limit is 0; that of a
    lower limit is 1 if the limit is at most 1 (shares), else twice the limit (counts). A rule with both limits, with no room
    between limit and ideal, or switched off, counts 1 inside and 0 outside. Without rules every document has 1.
    """
    chosen, variants = _rules_and_variants(statistics, filters)
    total = np.zeros(statistics.num_rows, dtype=np.float64)
    for index in range(len(chosen[0])):
        total += _margin(*_values_and_limits(statistics, [rules[index] for rules in chosen], variants))
    return (total / len(chosen[0]) if chosen[0] else total + 1.0).astype(np.float32)


def _rules_and_variants(statistics: pa.Table, filters: Filters) -> tuple[list[tuple[Rule, ...]], Places]:
    """The rules of every pair of language and kind, and the place of each document's pair among them."""
    languages = [None, *filters.languages.values()]
    kinds = (None, filters.code, filters.table)
    chosen = [
        rules(filters, [change for change in (language, kind) if change]) for language in languages for kind in kinds
    ]
    variants = _kinds(statistics, filters)
    if filters.languages:
        listed = pa.array(list(filters.languages), pa.string())
        place = pc.fill_null(pc.index_in(statistics["language"], listed), -1).to_numpy().astype(np.int64)
        variants += (place + 1) * KINDS
    return chosen, variants


def _kinds(statistics: pa.Table, filters: Filters) -> Places:
    kinds = np.full(statistics.num_rows, PROSE, np.int64)
    if filters.table is not None:
        kinds[statistics["table_lines"].to_numpy() >= np.float32(filters.table.min_table_lines)] = TABLE
    if filters.code is not None:
        kinds[statistics["code_lines"].to_numpy() >= np.float32(filters.code.min_code_lines)] = CODE
    return kinds


def _values_and_limits(statistics: pa.Table, rules: list[Rule], variants: Places) -> tuple[Numbers, Numbers, Numbers]:
    """A statistic of every document, NaN for null, and the limits that hold for it in its variant."""
    column = statistics.column(rules[0].statistic)
    rounded = np.float32 if pa.types.is_float32(column.type) else np.float64
    low = np.array([rule.low for rule in rules], rounded).astype(np.float64)
    high = np.array([rule.high for rule in rules], rounded).astype(np.float64)
    return column.to_numpy().astype(np.float64), low[variants], high[variants]


def _margin(values: Numbers, low: Numbers, high: Numbers) -> Numbers:
    above = np.isfinite(high)
    limit = np.where(above, high, low)
    ideal = np.where(above, 0.0, np.where(low <= 1.0, 1.0, 2.0 * low))
    inside = (~((values < low) | (values > high))).astype(np.float64)
    is_stepped = (np.isfinite(low) == above) | (limit == ideal) | np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.clip((values - limit) / (ideal - limit), 0.0, 1.0)
    return np.where(is_stepped, inside, slope)
