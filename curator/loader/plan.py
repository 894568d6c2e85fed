"""Which sequences are a batch, the same on every rank: planned from the index alone, without a look at the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curator.store.sequences import SequenceFormat, SequenceIndex

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Batches of `world` ranks, all (n,): batch i is sequences begin[i] to begin[i] + world * of_rank[i]."""

    world: int
    begin: Numbers
    of_rank: Numbers

    @property
    def sequences(self) -> int:
        """In all batches of all ranks."""
        return self.world * int(self.of_rank.sum())

    def part(self, rank: int, worker: int, workers: int) -> Part:
        """What one worker of a rank reads: a rank has sequences that follow each other, workers take turns."""
        begin = self.begin + rank * self.of_rank
        return Part(begin=begin[worker::workers], end=(begin + self.of_rank)[worker::workers])


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Ranges of sequences, ascending and apart: begin[i] <= number < end[i], both (n,)."""

    begin: Numbers
    end: Numbers

    def within(self, first: int, end: int) -> Numbers:
        """The numbers of its sequences among first <= number < end, ascending."""
        here = slice(np.searchsorted(self.end, first, side="right"), np.searchsorted(self.begin, end))
        begins, ends = np.maximum(self.begin[here], first), np.minimum(self.end[here], end)
        places = np.append(0, np.cumsum(ends - begins))
        return np.repeat(begins - places[:-1], ends - begins) + np.arange(places[-1])


def planned(index: SequenceIndex, *, start: int, world: int) -> Plan:
    """The batches of what is left from sequence `start` on.

    A batch is sequences of one length that follow each other, as many for each rank as fit into its tokens, at least one. How
    many tokens it has is decided by its first sequence: where in the folder that stands, counted in tokens with padding. What
    is left at the end of a run of one length and gives not every rank one more is in no batch.
    """
    batches = np.array(list(_batches(index, start, world)), np.int64).reshape(-1, 2)
    return Plan(world=world, begin=batches[:, 0], of_rank=batches[:, 1])


def _batches(index: SequenceIndex, start: int, world: int) -> Iterator[tuple[int, int]]:
    runs = index.runs
    room = sum(length * number for length, number in runs)
    first, before = 0, 0  # sequences before the run, and their tokens
    for length, number in runs:
        begin, end = max(first, start), first + number
        while end - begin >= world:
            tokens = _tokens(index.format, (before + (begin - first) * length) / room)
            of_rank = min(max(tokens // (length * world), 1), (end - begin) // world)
            yield begin, of_rank
            begin += of_rank * world
        first, before = end, before + length * number


def _tokens(format: SequenceFormat, read: float) -> int:
    """Those of a batch when this share of the folder is read."""
    return next((tokens for until, tokens in format.batch_ramp if read < until), format.batch_tokens)
