"""The output as a reader finds it that goes through the files by name: tokens of its shards, and the mixture of its slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator.algorithms.mixture import measured_mixture
from curator.config.sequence import Mixture
from curator.steps.order_groups import Groups
from curator.text.token_estimate import BYTES_PER_TOKEN

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ReadBack:
    """`rows`, text and file bytes, tokens by shard, the mixture (slices, groups), and by group the mean size that a token finds
    itself in: the sum of squared tokens over that of tokens."""

    rows: int
    text_bytes: int
    file_bytes: int
    shard_tokens: Floats
    mixture: Floats
    token_sizes: Floats

    @property
    def inequality(self) -> float:
        """The largest relative difference of a shard's tokens from the mean."""
        return float(np.abs(self.shard_tokens / self.shard_tokens.mean() - 1).max())


def read_back(folder: Path, mixtures: Sequence[Mixture], edges: Floats) -> ReadBack:
    """All of `folder`/*.parquet, whose mixtures are by source."""
    groups, files = Groups.of(mixtures), sorted(folder.glob("*.parquet"))
    read = [_sizes_and_groups(file, groups) for file in files]
    sizes, group = (np.concatenate(parts) for parts in zip(*read, strict=True))
    tokens = _tokens(sizes)
    squares = np.bincount(group, tokens.astype(np.float64) ** 2, groups.count)
    return ReadBack(
        rows=len(sizes),
        text_bytes=int(sizes.sum()),
        file_bytes=sum(file.stat().st_size for file in files),
        shard_tokens=np.array([_tokens(part).sum() for part, _ in read], np.float64),
        mixture=measured_mixture(group, tokens, edges, groups.count),
        token_sizes=squares / np.maximum(np.bincount(group, tokens, groups.count), 1),
    )


def _sizes_and_groups(file: Path, groups: Groups) -> tuple[Places, npt.NDArray[np.int32]]:
    table = pq.read_table(file, columns=["text", "source"])
    sizes = pc.binary_length(table["text"]).to_numpy().astype(np.int64)
    return sizes, groups.numbers({"source": table["source"]}, table.num_rows)


def _tokens(sizes: Places) -> Places:
    return np.asarray(-(-sizes // BYTES_PER_TOKEN))
