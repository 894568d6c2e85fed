"""Buckets of documents that share a band: which ones are worth a comparison.

A template of a million copies is one key with a million members: keys are cut, so that no bucket outgrows a worker.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.algorithms.keepers import PINNED, Ids, first_of_group
from curator.algorithms.leaders import MAX_LEADERS

Places = npt.NDArray[np.int64]

MAX_MEMBERS = 65_536
_GAP, _FIRST, _SECOND = (np.uint64(factor) for factor in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def shared_buckets(
    keys: Ids, documents: Ids, *, max_members: int = MAX_MEMBERS, max_pinned: int = MAX_LEADERS
) -> tuple[Ids, Ids, Ids]:
    """Rows (bucket, whole, document), sorted, of the keys of rows (m,) that at least two documents share, one of them not pinned.

    A bucket is named by a hash of its members: keys with the same members are one bucket, and neither the order of the
    rows nor their partitions show. A key with more than `max_members` documents of tonight is cut into buckets of so many, in
    the order of ids, each with the first `max_pinned` pinned documents of the key: no others can lead. `whole` names all
    members of the key: who is left of its buckets meets by that name. Time of a sort.
    """
    assert max_members >= 1, f"a bucket of at most {max_members} documents holds none"
    keys, documents = _shared_rows(keys, documents)
    sums = np.append(np.uint64(0), np.cumsum(_hashed(documents)))  # modulo 2^64: the difference of two is a sum, too
    starts, stops, key_bounds = _chunks(keys, documents, max_members, max_pinned)
    size = (stops - starts).sum(axis=1)
    name = _hashed((sums[stops] - sums[starts]).sum(axis=1, dtype=np.uint64))
    whole = _hashed(sums[key_bounds[:, 1]] - sums[key_bounds[:, 0]])
    worth = np.flatnonzero(size >= 2)
    worth = worth[np.lexsort((whole[worth], name[worth]))]
    distinct = first_of_group(name[worth]) | first_of_group(whole[worth])
    chosen = worth[distinct]
    rows = _concatenated(starts[chosen].ravel(), stops[chosen].ravel())
    return np.repeat(name[chosen], size[chosen]), np.repeat(whole[chosen], size[chosen]), documents[rows]


def _shared_rows(keys: Ids, documents: Ids) -> tuple[Ids, Ids]:
    """The distinct rows of keys that stand more than once, sorted by key and document.

    Most keys stand once: they go before the costlier sort by both columns.
    """
    order = np.argsort(keys)
    first = first_of_group(keys[order])
    order = order[~(first & np.append(first[1:], True))]
    order = order[np.lexsort((documents[order], keys[order]))]
    keys, documents = keys[order], documents[order]
    distinct = first_of_group(keys) | first_of_group(documents)
    return keys[distinct], documents[distinct]


def _chunks(keys: Ids, documents: Ids, max_members: int, max_pinned: int) -> tuple[Places, Places, Places]:
    """Bounds (starts, stops), each (c, 2), of the chunks of all keys: their rows of tonight, and the first pinned rows of
    the key; and where the rows of the key begin and end (c, 2).

    Pinned ids have the highest bit, so they are the last rows of a key.
    """
    begin = np.flatnonzero(first_of_group(keys))
    end = np.append(begin[1:], len(keys))
    pinned = np.append(0, np.cumsum(documents >= PINNED))
    tonight = end - (pinned[end] - pinned[begin])
    count = -((begin - tonight) // max_members)  # rounded up
    key = np.repeat(np.arange(len(begin)), count)
    number = np.arange(len(key)) - np.repeat(np.cumsum(count) - count, count)
    start = begin[key] + number * max_members
    stop = np.minimum(start + max_members, tonight[key])
    leading = np.minimum(end, tonight + max_pinned)
    starts, stops = np.stack([start, tonight[key]], axis=1), np.stack([stop, leading[key]], axis=1)
    return starts, stops, np.stack([begin[key], end[key]], axis=1)


def _concatenated(starts: Places, stops: Places) -> Places:
    """All whole numbers of the ranges start <= x < stop, range after range."""
    sizes = stops - starts
    return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())


def _hashed(values: Ids) -> Ids:
    """Each number well mixed: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    mixed = values + _GAP
    mixed = (mixed ^ mixed >> np.uint64(30)) * _FIRST
    mixed = (mixed ^ mixed >> np.uint64(27)) * _SECOND
    return mixed ^ mixed >> np.uint64(31)
