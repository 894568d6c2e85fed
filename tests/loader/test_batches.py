"""Batches as a training loop sees them: the same plan on every rank, whole tensors, resumed on another number of ranks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="pip install 'curator[models]'")
from torch.utils.data import DataLoader  # noqa: E402

from curator.errors import ConfigError, StoreError  # noqa: E402
from curator.loader import CuratedBatches, CuratedDataset, collate  # noqa: E402
from tests.loader.sequence_folders import LENGTH, Packed, drawn_sequences, write_folder  # noqa: E402

NUMBER = 103
RAMP = ((0.2, 2 * LENGTH), (0.5, 5 * LENGTH))
BATCH_TOKENS = 12 * LENGTH


@pytest.fixture(scope="module")
def sequences() -> Packed:
    return drawn_sequences(NUMBER)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, sequences: Packed) -> str:
    folder = tmp_path_factory.mktemp("plain")
    write_folder(folder, sequences, batch_tokens=BATCH_TOKENS, batch_ramp=RAMP)
    return str(folder)


@pytest.fixture(scope="module")
def by_length(tmp_path_factory: pytest.TempPathFactory, sequences: Packed) -> str:
    """Two cycles of short sequences first."""
    folder = tmp_path_factory.mktemp("by_length")
    half = NUMBER // 2
    ordered = sorted(sequences[:half], key=tokens) + sorted(sequences[half:], key=tokens)
    write_folder(folder, ordered, batch_tokens=BATCH_TOKENS, buckets=(4, 8, 16))
    return str(folder)


def tokens(sequence: Any) -> int:
    return sum(len(piece.tokens) for piece in sequence)


def read(batches: CuratedBatches, workers: int = 0) -> list[dict[str, Any]]:
    return list(DataLoader(batches, batch_size=None, num_workers=workers))


def ranks(path: str, world: int) -> list[CuratedBatches]:
    return [CuratedBatches(path=path, rank=rank, world=world) for rank in range(world)]


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same = (torch.equal(values, other[name]) and values.dtype == other[name].dtype for name, values in one.items())
    return one.keys() == other.keys() and all(same)


@pytest.mark.parametrize("folder", ["plain", "by_length"])
def test_a_batch_is_its_sequences_collated(folder: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(folder)
    single = list(CuratedDataset(path=path))
    for batch in CuratedBatches(path=path, rank=1, world=2):
        assert equal(batch, collate([single[number] for number in batch["sequence"].tolist()]))


@pytest.mark.parametrize("folder", ["plain", "by_length"])
@pytest.mark.parametrize("world", [1, 3])
def test_all_ranks_have_as_many_batches_of_the_same_shape(
    folder: str, world: int, request: pytest.FixtureRequest
) -> None:
    all_ranks = ranks(request.getfixturevalue(folder), world)
    got = [read(rank) for rank in all_ranks]
    assert len({tuple(batch["input_ids"].shape for batch in batches) for batches in got}) == 1
    assert {len(rank) for rank in all_ranks} == {len(got[0])}
    seen = [number for together in zip(*got, strict=True) for one in together for number in one["sequence"].tolist()]
    assert seen == sorted(set(seen))
    assert {rank.left_out for rank in all_ranks} == {NUMBER - len(seen)}


def test_batches_of_every_length_have_the_same_tokens(by_length: str) -> None:
    batches = CuratedBatches(path=by_length)
    sizes = [batch["input_ids"].numel() for batch in batches]
    assert max(sizes) == BATCH_TOKENS
    assert sum(size < BATCH_TOKENS for size in sizes) <= len(batches.index.runs) == 6  # at the end of each


def test_batches_grow(plain: str) -> None:
    sizes = [len(batch["sequence"]) for batch in CuratedBatches(path=plain)]
    assert sizes == [2] * 11 + [5] * 6 + [12] * 4 + [3]


@pytest.mark.parametrize("folder", ["plain", "by_length"])
def test_workers_change_nothing(folder: str, request: pytest.FixtureRequest) -> None:
    batches = CuratedBatches(path=request.getfixturevalue(folder), rank=0, world=2)
    here, there = read(batches), read(batches, workers=2)
    assert len(here) == len(there)
    assert all(equal(one, other) for one, other in zip(here, there, strict=True))


def trained(batches: CuratedBatches, state: dict[str, int], workers: int, steps: int) -> tuple[list[int], list[Any]]:
    """What a rank reads in its first steps from a state on, and its state after each of them."""
    batches.load_state_dict(state)
    seen, states = [], []
    for _, batch in zip(range(steps), DataLoader(batches, batch_size=None, num_workers=workers), strict=False):
        seen += batch["sequence"].tolist()
        batches.took(batch)
        states.append(batches.state_dict())
    return seen, states


def test_three_ranks_are_followed_by_two(plain: str) -> None:
    seen: list[int] = []
    state = CuratedBatches(path=plain).state_dict()
    for world, workers, steps in ((3, 2, 4), (2, 0, 3), (1, 1, 2), (2, 2, 100)):
        all_ranks = ranks(plain, world)
        got = [trained(rank, state, workers, steps) for rank in all_ranks]
        seen += [number for numbers, _ in got for number in numbers]
        assert all(states == got[0][1] for _, states in got)
        state = got[0][1][-1]
    assert sorted(seen) == list(range(NUMBER - 1))
    assert all_ranks[0].left_out == NUMBER - state["sequences"] == 1


def test_the_same_ranks_go_on_with_the_batches_that_would_have_come(by_length: str) -> None:
    whole = read(CuratedBatches(path=by_length, rank=1, world=2))
    for done, batch in enumerate(whole, 1):
        again = CuratedBatches(path=by_length, rank=1, world=2)
        again.took(batch)
        assert len(again) == len(whole) - done
        assert all(equal(one, other) for one, other in zip(again, whole[done:], strict=True))


def test_other_ranks_read_nothing_twice_of_many_runs(by_length: str) -> None:
    seen: list[int] = []
    state = CuratedBatches(path=by_length).state_dict()
    for world in (3, 2, 4, 1):
        got = [trained(rank, state, 0, 3) for rank in ranks(by_length, world)]
        seen += [number for numbers, _ in got for number in numbers]
        state = got[0][1][-1]
    assert len(seen) == len(set(seen))
    assert state["sequences"] - len(seen) <= 2 * 3  # at most world - 1 at the end of each run, and few runs ended


def test_changing_a_batch_in_place_changes_no_other(plain: str) -> None:
    for batch in CuratedBatches(path=plain):
        assert int(batch["input_ids"].max()) < 5_000
        for name in ("input_ids", "labels", "position_ids", "cu_seqlens", "sequence"):
            batch[name].fill_(5_000)


def test_a_state_of_another_folder_is_refused(plain: str) -> None:
    with pytest.raises(ConfigError, match="state"):
        CuratedBatches(path=plain).load_state_dict({"sequences": 3, "of": 7})


def test_a_damaged_file_is_named(tmp_path: Path, sequences: Packed) -> None:
    write_folder(tmp_path, sequences)
    (tmp_path / "00000001.parquet").write_bytes(b"PAR1 no more PAR1")
    with pytest.raises(StoreError, match=r"00000001\.parquet"):
        read(CuratedBatches(path=str(tmp_path)))


def test_a_folder_without_sequences_has_no_batches(tmp_path: Path) -> None:
    write_folder(tmp_path, [], files=1)
    batches = CuratedBatches(path=str(tmp_path))
    assert (len(batches), batches.left_out, read(batches)) == (0, 0, [])
