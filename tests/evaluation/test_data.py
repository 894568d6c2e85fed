"""The files of an evaluation: each named after what decides it, and written once."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from curator.config.evaluation import AGAIN, COPIED, Evaluation
from curator.evaluation.data import Data, prepare_corpus, prepare_tokenizer
from curator.evaluation.documents import read_documents, read_sets, vocabulary_size
from curator.store.files import Folder
from tests.corpus import document, write_jsonl

pytest.importorskip("tokenizers")


def config(folder: Path, **changes: object) -> Evaluation:
    values = {
        "output": {"path": str(folder / "out")},
        "corpora": {"raw": {"path": str(folder / "raw.jsonl")}, "some": {"path": str(folder / "some.jsonl")}},
        "heldout": {"garden": {"path": str(folder / "garden.jsonl")}},
        "tokenizer": {"vocabulary": 300, "sample_bytes": 20_000},
        "training": {"tokens": 4_000, "budgets": [1.0], "batch_tokens": 512, "sequence": 64},
        "heldout_bytes": 5_000,
    }
    return Evaluation.model_validate_json(json.dumps({**values, **changes}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = random.Random(1)
    texts = [document(rng, "harbour", 8) for _ in range(30)]
    garden = [document(rng, "garden", 8) for _ in range(4)]
    write_jsonl(tmp_path / "raw.jsonl", [{"text": text} for text in [*texts, garden[0]]])
    write_jsonl(tmp_path / "some.jsonl", [{"text": text, "copies": 2} for text in texts[:10]])
    write_jsonl(tmp_path / "garden.jsonl", [{"text": text} for text in garden])
    return tmp_path


@pytest.fixture
def data(folder: Path) -> Data:
    data = Data.of(config(folder), Folder(str(folder / "data")))
    prepare_tokenizer(config(folder), data)
    for corpus in data.missing():
        prepare_corpus(config(folder), data, corpus)
    return data


def test_what_is_prepared_is_not_missing(data: Data, folder: Path) -> None:
    assert Data.of(config(folder), data.folder).missing() == []
    assert vocabulary_size(data) == 300


def test_the_baseline_is_read_once_for_the_tokenizer_and_its_tokens(folder: Path) -> None:
    data = Data.of(config(folder), Folder(str(folder / "data")))
    prepare_tokenizer(config(folder), data)
    assert data.missing() == ["some"]


def test_a_given_tokenizer_takes_no_corpus(data: Data, folder: Path) -> None:
    given = config(folder, tokenizer={"path": f"{data.folder.uri}/{data.tokenizer}"})
    other = Data.of(given, Folder(str(folder / "other")))
    prepare_tokenizer(given, other)
    assert other.missing() == ["raw", "some"]


def test_a_kill_between_any_two_files_leaves_what_makes_the_same_ones(data: Data, folder: Path) -> None:
    names = [data.tokenizer, data.heldout, f"{data.corpora['raw']}.npz", f"{data.corpora['raw']}.json"]
    before = {name: data.content(name) for name in names}
    for written in range(len(names)):
        for name in names[written:]:
            data.folder.delete(name)
        prepare_tokenizer(config(folder), data)
        for corpus in data.missing():
            prepare_corpus(config(folder), data, corpus)
        assert {name: data.content(name) for name in names} == before


def test_a_corpus_that_is_added_leaves_the_others_as_they_are(data: Data, folder: Path) -> None:
    corpora = {name: {"path": str(folder / f"{name}.jsonl")} for name in ("raw", "some", "garden")}
    more = Data.of(config(folder, corpora=corpora), data.folder)
    assert more.missing() == ["garden"]
    assert (more.tokenizer, more.heldout) == (data.tokenizer, data.heldout)


@pytest.mark.parametrize(
    "changes", [{"overlap_words": 9}, {"heldout_bytes": 4_000}, {"tokenizer": {"vocabulary": 310}}]
)
def test_what_decides_the_tokens_names_other_files(data: Data, folder: Path, changes: dict[str, object]) -> None:
    assert Data.of(config(folder, **changes), data.folder).missing() == ["raw", "some"]


def test_a_file_that_changed_is_read_again(data: Data, folder: Path) -> None:
    write_jsonl(folder / "some.jsonl", [{"text": document(random.Random(9), "orbit", 8)}])
    assert Data.of(config(folder), data.folder).missing() == ["some"]


def test_what_held_out_sets_have_too_is_removed_and_counted(data: Data) -> None:
    removed = data.removed("raw")
    assert removed is not None
    assert removed["removed_documents"] == 1
    assert removed["by_set"] == {"garden": 1}


def test_copies_go_with_the_tokens(data: Data) -> None:
    some = read_documents(data, "some", baseline="raw", tokens=4_000)
    assert some.copies.tolist() == [2] * 10
    assert some.offsets[-1] == len(some.tokens)


def test_the_negative_control_has_half_of_the_documents_twice(data: Data) -> None:
    raw = read_documents(data, "raw", baseline="raw", tokens=10**6)
    copied = read_documents(data, COPIED, baseline="raw", tokens=10**6)
    assert sorted(copied.copies.tolist()) == [2] * 15
    assert copied.copies.sum() == raw.copies.sum()
    whole = {raw.tokens[a:b].tobytes() for a, b in zip(raw.offsets, raw.offsets[1:], strict=False)}
    assert all(copied.tokens[a:b].tobytes() in whole for a, b in zip(copied.offsets, copied.offsets[1:], strict=False))


def test_the_negative_control_copies_only_what_is_read(data: Data) -> None:
    raw = read_documents(data, "raw", baseline="raw", tokens=2_000)
    copied = read_documents(data, COPIED, baseline="raw", tokens=2_000)
    assert copied.offsets[-1] < raw.offsets[-1] / 2
    assert np.array_equal(read_documents(data, AGAIN, baseline="raw", tokens=2_000).tokens, raw.tokens)


def test_a_held_out_set_has_the_bytes_of_its_texts(data: Data) -> None:
    garden = read_sets(data, ["garden"])["garden"]
    assert len(garden.documents) == len(garden.byte_counts)
    assert all(tokens[0] == garden.documents[0][0] for tokens in garden.documents)
    assert all(0 < len(tokens) - 1 <= size for tokens, size in zip(garden.documents, garden.byte_counts, strict=True))
