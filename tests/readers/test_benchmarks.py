"""Benchmark files become the texts of their items; what cannot be read is named with file, line and mend."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from curator.errors import InputError
from curator.readers.benchmarks import Benchmark, benchmarks_digest, read_benchmarks


def lines(*items: object) -> bytes:
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def test_every_string_is_a_text_and_every_list_of_strings_one(tmp_path: Path) -> None:
    item = {
        "id": "q/1",
        "query": "Why?",
        "choices": ["so", "or so"],
        "gold": 1,
        "meta": {"hint": "no", "tags": [1, ["a", "b"]]},
    }
    (tmp_path / "quiz.jsonl").write_bytes(lines(item))
    assert read_benchmarks(str(tmp_path), None) == [Benchmark("quiz", (("q/1", "Why?", "so\nor so", "no", "a\nb"),))]


def test_only_the_named_fields_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "quiz.jsonl").write_bytes(lines({"id": "1", "b": "two", "a": "one"}, {"b": "three"}))
    (benchmark,) = read_benchmarks(str(tmp_path), ["a", "b", "c"])
    assert benchmark.items == (("one", "two"), ("three",))


def test_compressed_files_blank_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + lines({"q": "one"}) + b"\r\n  \n" + lines({"q": "two"})
    (tmp_path / "a.jsonl").write_bytes(content)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(content))
    (tmp_path / "c.v1.jsonl.zst").write_bytes(pa.compress(content, codec="zstd", asbytes=True))
    items = (("one",), ("two",))
    assert read_benchmarks(str(tmp_path), None) == [Benchmark(name, items) for name in ("a", "b", "c.v1")]


def test_files_of_one_name_in_several_folders_are_named_with_their_folders(tmp_path: Path) -> None:
    for folder in ("boolq", "piqa"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test.jsonl").write_bytes(lines({"q": folder}))
    assert [benchmark.name for benchmark in read_benchmarks(str(tmp_path), None)] == ["boolq/test", "piqa/test"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"q": "one"}\n{"q": \n', r"a\.jsonl, line 2: not valid JSON .*one JSON object on each line"),
        ("a.jsonl", b'["one"]\n', r"a\.jsonl, line 1: not an object; a benchmark has one JSON object on each line"),
        ("a.jsonl", b"\n\n", r"a\.jsonl has no items; take it out of decontamination.path"),
        ("a.jsonl", b"", r"a\.jsonl has no items; take it out of decontamination.path"),
        ("a.jsonl.gz", gzip.compress(b'{"q": "one"}\n')[:-6], r"a\.jsonl\.gz.*cut off; repair the file or take it out"),
        ("a.parquet", b"PAR1", r"a\.parquet is not JSON lines; let decontamination.path mean only those"),
        (
            "a.jsonl",
            b'{"p": "one", "id": 1}\n',
            r"a\.jsonl has none of decontamination.fields \(q\); its fields are id, p",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_benchmarks(str(tmp_path), ["q"])


def test_a_missing_and_an_empty_folder_are_errors(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"decontamination\.path: no input file matches"):
            read_benchmarks(str(path), None)


def test_two_files_cannot_be_the_same_benchmark(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.json"):
        (tmp_path / name).write_bytes(lines({"q": "one"}))
    with pytest.raises(InputError, match="would both be the benchmark a: rename one"):
        read_benchmarks(str(tmp_path), None)


def test_the_digest_changes_with_names_and_contents_only(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.jsonl").write_bytes(lines({"q": "one"}))
    first = benchmarks_digest(str(tmp_path / "one"))
    (tmp_path / "one").rename(tmp_path / "two")
    assert benchmarks_digest(str(tmp_path / "two")) == first
    (tmp_path / "two" / "a.jsonl").write_bytes(lines({"q": "two"}))
    assert benchmarks_digest(str(tmp_path / "two")) != first
