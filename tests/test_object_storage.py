"""The main job from and to object storage: the same bytes as on a disk, resumed, published and locked in the same way."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COMMAND, curated_hash, curator, read_table
from tests.corpus import config_text, write_corpus
from tests.s3_server import s3_server

BUCKET = "curator-tests"  # moto keeps one world for all servers of a process


@dataclass(frozen=True)
class Store:
    """A bucket of a local S3 server, which keeps every version of every object."""

    client: Any
    port: int

    def uri(self, key: str) -> str:
        return f"s3://{BUCKET}/{key}?endpoint_override=127.0.0.1:{self.port}&scheme=http&region=us-east-1"

    def versions(self, prefix: str) -> dict[str, list[str]]:
        """All versions ever put under a prefix, by key."""
        found: dict[str, list[str]] = {}
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=prefix):
            for item in page.get("Versions", []):
                found.setdefault(item["Key"], []).append(item["VersionId"])
        return found

    def commits(self, prefix: str) -> dict[str, list[str]]:
        return {
            key: ids for key, ids in self.versions(f"{prefix}/steps/").items() if "/commits/" in key and key[-1] != "/"
        }

    def upload(self, folder: Path, prefix: str) -> None:
        for path in sorted(folder.iterdir()):
            self.client.upload_file(str(path), BUCKET, f"{prefix}/{path.name}")

    def download(self, prefix: str, folder: Path) -> Path:
        """What a reader of the bucket sees under a prefix, as a folder."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/"):
            for item in page.get("Contents", []):
                path = folder / item["Key"].removeprefix(f"{prefix}/")
                if not item["Key"].endswith("/"):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self.client.download_file(BUCKET, item["Key"], str(path))
        return folder


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with s3_server(BUCKET) as (client, port):
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield Store(client, port)


@pytest.fixture(scope="module")
def corpus(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_corpus(tmp_path_factory.mktemp("corpus"))
    store.upload(folder, "in")
    return folder


@pytest.fixture(scope="module")
def on_disk(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The hash of the curated bytes of a run over the same files on a disk."""
    folder = tmp_path_factory.mktemp("disk")
    (folder / "c.yaml").write_text(config_text(corpus, folder / "out"))
    done = curator("run", str(folder / "c.yaml"))
    assert done.returncode == 0, done.stderr
    return curated_hash(folder / "out")


@dataclass(frozen=True)
class Resumed:
    """A run to the bucket whose driver was killed after ingest, and the same command again."""

    config: Path
    before: dict[str, list[str]]
    refused: subprocess.CompletedProcess[str]
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def resumed(store: Store, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    config = tmp_path_factory.mktemp("config") / "c.yaml"
    config.write_text(config_text(store.uri("in/*.json*"), store.uri("out")))
    driver = subprocess.Popen([*COMMAND, "run", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(driver, store, "out/run.lock")
    refused = curator("run", str(config))
    wait_for(driver, store, "out/steps/filter-")
    driver.kill()
    driver.wait()
    time.sleep(2)  # a worker may still finish its shard
    return Resumed(config, store.commits("out"), refused, curator("run", str(config)))


def wait_for(driver: subprocess.Popen[bytes], store: Store, prefix: str) -> None:
    deadline = time.monotonic() + 240
    while not store.versions(prefix):
        assert driver.poll() is None, f"the run ended before it wrote {prefix}"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_run_is_resumed_and_no_commit_is_put_twice(resumed: Resumed, store: Store) -> None:
    assert resumed.done.returncode == 0, resumed.done.stderr
    assert "every one is accounted for" in resumed.done.stdout
    assert any("/ingest-" in key for key in resumed.before)
    assert not any("/curate-" in key for key in resumed.before)
    after = store.commits("out")
    assert {key: after[key] for key in resumed.before} == resumed.before
    assert all(len(versions) == 1 for versions in resumed.before.values())


def test_a_second_run_is_refused_while_the_first_is_at_work(resumed: Resumed) -> None:
    assert resumed.refused.returncode == 1
    assert "another run is at work on s3://" in resumed.refused.stderr


def test_the_curated_bytes_are_those_of_a_run_on_a_disk(
    resumed: Resumed, store: Store, on_disk: str, tmp_path: Path
) -> None:
    output = store.download("out", tmp_path)
    assert resumed.done.returncode == 0
    assert curated_hash(output) == on_disk
    assert read_table(output, "ledger").num_rows == 240
    assert {path.name for path in output.iterdir()} == {
        "concepts.parquet", "curated", "inputs.json", "ledger", "run.json", "steps",
    }  # fmt: skip


def test_a_finished_run_is_left_alone(resumed: Resumed, store: Store) -> None:
    before = store.versions("out/curated/") | store.versions("out/ledger/") | store.commits("out")
    again = curator("run", str(resumed.config))
    assert again.returncode == 0, again.stderr
    assert store.versions("out/curated/") | store.versions("out/ledger/") | store.commits("out") == before


def test_another_config_replaces_what_is_published(resumed: Resumed, store: Store, tmp_path: Path) -> None:
    """Fewer input files give fewer shards: the objects that are no longer part of the result go."""
    seen = {path.name for path in (store.download("out", tmp_path / "before") / "curated").iterdir()}
    setting = "input.sources.0.path=" + store.uri("in/part-0.jsonl")
    done = curator("run", str(resumed.config), "--set", setting, "--set", "budgets.keep_share=0.5")
    assert done.returncode == 0, done.stderr
    output = store.download("out", tmp_path / "after")
    assert read_table(output, "ledger").num_rows == 60
    shown = {path.name for path in (output / "curated").iterdir()}
    (curated,) = [
        path for path in output.glob("steps/curate-*") if (path / "curated").is_dir() and same_files(path, output)
    ]
    assert shown == {path.name for path in (curated / "curated").iterdir()}
    assert shown < seen


def same_files(step: Path, output: Path) -> bool:
    return curated_hash(step) == curated_hash(output)


def test_a_bucket_that_is_not_there_is_one_clear_sentence(store: Store, corpus: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(config_text(corpus, store.uri("out").replace(f"//{BUCKET}/", "//nowhere/")))
    failed = curator("run", str(config))
    assert failed.returncode == 1
    assert "NO_SUCH_BUCKET" in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr
