"""Where the order is cut into output shards of equal size, and what mixture it has come to: from sums of tokens over keys."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.mixture import largest_deviation, measured_mixture
from curator.steps.order_files import ORDER, Curriculum, write_cuts
from curator.steps.order_groups import Groups
from curator.steps.sums import tokens_by_key
from curator.store.step_folder import Commit, StepFolder

SHARE = 128  # buckets of an output shard, so that shards are equal within 1 %
FEWEST_BITS, GROUP_BITS = 18, 16  # with 14 a shard of 4 MB was 1.2 % off: 30 documents stood in one bucket


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Sums over buckets of keys: `bits` of each key name its bucket. Travels to workers."""

    folder: StepFolder
    groups: Groups
    shards: int

    @staticmethod
    def of(folder: StepFolder, groups: Groups, *, tokens: int, shard_tokens: int) -> Cuts:
        """For an order of so many tokens in output shards of about `shard_tokens`."""
        return Cuts(folder=folder, groups=groups, shards=max(1, round(tokens / shard_tokens)))

    @property
    def bits(self) -> int:
        return max(FEWEST_BITS, (SHARE * self.shards - 1).bit_length())

    def sums(self, shard: int) -> pa.Table:
        """Tokens of each bucket and group (the key) in a shard."""
        rows = self.folder.read("order", shard, ["key", "group", "tokens"])
        bucket = rows["key"].to_numpy() >> np.uint64(64 - self.bits)
        key = bucket << np.uint64(GROUP_BITS) | rows["group"].to_numpy().astype(np.uint64)
        return tokens_by_key(pa.table({"key": key, "tokens": rows["tokens"]}))

    def conclude(self, rows: pa.Table) -> Commit:
        """Write `cuts.npy` and `order.json`: the mixture of every slice as asked and as it is."""
        rows = rows.sort_by("key")
        key, tokens = rows["key"].to_numpy(), rows["tokens"].to_numpy()
        cuts = cut_keys(key >> np.uint64(GROUP_BITS), tokens, shards=self.shards, bits=self.bits)
        write_cuts(self.folder, cuts)
        curriculum = Curriculum.read(self.folder)
        group = (key & np.uint64((1 << GROUP_BITS) - 1)).astype(np.int32)
        measured = measured_mixture(group, tokens, curriculum.edges, self.groups.count)
        told = {
            "groups": self.groups.titles(),
            "edges": curriculum.edges.tolist(),
            "asked_tokens": curriculum.mixture.round().tolist(),
            "measured_tokens": measured.round().tolist(),
            "largest_deviation": largest_deviation(measured, curriculum.mixture),
        }
        self.folder.write_bytes(ORDER, json.dumps(told).encode())
        return Commit(name="cuts", shards=(), counts={"output_shards": len(cuts) + 1, "tokens": int(tokens.sum())})


def cut_keys(
    bucket: npt.NDArray[np.uint64], tokens: npt.NDArray[np.int64], *, shards: int, bits: int
) -> npt.NDArray[np.uint64]:
    """The first keys of all output shards but the first, rising, for sums of tokens by bucket (rows of one bucket together).

    Every shard ends with the bucket that reaches its part of the tokens. There are fewer shards where buckets are too few.
    """
    last = np.flatnonzero(np.append(bucket[1:] != bucket[:-1], True))  # the last row of each bucket
    reached = np.cumsum(tokens)[last]
    wanted = reached[-1] * np.arange(1, shards) / shards
    ends = np.unique(np.searchsorted(reached, wanted))
    ends = ends[ends < len(last) - 1]
    return np.asarray((bucket[last[ends]] + np.uint64(1)) << np.uint64(64 - bits))
