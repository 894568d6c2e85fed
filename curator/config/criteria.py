"""Criteria beside the heuristics: addresses on the user's lists, and filters of the user's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from curator.config.base import Model

Paths = tuple[str, ...]


class Urls(Model):
    """Files of the user, one entry a line: domains (with their subdomains), addresses, words that drop a page where they
    occur once in its address (hard) or more than `max_soft_words` times (soft; RefinedWeb drops at two)."""

    domains: Paths = ()
    addresses: Paths = ()
    hard_words: Paths = ()
    soft_words: Paths = ()
    max_soft_words: Annotated[int, Field(ge=0)] = 1


class OwnFilter(Model):
    """The statistic that the function `module:function` computes, and the limits it must lie in (docs/extending.md)."""

    function: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> OwnFilter:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self
