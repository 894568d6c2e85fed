"""Output shards are equal parts of the order, none is empty, and what the mixture has come to is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.mixture import measured_mixture
from curator.config.sequence import Mixture
from curator.steps.order_cuts import Cuts, cut_keys
from curator.steps.order_files import ORDER, Curriculum, read_cuts
from curator.steps.order_groups import Groups
from curator.steps.sums import tokens_by_key
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder

GROUPS = Groups.of([Mixture(source={"a": 2.0, "b": 1.0})])


def sizes(cuts: npt.NDArray[np.uint64], key: npt.NDArray[np.uint64], tokens: npt.NDArray[np.int64]) -> list[int]:
    """The tokens of each output shard."""
    shard = np.searchsorted(cuts, key, side="right")
    return np.bincount(shard, tokens, len(cuts) + 1).astype(int).tolist()


def bucket_sums(key: npt.NDArray[np.uint64], tokens: npt.NDArray[np.int64], bits: int) -> tuple[pa.Array, pa.Array]:
    rows = tokens_by_key(pa.table({"key": key >> np.uint64(64 - bits), "tokens": tokens})).sort_by("key")
    return rows["key"].to_numpy(), rows["tokens"].to_numpy()


@pytest.mark.parametrize("shards", [1, 2, 7, 100])
def test_shards_of_uniform_keys_are_equal_within_one_percent(shards: int) -> None:
    count = 400_000
    key = (np.arange(count, dtype=np.uint64) * np.uint64(2**64 // count)).astype(np.uint64)
    tokens = np.full(count, 3)
    bits = Cuts(folder=StepFolder(Folder("unused")), groups=GROUPS, shards=shards).bits
    found = sizes(cut_keys(*bucket_sums(key, tokens, bits), shards=shards, bits=bits), key, tokens)
    assert len(found) == shards
    assert sum(found) == 3 * count
    assert max(found) - min(found) <= 0.01 * 3 * count / shards


@settings(deadline=None)
@given(
    places=st.lists(st.integers(0, 15), min_size=1, max_size=40),
    shards=st.integers(1, 30),
    data=st.data(),
)
def test_no_shard_is_ever_empty_and_cuts_rise(places: list[int], shards: int, data: st.DataObject) -> None:
    bits = 4
    low = np.array(
        data.draw(st.lists(st.integers(0, 2**60 - 1), min_size=len(places), max_size=len(places))), np.uint64
    )
    key = np.array(places, np.uint64) << np.uint64(60) | low
    tokens = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(places), max_size=len(places))))
    cuts = cut_keys(*bucket_sums(key, tokens, bits), shards=shards, bits=bits)
    assert cuts.dtype == np.uint64
    assert (cuts[1:] > cuts[:-1]).all()
    rows = np.bincount(np.searchsorted(cuts, key, side="right"), minlength=len(cuts) + 1)
    assert len(rows) == len(cuts) + 1 <= max(1, min(shards, len(set(places))))
    assert (rows > 0).all()


def test_one_bucket_is_one_shard() -> None:
    assert cut_keys(np.array([9], np.uint64), np.array([100]), shards=5, bits=4).tolist() == []


def test_rows_of_one_bucket_are_never_parted() -> None:
    bucket = np.array([0, 0, 0, 5, 5, 15], np.uint64)
    cuts = cut_keys(bucket, np.array([10, 10, 10, 1, 1, 10]), shards=4, bits=4)
    assert cuts.tolist() == [1 << 60, 6 << 60]


def test_buckets_are_fine_enough_for_shards_and_slices() -> None:
    folder = StepFolder(Folder("unused"))
    assert Cuts.of(folder, GROUPS, tokens=10, shard_tokens=100).shards == 1
    few, many = (Cuts.of(folder, GROUPS, tokens=tokens, shard_tokens=100) for tokens in (1000, 100_000_000))
    assert (few.shards, many.shards) == (10, 1_000_000)
    assert 2**few.bits >= 100 * 128
    assert 2**many.bits >= 128 * many.shards


@pytest.fixture
def concluded(tmp_path: Path) -> tuple[StepFolder, Commit]:
    """4,000 copies in two shards; group 0 in the first half of the order only, the others everywhere."""
    folder, rng = StepFolder(Folder(str(tmp_path))), np.random.default_rng(3)
    edges = np.linspace(0, 1, 11)
    group = rng.integers(0, 3, 4000).astype(np.int32)
    key = rng.integers(0, 2**64, 4000, dtype=np.uint64) >> (group == 0).astype(np.uint64)
    tokens = rng.integers(0, 50, 4000)
    for shard, rows in enumerate((slice(0, 2500), slice(2500, None))):
        folder.write("order", shard, pa.table({"key": key[rows], "group": group[rows], "tokens": tokens[rows]}))
    order = np.argsort(key)
    asked = measured_mixture(group[order], tokens[order], edges, 3)
    Curriculum(edges=edges, mixture=asked).write(folder)
    cuts = Cuts.of(folder, GROUPS, tokens=int(tokens.sum()), shard_tokens=10_000)
    return folder, cuts.conclude(tokens_by_key(pa.concat_tables([cuts.sums(1), cuts.sums(0)])))


def test_what_the_order_has_come_to_is_what_its_documents_are(concluded: tuple[StepFolder, Commit]) -> None:
    folder, commit = concluded
    told = json.loads(folder.read_bytes(ORDER))
    assert told["groups"] == ["source a", "source b", "source other"]
    asked, measured = np.array(told["asked_tokens"]), np.array(told["measured_tokens"])
    assert abs(measured - asked).max() <= 60  # rows of one bucket of 16,384 may stand in any order
    assert told["largest_deviation"] < 0.01
    assert measured.sum() == pytest.approx(commit.counts["tokens"], abs=30)


def test_cuts_are_stored_and_equal_but_for_a_bucket(concluded: tuple[StepFolder, Commit]) -> None:
    folder, commit = concluded
    rows = pa.concat_tables([folder.read("order", shard) for shard in (0, 1)])
    found = sizes(read_cuts(folder), rows["key"].to_numpy(), rows["tokens"].to_numpy())
    assert len(found) == commit.counts["output_shards"] == 10
    assert max(found) - min(found) < 250  # a few documents of 50 tokens
