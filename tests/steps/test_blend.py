"""Synthetic documents stand beside their sources, marked, and never above their share of the tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.rephrase import Rephrase
from curator.config.schema import Resources
from curator.steps import blend as step
from curator.steps.blend import BLEND, Work
from curator.steps.synthetic_tables import ACCEPTED, MARKS
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number, synthetic_ids
from curator.store.step_folder import Commit, StepFolder
from tests.steps.killed import contents, killed_after, rounds
from tests.steps.near_corpus import job

SHARDS = [shard_number(0, 0), shard_number(0, 1), shard_number(1, 0)]
DOCUMENTS, COPIES = 300, 2
OWN = 1.5
"""The quality of synthetic documents that models have judged: those of one strategy; sources have less than 1."""


def asked(**settings: Any) -> Rephrase:
    return Rephrase.model_validate({"http": {"url": "http://localhost:1/v1", "model": "small"}, **settings})


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    """Originals of 40 tokens, each twice; of every second one a synthetic document of 80 tokens, none in the last shard."""
    found = {name: StepFolder(Folder(str(tmp_path / name))) for name in ("curate", "verify")}
    for shard in SHARDS:
        ids = document_ids(shard, DOCUMENTS)
        found["curate"].write("curated", shard, originals(ids))
        if shard != SHARDS[-1]:
            found["verify"].write("synthetic", shard, accepted(shard, ids[::2]))
    found["curate"].finish([Commit(name=str(shard), shards=(shard,), counts={"documents_out": 1}) for shard in SHARDS])
    return found


def originals(ids: np.ndarray) -> pa.Table:
    count = len(ids)
    return pa.table(
        {
            "doc_id": ids,
            "text": [f"{number:0160d}" for number in ids.tolist()],
            "url": [f"http://example.org/{number}" for number in ids.tolist()],
            "quality": pa.array(np.arange(count) / count, pa.float32()),
            "duplicate_group": np.zeros(count, np.uint64),
            "duplicates": np.full(count, 5, np.int64),
            "weight": np.full(count, 3, np.float32),
            "copies": np.full(count, COPIES, np.int32),
            "metadata": ["{}"] * count,
        }
    )


def accepted(shard: int, sources: np.ndarray) -> pa.Table:
    count = len(sources)
    columns = {
        "doc_id": synthetic_ids(shard, count),
        "source_doc_id": sources,
        "strategy": ["easy", "faq"] * (count // 2),
        "text": [f"{number:0320d}" for number in sources.tolist()],
        "prompt_version": ["abc"] * count,
        "similarity": pa.array(np.full(count, 0.5), pa.float32()),
        "supported": pa.array(np.full(count, 0.9), pa.float32()),
        "quality": pa.array([OWN, None] * (count // 2), pa.float32()),
        "covered": pa.array(np.full(count, 0.5), pa.float32()),
    }
    return pa.table(columns).cast(ACCEPTED)


def blended(folder: Path, inputs: dict[str, StepFolder], rephrase: Rephrase) -> tuple[pa.Table, dict[str, Any], Work]:
    """The output of all shards, what `blend.json` tells, and the work that has made them."""
    work = Work(folder=StepFolder(Folder(str(folder))), inputs=inputs, rephrase=rephrase)
    commits = list(work.at_once(SHARDS, frozenset()))
    assert sum(commit.counts.get("documents_out", 0) for commit in commits) == DOCUMENTS * len(SHARDS)
    table = pa.concat_tables([work.folder.read("curated", shard) for shard in SHARDS])
    assert sum(commit.counts.get("copies", 0) for commit in commits) == sum(table["copies"].to_pylist())
    return table, json.loads(work.folder.read_bytes(BLEND)), work


@pytest.mark.parametrize("share", [0.01, 0.1, 0.2])
def test_the_share_of_the_tokens_is_met_and_never_exceeded(
    tmp_path: Path, inputs: dict[str, StepFolder], share: float
) -> None:
    table, told, _ = blended(tmp_path / "blend", inputs, asked(share=share))
    synthetic = 80 * (table.num_rows - DOCUMENTS * len(SHARDS))
    found = synthetic / (synthetic + 40 * COPIES * DOCUMENTS * len(SHARDS))
    assert share - 0.005 <= found <= share
    assert told["share"] == pytest.approx(found)
    assert (told["synthetic_tokens"], told["accepted_tokens"]) == (synthetic, 80 * DOCUMENTS)


def test_what_is_less_than_the_share_goes_in_whole(tmp_path: Path, inputs: dict[str, StepFolder]) -> None:
    table, told, _ = blended(tmp_path / "blend", inputs, asked(share=0.9))
    assert table.num_rows == DOCUMENTS * len(SHARDS) + DOCUMENTS
    assert told["share"] == pytest.approx(0.25)


def test_one_switch_leaves_synthetic_text_out(tmp_path: Path, inputs: dict[str, StepFolder]) -> None:
    table, told, _ = blended(tmp_path / "blend", inputs, asked(in_output=False))
    assert table["synthetic"].null_count == table.num_rows == DOCUMENTS * len(SHARDS)
    assert (told["synthetic_tokens"], told["accepted_tokens"]) == (0, 80 * DOCUMENTS)


def test_synthetic_documents_are_marked_and_have_what_is_their_sources(
    tmp_path: Path, inputs: dict[str, StepFolder]
) -> None:
    table, _, _ = blended(tmp_path / "blend", inputs, asked(share=0.9))
    rows = {row["doc_id"]: row for row in table.to_pylist()}
    assert len(rows) == table.num_rows
    synthetic = [row for row in rows.values() if row["synthetic"]]
    assert table.schema.field("synthetic").type == MARKS
    for row in synthetic:
        (origin,) = row["synthetic"]["source_doc_ids"]
        source = rows[origin]
        assert (row["url"], row["metadata"]) == (source["url"], source["metadata"])
        assert row["quality"] == (OWN if row["synthetic"]["strategy"] == "easy" else source["quality"])
        assert (row["copies"], row["weight"], row["duplicates"], row["duplicate_group"]) == (1, 1.0, 1, row["doc_id"])
        assert int(row["text"]) == origin
        assert row["synthetic"]["engine"] == "http"
        assert row["synthetic"]["model"] == "small"
        assert (row["synthetic"]["similarity"], row["synthetic"]["covered"]) == (0.5, 0.5)


def test_documents_stand_by_their_ids_and_each_knows_its_origin(tmp_path: Path, inputs: dict[str, StepFolder]) -> None:
    _, _, work = blended(tmp_path / "blend", inputs, asked(share=0.15))
    for shard in SHARDS:
        sizes, curated = work.folder.read("sizes", shard), work.folder.read("curated", shard)
        assert sizes["doc_id"].to_pylist() == curated["doc_id"].to_pylist() == sorted(curated["doc_id"].to_pylist())
        assert sizes["bytes"].to_pylist() == [len(text) for text in curated["text"].to_pylist()]
        origins = [mark["source_doc_ids"][0] if mark else None for mark in curated["synthetic"].to_pylist()]
        own = zip(origins, curated["doc_id"].to_pylist(), strict=True)
        assert sizes["origin"].to_pylist() == [document if origin is None else origin for origin, document in own]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run_step(folder: Path, inputs: Mapping[str, StepFolder], exchange_bytes: int) -> dict[str, bytes]:
    """The files of the step, done by Ray."""
    step.run(job("blend", folder, inputs, exchange_bytes), rephrase=asked(share=0.1))
    return contents(folder)


def test_stages_and_one_task_give_the_same_and_are_not_done_twice(
    cluster: None, tmp_path: Path, inputs: dict[str, StepFolder]
) -> None:
    held, staged = run_step(tmp_path / "held", inputs, 1 << 40), run_step(tmp_path / "staged", inputs, 0)
    blended(tmp_path / "plain", inputs, asked(share=0.1))
    tables = [f"{table}/{shard_name(shard)}.parquet" for table in ("curated", "sizes") for shard in SHARDS]
    assert set(held) == {BLEND, *tables}
    assert contents(tmp_path / "plain") == held == staged
    before = rounds(tmp_path / "staged")
    run_step(tmp_path / "staged", inputs, 0)
    assert rounds(tmp_path / "staged") == before


@pytest.mark.parametrize("exchange_bytes", [0, 1 << 40])
def test_killed_after_any_round_it_ends_with_the_same_files(
    cluster: None, tmp_path: Path, inputs: dict[str, StepFolder], exchange_bytes: int
) -> None:
    whole = run_step(tmp_path / "whole", inputs, 0)
    names = rounds(tmp_path / "whole")
    assert (names[0], len(names)) == ("share", 1 + len(SHARDS))
    for last in names[:-1]:
        killed_after(last, tmp_path / "whole", tmp_path / last)
        assert run_step(tmp_path / last, inputs, exchange_bytes) == whole


def test_what_is_done_is_not_done_again(tmp_path: Path, inputs: dict[str, StepFolder]) -> None:
    _, _, work = blended(tmp_path / "blend", inputs, asked())
    names = [commit.name for commit in work.at_once(SHARDS, frozenset(["share"]))]
    assert len(names) == len(SHARDS)
