from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from curator.errors import InputError
from curator.readers.listing import InputFile, list_input
from curator.readers.pieces import read_piece
from curator.readers.records import DamagedFile, ReadOptions
from curator.readers.units import Piece, plan_units
from tests.readers.reading import COMPRESSED, SUFFIXES, compress

OPTIONS = ReadOptions(max_document_bytes=1_000)


def write(folder: Path, name: str, content: bytes) -> InputFile:
    (folder / name).write_bytes(content)
    (file,) = list_input(str(folder / name), source=None, format=None)
    return file


def read(file: InputFile) -> pa.Table:
    return pa.concat_tables(read_piece(Piece(file, 0, file.size), 0, OPTIONS))


def test_a_caller_may_skip_a_damaged_piece_and_go_on(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", b'{"text":"a"}\n')
    write(tmp_path, "b.jsonl.gz", b"no gzip")
    write(tmp_path, "c.warc", b"no WARC")
    write(tmp_path, "d.jsonl", b'{"text":"d"}\n')
    (unit,) = plan_units(list_input(str(tmp_path), source=None, format=None), unit_bytes=1_000)
    rows: list[tuple[int, str]] = []
    damaged: list[str] = []
    for index, piece in enumerate(unit.pieces):
        try:
            for table in read_piece(piece, index, OPTIONS):
                rows += zip(table["file"].to_pylist(), table["text"].to_pylist(), strict=True)
        except DamagedFile as damage:
            damaged.append(Path(damage.path).name)
    assert rows == [(0, "a"), (3, "d")]
    assert damaged == ["b.jsonl.gz", "c.warc"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.warc"])
def test_a_vanished_file_is_damaged(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, name, b"x")
    (tmp_path / name).unlink()
    with pytest.raises(DamagedFile, match="no longer there"):
        read(file)


@pytest.mark.parametrize("content", [b'{"text":"a"}', b'{"text":"a"}\n' * 3])
def test_a_file_that_changed_its_size_since_it_was_listed_is_damaged(tmp_path: Path, content: bytes) -> None:
    file = write(tmp_path, "a.jsonl", b'{"text":"a"}\n' * 2)
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(DamagedFile, match=f"it had 26 bytes when it was listed and has {len(content)} now"):
        read(file)


def test_a_folder_in_the_place_of_a_file_is_damaged(tmp_path: Path) -> None:
    file = write(tmp_path, "a.jsonl", b"x")
    with pytest.raises(DamagedFile, match="cannot be"):
        read(replace(file, path=str(tmp_path)))


def test_the_error_says_file_place_fault_and_mend_and_survives_pickling(tmp_path: Path) -> None:
    file = write(tmp_path, "a.jsonl.gz", b"no gzip")
    with pytest.raises(InputError) as caught:
        read(file)
    message = str(caught.value)
    assert message.startswith(f"{file.path} at 0: the gzip stream is broken or is not gzip")
    assert message.endswith("; repair the file or set input.on_bad_file: skip")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.path, copy.position) == (DamagedFile, message, file.path, 0)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.wet.gz"])
def test_object_storage_is_read_like_a_disk(s3_query: str, name: str) -> None:
    filesystem, _ = fs.FileSystem.from_uri(f"s3://bucket{s3_query}")
    record = b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n"
    if name == "a.parquet":
        pq.write_table(pa.table({"text": ["hi"]}), f"bucket/read/{name}", filesystem=filesystem)
    else:
        with filesystem.open_output_stream(f"bucket/read/{name}") as stream:  # compresses by the suffix
            stream.write(record if "wet" in name else b'{"text":"hi"}\n')
    (file,) = list_input(f"s3://bucket/read/{name}{s3_query}", source=None, format=None)
    assert read(file)["text"].to_pylist() == ["hi"]
    filesystem.delete_file(f"bucket/read/{name}")
    with pytest.raises(DamagedFile, match="no longer there"):
        read(file)


def test_a_storage_that_does_not_answer_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    query = "?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1"
    file = InputFile(
        path=f"s3://bucket/a.jsonl{query}", source="a", format="jsonl", compression="", size=1, modified_ns=0
    )
    with pytest.raises(InputError) as caught:
        read(file)
    assert not isinstance(caught.value, DamagedFile)


def test_a_thousand_tiny_files_of_all_formats_are_one_unit_and_read_right(tmp_path: Path) -> None:
    record = b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    for number in range(1_000):
        text = b"text %d" % number
        contents = {
            "jsonl": b'{"text":"%s"}\n' % text,
            "csv": b"id,text\n1,%s\n" % text,
            "tsv": b"text\tid\n%s\t1\n" % text,
            "txt": text,
            "warc.wet": record % (len(text), text),
            "arc": b"http://a/ 1.2.3.4 20080430204825 text/plain %d\n%s\n" % (len(text), text),
        }
        suffix, content = list(contents.items())[number % len(contents)]
        compression = ["", *COMPRESSED][number % 5] if number % len(contents) < 4 else ["", "gzip"][number // 6 % 2]
        (tmp_path / f"{number:04d}.{suffix}{SUFFIXES[compression]}").write_bytes(compress(content, compression))
    (unit,) = plan_units(list_input(str(tmp_path), source=None, format=None), unit_bytes=1_000_000)
    tables = [table for index, piece in enumerate(unit.pieces) for table in read_piece(piece, index, OPTIONS)]
    table = pa.concat_tables(tables)
    assert table["text"].to_pylist() == [f"text {number}" for number in range(1_000)]
    assert table["file"].to_pylist() == list(range(1_000))


def test_a_git_lfs_pointer_is_damage_that_names_the_mend(tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n" % (b"0" * 64)
    for name in ("a.parquet", "a.jsonl"):
        with pytest.raises(DamagedFile, match="git lfs pull"):
            read(write(tmp_path, name, pointer))
    assert read(write(tmp_path, "a.txt", b"version " * 16))["text"].to_pylist() == ["version " * 16]
