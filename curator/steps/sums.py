"""Sums by key: what exchanges of counts are reduced to."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa


def added_up(rows: pa.Table, by: Sequence[str], names: Sequence[str]) -> pa.Table:
    """The sums of the columns `names` over rows that are alike in the columns `by`; these columns only, in no order of rows."""
    sums = rows.group_by(list(by), use_threads=False).aggregate([(name, "sum") for name in names])
    return sums.select([*by, *(f"{name}_sum" for name in names)]).rename_columns([*by, *names])


def tokens_by_key(rows: pa.Table) -> pa.Table:
    """The sums of `tokens` by `key`."""
    return added_up(rows, ("key",), ("tokens",))
