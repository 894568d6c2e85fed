"""Documents of an output shard become a file of sequences, and the index says the same of it as the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.packing import Packing
from curator.steps.arrange_packing import format_of, index_of, write_packed
from curator.store.files import Folder
from curator.store.sequences import SequenceFormat, SequenceIndex, write_index, write_sequences
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet

SMALLEST, LENGTH, BATCH_TOKENS = 16, 128, 512
RAMP = ((0.1, 128), (0.5, 256))
METHODS = ("best_fit", "concatenate", "by_length")


def tokenized(path: Path) -> StepFolder:
    folder = StepFolder(Folder(str(path)))
    folder.finish([Commit(name="tokenizer", shards=(), counts={"end_id": 1, "vocabulary": 500})])
    return folder


def documents(shard: int, number: int) -> pa.Table:
    random = np.random.default_rng(shard)
    lists = [random.integers(2, 500, random.integers(1, 600)).tolist() for _ in range(number)]
    return pa.table(
        {
            "doc_id": pa.array(np.arange(number, dtype=np.uint64)),
            "copy": pa.array(np.zeros(number, np.int32)),
            "input_ids": pa.array(lists, pa.list_(pa.int32())),
        }
    )


def formatted(path: Path, method: str) -> tuple[Packing, SequenceFormat]:
    settings = {"method": method, "sequence": LENGTH, "smallest": SMALLEST, "batch_tokens": BATCH_TOKENS}
    packing = Packing.model_validate({**settings, "batch_ramp": RAMP})
    return packing, format_of(tokenized(path / "tokenize"), packing)


def packed(path: Path, method: str, sizes: tuple[int, ...] = (60, 1, 0, 45)) -> tuple[StepFolder, SequenceIndex]:
    """Shards of so many documents, written by tasks that end in any order, and the index of them."""
    packing, format = formatted(path, method)
    folder = StepFolder(Folder(str(path / "arrange")))
    commits = [
        Commit(
            name=f"shard-{shard}",
            shards=(),
            counts=write_packed(folder, shard, documents(shard, number), packing=packing, format=format),
        )
        for shard, number in reversed(list(enumerate(sizes)))
    ]
    return folder, index_of([*commits, Commit(name="spread", shards=())], format)


@pytest.mark.parametrize("method", METHODS)
def test_the_index_says_of_each_file_what_is_in_it(tmp_path: Path, method: str) -> None:
    folder, index = packed(tmp_path, method)
    assert len(index.files) == 4
    for number, file in enumerate(index.files):
        table = read_parquet(folder.folder, f"curated/{file.name}")
        assert write_sequences(Folder(str(tmp_path / "again")), number, table, format=index.format) == file


def test_batches_of_the_settings_are_in_the_index(tmp_path: Path) -> None:
    _, index = packed(tmp_path, "best_fit")
    assert (index.format.batch_tokens, index.format.batch_ramp) == (BATCH_TOKENS, RAMP)


@pytest.mark.parametrize(
    ("method", "lengths"), [*((method, [128]) for method in METHODS[:2]), (METHODS[2], [16, 32, 64, 128])]
)
def test_padding_is_counted_up_to_the_length_of_each_sequence(tmp_path: Path, method: str, lengths: list[int]) -> None:
    packing, format = formatted(tmp_path, method)
    folder = StepFolder(Folder(str(tmp_path)))
    counts = write_packed(folder, 0, documents(0, 30), packing=packing, format=format)
    sizes = [len(row) for row in read_parquet(folder.folder, "curated/00000000.parquet")["input_ids"].to_pylist()]
    assert counts["sequences"] == len(sizes)
    assert counts["tokens"] == sum(sizes) == len(documents(0, 30)["input_ids"].combine_chunks().values)
    assert counts["padding"] == sum(next(length for length in lengths if length >= size) - size for size in sizes)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("world", [1, 2])
def test_a_training_loop_reads_batches_of_what_was_packed(tmp_path: Path, method: str, world: int) -> None:
    pytest.importorskip("torch", reason="pip install 'curator[models]'")
    from curator.loader import CuratedBatches

    folder, index = packed(tmp_path, method)
    write_index(folder.folder / "curated", index)
    batches = CuratedBatches(path=f"{folder.folder.uri}/curated", rank=0, world=world)
    sizes = [batch["input_ids"].numel() * world for batch in batches]
    assert max(sizes) == BATCH_TOKENS
    assert max(sizes[:2]) <= RAMP[0][1] * world
    assert sum(len(batch["sequence"]) for batch in batches) * world + batches.left_out == index.sequences
