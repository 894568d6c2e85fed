from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pyarrow import fs

from curator.errors import InputError
from curator.readers.listing import list_input


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"12345")


def names(folder: Path, pattern: str = "", format: str | None = None) -> list[str]:
    path = f"{folder}/{pattern}" if pattern else str(folder)
    return [os.path.relpath(file.path, folder) for file in list_input(path, source=None, format=format)]


def test_a_file_is_described_by_its_name_and_its_state(tmp_path: Path) -> None:
    touch(tmp_path, "web.part-1.jsonl.zst")
    (file,) = list_input(str(tmp_path / "web.part-1.jsonl.zst"), source=None, format=None)
    assert (file.path, file.source) == (str(tmp_path / "web.part-1.jsonl.zst"), "web")
    assert (file.format, file.compression, file.size) == ("jsonl", "zstd", 5)
    assert file.modified_ns == (tmp_path / "web.part-1.jsonl.zst").stat().st_mtime_ns


@pytest.mark.parametrize(
    ("name", "format", "compression"),
    [
        ("a.jsonl", "jsonl", ""),
        ("a.json.gz", "jsonl", "gzip"),
        ("a.ndjson.zst", "jsonl", "zstd"),
        ("a.parquet", "parquet", ""),
        ("a.warc", "warc", ""),
        ("a.warc.gz", "warc", "gzip"),
        ("a.warc.wet.gz", "wet", "gzip"),
        ("a.wet", "wet", ""),
    ],
)
def test_the_suffix_names_format_and_compression(tmp_path: Path, name: str, format: str, compression: str) -> None:
    touch(tmp_path, name)
    (file,) = list_input(str(tmp_path), source=None, format=None)
    assert (file.format, file.compression) == (format, compression)


def test_a_folder_means_its_files_of_known_suffixes_at_any_depth_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.jsonl", "a/z.parquet", "a/b/c.warc.gz", "readme.md", "a.parquet.gz")
    assert names(tmp_path) == ["a/b/c.warc.gz", "a/z.parquet", "b.jsonl"]


def test_hidden_names_are_left_out_of_folders_but_not_when_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl", ".b.jsonl", "_c.jsonl", "_temporary/d.jsonl", ".git/e.jsonl")
    assert names(tmp_path) == ["a.jsonl"]
    assert names(tmp_path, "**/*.jsonl") == ["a.jsonl"]
    assert names(tmp_path, "_c.jsonl") == ["_c.jsonl"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jsonl", ["1.jsonl", "2.jsonl"]),
        ("?.jsonl.gz", ["3.jsonl.gz"]),
        ("*/*.jsonl", ["a/1.jsonl"]),
        ("**/1.jsonl", ["1.jsonl", "a/1.jsonl", "a/b/1.jsonl"]),
        ("a/**", ["a/1.jsonl", "a/b/1.jsonl"]),
        ("*/b/?.jsonl", ["a/b/1.jsonl"]),
    ],
)
def test_wildcards_match_names_and_double_stars_match_folders(
    tmp_path: Path, pattern: str, expected: list[str]
) -> None:
    touch(tmp_path, "1.jsonl", "2.jsonl", "3.jsonl.gz", "a/1.jsonl", "a/b/1.jsonl")
    assert names(tmp_path, pattern) == expected


def test_brackets_and_dots_of_a_pattern_stand_for_themselves(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].jsonl", "a1.jsonl", "a[1]xjsonl.jsonl")
    assert names(tmp_path, "a[1].*") == ["a[1].jsonl"]


def test_a_format_given_takes_files_of_any_suffix_and_keeps_the_compression(tmp_path: Path) -> None:
    touch(tmp_path, "dump", "more.txt.gz")
    files = list_input(str(tmp_path), source="web", format="jsonl")
    assert [(file.format, file.compression, file.source) for file in files] == [
        ("jsonl", "", "web"),
        ("jsonl", "gzip", "web"),
    ]


def test_an_unknown_suffix_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    for path in ("a.md", "*.md"):
        with pytest.raises(InputError, match=r"a\.md has no known suffix.*\.jsonl.*\.parquet.*\.wet"):
            list_input(str(tmp_path / path), source=None, format=None)


def test_nothing_found_names_the_pattern_and_the_nearest_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a/readme.md")
    for path in ("a/b/c/*.jsonl", "a/x.jsonl", "a"):
        with pytest.raises(InputError) as caught:
            list_input(str(tmp_path / path), source=None, format=None)
        assert f"{tmp_path / path};" in str(caught.value)
        assert str(caught.value).endswith(f" {tmp_path / 'a'}")


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jsonl")
    monkeypatch.chdir(tmp_path)
    for path in (".", "*.jsonl", "a.jsonl"):
        assert [file.path for file in list_input(path, source=None, format=None)] == [str(tmp_path / "a.jsonl")]


