"""A whole run with every part of budgets and rebalancing at work: it adds up, explains itself, and is the same run anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.conftest import curated_hash, curator, read_table, run_json
from tests.corpus import config_text, write_corpus

SETTINGS = {
    "redundancy": {"distinct_share": 0.8},
    "complexity": {"measure": "participation", "sample_documents": 16},
    "budgets": {"keep_share": 0.6, "max_repeats": 2, "fill": "coverage"},
    "rebalance": {"by": "theme", "method": "unimax", "max_passes": 3, "quality": {"drop_share": 0.1}, "tokens": 60_000},
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def run(folder: Path, corpus: Path, **more: str) -> Path:
    config = folder / "c.yaml"
    config.write_text(config_text(corpus, folder / "out", **more))
    settings = [f"{step}={json.dumps(values)}" for step, values in SETTINGS.items()]
    done = curator("run", str(config), *(argument for value in settings for argument in ("--set", value)))
    assert done.returncode == 0, done.stderr
    assert "tokens" in done.stdout
    return folder / "out"


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("finished"), corpus)


@pytest.fixture(scope="module")
def concepts(finished: Path) -> pa.Table:
    return pq.read_table(finished / "concepts.parquet")


def total(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py())


def test_concepts_add_up_to_the_curated_documents(finished: Path, concepts: pa.Table) -> None:
    curated = read_table(finished, "curated")
    assert total(concepts["kept"]) == curated.num_rows == run_json(finished)["documents_kept"]
    assert total(concepts["copies"]) == total(curated["copies"]) == run_json(finished)["copies"]
    kept = dict(zip(concepts["concept_id"].to_pylist(), concepts["kept"].to_pylist(), strict=True))
    counted = curated.group_by("concept_id").aggregate([([], "count_all")]).to_pylist()
    assert {row["concept_id"]: row["count_all"] for row in counted} == {
        key: count for key, count in kept.items() if count
    }


def test_every_concept_says_what_it_is_and_what_it_was_given(concepts: pa.Table) -> None:
    for row in concepts.to_pylist():
        assert row["documents"] >= row["distinct"] >= 1
        assert 1 <= row["allowance"] <= 2
        assert row["kept"] <= row["quota"] <= row["eligible"] <= row["documents"]
        assert len(row["examples"]) == min(3, row["distinct"])
        assert row["terms"]


def test_copies_are_whole_and_within_the_passes(finished: Path) -> None:
    curated = read_table(finished, "curated")
    assert set(curated["copies"].to_pylist()) <= {1, 2, 3}
    dropped = [row for row in read_table(finished, "ledger").to_pylist() if row["step"] == "rebalance"]
    assert dropped
    assert all(row["reason"] == "rebalanced" and row["detail"] for row in dropped)


def test_no_semantic_group_keeps_more_than_its_allowance(finished: Path, concepts: pa.Table) -> None:
    most = max(concepts["allowance"].to_pylist())
    groups = read_table(finished, "curated").group_by("semantic_group").aggregate([([], "count_all")])
    assert max(groups["count_all"].to_pylist()) <= most


def test_a_kept_document_is_explained_by_its_concept(finished: Path) -> None:
    document = read_table(finished, "curated")["doc_id"][0].as_py()
    told = curator("explain", str(document), "--output", str(finished))
    assert told.returncode == 0, told.stderr
    assert "quota" in told.stdout
    assert "concept" in told.stdout


def test_the_shuffle_and_one_cpu_give_the_same_bytes(finished: Path, corpus: Path, tmp_path: Path) -> None:
    output = run(tmp_path, corpus, exchange_bytes="1_000", cpus="1")
    assert curated_hash(output) == curated_hash(finished)
    for name in ("concepts.parquet", "mixture.parquet"):
        assert (output / name).read_bytes() == (finished / name).read_bytes()
