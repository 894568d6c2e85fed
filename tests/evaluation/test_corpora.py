"""Corpora of any format become documents in an order that their places and the seed decide."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import cramjam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.config.evaluation import Corpus
from curator.errors import InputError
from curator.evaluation.corpora import copied, read_corpus

TEXTS = [f"document number {number} of the corpus" for number in range(200)]


def lines(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def read(path: Path, *, seed: int = 1, most_bytes: int = 10**6, **settings: Any) -> list[tuple[str, int]]:
    corpus = Corpus(path=str(path), **settings)
    table = read_corpus(corpus, name="raw", seed=seed, most_bytes=most_bytes)
    assert table.schema == pa.schema([("text", pa.large_string()), ("copies", pa.int64())])
    return list(zip(table["text"].to_pylist(), table["copies"].to_pylist(), strict=True))


def written(folder: Path, texts: list[str] = TEXTS) -> Path:
    path = folder / "corpus.jsonl"
    path.write_bytes(lines([{"text": text} for text in texts]))
    return path


def test_every_document_comes_once_in_a_shuffled_order(tmp_path: Path) -> None:
    found = [text for text, copies in read(written(tmp_path)) if copies == 1]
    assert sorted(found) == sorted(TEXTS)
    assert found != TEXTS


def test_an_ordered_corpus_stays_as_it_stands_file_by_file_also_as_a_sample(tmp_path: Path) -> None:
    for number in range(4):
        part = lines([{"text": text} for text in TEXTS[50 * number : 50 * number + 50]])
        (tmp_path / f"{number:08}.jsonl").write_bytes(part)
    assert [text for text, _ in read(tmp_path, ordered=True)] == TEXTS
    some = [text for text, _ in read(tmp_path, ordered=True, most_bytes=2_000)]
    assert 30 < len(some) < 80
    assert some == [text for text in TEXTS if text in set(some)]
    assert set(some) == {text for text, _ in read(tmp_path, most_bytes=2_000)}


def test_the_order_follows_from_the_seed(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert read(path, seed=1) == read(path, seed=1)
    assert read(path, seed=1) != read(path, seed=2)


def test_the_order_does_not_depend_on_folder_or_content(tmp_path: Path) -> None:
    places = []
    for name, word in (("here", "left"), ("there", "wrong")):
        (tmp_path / name).mkdir()
        path = written(tmp_path / name, [f"{word}:{number:03d}" + "x" * (5 - len(word)) for number in range(50)])
        places.append([text[len(word) + 1 :][:3] for text, _ in read(path)])
    assert places[0] == places[1]


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_json_lines_plain_and_compressed_are_one_corpus(tmp_path: Path, suffix: str) -> None:
    content = lines([{"text": text, "copies": 2} for text in TEXTS])
    packed = {"jsonl": content, "jsonl.gz": gzip.compress(content), "jsonl.zst": bytes(cramjam.zstd.compress(content))}
    (tmp_path / f"corpus.{suffix}").write_bytes(packed[suffix])
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/corpus.jsonl").write_bytes(content)
    found = read(tmp_path / f"corpus.{suffix}")
    assert found == read(tmp_path / "plain")
    assert sorted(found) == sorted((text, 2) for text in TEXTS)


def test_copies_are_those_of_a_curated_file(tmp_path: Path) -> None:
    copies = [number % 3 for number in range(200)]
    metadata = ['{"copies":9}'] * 200
    table = pa.table({"text": TEXTS, "copies": pa.array(copies, pa.int32()), "metadata": metadata})
    pq.write_table(table, tmp_path / "part.parquet", row_group_size=17)
    expected = [(text, count) for text, count in zip(TEXTS, copies, strict=True) if count]
    assert sorted(read(tmp_path / "part.parquet")) == sorted(expected)


def test_copies_missing_or_null_are_one(tmp_path: Path) -> None:
    records = [{"text": "a"}, {"text": "b", "copies": None}, {"text": "c", "meta": {"copies": 5}}]
    (tmp_path / "corpus.jsonl").write_bytes(lines(records))
    assert sorted(read(tmp_path)) == [("a", 1), ("b", 1), ("c", 1)]


@pytest.mark.parametrize("copies", [-1, 1.5, True, "2", 1_001])
def test_copies_that_are_no_count_are_an_error_with_corpus_file_and_place(tmp_path: Path, copies: object) -> None:
    (tmp_path / "corpus.jsonl").write_bytes(lines([{"text": "a"}, {"text": "b", "copies": copies}]))
    with pytest.raises(InputError, match=r"corpora\.raw\.path: .*corpus\.jsonl at 14: copies is .*not a whole number"):
        read(tmp_path)


def test_null_and_empty_texts_are_no_documents(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"text": None}, {"text": ""}, {"text": " \n"}, {"other": "x"}, {"text": "one"}]
    (tmp_path / "corpus.jsonl").write_bytes(lines(records) + b"no json\n")
    assert read(tmp_path) == [("one", 1)]


def test_a_share_is_taken_by_place_and_seed(tmp_path: Path) -> None:
    texts = [f"{number:05d}" for number in range(5_000)]
    path = written(tmp_path, texts)
    shares = [{text for text, _ in read(path, seed=seed, keep_share=0.4)} for seed in (1, 2)]
    assert all(abs(len(share) - 2_000) < 150 for share in shares)
    assert abs(len(shares[0] & shares[1]) - 800) < 150
    assert shares[0] <= {text for text, _ in read(path, seed=1, keep_share=0.6)}


def test_of_a_large_corpus_all_files_and_places_are_sampled_alike(tmp_path: Path) -> None:
    for file in range(4):
        (tmp_path / f"{file}.jsonl").write_bytes(lines([{"text": f"{file}{place:05d}"} for place in range(2_000)]))
    found = [text for text, _ in read(tmp_path, most_bytes=12_000)]
    assert len(found) == len(set(found)) == 2_000
    assert all(abs(sum(text[0] == str(file) for text in found) - 500) < 80 for file in range(4))
    assert abs(sum(int(text[1:]) < 1_000 for text in found) - 1_000) < 120


def test_what_cannot_be_read_is_named_with_its_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"corpora\.raw\.path: no input file matches"):
        read(tmp_path / "missing.jsonl")
    (tmp_path / "empty.jsonl").write_bytes(lines([{"text": ""}]))
    with pytest.raises(InputError, match=r"corpora\.raw\.path: .*empty\.jsonl has no document"):
        read(tmp_path / "empty.jsonl")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"corpora\.raw\.path: .*broken\.parquet at 0: .*take it out$"):
        read(tmp_path / "broken.parquet")


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_the_control_has_half_of_the_documents_and_all_of_the_copies(count: int) -> None:
    copies = [number % 3 + 1 for number in range(count)]
    table = pa.table({"text": pa.array(TEXTS[:count], pa.large_string()), "copies": pa.array(copies, pa.int64())})
    control = copied(table, seed=5)
    kept = control["text"].to_pylist()
    assert len(kept) == count - count // 2
    assert kept == sorted(kept, key=TEXTS.index)
    assert sum(control["copies"].to_pylist()) == sum(copies)
    assert control.equals(copied(table, seed=5))


def test_another_seed_copies_other_documents() -> None:
    table = pa.table({"text": TEXTS, "copies": pa.array([1] * len(TEXTS), pa.int64())})
    assert not copied(table, seed=1).equals(copied(table, seed=2))
    assert set(copied(table, seed=1)["copies"].to_pylist()) == {2}