def test_a_file_uri_means_the_local_path(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl")
    assert names(tmp_path) == ["a.jsonl"]
    assert [file.path for file in list_input(f"file://{tmp_path}", source=None, format=None)] == [
        str(tmp_path / "a.jsonl")
    ]


def test_object_storage_keeps_the_query_of_the_uri_in_every_path(s3_query: str) -> None:
    filesystem, _ = fs.FileSystem.from_uri(f"s3://bucket{s3_query}")
    for name in ("in/a b.jsonl", "in/deep/c.jsonl.gz", "in/_d.jsonl", "in/e.md"):
        with filesystem.open_output_stream(f"bucket/{name}", compression=None) as stream:
            stream.write(b"12345")
    expected = [f"s3://bucket/in/a%20b.jsonl{s3_query}", f"s3://bucket/in/deep/c.jsonl.gz{s3_query}"]
    assert [file.path for file in list_input(f"s3://bucket/in{s3_query}", source=None, format=None)] == expected
    assert [file.path for file in list_input(f"s3://bucket/**/*.js*{s3_query}", source=None, format=None)] == expected
    (file,) = list_input(expected[0], source=None, format=None)
    assert (file.path, file.size, file.source) == (expected[0], 5, "a b")
    question_mark = list_input(f"s3://bucket/in/a??.jsonl{s3_query}", source=None, format=None)
    assert [file.path for file in question_mark] == expected[:1]
    with pytest.raises(InputError, match="nearest existing folder is bucket/in"):
        list_input(f"s3://bucket/in/none/*.jsonl{s3_query}", source=None, format=None)
    with pytest.raises(InputError, match="nothing on the way to it exists"):
        list_input(f"s3://no-such-bucket/a.jsonl{s3_query}", source=None, format=None)


@pytest.mark.parametrize("path", ["s3://buck*/a.jsonl", "nonsense://a/b.jsonl"])
def test_what_cannot_be_listed_is_an_error_that_names_it(path: str) -> None:
    with pytest.raises(InputError, match=re.escape(path)):
        list_input(path, source=None, format=None)


def test_a_folder_that_a_glob_matches_means_the_known_files_in_it(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl", "b/c.jsonl", "b/d/e.csv", "b/readme.md", "b/_x/f.jsonl", "_y/g.jsonl", "f/h.jsonl")
    assert names(tmp_path, "*") == ["a.jsonl", "b/c.jsonl", "b/d/e.csv", "f/h.jsonl"]
    assert names(tmp_path, "b*") == ["b/c.jsonl", "b/d/e.csv"]
    with pytest.raises(InputError, match=r"readme\.md has no known suffix"):  # a file that is matched itself is meant
        names(tmp_path, "b/*")
    assert names(tmp_path, "?/d") == ["b/d/e.csv"]


HUB = [
    "README.md",
    "dataset_infos.json",
    ".gitattributes",
    "data/train-00000-of-00002.parquet",
    "data/train-00001-of-00002.parquet",
    "data/test-00000-of-00001.parquet",
    "de/validation.jsonl.gz",
]
SAVED = [
    "dataset_dict.json",
    "train/data-00000-of-00002.arrow",
    "train/data-00001-of-00002.arrow",
    "train/dataset_info.json",
    "train/state.json",
    "train/cache-0123456789abcdef.arrow",
    "extra/data-00000-of-00001.arrow",
    "extra/dataset_info.json",
    "extra/state.json",
]


def of_split(path: Path, split: str) -> list[str]:
    files = list_input(str(path), source=None, format=None, split=split)
    return [os.path.relpath(file.path, path) for file in files]


def test_the_side_files_of_a_hub_repository_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, *HUB)
    assert names(tmp_path) == sorted(HUB[3:])
    assert of_split(tmp_path, "train") == HUB[3:5]
    assert of_split(tmp_path, "validation") == ["de/validation.jsonl.gz"]


def test_the_side_files_of_a_saved_data_set_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, *SAVED)
    assert names(tmp_path) == ["extra/data-00000-of-00001.arrow", *SAVED[1:3]]
    assert names(tmp_path / "train", "*") == ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    assert of_split(tmp_path, "extra") == ["extra/data-00000-of-00001.arrow"]
    touch(tmp_path, "state.json")
    assert "state.json" in names(tmp_path)


def test_a_split_that_does_not_exist_is_an_error_that_names_those_that_do(tmp_path: Path) -> None:
    touch(tmp_path, *HUB)
    with pytest.raises(InputError, match="no split dev; the splits there are test, train, validation"):
        of_split(tmp_path, "dev")
    touch(tmp_path, "plain/a.jsonl")
    with pytest.raises(InputError, match="none of its files names a split"):
        of_split(tmp_path / "plain", "train")


def test_a_single_file_may_name_the_split(tmp_path: Path) -> None:
    touch(tmp_path, "train.jsonl")
    (file,) = list_input(str(tmp_path / "train.jsonl"), source=None, format=None, split="train")
    assert file.path == str(tmp_path / "train.jsonl")


def test_the_fields_of_a_source_are_in_its_files(tmp_path: Path) -> None:
    touch(tmp_path, "a.jsonl")
    (file,) = list_input(str(tmp_path), source=None, format=None, text_field=("title", "body"), url_field="link")
    assert (file.text_field, file.url_field) == (("title", "body"), "link")
