"""How content finds its place in the training order through files: ranges of keys are cut, and cut again, down to output shards.

An external radix sort from the most significant digit. A task of a level reads what fits its memory, cuts it into at most `fan_out`
ranges of the order and writes each as a piece; every piece is read once, whole, by one task of the next level. Content is written
once per level: 256 shards of 64 MB take one, 4 TB take two. All of it follows from a few numbers, so workers need no lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FAN_OUT = 256


@dataclass(frozen=True, kw_only=True)
class Layout:
    """`shards` of output from `batches` of input shards, by levels of `fan_out`; `splits` tasks share a range of a later level."""

    shards: int
    batches: tuple[tuple[int, ...], ...]
    splits: tuple[int, ...]
    fan_out: int = FAN_OUT

    @staticmethod
    def of(sizes: Mapping[int, int], shards: int, *, task_bytes: int, fan_out: int = FAN_OUT) -> Layout:
        """For input shards of these `sizes` in bytes, with at most about `task_bytes` in one task."""
        levels, total, batches = 1, sum(sizes.values()), tuple(_batches(sizes, task_bytes))
        while fan_out**levels < shards:
            levels += 1
        splits, writers = [0], len(batches)
        for level in range(1, levels):
            width = fan_out ** (levels - level)  # output shards in a range of the level before
            piece = max(1, total * width // (shards * max(1, writers)))
            writers = -(-writers // max(1, task_bytes // piece))  # whole pieces: two of 20 MB do not fit 32 MB
            splits.append(max(1, writers))
        return Layout(shards=shards, batches=batches, splits=tuple(splits), fan_out=fan_out)

    @property
    def levels(self) -> int:
        return len(self.splits)

    def width(self, level: int) -> int:
        """How many output shards a range of that level holds."""
        return int(self.fan_out ** (self.levels - 1 - level))

    def tasks(self, level: int) -> int:
        """How many tasks a level has."""
        if level == 0:
            return len(self.batches)
        return -(-self.shards // self.width(level - 1)) * self.splits[level]

    def read_by(self, level: int, task: int) -> tuple[int, range]:
        """Which pieces a task of a later level reads: a range of the level before, and the numbers of the tasks that wrote it."""
        place, split = divmod(task, self.splits[level])
        return place, self.writers(level - 1, place)[split :: self.splits[level]]

    def writers(self, level: int, place: int) -> range:
        """The tasks of a level that may have written a piece of the range `place` of that level."""
        if level == 0:
            return range(len(self.batches))
        first = place // self.fan_out * self.splits[level]
        return range(first, first + self.splits[level])


def _batches(sizes: Mapping[int, int], task_bytes: int) -> Iterator[tuple[int, ...]]:
    """Shards in order, as many in a batch as fit `task_bytes`, at least one."""
    batch: list[int] = []
    held = 0
    for shard, size in sizes.items():
        if batch and held + size > task_bytes:
            yield tuple(batch)
            batch, held = [], 0
        batch.append(shard)
        held += size
    if batch:
        yield tuple(batch)
