"""The files of packed sequences and their index."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.errors import InputError, StoreError
from curator.store.files import Folder
from curator.store.sequences import SEQUENCES, read_index
from tests.loader.sequence_folders import LENGTH, drawn_sequences, to_table, write_folder


def test_the_index_reads_back(tmp_path: Path) -> None:
    index = write_folder(tmp_path, drawn_sequences(20), buckets=(8, 16), batch_ramp=[(0.1, 32), (0.5, 48)])
    assert read_index(Folder(str(tmp_path))) == index
    assert index.sequences == 20
    assert index.firsts == [0, 2, 8, 20]
    assert index.format.padded_lengths == (8, 16)


def test_the_index_is_a_flat_json(tmp_path: Path) -> None:
    write_folder(tmp_path, drawn_sequences(4), files=1)
    written = json.loads((tmp_path / "sequences.json").read_text())
    assert written["sequence_length"] == LENGTH
    assert [file["name"] for file in written["files"]] == ["00000000.parquet"]
    assert {"pad_id", "end_id", "vocabulary", "packing", "buckets", "batch_tokens", "batch_ramp"} < set(written)


def test_the_index_says_which_lengths_follow_each_other(tmp_path: Path) -> None:
    sequences = drawn_sequences(40)
    index = write_folder(tmp_path, sequences, buckets=(4, 8, 16))
    tokens = [sum(len(piece.tokens) for piece in one) for one in sequences]
    padded = [next(length for length in (4, 8, 16) if length >= number) for number in tokens]
    assert [length for length, number in index.runs for _ in range(number)] == padded
    assert all(first != second for (first, _), (second, _) in pairwise(index.runs))
    assert [sum(number for _, number in file.runs) for file in index.files] == [file.sequences for file in index.files]


def test_without_buckets_a_folder_is_one_run(tmp_path: Path) -> None:
    assert write_folder(tmp_path, drawn_sequences(40)).runs == [(LENGTH, 40)]


def test_names_in_order_give_the_training_order(tmp_path: Path) -> None:
    sequences = drawn_sequences(30)
    index = write_folder(tmp_path, sequences)
    names = sorted(path.name for path in tmp_path.glob("*.parquet"))
    assert pa.concat_tables(pq.read_table(tmp_path / name) for name in names).equals(to_table(sequences))
    assert index.tokens == sum(len(piece.tokens) for one in sequences for piece in one)


def test_every_file_says_what_its_numbers_mean(tmp_path: Path) -> None:
    index = write_folder(tmp_path, drawn_sequences(30))
    for file in index.files:
        metadata = json.loads(pq.read_schema(tmp_path / file.name).metadata[b"curator"])
        assert metadata == {
            "sequence_length": LENGTH,
            "pad_id": 0,
            "end_id": 1,
            "vocabulary": 1_000,
        }


def test_the_same_sequences_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_folder(tmp_path / name, drawn_sequences(30))
    assert all(file.read_bytes() == (tmp_path / "b" / file.name).read_bytes() for file in (tmp_path / "a").iterdir())


def test_a_file_without_sequences_is_a_file(tmp_path: Path) -> None:
    index = write_folder(tmp_path, [], files=1)
    assert (index.files[0].sequences, index.files[0].tokens, index.files[0].runs) == (0, 0, ())
    assert pq.read_table(tmp_path / "00000000.parquet").schema.equals(SEQUENCES)


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sequences\.json"):
        read_index(Folder(str(tmp_path)))


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"files": [{"name": "a"}]}'])
def test_a_damaged_index_is_refused(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "sequences.json").write_text(damaged)
    with pytest.raises(StoreError, match="not an index"):
        read_index(Folder(str(tmp_path)))
