"""The step that makes tokens: two tables in order of doc_id, a tokenizer beside them, and the same whoever trains it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.cluster import ray_cluster
from curator.config.packing import Tokenizer
from curator.config.schema import Resources
from curator.errors import ConfigError
from curator.models.document_tokenizer import END, DocumentTokenizer
from curator.steps import tokenize as step
from curator.steps.gather import Sample, together
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from tests.models.small_tokenizers import trained, word_pieces
from tests.steps.near_corpus import job

library = pytest.importorskip("tokenizers")

SHARDS = [shard_number(0, 0), shard_number(0, 1), shard_number(1, 0)]
TEXTS = {
    SHARDS[0]: ["The ship left the harbour at dawn.", "a <|end|> b"],
    SHARDS[1]: [],
    SHARDS[2]: ["Das Schiff läuft aus.\n\n", "☕", "bread " * 200],
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def curated(folder: Path) -> StepFolder:
    """A finished `curate` of TEXTS, whose second shard has no document and so no file."""
    curate, commits = StepFolder(Folder(str(folder))), []
    for shard, texts in TEXTS.items():
        size = sum(len(text.encode()) for text in texts)
        counts = {"documents_in": len(texts), "documents_out": len(texts), "bytes_out": size}
        commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
        if texts:
            table = {"doc_id": document_ids(shard, len(texts)), "text": pa.array(texts, pa.large_string())}
            curate.write("curated", shard, pa.table(table))
    curate.finish(commits)
    return curate


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    return {"curate": curated(tmp_path / "curate")}


def folder_with(tmp_path: Path, content: bytes, end_token: str) -> StepFolder:
    folder = StepFolder(Folder(str(tmp_path / "tokenize")))
    step.write_tokenizer(folder, content, end_token)
    return folder


@pytest.mark.parametrize(("content", "end_token"), [(trained(), END), (word_pieces(), "[SEP]")])
def test_a_shard_has_its_tokens_and_their_numbers(
    inputs: dict[str, StepFolder], tmp_path: Path, content: bytes, end_token: str
) -> None:
    folder, shard = folder_with(tmp_path, content, end_token), SHARDS[2]
    commit = step.tokenize_shard(shard, folder=folder, curate=inputs["curate"])
    tokens, lengths = folder.read("tokens", shard), folder.read("lengths", shard)
    assert tokens["doc_id"].to_pylist() == lengths["doc_id"].to_pylist() == document_ids(shard, 3).tolist()
    assert [str(field.type) for field in lengths.schema] == ["uint64", "int64"]
    assert tokens.schema.field("input_ids").type.value_type == pa.uint16()
    flat, offsets = DocumentTokenizer(content, end_token).encode(pa.array(TEXTS[shard]))
    expected = [flat[begin:end].tolist() for begin, end in pairwise(offsets)]
    assert tokens["input_ids"].to_pylist() == expected
    assert lengths["tokens"].to_pylist() == list(map(len, expected))
    size = sum(len(text.encode()) for text in TEXTS[shard])
    assert commit == Commit(
        name=shard_name(shard),
        shards=(shard,),
        counts={"documents_in": 3, "documents_out": 3, "bytes_in": size, "bytes_out": size, "tokens": len(flat)},
    )


def test_lists_of_tokens_have_no_dictionary(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    folder = folder_with(tmp_path, trained(), END)
    step.tokenize_shard(SHARDS[0], folder=folder, curate=inputs["curate"])
    file = pq.ParquetFile(f"{folder.folder.uri}/tokens/{shard_name(SHARDS[0])}.parquet")
    assert "PLAIN_DICTIONARY" not in file.metadata.row_group(0).column(1).encodings
    assert not file.metadata.row_group(0).column(1).has_dictionary_page


def test_training_is_the_same_whatever_the_order_of_the_sample(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    sample = Sample(wanted=100, of=5, seed=step.SEED)
    rows = together(lambda shard: step.sample_texts(shard, curate=inputs["curate"], sample=sample), SHARDS[::2])
    found = []
    for name, order in (("first", np.arange(5)), ("second", np.arange(5)[::-1])):
        folder = StepFolder(Folder(str(tmp_path / name)))
        commit = step.conclude_training(rows.take(pa.array(order)), folder=folder, tokenizer=Tokenizer(vocabulary=300))
        found.append(folder.read_bytes(step.TOKENIZER))
        assert (commit.name, commit.counts["end_id"]) == ("tokenizer", 0)
        assert (commit.counts["vocabulary"] == 300) == (commit.notes == ())
    assert found[0] == found[1]


def test_too_little_text_is_told(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    rows = pa.table({"key": np.array([7], np.uint64), "text": ["abab"]})
    commit = step.conclude_training(rows, folder=StepFolder(Folder(str(tmp_path))), tokenizer=Tokenizer())
    assert commit.notes == ("the texts give a vocabulary of 259 tokens only, not 32,768",)


def test_transformers_read_what_the_step_writes(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder_with(tmp_path, trained(), END)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(tmp_path / "tokenize"))
    assert (tokenizer.eos_token, tokenizer.eos_token_id) == (END, 0)
    text = "The ship isn't here ."
    assert tokenizer(text)["input_ids"] == library.Tokenizer.from_buffer(trained()).encode(text).ids


def test_of_a_given_tokenizer_its_content_decides_and_not_its_place(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_bytes(word_pieces())
    one, two = (step.settings_of(Tokenizer(path=str(tmp_path / f"{name}.json"))) for name in ("one", "two"))
    assert one == two == {**one, "end_token": "[SEP]"}
    assert step.settings_of(Tokenizer(path=str(tmp_path / "one.json"), end_token="dawn")) != one
    (tmp_path / "two.json").write_bytes(word_pieces().replace(b"dawn", b"noon"))
    assert step.settings_of(Tokenizer(path=str(tmp_path / "two.json"))) != one
    with pytest.raises(ConfigError, match="cannot be read"):
        step.settings_of(Tokenizer(path=str(tmp_path / "three.json")))


def test_of_one_that_is_trained_how_it_is_trained_decides() -> None:
    assert step.settings_of(Tokenizer(vocabulary=300)) == {
        "vocabulary": 300, "sample_bytes": 100_000_000, "end_token": None,
    }  # fmt: skip


@pytest.mark.usefixtures("cluster")
def test_a_run_trains_and_writes_all_shards_and_a_second_attempt_only_what_is_undone(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    first = job("tokenize", tmp_path / "own", inputs, 1 << 40)
    step.run(first, tokenizer=Tokenizer(vocabulary=300))
    assert sorted(first.commits) == sorted([shard_name(SHARDS[0]), shard_name(SHARDS[2]), "tokenizer"])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "own").rglob("*") if path.is_file()}
    name = shard_name(SHARDS[0])
    (tmp_path / "own" / "commits" / f"{name}.json").unlink()
    second = job("tokenize", tmp_path / "own", inputs, 1 << 40)
    step.run(second, tokenizer=Tokenizer(vocabulary=300))
    changed = {path.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {f"{name}.parquet", f"{name}.json"}
    assert second.commits.keys() == first.commits.keys()


@pytest.mark.usefixtures("cluster")
def test_a_run_keeps_the_tokenizer_that_it_was_given(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(word_pieces())
    work = job("tokenize", tmp_path / "own", inputs, 1 << 40)
    step.run(work, tokenizer=Tokenizer(path=str(tmp_path / "tokenizer.json")))
    assert work.folder.read_bytes(step.TOKENIZER) == word_pieces()
    assert json.loads((tmp_path / "own" / "tokenizer_config.json").read_text())["eos_token"] == "[SEP]"
    assert work.commits["tokenizer"].counts == {"vocabulary": 16, "end_id": 3}
    assert sum(commit.counts.get("documents_out", 0) for commit in work.commits.values()) == 5
