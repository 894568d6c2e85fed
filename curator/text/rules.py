"""The configured limits as one list of rules, in the order in which they are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from curator.config.base import Model
from curator.config.filters import Filters
from curator.config.limits import C4, Content, FineWeb, GopherQuality, GopherRepetition, Overrides, RefinedWeb
from curator.text.own_statistics import PREFIX


@dataclass(frozen=True)
class Rule:
    """A document passes while its `statistic` (a column of the statistics) lies in [low, high]."""

    reason: str
    statistic: str
    low: float = -inf
    high: float = inf


def rules(filters: Filters, changes: Sequence[Overrides] = ()) -> tuple[Rule, ...]:
    """The rules of every group that is switched on, with `changes` applied in their order.

    Whatever the changes, it is the same rules in the same order; one that a change switches off has no limits.
    """
    found: list[Rule] = []
    for name in Overrides.model_fields:
        group: Model | None = getattr(filters, name)
        if group is None:
            continue
        plain = group_rules(group)
        for change in changes:
            group = group and change.on(name, group)
        found.extend(group_rules(group) if group else [Rule(rule.reason, rule.statistic) for rule in plain])
    own = (
        Rule(PREFIX + name, PREFIX + name, _low(filter.min), _high(filter.max)) for name, filter in filters.own.items()
    )
    return (*found, *own)


def group_rules(group: Model) -> tuple[Rule, ...]:
    """The rules of one group, the same ones whatever its limits are."""
    if isinstance(group, GopherQuality):
        return _gopher_quality(group)
    if isinstance(group, GopherRepetition):
        return tuple(Rule(f"gopher_repetition.{statistic}", statistic, high=_high(limit)) for statistic, limit in group)
    if isinstance(group, C4):
        return _c4(group)
    if isinstance(group, FineWeb):
        return _fineweb(group)
    if isinstance(group, RefinedWeb):
        return (Rule("refinedweb.removed_words", "removed_words", high=_high(group.max_removed_words)),)
    assert isinstance(group, Content), group
    return _content(group)


def _low(limit: float | None) -> float:
    return -inf if limit is None else limit


def _high(limit: float | None) -> float:
    return inf if limit is None else limit


def _gopher_quality(limits: GopherQuality) -> tuple[Rule, ...]:
    name, symbols = "gopher_quality", _high(limits.max_symbols_per_word)
    shortest, longest = _low(limits.min_mean_word_length), _high(limits.max_mean_word_length)
    return (
        Rule(f"{name}.words", "words", _low(limits.min_words), _high(limits.max_words)),
        Rule(f"{name}.mean_word_length", "mean_word_length", shortest, longest),
        Rule(f"{name}.symbols_per_word_hash", "symbols_per_word_hash", high=symbols),
        Rule(f"{name}.symbols_per_word_ellipsis", "symbols_per_word_ellipsis", high=symbols),
        Rule(f"{name}.bullet_lines", "bullet_lines", high=_high(limits.max_bullet_lines)),
        Rule(f"{name}.ellipsis_lines", "ellipsis_lines", high=_high(limits.max_ellipsis_lines)),
        Rule(f"{name}.alphabetic_words", "alphabetic_words", low=_low(limits.min_alphabetic_words)),
        Rule(f"{name}.stop_words", "stop_words", low=_low(limits.min_stop_words)),
    )


def _c4(limits: C4) -> tuple[Rule, ...]:
    return (
        Rule("c4.lorem_ipsum", "lorem_ipsum", high=0 if limits.drop_lorem_ipsum else inf),
        Rule("c4.curly_bracket", "curly_bracket", high=0 if limits.drop_curly_bracket else inf),
        Rule("c4.sentences", "sentences", low=_low(limits.min_sentences)),
    )


def _fineweb(limits: FineWeb) -> tuple[Rule, ...]:
    name, copies = "fineweb", "fineweb_duplicate_line_characters"
    return (
        Rule(f"{name}.punctuated_lines", "punctuated_lines", low=_low(limits.min_punctuated_lines)),
        Rule(f"{name}.duplicate_line_characters", copies, high=_high(limits.max_duplicate_line_characters)),
        Rule(f"{name}.short_lines", "short_lines", high=_high(limits.max_short_lines)),
        Rule(f"{name}.newlines_per_word", "newlines_per_word", high=_high(limits.max_newlines_per_word)),
    )


def _content(limits: Content) -> tuple[Rule, ...]:
    """One rule for each column named after min_ or max_, in the order of the fields."""
    names = dict.fromkeys(field.partition("_")[2] for field in Content.model_fields)
    return tuple(
        Rule(
            f"content.{name}",
            name,
            _low(getattr(limits, f"min_{name}", None)),
            _high(getattr(limits, f"max_{name}", None)),
        )
        for name in names
    )
