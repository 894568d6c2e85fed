"""One input unit becomes tables, in full and for a run that only looks for duplicates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest

from curator.algorithms.schemes import signatures, stored_name
from curator.config import Config
from curator.readers.listing import list_input
from curator.readers.units import plan_units
from curator.steps.ingest import ingest_unit
from curator.steps.ingest_settings import IngestSettings
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from curator.store.vectors import fixed_bytes
from curator.text.content_hash import url_hashes

TEXT = "Ã¼ber writes to jane@mail.example-company.com about the garden, the hedge and the rose.\r\n"
RECORDS = [
    {"text": TEXT, "url": "https://example.org/A", "date": "2024-05-06T07:08:09Z", "id": 1},
    {"text": " " + TEXT.replace(" ", "\n\n"), "url": None, "date": 1_700_000_000},
    {"text": "too short"},
    {"text": " "},
]


def config(folder: Path, **near: object) -> Config:
    values = {"input": {"sources": [{"path": str(folder / "a.jsonl")}]}, "output": {"path": str(folder)}, "near": near}
    return Config.model_validate_json(orjson.dumps(values))


def ingested(folder: Path, settings: IngestSettings) -> StepFolder:
    (folder / "a.jsonl").write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in RECORDS))
    units = dict(enumerate(plan_units(list_input(str(folder / "a.jsonl"), source=None, format=None), unit_bytes=10**6)))
    step = StepFolder(Folder(str(folder / "step")))
    commit = ingest_unit(0, units=units, settings=settings, folder=step)
    assert (commit.counts["documents_in"], commit.counts["documents_out"]) == (4, 3)
    return step


def test_a_run_for_duplicates_only_leaves_texts_alone_and_keeps_statistics_narrow(tmp_path: Path) -> None:
    step = ingested(tmp_path, IngestSettings.for_dedup(config(tmp_path)))
    assert step.read("documents", 0)["text"].to_pylist() == [record["text"] for record in RECORDS[:3]]
    assert step.read("statistics", 0).column_names == [
        "doc_id", "bytes", "characters", "content_hash_high", "content_hash_low", "url_hash", "date",
    ]  # fmt: skip
    assert step.drops(0)["reason"].to_pylist() == ["empty_text"]
    assert step.read("origins", 0).num_rows == 4


def test_both_kinds_of_run_measure_what_tells_duplicates_alike(tmp_path: Path) -> None:
    full, light = tmp_path / "full", tmp_path / "light"
    for folder in (full, light):
        folder.mkdir()
    whole = IngestSettings.of(config(full))
    untouched = ingested(full, whole).read("statistics", 0).to_pylist()[2]
    narrow = ingested(light, IngestSettings.for_dedup(config(light))).read("statistics", 0).to_pylist()[2]
    assert {name: untouched[name] for name in narrow} == narrow


@pytest.mark.parametrize("build", [IngestSettings.of, IngestSettings.for_dedup])
def test_dates_and_addresses_are_statistics(tmp_path: Path, build: object) -> None:
    assert callable(build)
    statistics = ingested(tmp_path, build(config(tmp_path))).read("statistics", 0)
    assert statistics["date"].to_pylist() == [1_714_979_289, 1_700_000_000, None]
    (address,) = url_hashes(pa.array(["https://example.org/a"])).to_pylist()
    assert statistics["url_hash"].to_pylist() == [address, None, None]
    assert statistics["url_hash"].type == pa.uint64()


def test_copies_have_one_content_hash(tmp_path: Path) -> None:
    statistics = ingested(tmp_path, IngestSettings.for_dedup(config(tmp_path))).read("statistics", 0)
    for half in ("content_hash_high", "content_hash_low"):
        first, copy, other = statistics[half].to_pylist()
        assert first == copy != other


@pytest.mark.parametrize("scheme", ["curator-v1", "datasketch"])
def test_documents_of_a_shingle_and_more_have_a_signature_and_a_sketch(tmp_path: Path, scheme: str) -> None:
    settings = IngestSettings.for_dedup(config(tmp_path, scheme=scheme, permutations=24, bands=4, rows=6))
    step = ingested(tmp_path, settings)
    rows, documents = step.read("signatures", 0), step.read("documents", 0)
    expected, sketches, _ = signatures(
        documents["text"].slice(0, 2), scheme=settings.scheme, shingle_words=5, permutations=24, seed=1
    )
    assert rows["doc_id"].to_pylist() == documents["doc_id"].to_pylist()[:2]
    assert np.array_equal(fixed_bytes(rows["signature"]).view("<u4"), expected)
    assert np.array_equal(fixed_bytes(rows["sketch"]), sketches)


def test_what_is_done_and_the_scheme_of_the_signatures_are_part_of_the_folder_s_name(tmp_path: Path) -> None:
    full, light = IngestSettings.of(config(tmp_path)), IngestSettings.for_dedup(config(tmp_path))
    other = IngestSettings.for_dedup(config(tmp_path, scheme="datasketch"))
    assert len({orjson.dumps(settings.to_json()) for settings in (full, light, other)}) == 3
    assert light.to_json()["scheme"] == stored_name("curator-v1")
