"""The heuristic filters as a list of rules over the statistics of documents: a verdict, and a quality without a model."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.filters import C4, Filters, FineWeb, GopherQuality, GopherRepetition


@dataclass(frozen=True)
class Rule:
    """A document passes while its `statistic` (a column of `text_statistics`) lies in [low, high]."""

    reason: str
    statistic: str
    low: float = -inf
    high: float = inf


def rules(filters: Filters) -> tuple[Rule, ...]:
    """The rules of every group that is switched on, in the order in which they are judged."""
    groups: list[tuple[Rule, ...]] = []
    if filters.gopher_quality is not None:
        groups.append(_gopher_quality(filters.gopher_quality))
    if filters.gopher_repetition is not None:
        groups.append(_gopher_repetition(filters.gopher_repetition))
    if filters.c4 is not None:
        groups.append(_c4(filters.c4))
    if filters.fineweb is not None:
        groups.append(_fineweb(filters.fineweb))
    return tuple(rule for group in groups for rule in group)


def judge(statistics: pa.Table, filters: Filters) -> pa.Table:
    """One row per document: `reason` (string) of the first rule that it fails and the `value` (float64) that decided.

    Both are null for a document that passes. A limit is rounded as its column is, so a share of exactly 0.3 passes a limit
    of 0.3 although float32 cannot hold it.
    """
    chosen = rules(filters)
    first = np.full(statistics.num_rows, -1, dtype=np.int64)
    value = np.zeros(statistics.num_rows, dtype=np.float64)
    for index, rule in enumerate(chosen):
        values, low, high = _values_and_limits(statistics, rule)
        fails = ((values < low) | (values > high)) & (first < 0)
        first[fails] = index
        value[fails] = values[fails]
    reasons = pa.array([rule.reason for rule in chosen], pa.string())
    passes = first < 0
    return pa.table({"reason": reasons.take(pa.array(first, mask=passes)), "value": pa.array(value, mask=passes)})


def heuristic_quality(statistics: pa.Table, filters: Filters) -> npt.NDArray[np.float32]:
    """The mean over all rules of how far inside its limits each document lies: float32[documents] in [0, 1].

    A rule counts 0 at its limit and beyond, 1 at its ideal, and linearly between. The ideal of an upper limit is 0; that of a
    lower limit is 1 if the limit is at most 1 (shares), else twice the limit (counts). A rule with both limits, or with no room
    between limit and ideal, counts 1 inside and 0 outside. Without rules every document has 1.
    """
    chosen = rules(filters)
    if not chosen:
        return np.ones(statistics.num_rows, dtype=np.float32)
    margins = (_margin(*_values_and_limits(statistics, rule)) for rule in chosen)
    total = sum(margins, start=np.zeros(statistics.num_rows, dtype=np.float64))
    return (total / len(chosen)).astype(np.float32)


def _values_and_limits(statistics: pa.Table, rule: Rule) -> tuple[npt.NDArray[np.float64], float, float]:
    column = statistics.column(rule.statistic)
    rounded = np.float32 if pa.types.is_floating(column.type) else np.float64
    return column.to_numpy().astype(np.float64), float(rounded(rule.low)), float(rounded(rule.high))


def _margin(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.float64]:
    limit, ideal = (high, 0.0) if isfinite(high) else (low, 1.0 if low <= 1.0 else 2.0 * low)
    if isfinite(low) == isfinite(high) or limit == ideal:
        return ((low <= values) & (values <= high)).astype(np.float64)
    return np.clip((values - limit) / (ideal - limit), 0.0, 1.0)


def _gopher_quality(limits: GopherQuality) -> tuple[Rule, ...]:
    name = "gopher_quality"
    return (
        Rule(f"{name}.words", "words", limits.min_words, limits.max_words),
        Rule(f"{name}.mean_word_length", "mean_word_length", limits.min_mean_word_length, limits.max_mean_word_length),
        Rule(f"{name}.symbols_per_word_hash", "symbols_per_word_hash", high=limits.max_symbols_per_word),
        Rule(f"{name}.symbols_per_word_ellipsis", "symbols_per_word_ellipsis", high=limits.max_symbols_per_word),
        Rule(f"{name}.bullet_lines", "bullet_lines", high=limits.max_bullet_lines),
        Rule(f"{name}.ellipsis_lines", "ellipsis_lines", high=limits.max_ellipsis_lines),
        Rule(f"{name}.alphabetic_words", "alphabetic_words", low=limits.min_alphabetic_words),
        Rule(f"{name}.stop_words", "stop_words", low=limits.min_stop_words),
    )


def _gopher_repetition(limits: GopherRepetition) -> tuple[Rule, ...]:
    return tuple(Rule(f"gopher_repetition.{statistic}", statistic, high=high) for statistic, high in limits)


def _c4(limits: C4) -> tuple[Rule, ...]:
    lorem_ipsum = (Rule("c4.lorem_ipsum", "lorem_ipsum", high=0),) if limits.drop_lorem_ipsum else ()
    curly_bracket = (Rule("c4.curly_bracket", "curly_bracket", high=0),) if limits.drop_curly_bracket else ()
    return (*lorem_ipsum, *curly_bracket, Rule("c4.sentences", "sentences", low=limits.min_sentences))


def _fineweb(limits: FineWeb) -> tuple[Rule, ...]:
    name, characters = "fineweb", "duplicate_line_characters"
    return (
        Rule(f"{name}.punctuated_lines", "punctuated_lines", low=limits.min_punctuated_lines),
        Rule(f"{name}.{characters}", characters, high=limits.max_duplicate_line_characters),
        Rule(f"{name}.short_lines", "short_lines", high=limits.max_short_lines),
        Rule(f"{name}.newlines_per_word", "newlines_per_word", high=limits.max_newlines_per_word),
    )
