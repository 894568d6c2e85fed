"""A whole run to packed tokens: every token of every copy is there once and in order, whoever did the work."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import curated_hash, curator, read_table, run_json
from tests.corpus import config_text, write_corpus

pytest.importorskip("tokenizers")

LENGTH = 128
SETTINGS = {
    "output.format": "tokens",
    "tokenizer": {"vocabulary": 600, "sample_bytes": 1_000_000},
    "packing": {"sequence": LENGTH},
    "shards": {"text_bytes": 20_000, "unit_bytes": 100_000},
    "budgets": {"keep_share": 0.8},
    "rebalance": {"by": "theme", "method": "unimax", "max_passes": 3, "tokens": 110_000},
}
THROUGH_FILES = {"cpus": "1", "exchange_bytes": "60_000"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def run(folder: Path, corpus: Path, settings: dict[str, object], **more: str) -> Path:
    folder.mkdir(exist_ok=True)
    config = folder / "c.yaml"
    config.write_text(config_text(corpus, folder / "out", **more))
    told = [part for name, value in settings.items() for part in ("--set", f"{name}={json.dumps(value)}")]
    done = curator("run", str(config), *told)
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("finished"), corpus, SETTINGS)


def sequences_of(output: Path) -> pa.Table:
    """The sequences in the order of the index."""
    index = json.loads((output / "curated/sequences.json").read_text())
    return pa.concat_tables([pq.read_table(output / "curated" / file["name"]) for file in index["files"]])


def pieces_of(output: Path) -> dict[tuple[int, int], list[tuple[int, list[int]]]]:
    """Of each copy of a document its pieces: where each begins, and its tokens."""
    found = defaultdict(list)
    for row in sequences_of(output).to_pylist():
        bounds = row["cu_seqlens"]
        assert bounds[0] == 0
        assert bounds[-1] == len(row["input_ids"]) <= LENGTH
        for place, (document, copy, begin) in enumerate(
            zip(row["doc_ids"], row["copies"], row["offsets"], strict=True)
        ):
            found[document, copy].append((begin, row["input_ids"][bounds[place] : bounds[place + 1]]))
    return found


@pytest.mark.parametrize("method", ["best_fit", "concatenate", "by_length"])
def test_every_token_of_every_copy_is_there_once_and_in_order(
    finished: Path, corpus: Path, tmp_path: Path, method: str
) -> None:
    shutil.copytree(finished, tmp_path / "out")  # all but the last step is done
    packing = {"method": method, "sequence": LENGTH, "smallest": 16, "batch_tokens": 1_024}
    output = run(tmp_path, corpus, {**SETTINGS, "packing": packing})
    curated = read_table(next(output.glob("steps/curate-*")), "curated").to_pylist()
    tokens = {
        row["doc_id"]: row["input_ids"]
        for row in read_table(next(output.glob("steps/tokenize-*")), "tokens").to_pylist()
    }
    pieces = pieces_of(output)
    assert set(pieces) == {(row["doc_id"], copy) for row in curated for copy in range(row["copies"])}
    assert {copy for _, copy in pieces} >= {0, 1}
    for (document, _), parts in pieces.items():
        assert [begin for begin, _ in sorted(parts)] == np.cumsum([0, *(len(part) for _, part in sorted(parts))])[
            :-1
        ].tolist()
        assert [token for _, part in sorted(parts) for token in part] == tokens[document]
        if method == "best_fit":
            assert len(parts) == -(-len(tokens[document]) // LENGTH)
    if method == "by_length":
        lengths = np.diff(sequences_of(output)["cu_seqlens"].combine_chunks().offsets.to_numpy())
        assert set(lengths.tolist()) == {2}  # a sequence is one piece
        index = json.loads((output / "curated/sequences.json").read_text())
        runs = [length for file in index["files"] for length, number in file["runs"] for _ in range(number)]
        tokens_of = map(len, sequences_of(output)["input_ids"].to_pylist())
        assert all(
            length // 2 < number <= length or number <= length == 16
            for length, number in zip(runs, tokens_of, strict=True)
        )


def test_the_tokens_are_those_of_the_tokenizer_that_lies_beside_them(finished: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(finished / "tokenizer.json"))
    end = json.loads((finished / "tokenizer_config.json").read_text())["eos_token"]
    texts = {
        row["doc_id"]: row["text"] for row in read_table(next(finished.glob("steps/curate-*")), "curated").to_pylist()
    }
    for (document, _), parts in pieces_of(finished).items():
        ids = [token for _, part in sorted(parts) for token in part]
        assert ids[-1] == tokenizer.token_to_id(end)
        assert tokenizer.decode(ids[:-1], skip_special_tokens=False) == texts[document]


def test_the_index_adds_up_and_shards_are_of_one_size(finished: Path) -> None:
    index = json.loads((finished / "curated/sequences.json").read_text())
    rows = [pq.read_table(finished / "curated" / file["name"]).num_rows for file in index["files"]]
    assert [file["sequences"] for file in index["files"]] == rows
    assert [file["runs"] for file in index["files"]] == [[[LENGTH, number]] for number in rows]
    assert len(rows) > 5
    lengths = [row["tokens"] for row in read_table(next(finished.glob("steps/tokenize-*")), "lengths").to_pylist()]
    assert max(rows) - min(rows) <= 2 * max(lengths) / LENGTH + 5  # a document more or less, and padding
    step = next(step for step in run_json(finished)["steps"] if step["name"] == "arrange")
    assert step["documents_out"] == run_json(finished)["documents_kept"]
    told = run_json(finished)["tokens"]
    assert (told["tokens"], told["counted_by"]) == (sum(lengths), "the tokenizer")
    assert told["copies_tokens"] == sum(file["tokens"] for file in index["files"]) >= told["tokens"]


def test_the_bytes_are_the_same_on_one_cpu_through_files(finished: Path, corpus: Path, tmp_path: Path) -> None:
    again = run(tmp_path / "again", corpus, SETTINGS, **THROUGH_FILES)
    assert curated_hash(again) == curated_hash(finished)
    assert (again / "curated/sequences.json").read_bytes() == (finished / "curated/sequences.json").read_bytes()
    assert (again / "tokenizer.json").read_bytes() == (finished / "tokenizer.json").read_bytes()


def test_torch_reads_what_a_run_has_written(finished: Path) -> None:
    pytest.importorskip("torch")
    from curator.loader import CuratedDataset

    rows = list(CuratedDataset(path=str(finished / "curated")))
    sequences = sequences_of(finished).to_pylist()
    assert len(rows) == len(sequences)
    for found, row in zip(rows, sequences, strict=True):
        assert found["input_ids"][: len(row["input_ids"])].tolist() == row["input_ids"]
        assert found["cu_seqlens"].tolist() == row["cu_seqlens"]
