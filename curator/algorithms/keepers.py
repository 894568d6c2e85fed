"""Which document of a group stays: the one order of documents, for exact, near and semantic duplicates alike.

The rule of the config becomes two numbers of 64 bits, `high` and `low`, the smaller the better, so that every exchange carries the
same two columns whatever the rule is. Ties go to the lowest id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

PINNED = np.uint64(1) << np.uint64(63)
"""The bit in the id of a document that was published on an earlier night: it is always kept, and before all others."""
NO_DATE = int(np.iinfo(np.int64).min)
"""The date of a document without one: what numpy and Arrow hold for "not a time"."""

Ids = npt.NDArray[np.uint64]
Ranks = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]

_WORST = 2**32 - 1
_LATEST = _WORST - 2  # seconds since 1970: in the year 2106
_SIGN = np.uint32(1 << 31)


def ranks(
    keep: Sequence[str],
    *,
    quality: npt.NDArray[np.float32] | None = None,
    length: npt.NDArray[np.integer] | None = None,
    date: npt.NDArray[np.int64] | None = None,
    source: npt.NDArray[np.integer] | None = None,
) -> Ranks:
    """The rank (high, low) of every document by at most four criteria, first criterion first; ascending is better.

    quality: the highest, NaN last. length: the greatest (from 2^32 - 1 on all are equal). oldest, newest: by `date`, seconds
    since 1970, `NO_DATE` last; before 1970 is one date, and so is after 2106. source: the lowest place in a list of sources.
    A column that no criterion asks for may be missing.
    """
    assert len(keep) <= 4, f"a rank holds four criteria, not {len(keep)}"
    columns = {"quality": quality, "length": length, "oldest": date, "newest": date, "source": source}
    rows = next(len(column) for column in columns.values() if column is not None)
    high, low = np.zeros(rows, np.uint64), np.zeros(rows, np.uint64)
    for place, criterion in enumerate(keep):
        column = columns[criterion]
        assert column is not None, f"{criterion} is a criterion without its column"
        half = high if place < 2 else low
        half |= _code(criterion, column).astype(np.uint64) << np.uint64(0 if place % 2 else 32)
    return high, low


def is_pinned(document: Ids) -> npt.NDArray[np.bool_]:
    """Mask (n,) of the documents of earlier nights."""
    return document >= PINNED


def best_first(group: Ids, high: Ids, low: Ids, document: Ids) -> npt.NDArray[np.int64]:
    """The order (n,) that puts rows of a group together, best first: pinned, then by rank, then the lowest id.

    This is a total order over documents, so results do not depend on the order of the rows.
    """
    return np.lexsort((document, low, high, ~is_pinned(document), group))


def first_of_group(group: Ids) -> npt.NDArray[np.bool_]:
    """Mask (n,) of the rows that begin a run of equal values."""
    first = np.ones(len(group), np.bool_)
    first[1:] = group[1:] != group[:-1]
    return first


def keepers(group: Ids, high: Ids, low: Ids, document: Ids) -> Ids:
    """For every row (n,) the document that its group keeps: the first in the order of `best_first`."""
    order = best_first(group, high, low, document)
    first = first_of_group(group[order])
    kept = np.empty_like(document)
    kept[order] = document[order][first][np.cumsum(first) - 1]
    return kept


def runs(values: Ids) -> Iterator[slice]:
    """The slices of equal values in a sorted array, in order."""
    bounds = np.append(np.flatnonzero(first_of_group(values)), len(values))
    for start, stop in pairwise(bounds.tolist()):
        yield slice(start, stop)


def _code(criterion: str, column: npt.NDArray[np.generic]) -> npt.NDArray[np.uint32]:
    """One criterion as 32 bits, ascending is better."""
    if criterion == "quality":
        return _descending(column.astype(np.float32))
    if criterion == "length":
        return np.invert(np.clip(column.astype(np.int64), 0, _WORST).astype(np.uint32))
    if criterion == "source":
        return column.astype(np.uint32)
    seconds = (np.clip(column.astype(np.int64), -1, _LATEST) + 1).astype(np.uint32)  # before 1970: 0
    ordered = seconds if criterion == "oldest" else np.uint32(_WORST - 1) - seconds
    return np.where(column == NO_DATE, np.uint32(_WORST), ordered)


def _descending(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    """The bits of floats, turned round so that they order like the floats, the greatest first and NaN last."""
    bits = (numbers + np.float32(0)).view(np.uint32)  # -0 + 0 = 0
    descending = np.where(bits & _SIGN, bits, ~(bits | _SIGN))
    return np.where(np.isnan(numbers), np.uint32(_WORST), descending)
