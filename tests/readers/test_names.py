"""What the name of a file says."""

from __future__ import annotations

import pytest

from curator.readers.names import format_and_compression, is_side_file, source_of, split_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", ("csv", "")),
        ("a.tsv.bz2", ("tsv", "bz2")),
        ("a.txt.xz", ("text", "xz")),
        ("a.jsonl.snappy", ("jsonl", "snappy")),
        ("a.json.sz", ("jsonl", "snappy")),
        ("a.feather", ("arrow", "")),
        ("a.arrow", ("arrow", "")),
        ("a.arc.gz", ("arc", "gzip")),
        ("a.warc.zst", ("warc", "zstd")),
        ("a.warc.bz2", ("", "bz2")),
        ("a.arrow.gz", ("", "gzip")),
        ("a.snappy.parquet", ("parquet", "")),
        ("a.md", ("", "")),
        ("a.tar.gz", ("", "gzip")),
        ("csv", ("", "")),
    ],
)
def test_suffixes_name_format_and_compression(name: str, expected: tuple[str, str]) -> None:
    assert format_and_compression(name) == expected


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("data/train-00000-of-00005.parquet", "train"),
        ("train-00000-of-00005-a1b2c3d4.parquet", "train"),
        ("en/train_sft-00000-of-00001.parquet", "train_sft"),
        ("wikitext-validation-00000-of-00001.arrow", "validation"),
        ("wikitext-test.arrow", "test"),
        ("train/data-00000-of-00002.arrow", "train"),
        ("clean.100/data-00000-of-00002.arrow", "clean.100"),
        ("data-00000-of-00002.arrow", ""),
        ("dev.csv", "dev"),
        ("my_train_file.jsonl", "train"),
        ("test/a.jsonl", "test"),
        ("train/test.jsonl", "test"),
        ("train/a/b.jsonl", "train"),
        ("training.jsonl", "training"),
        ("trainer.jsonl", ""),
        ("contest.jsonl", ""),
        ("extra/a.jsonl", "extra"),
        ("a.jsonl", ""),
    ],
)
def test_a_path_names_a_split_by_the_shard_the_file_or_the_nearest_folder(path: str, split: str) -> None:
    assert split_of(path, "extra") == split


def test_side_files_of_data_sets_are_no_data_and_a_lone_state_file_is() -> None:
    assert is_side_file("a/dataset_info.json", ())
    assert is_side_file("dataset_infos.json", ())
    assert is_side_file("a/cache-0123abcdef.arrow", ())
    assert is_side_file("a/state.json", ("a/dataset_info.json", "a/state.json"))
    assert not is_side_file("a/state.json", ("dataset_info.json", "a/state.json"))
    assert not is_side_file("a/data.json", ())


def test_the_source_of_a_shard_has_no_number() -> None:
    assert source_of("train-00000-of-00005.parquet") == "train"
    assert source_of("web.part-1.jsonl.zst") == "web"
