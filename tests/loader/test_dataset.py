"""What a training loop sees: every sequence once, in order, on any number of ranks and workers, from any state on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="pip install 'curator[models]'")
from torch.utils.data import DataLoader  # noqa: E402

from curator.errors import ConfigError, InputError, StoreError  # noqa: E402
from curator.loader import CuratedDataset, collate  # noqa: E402
from tests.loader.sequence_folders import LENGTH, PAD, Packed, drawn_sequences, write_folder  # noqa: E402

NUMBER = 103


@pytest.fixture(scope="module")
def sequences() -> Packed:
    return drawn_sequences(NUMBER)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, sequences: Packed) -> str:
    folder = tmp_path_factory.mktemp("sequences")
    write_folder(folder, sequences)
    return str(folder)


def numbers(loader: Any) -> list[int]:
    return [int(number) for one in loader for number in one["sequence"].reshape(-1)]


def test_all_sequences_come_in_training_order(path: str) -> None:
    assert numbers(CuratedDataset(path=path)) == list(range(NUMBER))


def test_a_sequence_is_its_tokens_and_padding(path: str, sequences: Packed) -> None:
    for got, pieces in zip(CuratedDataset(path=path), sequences, strict=True):
        tokens = [token for piece in pieces for token in piece.tokens]
        assert got["input_ids"].tolist() == tokens + [PAD] * (LENGTH - len(tokens))
        assert got["doc_ids"].tolist() == [piece.document for piece in pieces]


def test_positions_begin_anew_and_labels_are_silent_at_every_piece(path: str, sequences: Packed) -> None:
    for got, pieces in zip(CuratedDataset(path=path), sequences, strict=True):
        padding = LENGTH - sum(len(piece.tokens) for piece in pieces)
        positions = [place for piece in pieces for place in range(len(piece.tokens))]
        labels = [label for piece in pieces for label in (-100, *piece.tokens[1:])]
        assert got["position_ids"].tolist() == positions + [0] * padding
        assert got["labels"].tolist() == labels + [-100] * padding


def test_pieces_lie_between_the_boundaries(path: str, sequences: Packed) -> None:
    for got, pieces in zip(CuratedDataset(path=path), sequences, strict=True):
        edges = got["cu_seqlens"].tolist()
        between = [got["input_ids"][begin:end].tolist() for begin, end in pairwise(edges)]
        assert between == [piece.tokens for piece in pieces]


def test_tensors_have_the_types_that_the_text_says(path: str) -> None:
    types = {name: values.dtype for name, values in next(iter(CuratedDataset(path=path))).items()}
    assert types == {
        **dict.fromkeys(("input_ids", "position_ids", "labels", "sequence"), torch.int64),
        "cu_seqlens": torch.int32,
        "doc_ids": torch.uint64,
    }


def test_changing_a_sequence_in_place_changes_no_other(path: str) -> None:
    for one in CuratedDataset(path=path):
        assert int(one["input_ids"].max()) < 5_000
        for name in ("input_ids", "labels", "position_ids", "cu_seqlens"):
            one[name].fill_(5_000)


@pytest.mark.parametrize("world", [1, 2, 3])
def test_ranks_take_turns_and_have_the_same_number(path: str, world: int) -> None:
    ranks = [CuratedDataset(path=path, rank=rank, world=world) for rank in range(world)]
    got = [numbers(rank) for rank in ranks]
    whole = NUMBER // world * world
    assert got == [list(range(rank, whole, world)) for rank in range(world)]
    assert [len(rank) for rank in ranks] == [NUMBER // world] * world
    assert {rank.left_out for rank in ranks} == {NUMBER - whole}


@pytest.mark.parametrize("batch_size", [None, 1, 4])
def test_workers_do_not_change_the_order(path: str, batch_size: int | None) -> None:
    def batches(workers: int) -> list[list[int]]:
        dataset = CuratedDataset(path=path, rank=1, world=2, batch_size=batch_size or 1)
        loader = DataLoader(dataset, batch_size=batch_size, num_workers=workers, collate_fn=batch_size and collate)
        return [batch["sequence"].reshape(-1).tolist() for batch in loader]

    assert batches(2) == batches(0)
    assert [number for batch in batches(0) for number in batch] == list(range(1, NUMBER - 1, 2))


def test_workers_do_not_change_what_is_in_a_batch(path: str) -> None:
    def batches(workers: int) -> list[dict[str, Any]]:
        dataset = CuratedDataset(path=path, batch_size=4)
        return list(DataLoader(dataset, batch_size=4, num_workers=workers, collate_fn=collate))

    for here, there in zip(batches(0), batches(2), strict=True):
        assert here.keys() == there.keys()
        assert all(torch.equal(values, there[name]) for name, values in here.items())


def test_a_batch_has_the_boundaries_of_pieces_and_of_padding(path: str, sequences: Packed) -> None:
    batch = next(iter(DataLoader(CuratedDataset(path=path), batch_size=5, collate_fn=collate)))
    flat, edges = batch["input_ids"].flatten(), batch["cu_seqlens"].tolist()
    between = [flat[begin:end].tolist() for begin, end in pairwise(edges)]
    wanted = []
    for pieces in sequences[:5]:
        padding = LENGTH - sum(len(piece.tokens) for piece in pieces)
        wanted += [*(piece.tokens for piece in pieces), *([[PAD] * padding] if padding else [])]
    assert between == wanted
    assert batch["doc_ids"].tolist() == [piece.document for pieces in sequences[:5] for piece in pieces]
    assert batch["labels"].shape == (5, LENGTH)


def test_another_number_of_ranks_and_workers_goes_on_where_all_ranks_were(path: str) -> None:
    seen: list[int] = []
    state = CuratedDataset(path=path).state_dict()
    for world, workers, batch_size, steps in ((3, 2, 2, 4), (2, 0, 3, 5), (1, 2, 4, 3), (3, 0, 1, 100)):
        ranks = [CuratedDataset(path=path, rank=rank, world=world, batch_size=batch_size) for rank in range(world)]
        states = [list(trained(rank, state, workers, steps, seen)) for rank in ranks]
        assert all(one == states[0] for one in states)
        state = states[0][-1]
    assert sorted(seen) == list(range(NUMBER - ranks[0].left_out))


def trained(
    rank: CuratedDataset, state: dict[str, int], workers: int, steps: int, seen: list[int]
) -> Iterator[dict[str, int]]:
    """The states of a rank after each of its first steps from a state on; what it has seen is added."""
    rank.load_state_dict(state)
    loader = DataLoader(rank, batch_size=rank.batch_size, num_workers=workers, collate_fn=collate)
    for _, batch in zip(range(steps), loader, strict=False):
        seen += batch["sequence"].tolist()
        rank.took(batch)
        yield rank.state_dict()


def test_a_state_counts_what_was_taken_not_what_was_read(path: str) -> None:
    dataset = CuratedDataset(path=path, rank=1, world=2)
    for number, one in enumerate(dataset):
        if number == 5:
            dataset.took(one)
    assert dataset.state_dict() == {"sequences": 12, "of": NUMBER}
    assert len(dataset) == (NUMBER - 12) // 2


def test_a_worker_is_not_asked_for_its_state(path: str) -> None:
    class Asked(CuratedDataset):
        def __iter__(self) -> Iterator[dict[str, Any]]:
            self.state_dict()
            return super().__iter__()

    with pytest.raises(RuntimeError, match="main process"):
        next(iter(DataLoader(Asked(path=path), batch_size=None, num_workers=1)))


@settings(max_examples=25, deadline=None)
@given(
    start=st.integers(0, NUMBER),
    world=st.integers(1, 130),
    rank=st.integers(0, 129),
)
def test_from_any_state_on_a_rank_takes_every_nth_sequence(path: str, start: int, world: int, rank: int) -> None:
    dataset = CuratedDataset(path=path, rank=rank % world, world=world)
    dataset.load_state_dict({"sequences": start, "of": NUMBER})
    rounds = (NUMBER - start) // world
    assert numbers(dataset) == [start + rank % world + world * turn for turn in range(rounds)]


def test_buckets_pad_to_the_smallest_that_holds_the_sequence(tmp_path: Path, sequences: Packed) -> None:
    write_folder(tmp_path, sequences, buckets=(4, 8, 16))
    for got in CuratedDataset(path=str(tmp_path)):
        tokens, length = int(got["cu_seqlens"][-1]), len(got["input_ids"])
        assert length in (4, 8, 16)
        assert length // 2 < tokens <= length or tokens <= length == 4


def test_ranks_are_those_of_torch_distributed(path: str, tmp_path: Path) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meeting", rank=0, world_size=1)
    try:
        dataset = CuratedDataset(path=path)
        assert (dataset.rank, dataset.world) == (0, 1)
    finally:
        torch.distributed.destroy_process_group()


@pytest.mark.parametrize("place", [{"rank": 2, "world": 2}, {"rank": 0}, {"world": 2}, {"rank": -1, "world": 2}])
def test_ranks_that_cannot_be_are_refused(path: str, place: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="rank"):
        CuratedDataset(path=path, **place)


def test_a_batch_of_nothing_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="batch_size"):
        CuratedDataset(path=path, batch_size=0)


@pytest.mark.parametrize("state", [{"sequences": 3, "of": 7}, {"sequences": NUMBER + 1, "of": NUMBER}])
def test_a_state_of_another_folder_is_refused(path: str, state: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="state"):
        CuratedDataset(path=path).load_state_dict(state)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sequences\.json"):
        CuratedDataset(path=str(tmp_path))


def test_a_damaged_file_is_named(tmp_path: Path, sequences: Packed) -> None:
    write_folder(tmp_path, sequences)
    (tmp_path / "00000001.parquet").write_bytes(b"PAR1 no more PAR1")
    with pytest.raises(StoreError, match=r"00000001\.parquet"):
        numbers(CuratedDataset(path=str(tmp_path)))


def test_a_file_of_another_folder_is_named(tmp_path: Path, sequences: Packed) -> None:
    write_folder(tmp_path, sequences)
    (tmp_path / "00000002.parquet").write_bytes((tmp_path / "00000001.parquet").read_bytes())
    with pytest.raises(StoreError, match=r"00000002\.parquet holds"):
        numbers(CuratedDataset(path=str(tmp_path)))


def test_an_empty_folder_of_sequences_yields_nothing(tmp_path: Path) -> None:
    write_folder(tmp_path, [], files=1)
    assert numbers(CuratedDataset(path=str(tmp_path))) == []


def test_only_the_data_set_needs_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import curator.loader, curator.loader.export, curator.loader.reading, curator.store.sequences\n"
        "try: curator.loader.CuratedDataset\n"
        "except ImportError: print('needs torch')"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "needs torch\n"
