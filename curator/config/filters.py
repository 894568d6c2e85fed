"""Limits of the heuristic filters by group. The classes' defaults are the papers'; those of a profile stand in profiles.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from curator.config.base import Model, Share
from curator.config.criteria import OwnFilter, Urls
from curator.config.limits import C4, Content, FineWeb, GopherQuality, GopherRepetition, Overrides, RefinedWeb
from curator.config.profiles import PROFILES, Profile


class Code(Overrides):
    """Other limits for documents of which at least `min_code_lines` of the lines are program code."""

    min_code_lines: Share = 0.3


class Table(Overrides):
    """Other limits for documents of which at least `min_table_lines` of the lines are rows of a table."""

    min_table_lines: Share = 0.5


class Filters(Model):
    """What a document must pass beside its language and personal data.

    The groups of rules are judged in this order; `null` switches a group or a single limit off. What is left out has the
    limits of the `profile`, the system whose words and ratios are measured too. `languages`, `code` and `table` change single
    limits for documents of that language (code of lid.176) or kind, in this order; a group that is off stays off for them.
    `robots` are directives of a page's robots hints that drop it, such as noai.
    """

    profile: Profile = "curator"
    urls: Urls | None = None
    robots: tuple[str, ...] = ()
    gopher_quality: GopherQuality | None = None
    gopher_repetition: GopherRepetition | None = None
    c4: C4 | None = None
    fineweb: FineWeb | None = None
    refinedweb: RefinedWeb | None = None
    content: Content | None = None
    own: Mapping[Annotated[str, Field(pattern=r"^\w+$")], OwnFilter] = {}
    languages: Mapping[str, Overrides] = {}
    code: Code | None = None
    table: Table | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_the_limits_of_the_profile(cls, values: Any) -> Any:
        limits = PROFILES.get(values.get("profile", "curator")) if isinstance(values, Mapping) else None
        return values if limits is None else _merged(limits, values)


def _merged(limits: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`limits` with the user's `values` in place of what they name, at any depth."""
    merged = {name: _merged(value, {}) if isinstance(value, Mapping) else value for name, value in limits.items()}
    for name, value in values.items():
        if isinstance(value, Mapping):
            merged[name] = _merged(limits.get(name) or {}, value)
        else:  # behind a validator of Python objects a list is not taken for a tuple any more
            merged[name] = tuple(value) if isinstance(value, list) else value
    return merged
